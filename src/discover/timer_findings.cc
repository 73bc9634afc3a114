#include "discover/timer_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/escape.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::FindingSeverity;
using app::TimerEvidence;

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
// A run that goes a little over into the next slot is no news.
constexpr Duration kOverrun = std::chrono::minutes(10);
// Clocks that differ by less say nothing.
constexpr Duration kSame = std::chrono::minutes(1);
// systemd notes the trigger and the start one after the other.
constexpr Duration kAtOnce = std::chrono::seconds(1);

class Case {
 public:
  explicit Case(const TimerCase& timer)
      : t_(timer), e_(*timer.job.timer), unit_(timer.told.unit.name) {}

  std::vector<Finding> run() {
    if (t_.told.unit.active_state != "active") {
      stopped();
      return std::move(out_);
    }
    broken();
    no_next();
    late();
    swallowed();
    condition();
    reload();
    return std::move(out_);
  }

 private:
  Finding& add(const char* id, std::string message, std::string fix) {
    Finding f;
    f.id = id;
    f.source = t_.job.source;
    f.message = std::move(message);
    f.fix = std::move(fix);
    // What a package brought is for reports.
    f.alarm = t_.job.package.empty() ? core::Severity::p2 : core::Severity::p3;
    out_.push_back(std::move(f));
    return out_.back();
  }

  bool runs_now() const {
    return e_.active_state == "activating" || e_.active_state == "active" ||
           e_.active_state == "deactivating";
  }

  // Wanted at boot, and not there now.
  void stopped() {
    if (e_.file_state == "disabled") return not_enabled();
    if (e_.file_state != "enabled") return;
    if (is_held_back()) return held_back();
    add("timer-stopped",
        fmt::format("is enabled and not running ({}): it will not elapse",
                    escape_line(t_.told.unit.active_state, 40)),
        t_.type("start", unit_))
        .hides = {{t_.job.source}, {}, t_.job.source + " is not running"};
    if (const auto why = no_service(); !why.empty()) {
      out_.back().message = "is enabled, and " + why;
      out_.back().fix = what_mends_service();
    }
  }

  // Somebody wrote it, to be enabled, and left it at that. (A package's may be
  // offered for who wants it.)
  void not_enabled() {
    if (t_.writer != Writer::hand) return;
    Finding& f = add("timer-not-enabled",
                     "is neither enabled nor running: it will not elapse",
                     t_.type("enable --now", unit_));
    f.severity = FindingSeverity::warning;
    f.alarm = core::Severity::p3;
    f.unless_known = t_.job.key;
  }

  // As fstrim.timer in a container: a start says yes, and starts nothing.
  bool is_held_back() const {
    const Properties& timer = t_.told.timer_state;
    return timer.number("ConditionTimestamp") != 0 &&
           timer.number("ConditionResult") == 0;
  }

  void held_back() {
    Finding& f =
        add("timer-condition",
            "is enabled, and a condition of its own keeps it from running here",
            "");
    f.severity = FindingSeverity::info;
    f.alarm.reset();
    f.hides = {
        {t_.job.source},
        {},
        "a condition of its own keeps " + t_.job.source + " from running here"};
  }

  // It waits all the same, and will say so only when it elapses.
  void broken() {
    const std::string why = no_service();
    if (why.empty() || runs_now()) return;
    add("timer-broken", "will start nothing: " + why, what_mends_service());
  }

  // Why it has nothing to start; empty: it has.
  std::string no_service() const {
    const std::string service = escape_line(t_.job.command);
    const std::string state = load_state();
    if (state == "not-found") return fmt::format("there is no {}", service);
    if (state == "masked") return service + " is masked";
    if (state == "bad-setting" || state == "error") {
      return fmt::format("systemd does not load {} ({})", service, state);
    }
    return {};
  }

  std::string what_mends_service() const {
    const std::string state = load_state();
    if (state == "masked") return t_.type("unmask", t_.job.command);
    return state == "not-found" ? t_.type("disable --now", unit_)
                                : t_.type("status", t_.job.command);
  }

  std::string load_state() const {
    return t_.told.unit_of_service.text("LoadState");
  }

  void no_next() {
    const std::uint64_t next = t_.told.timer.number("NextElapseUSecMonotonic");
    const bool monotonic = next != 0 && next != kNever;
    if (e_.next_elapse || monotonic || runs_now()) return;
    if (elapses_once() && e_.last_trigger) return once();
    if (!t_.calendars.empty() && !due_after(t_.calendars, t_.now)) {
      add("timer-no-next",
          "has no next time: its OnCalendar lies wholly in the past",
          t_.type("edit --full", unit_));
      return;
    }
    // Counted from a start of its service, which has not been.
    const bool chain = t_.calendars.empty() && !e_.last_trigger;
    add("timer-no-next",
        "has no next time: it will never elapse again as it stands",
        chain ? t_.type("start", t_.job.command) : t_.type("restart", unit_));
  }

