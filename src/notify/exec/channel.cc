#include "notify/exec/channel.h"

#include <fmt/format.h>
#include <unistd.h>

#include "app/notice_text.h"
#include "base/escape.h"
#include "notify/exec/child.h"
#include "notify/payload.h"

namespace bezalel::notify {
namespace {

std::vector<std::string> environment_of(const app::Notice& n) {
  return {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "LANG=C.UTF-8",
      "BEZALEL_EVENT=" + std::string(app::to_string(n.kind)),
      "BEZALEL_SEVERITY=" + std::string(core::to_string(n.severity)),
      "BEZALEL_SUBJECT=" + app::subject(n),
  };
}

// The last line of what it said, which is mostly the reason.
std::string last_line(std::string_view err) {
  while (!err.empty() && err.back() == '\n') err.remove_suffix(1);
  const std::size_t newline = err.rfind('\n');
  if (newline != err.npos) err.remove_prefix(newline + 1);
  return err.empty() ? "" : ": \"" + escape_line(err, 120) + "\"";
}

}  // namespace

Result<std::unique_ptr<app::Channel>> ExecChannel::make(
    const app::ChannelSettings& settings) {
  if (settings.argv.empty() || !settings.argv[0].starts_with('/')) {
    return err(Kind::invalid, "channel " + settings.name +
                                  ": argv: expected [\"/absolute/path\", ...]");
  }
  return std::unique_ptr<app::Channel>(new ExecChannel(settings));
}

app::Delivery ExecChannel::deliver(const app::Notice& notice,
                                   const std::optional<std::string>&) {
  const auto result = run_child(settings_.argv, environment_of(notice),
                                payload(notice) + "\n", settings_.timeout);
  if (!result) {
    const bool passes = result.error().kind == Kind::unavailable ||
                        result.error().kind == Kind::io;
    const std::string why = escape_line(result.error().what, 200);
    if (passes) return app::RetryLater{why, std::nullopt, false};
    return app::GaveUp{why};
  }
  if (result->timed_out) {
    return app::RetryLater{"the program took too long and was killed",
                           std::nullopt, true};
  }
  if (result->exit_code == 0) return app::Sent{};
  return app::RetryLater{fmt::format("the program ended with {}{}",
                                     result->exit_code, last_line(result->err)),
                         std::nullopt, false};
}

app::Health ExecChannel::probe() {
  const std::string& program = settings_.argv[0];
  if (::access(program.c_str(), X_OK) == 0) {
    return {true, "may be run; only a test notice proves more", ""};
  }
  return {false, escape_line(program, 100) + " cannot be run",
          "install it, or correct argv"};
}

}  // namespace bezalel::notify
