#include "discover/timers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/duration.h"
#include "base/escape.h"
#include "base/paste.h"
#include "discover/bus.h"
#include "discover/cron_jobs.h"
#include "discover/timer_evidence.h"
#include "record/job_name.h"
#include "record/redact.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::FindingSeverity;
using app::ScheduledJob;

using Names = std::vector<std::string>;

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

Duration span(std::uint64_t us) {
  return us == kNever ? Duration::zero()
                      : Duration(static_cast<std::int64_t>(us));
}

std::optional<core::Expectation> expectation_of(const Properties& timer,
                                                const std::string& unit,
                                                const schedule::Zone& zone,
                                                Timestamp now,
                                                std::string& shown) {
  core::Expectation e;
  e.source = core::ExpectationSource::timer;
  e.where = unit;
  e.scheduler_delay = slack_of(timer);
  std::optional<Duration> longest;
  std::string others;
  for (const TimerLine& line : timer.calendars) {
    auto calendar = schedule::Calendar::parse(line.text);
    if (!calendar) continue;
    schedule::OnCalendar candidate{*std::move(calendar), zone};
    const auto first = schedule::next_after(candidate, now);
    const auto second =
        first ? schedule::next_after(candidate, *first) : std::nullopt;
    const Duration gap = second ? *second - *first : Duration::max();
    // Of several the rarest: whichever elapses, this one is not silent.
    if (longest && *longest >= gap) {
      others += "; " + line.text;
      continue;
    }
    if (longest) others += "; " + shown;
    longest = gap;
    e.schedule = std::move(candidate);
    shown = line.text;
  }
  shown += others;
  if (longest) return e;
  for (const TimerLine& line : timer.monotonics) {
    if (!repeats(line) || line.value == 0) continue;
    e.schedule = schedule::Every{span(line.value)};
    shown = fmt::format("{}={}", line.base.substr(0, line.base.size() - 4),
                        format_time_span(span(line.value)));
    return e;
  }
  if (timer.monotonics.empty()) return std::nullopt;
  e.schedule = schedule::Reboot{};
  shown = timer.monotonics.front().base;
  return e;
}

std::string one_blank_each(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const char blank = c == '\t' ? ' ' : c;
    if (blank == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += blank;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

// [Timer] "17 3 * * * root /bin/x": the line, as systemd-cron describes it, in
// the form in which a job's command is kept.
std::string crontab_line_of(const std::string& description) {
  const std::size_t open = description.find('"');
  const std::size_t close = description.rfind('"');
  if (open == close) return {};
  return one_blank_each(
      record::redact(description.substr(open + 1, close - open - 1)));
}

// It ends in the command, behind schedule and user.
bool has_our_own(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    const bool begins_word = at == 0 || line[at - 1] == ' ';
    if (begins_word && is_our_own(std::string(line.substr(at)))) return true;
  }
  return false;
}

// "/etc/cron.weekly/" of "cron-weekly.timer"; empty: it is no such timer.
std::string directory_of_scripts(const std::string& unit) {
  for (const char* often : {"hourly", "daily", "weekly", "monthly", "yearly"}) {
    if (unit == fmt::format("cron-{}.timer", often)) {
      return fmt::format("/etc/cron.{}/", often);
    }
  }
  return {};
}

}  // namespace

void Timers::add(const std::vector<Manager>& managers) {
  if (!root_.is_running()) return say_unread();
  for (const Manager& manager : managers) {
    for (const Told& told : manager.told) {
      const bool used = told.unit.active_state == "active" ||
                        told.timer_state.text("UnitFileState") == "enabled";
      if (used && !manager.is_system()) shared_.insert(told.unit.name);
    }
  }
  for (const Manager& manager : managers) add_manager(manager);
}

// systemd itself is asked, which runs in no image.
void Timers::say_unread() {
  if (!root_.exists("/etc/systemd/system")) return;
  Finding f;
  f.id = "timers-unread";
  f.severity = FindingSeverity::info;
  f.source = "systemd timers";
  f.message = "timers are known from a running system alone: none is listed";
  into_.findings.push_back(std::move(f));
}

