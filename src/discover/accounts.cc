#include "discover/accounts.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <map>
#include <set>

#include "app/cron_findings.h"
#include "base/escape.h"
#include "discover/pam_stack.h"
#include "record/paths.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::FindingSeverity;
using app::SchedulerKind;
using app::Watch;
using core::Severity;

// So long before cron refuses it is told.
constexpr int kWarnDays = 14;
// Days; a sum of two is one.
constexpr int kNever = 100'000'000;

int day_of(std::string_view field) {
  int value = 0;
  const auto [end, error] =
      std::from_chars(field.data(), field.data() + field.size(), value);
  if (field.empty() || error != std::errc() ||
      end != field.data() + field.size() || value < 0) {
    return -1;
  }
  return std::min(value, kNever);
}

template <class F>
void each_line(std::string_view text, F&& f) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    f(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::set<std::string, std::less<>> names_in(const std::string& text) {
  std::set<std::string, std::less<>> names;
  each_line(text, [&](std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') return;
    line.remove_prefix(first);
    names.emplace(line.substr(0, line.find_first_of(" \t\r")));
  });
  return names;
}

class Judge {
 public:
  Judge(const Root& root, std::optional<crontab::Daemon> daemon,
        std::chrono::sys_days today, app::Inventory& into)
      : root_(root), today_(today), into_(into) {
    if (daemon == crontab::Daemon::debian) stack_.emplace(root, "cron");
    if (daemon == crontab::Daemon::cronie) stack_.emplace(root, "crond");
  }

  void judge() {
    struct Has {
      bool own_table = false, jobs_of_cron = false, wrapped = false;
    };
    std::map<std::string, Has> users;
    std::set<std::string> recorded;  // behind sudo and the like, as whom
    for (const app::ScheduledJob& j : into_.jobs) {
      if (j.kind != SchedulerKind::cron && j.kind != SchedulerKind::run_parts &&
          j.kind != SchedulerKind::at) {
        continue;
      }
      Has& has = users[j.user];
      has.own_table |= j.source.starts_with("crontab of ");
      has.jobs_of_cron |= j.kind != SchedulerKind::at;
      const bool wrapped = j.watch == Watch::shell ||
                           j.watch == Watch::command ||
                           j.watch == Watch::per_script;
      if (wrapped && !j.record_user.empty()) recorded.insert(j.record_user);
      has.wrapped |= wrapped && j.record_user.empty();
    }
    const auto shadow = root_.read("/etc/shadow");
    for (const auto& [user, has] : users) {
      const bool lets = !shadow || account(user, *shadow);
      if (lets && has.jobs_of_cron) stack(user);
      if (has.own_table) lists(user);
      if (has.wrapped) recorded.insert(user);
    }
    for (const std::string& user : recorded) place_of_proof(user);
    if (!users.empty()) stack_of_all();
  }

 private:
  void tell(const char* id, FindingSeverity severity, Severity alarm,
            const std::string& user, std::string message, std::string fix) {
    Finding f;
    f.id = id;
    f.severity = severity;
    f.source = app::account_of(user);
    f.message = std::move(message);
    f.fix = std::move(fix);
    f.alarm = alarm;
    if (f.id == app::kAccountRefused) forget_log_of(user);
    into_.findings.push_back(std::move(f));
  }

  // Where the wrapper writes: run/recorder.h. A user who came after the last
  // `setup` and has no home leaves no trace of any run.
  void place_of_proof(const std::string& user) {
    const record::Paths paths = record::system_paths();
    const auto account = root_.user(user);
    if (!account || account->uid == 0 || !root_.exists(paths.heartbeats)) {
      return;
    }
    const std::string place = paths.heartbeats_of(account->uid);
    if (root_.exists(place)) return;
    errno = 0;
    const auto home = root_.status(account->home + "/");
    if (errno == ETIMEDOUT) return;  // of a home that hangs nothing is known
    if (home && S_ISDIR(home->st_mode) && home->st_uid == account->uid) return;
    tell("proof-nowhere", FindingSeverity::error, Severity::p2, user,
         fmt::format("the jobs of {} can leave no proof: {} is not there, and "
                     "{} has no home of its own",
                     escape_line(user, 40), place, escape_line(user, 40)),
         "bezalel setup");
  }

  // Cron's log shows the same refusal, and not what mends it.
  void forget_log_of(const std::string& user) {
    std::erase_if(into_.findings, [&](const Finding& f) {
      return f.id == "cron-refused" &&
             (user == app::kEverybody ||
              f.source == "jobs of " + escape_line(user));
    });
  }

  // Whether it lets its jobs run today.
  bool account(const std::string& user, const std::string& shadow) {
    const auto line = find_shadow(shadow, user);
    if (!line) return true;
    const AccountState state = judge_account(*line, today_);
    const std::string name = escape_line(user, 40);
    const std::string fix =
        (state.because == AccountState::Because::expired ? "chage -E -1 "
                                                         : "chage -M -1 ") +
        shell_quote(name);
    if (!state.refused.empty()) {
      tell(app::kAccountRefused, FindingSeverity::error, Severity::p1, user,
           fmt::format("cron refuses every run of {}: {}", name, state.refused),
           line->changed == 0 ? "chage -d today " + shell_quote(name) : fix);
    } else if (state.days_left && *state.days_left <= kWarnDays) {
      tell("account-ends", FindingSeverity::warning, Severity::p2, user,
           fmt::format("cron will refuse every run of {} in {} days: the {}",
                       name, *state.days_left,
                       state.because == AccountState::Because::expired
                           ? "account expires"
                           : "password must be changed by then"),
           fix);
    }
    return state.refused.empty();
  }

  void stack(const std::string& user) {
    const auto refusal = stack_ ? stack_->refusal_of(user) : std::nullopt;
    if (!refusal) return;
    tell(app::kAccountRefused, FindingSeverity::error, Severity::p1, user,
         fmt::format("cron refuses every run of {}: {}", escape_line(user, 40),
                     refusal->because),
         refusal->fix);
  }

  void stack_of_all() {
    const auto refusal = stack_ ? stack_->refusal_of_all() : std::nullopt;
    if (!refusal) return;
    tell(app::kAccountRefused, FindingSeverity::error, Severity::p1,
         app::kEverybody, "cron refuses every run: " + refusal->because,
         refusal->fix);
  }

  // What runs goes on running; it can not be changed any more.
  void lists(const std::string& user) {
    if (user == "root") return;
    const auto allow = root_.read("/etc/cron.allow");
    const auto deny = root_.read("/etc/cron.deny");
    const char* file = nullptr;
    if (allow) {
      if (!names_in(*allow).contains(user)) file = "/etc/cron.allow";
    } else if (deny && names_in(*deny).contains(user)) {
      file = "/etc/cron.deny";
    }
    if (file == nullptr) return;
    const std::string name = escape_line(user, 40);
    tell("crontab-denied", FindingSeverity::warning, Severity::p3, user,
         fmt::format("{} may not use crontab(1), by {}: the table runs, and "
                     "nobody can change it",
                     name, file),
         allow ? fmt::format("echo {} >>{}", shell_quote(name), file)
               : fmt::format("remove {} from {}", name, file));
  }

  const Root& root_;
  const std::chrono::sys_days today_;
  app::Inventory& into_;
  std::optional<PamStack> stack_;  // absent: the daemon asks no PAM
};

}  // namespace