  // As OnBootSec= alone.
  bool elapses_once() const {
    const Properties& timer = t_.told.timer;
    return timer.calendars.empty() && !timer.monotonics.empty() &&
           std::none_of(timer.monotonics.begin(), timer.monotonics.end(),
                        repeats);
  }

  // It is over, and no deadline will tell that nothing came of it: what its
  // service needs failed.
  void once() {
    const Timestamp elapsed = *e_.last_trigger;
    const bool of_this_life = e_.waits_since && *e_.waits_since <= elapsed;
    const bool started = e_.started && *e_.started + kAtOnce >= elapsed;
    const bool held = !e_.condition_ok || e_.result == "exec-condition";
    if (!of_this_life || started || held) return;
    if (e_.result.empty() || e_.active_state != "inactive") return;
    if (t_.now < elapsed + kOverrun) return;
    add("timer-no-next",
        fmt::format("elapsed once, at {}, and {} did not start",
                    format_rfc3339(elapsed), escape_line(t_.job.command)),
        t_.type("start", t_.job.command));
  }

  // An older systemd goes on waiting for the time it had reckoned before the
  // clock was set back.
  void late() {
    if (!e_.next_elapse || runs_now()) return;
    const auto due = due_after(t_.calendars, t_.now);
    if (!due) return;
    if (*e_.next_elapse <= *due + slack_of(t_.told.timer) + kSame) return;
    add("timer-late",
        fmt::format("waits until {}, and is due at {}: was the clock set back?",
                    format_rfc3339(*e_.next_elapse), format_rfc3339(*due)),
        t_.type("restart", unit_));
  }

  // A start of what is active already does nothing.
  void swallowed() {
    if (!runs_now() || !e_.last_trigger) return;
    const std::string service = escape_line(t_.job.command);
    const std::string fix = t_.type("stop", t_.job.command);
    if (e_.started && *e_.started + kAtOnce < *e_.last_trigger) {
      add("timer-swallowed",
          fmt::format("elapsed at {} and started nothing: {} was still active",
                      format_rfc3339(*e_.last_trigger), service),
          fix);
      return;
    }
    if (e_.timer_state != "running") return;
    const auto due = due_after(t_.calendars, *e_.last_trigger);
    if (!due || t_.now < *due + slack_of(t_.told.timer) + kOverrun) return;
    add("timer-swallowed",
        fmt::format("did not elapse at {}: {} is still active",
                    format_rfc3339(*due), service),
        fix);
  }

  void condition() {
    if (e_.condition_ok || !e_.last_trigger) return;
    if (e_.started && *e_.started >= *e_.last_trigger) return;
    add("timer-condition",
        fmt::format("a condition kept {} from running when it elapsed last",
                    escape_line(t_.job.command)),
        t_.type("status", t_.job.command))
        .severity = FindingSeverity::warning;
  }

  void reload() {
    if (t_.told.unit_of_timer.number("NeedDaemonReload") == 0 &&
        t_.told.unit_of_service.number("NeedDaemonReload") == 0) {
      return;
    }
    add("timer-reload", "what runs is not what stands on disk",
        t_.type("daemon-reload", ""))
        .severity = FindingSeverity::warning;
  }

  const TimerCase& t_;
  const TimerEvidence& e_;
  const std::string& unit_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<schedule::OnCalendar> calendars_of(const Properties& timer,
                                               const schedule::Zone& zone) {
  std::vector<schedule::OnCalendar> calendars;
  for (const TimerLine& line : timer.calendars) {
    auto calendar = schedule::Calendar::parse(line.text);
    if (calendar) calendars.push_back({*std::move(calendar), zone});
  }
  return calendars;
}

std::optional<Timestamp> due_after(
    const std::vector<schedule::OnCalendar>& calendars, Timestamp t) {
  std::optional<Timestamp> due;
  for (const schedule::OnCalendar& calendar : calendars) {
    const auto next = schedule::next_after(calendar, t);
    if (next && (!due || *next < *due)) due = next;
  }
  return due;
}

Duration slack_of(const Properties& timer) {
  Duration slack{};
  for (const char* name : {"AccuracyUSec", "RandomizedDelayUSec"}) {
    const std::uint64_t us = timer.number(name);
    if (us != kNever) slack += Duration(static_cast<std::int64_t>(us));
  }
  return slack;
}

bool repeats(const TimerLine& line) {
  return line.base == "OnUnitActiveUSec" || line.base == "OnUnitInactiveUSec";
}

std::vector<Finding> timer_findings(const TimerCase& timer) {
  return Case(timer).run();
}

}  // namespace bezalel::discover
