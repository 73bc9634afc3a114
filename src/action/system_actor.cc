#include "action/system_actor.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>

#include "base/duration.h"
#include "base/escape.h"

namespace bezalel::action {

namespace {

// Beyond the action's own timeout: systemd kills it first and says so.
constexpr Duration kSlack = std::chrono::seconds(10);

std::vector<std::string> argv_of(const app::Action& action, bool systemd) {
  if (!action.run.empty()) return action.run;
  if (systemd) return {"systemctl", "restart", "--", action.restart};
  std::string name = action.restart;
  if (name.ends_with(".service")) name.resize(name.size() - 8);
  return {"service", name, "restart"};
}

std::string text_of(const std::vector<std::string>& argv) {
  std::string text;
  for (const auto& word : argv) {
    if (word == "--") continue;
    if (!text.empty()) text += ' ';
    text += shell_quote(word);
  }
  return escape_line(text, 120);
}

// A unit's name takes less than a job's: '@' would make it an instance.
std::string unit_of(const std::string& job) {
  std::string unit = "bezalel-action-" + job;
  for (char& c : unit) {
    if (c == '@') c = '_';
  }
  return unit;
}

// A user's group need not have his name; a user may be a number.
std::optional<gid_t> group_of(const std::string& user) {
  if (const passwd* entry = ::getpwnam(user.c_str())) return entry->pw_gid;
  uid_t uid = 0;
  const char* end = user.data() + user.size();
  const auto [rest, error] = std::from_chars(user.data(), end, uid);
  if (error != std::errc() || rest != end) return std::nullopt;
  const passwd* entry = ::getpwuid(uid);
  return entry ? std::optional(entry->pw_gid) : std::nullopt;
}

std::string last_line(const std::string& output) {
  auto end = output.find_last_not_of(" \r\n\t");
  if (end == std::string::npos) return {};
  auto begin = output.rfind('\n', end);
  begin = begin == std::string::npos ? 0 : begin + 1;
  return escape_line(output.substr(begin, end - begin + 1), 120);
}

}  // namespace

Host this_host() {
  struct stat status = {};
  const bool systemd = ::stat("/run/systemd/system", &status) == 0;
  return {systemd, ::geteuid() == 0};
}

Result<std::vector<std::string>> command_of(const app::Action& action,
                                            const std::string& job,
                                            const Host& host) {
  std::vector<std::string> command;
  if (host.systemd) {
    command = {"systemd-run",
               "--wait",
               "--collect",
               "--quiet",
               "--pipe",
               "--no-ask-password",
               "--unit=" + unit_of(job),
               "--property=TasksMax=512",
               fmt::format("--property=RuntimeMaxSec={}s",
                           format_seconds(action.timeout))};
    if (!action.user.empty()) command.push_back("--uid=" + action.user);
  } else if (!host.root) {
    return err(Kind::denied,
               "not run: without systemd actions need a check that runs as "
               "root");
  } else if (!action.user.empty()) {
    const auto group = group_of(action.user);
    if (!group) {
      return err(Kind::not_found, fmt::format("not run: user {}: no such user",
                                              escape_line(action.user, 40)));
    }
    command = {"setpriv",
               "--reuid=" + action.user,
               fmt::format("--regid={}", *group),
               "--init-groups",
               "--reset-env",
               "--no-new-privs"};
  }
  if (!command.empty()) command.emplace_back("--");
  for (auto& word : argv_of(action, host.systemd)) {
    command.push_back(std::move(word));
  }
  return command;
}

app::ActionResult SystemActor::perform(const app::Action& action,
                                       const std::string& job) {
  const std::string what = text_of(argv_of(action, host_.systemd));
  const auto command = command_of(action, job, host_);
  if (!command) return {false, what + ", " + command.error().what};
  sys::CommandOptions options;
  options.timeout = host_.systemd ? action.timeout + kSlack : action.timeout;
  const auto result = run_(*command, options);
  if (!result) {
    return {false, fmt::format("{}, not run: {}", what,
                               escape_line(result.error().what, 120))};
  }
  if (result->timed_out) {
    return {false, fmt::format("{}, killed after {}", what,
                               format_age(action.timeout))};
  }
  std::string text = fmt::format("{}, exit {}", what, result->status);
  if (result->status != 0) {
    const std::string said = last_line(result->output);
    if (!said.empty()) text += ": " + said;
  }
  return {result->status == 0, std::move(text)};
}

}  // namespace bezalel::action