std::optional<Shadow> find_shadow(std::string_view text,
                                  std::string_view user) {
  std::optional<Shadow> found;
  each_line(text, [&](std::string_view line) {
    if (found || !line.starts_with(user) || line.size() == user.size() ||
        line[user.size()] != ':') {
      return;
    }
    std::array<std::string_view, 9> fields;
    for (std::string_view& field : fields) {
      const std::size_t end = line.find(':');
      field = line.substr(0, end);
      if (end == std::string_view::npos) break;
      line.remove_prefix(end + 1);
    }
    found = Shadow{day_of(fields[2]), day_of(fields[4]), day_of(fields[6]),
                   day_of(fields[7])};
  });
  return found;
}

AccountState judge_account(const Shadow& s, std::chrono::sys_days today) {
  const auto day = static_cast<int>(today.time_since_epoch().count());
  AccountState out;
  if (s.expires >= 0) {
    out.days_left = s.expires - day;
    if (day >= s.expires) {
      out.refused = "the account has expired";
      return out;
    }
  }
  if (s.changed == 0) {
    out.because = AccountState::Because::password;
    out.refused = "its password must be changed first";
    return out;
  }
  if (s.most < 0 || day < s.changed) return out;
  // Of a line that does not say when, -1 counts as the day.
  const int last = s.changed + s.most;
  if (!out.days_left || last + 1 - day < *out.days_left) {
    out.because = AccountState::Because::password;
    out.days_left = last + 1 - day;
    if (day > last) out.refused = "its password is too old";
  }
  return out;
}

void add_account_findings(const Root& root,
                          std::optional<crontab::Daemon> daemon,
                          std::chrono::sys_days today, app::Inventory& into) {
  Judge(root, daemon, today, into).judge();
}

}  // namespace bezalel::discover