// A line of a crontab that systemd-cron has made a timer of: what systemd tells
// is told of the line. False: it is none that is known here.
bool Timers::tell_crontab_job(const Told& told, const std::string& crontab) {
  const std::string line =
      crontab_line_of(told.unit_of_timer.text("Description"));
  const auto is_of = [&](const ScheduledJob& job) {
    const bool same_source =
        job.source == crontab || (job.source == "crontab of " + job.user &&
                                  crontab.ends_with("/crontabs/" + job.user));
    return job.kind == app::SchedulerKind::cron && same_source &&
           line.starts_with(one_blank_each(job.schedule) + " ") &&
           line.ends_with(" " + one_blank_each(job.command));
  };
  bool known = has_our_own(line) ||
               std::any_of(into_.lines.begin(), into_.lines.end(), is_of);
  for (ScheduledJob& job : into_.jobs) {
    if (!is_of(job)) continue;
    known = true;
    if (job.watch != app::Watch::none && job.watch != app::Watch::log) continue;
    job.watch = app::Watch::systemd;
    job.timer = evidence_of(told);
  }
  return known;
}

// systemd-cron runs the scripts of these directories by a timer for each,
// whatever a line of /etc/crontab says of them.
void Timers::tell_scripts(const std::string& unit, const ScheduledJob& timer) {
  const std::string directory = directory_of_scripts(unit);
  if (serving_ != crontab::Daemon::systemd_cron || directory.empty() ||
      timer.key.uid != 0) {
    return;
  }
  for (ScheduledJob& job : into_.jobs) {
    if (job.kind != app::SchedulerKind::run_parts ||
        !job.source.starts_with(directory)) {
      continue;
    }
    job.schedule = timer.schedule;
    job.zone = timer.zone;
    job.next = timer.next;
    job.previous = timer.previous;
    if (!job.expectation || !timer.expectation) continue;
    job.expectation->schedule = timer.expectation->schedule;
    job.expectation->where = timer.source;
  }
}

// What to type, as the user whose manager it is.
std::string Timers::systemctl(const char* verb, const std::string& unit) const {
  std::string line = whose_.empty() ? "systemctl " : "systemctl --user ";
  line += verb;
  if (!unit.empty()) line += " " + paste_word(unit);
  return line;
}

// What only shadows a package's file is the package's: it may well be off.
Writer Timers::writer_of(const std::string& unit, const std::string& fragment) {
  const std::string directory = fragment.substr(0, fragment.rfind('/'));
  if (!is_of_hands(directory) || !packages_.owner_of(fragment).empty()) {
    return Writer::other;
  }
  const std::string kind = whose_.empty() ? "system/" : "user/";
  for (const char* place : {"/usr/lib/systemd/", "/lib/systemd/"}) {
    if (root_.exists(place + kind + unit)) return Writer::other;
  }
  // Whether another user has it is known to root alone.
  if (directory == "/etc/systemd/user" &&
      (!options_.who.as_root || !shared_.insert(unit).second)) {
    return Writer::other;
  }
  return Writer::hand;
}

