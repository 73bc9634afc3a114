#include "discover/daemon_findings.h"

#include <fmt/format.h>

#include <algorithm>

namespace bezalel::discover {
namespace {

using app::Finding;
using app::FindingSeverity;
using app::ScheduledJob;
using app::SchedulerKind;
using core::Severity;

class Judge {
 public:
  Judge(const Daemons& daemons, app::Inventory& into)
      : daemons_(daemons), into_(into) {}

  void judge() {
    if (!daemons_.can_run) return;
    dead();
    doubled();
    disabled();
    for (const RunningDaemon& d : daemons_.running) outdated(d);
  }

 private:
  void add(const char* id, FindingSeverity severity, Severity alarm,
           std::string message, std::string fix) {
    Finding f;
    f.id = id;
    f.severity = severity;
    f.source = "host";
    f.message = std::move(message);
    f.fix = std::move(fix);
    f.alarm = alarm;
    into_.findings.push_back(std::move(f));
  }

  template <class Which>
  bool has_jobs(Which which) const {
    const bool anacron_by_timer =
        std::any_of(into_.jobs.begin(), into_.jobs.end(),
                    [](const auto& j) { return j.source == "anacron.timer"; });
    return std::any_of(into_.jobs.begin(), into_.jobs.end(), [&](auto& j) {
      const bool of_cron =
          j.kind == SchedulerKind::cron || j.kind == SchedulerKind::run_parts ||
          (j.kind == SchedulerKind::anacron && !anacron_by_timer);
      return of_cron && which(j);
    });
  }
  bool has_any() const {
    return has_jobs([](const ScheduledJob&) { return true; });
  }
  // Not of a package.
  bool has_own() const {
    return has_jobs([](const ScheduledJob& j) { return j.package.empty(); });
  }

  void dead() {
    const bool by_timers = daemons_.serving == crontab::Daemon::systemd_cron;
    if (!daemons_.running.empty() || by_timers || !has_any()) return;
    const bool none = daemons_.installed.empty();
    add(app::kCronDead, FindingSeverity::error,
        has_own() ? Severity::p1 : Severity::p3,
        none ? "no cron daemon is installed, and there are crontabs"
             : "no cron daemon runs: nothing of cron is started",
        none ? "apt-get install cron" : "systemctl start cron");
  }

  void doubled() {
    if (daemons_.running.size() < 2 || !has_any()) return;
    add("cron-doubled", FindingSeverity::error, Severity::p2,
        fmt::format("{} cron daemons run: jobs are started twice",
                    daemons_.running.size()),
        "stop all but one");
  }

  void disabled() {
    if (daemons_.enabled || daemons_.running.empty()) return;
    add("cron-disabled", FindingSeverity::warning, Severity::p2,
        "the cron daemon will not be started at the next boot",
        daemons_.serving == crontab::Daemon::debian ? "systemctl enable cron"
                                                    : "systemctl enable crond");
  }

  void outdated(const RunningDaemon& d) {
    if (!d.stale_libraries) return;
    add("cron-outdated", FindingSeverity::warning, Severity::p3,
        fmt::format(
            "the cron daemon (pid {}) runs with libraries that were replaced",
            d.pid),
        "systemctl restart cron");
  }

  const Daemons& daemons_;
  app::Inventory& into_;
};

}  // namespace

void add_daemon_findings(const Daemons& daemons, app::Inventory& into) {
  Judge(daemons, into).judge();
}

}  // namespace bezalel::discover