void Timers::add_timer(const Told& told, std::uint32_t uid) {
  const std::string& unit = told.unit.name;
  const std::string fragment = told.unit_of_timer.text("FragmentPath");
  const std::string crontab = told.unit_of_timer.text("SourcePath");
  // systemd-cron's own: the crontab is where it is known from.
  if (!crontab.empty() && tell_crontab_job(told, crontab)) return;
  ScheduledJob job;
  job.key = {uid, record::unit_job_name(unit).str()};
  job.user = root_.name_of(uid);
  job.kind = app::SchedulerKind::timer;
  job.dialect = "systemd";
  job.zone = options_.zone.name();
  job.command = told.timer.text("Unit");
  job.source = unit + whose_;
  job.package = packages_.owner_of(fragment);
  job.timer = evidence_of(told);
  // A target, say, has no result: it is reached, whatever fails in it.
  const bool has_result = job.command.ends_with(".service");
  job.watch = has_result ? app::Watch::systemd : app::Watch::trigger;
  if (!has_result) job.log_start = job.timer->last_trigger;
  job.expectation =
      expectation_of(told.timer, unit, options_.zone, now_, job.schedule);
  job.next = job.timer->next_elapse;
  const std::uint64_t monotonic = told.timer.number("NextElapseUSecMonotonic");
  if (!job.next && monotonic != 0 && monotonic != kNever) {
    job.next = now_ + (span(monotonic) - options_.monotonic());
  }
  job.previous = job.timer->last_trigger;
  const TimerCase timer{told,
                        job,
                        calendars_of(told.timer, options_.zone),
                        now_,
                        [this](const char* verb, const std::string& of) {
                          return systemctl(verb, of);
                        },
                        told.unit.active_state == "active"
                            ? Writer::other
                            : writer_of(unit, fragment)};
  std::vector<Finding> findings = timer_findings(timer);
  std::move(findings.begin(), findings.end(),
            std::back_inserter(into_.findings));
  if (told.unit.active_state != "active") return;
  if (job.package.empty()) ++own_timers_;
  tell_scripts(unit, job);
  into_.jobs.push_back(std::move(job));
}

// A target is to start it, and systemd cannot. (What is masked is so on
// purpose.)
void Timers::not_loadable(const std::string& unit, const std::string& state) {
  const bool missing = state == "not-found";
  if (!missing && state != "bad-setting" && state != "error") return;
  Finding f;
  f.id = "timer-broken";
  f.source = unit + whose_;
  f.message = missing ? "is enabled and has no file: it will not elapse"
                      : fmt::format(
                            "systemd does not load it ({}): it will not "
                            "elapse",
                            state);
  f.fix = missing
              ? systemctl("disable", unit)
              : fmt::format("systemd-analyze {}verify {}",
                            whose_.empty() ? "" : "--user ", paste_word(unit));
  // What a removed package left behind is no job any more.
  f.severity = missing ? FindingSeverity::warning : FindingSeverity::error;
  f.alarm = missing ? core::Severity::p3 : core::Severity::p2;
  f.hides = {{f.source},
             {},
             missing ? f.source + " has no file any more"
                     : "systemd does not load " + f.source};
  into_.findings.push_back(std::move(f));
}

// A user's manager ends with the last session unless the user lingers.
void Timers::lingering(std::uint32_t uid) {
  const std::string user = root_.name_of(uid);
  if (own_timers_ == 0 || root_.exists("/var/lib/systemd/linger/" + user)) {
    return;
  }
  Finding f;
  f.id = "timer-linger";
  f.severity = FindingSeverity::warning;
  f.source = "systemd timers" + whose_;
  f.message = fmt::format(
      "{} will stop when {} logs out: the user does not linger",
      own_timers_ == 1 ? "a timer" : fmt::format("{} timers", own_timers_),
      escape_line(user, 64));
  f.fix = "loginctl enable-linger " + paste_word(user);
  f.alarm = core::Severity::p2;
  into_.findings.push_back(std::move(f));
}

void Timers::add_manager(const Manager& manager) {
  whose_ = manager.is_system() ? "" : " of " + root_.name_of(manager.uid);
  const std::string source = "systemd timers" + whose_;
  if (!manager.refused.empty()) {
    into_.sources_unseen.push_back(source);
    Finding f;
    f.id = "source-unreadable";
    f.severity = FindingSeverity::warning;
    f.source = source;
    f.message = "systemd does not answer: " + manager.refused;
    into_.findings.push_back(std::move(f));
    return;
  }
  (manager.whole ? into_.sources_seen : into_.sources_unseen).push_back(source);
  own_timers_ = 0;
  for (const auto& [unit, state] : manager.linked) not_loadable(unit, state);
  for (const std::string& unit : manager.untold) {
    into_.sources_unseen.push_back(unit + whose_);
  }
  for (const Told& told : manager.told) add_timer(told, manager.uid);
  if (!manager.is_system()) lingering(manager.uid);
}

}  // namespace bezalel::discover
