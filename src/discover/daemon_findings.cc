#include "discover/daemon_findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/cron_findings.h"
#include "base/escape.h"
#include "crontab/lint.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::FindingSeverity;
using app::ScheduledJob;
using app::SchedulerKind;
using core::Severity;

class Judge {
 public:
  Judge(const Daemons& daemons, const schedule::Zone& zone,
        app::Inventory& into)
      : daemons_(daemons), zone_(zone), into_(into) {}

  void judge() {
    if (!daemons_.can_run) return;
    if (daemons_.hidden) return hidden();
    dead();
    doubled();
    disabled();
    for (const RunningDaemon& d : daemons_.running) {
      outdated(d);
      stuck(d);
      elsewhere(d);
    }
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

  bool by_timers() const {
    return daemons_.serving == crontab::Daemon::systemd_cron;
  }

  std::string service() const {
    return daemons_.serving == crontab::Daemon::debian ? "cron" : "crond";
  }

  // Without a name or a service of its own, as Debian has it.
  bool is_busybox_itself() const {
    return daemons_.installed.front().ends_with("/busybox");
  }
  std::string start_of_busybox() const {
    const bool in_etc = std::any_of(
        into_.sources_seen.begin(), into_.sources_seen.end(),
        [](const std::string& place) { return place == "/etc/crontabs"; });
    return std::string("busybox crond") + (in_etc ? " -c /etc/crontabs" : "");
  }

  // Neither that it runs nor that it does not.
  void hidden() {
    if (!has_any()) return;
    add("processes-hidden", FindingSeverity::warning, Severity::p3,
        "/proc hides the processes of others (hidepid): whether cron runs "
        "cannot be seen",
        "mount -o remount,hidepid=0 /proc");
  }

  void dead() {
    if (!daemons_.running.empty() || !has_any()) return;
    if (by_timers() && daemons_.systemd) return;
    const bool none = daemons_.installed.empty() || by_timers();
    add(app::kCronDead, FindingSeverity::error,
        has_own() ? Severity::p1 : Severity::p3,
        by_timers() ? "systemd-cron is installed, and no systemd runs: nothing "
                      "of cron is started"
        : none      ? "no cron daemon is installed, and there are crontabs"
                    : "no cron daemon runs: nothing of cron is started",
        none                  ? "apt-get install cron"
        : is_busybox_itself() ? start_of_busybox()
                              : service_command(daemons_, "start", service()));
  }

  void doubled() {
    if (daemons_.running.size() < 2 || !has_any()) return;
    std::string names;
    for (const RunningDaemon& d : daemons_.running) {
      names += fmt::format("{}{} (pid {})", names.empty() ? "" : ", ",
                           crontab::name_of(d.daemon), d.pid);
    }
    add("cron-doubled", FindingSeverity::error, Severity::p2,
        fmt::format("{} cron daemons run, and start jobs twice: {}",
                    daemons_.running.size(), names),
        "stop all but one");
  }

  void disabled() {
    if (daemons_.enabled) return;
    if (by_timers()) {
      if (!has_any()) return;
      return add("cron-disabled", FindingSeverity::warning, Severity::p2,
                 "cron.target of systemd-cron will not be started at the next "
                 "boot",
                 "systemctl enable cron.target");
    }
    if (daemons_.running.empty()) return;
    add("cron-disabled", FindingSeverity::warning, Severity::p2,
        "the cron daemon will not be started at the next boot",
        daemons_.systemd ? "systemctl enable " + service()
                         : "update-rc.d " + service() + " enable");
  }

  void outdated(const RunningDaemon& d) {
    if (!d.stale_libraries) return;
    add("cron-outdated", FindingSeverity::warning, Severity::p3,
        fmt::format(
            "the cron daemon (pid {}) runs with libraries that were replaced",
            d.pid),
        service_command(daemons_, "restart", service()));
  }

  void stuck(const RunningDaemon& d) {
    // In a FIFO that is still there: told with its name.
    const bool told =
        std::any_of(into_.findings.begin(), into_.findings.end(),
                    [](const Finding& f) { return f.id == app::kCronBlocked; });
    if (!d.stuck || told || !has_any()) return;
    add(app::kCronStuck, FindingSeverity::error,
        has_own() ? Severity::p1 : Severity::p3,
        fmt::format("the cron daemon (pid {}) is there and stands still: "
                    "nothing of cron is started",
                    d.pid),
        fmt::format("kill -CONT {}; or: {}", d.pid,
                    service_command(daemons_, "restart", service())));
  }

  // Its jobs are judged in its zone; a person reads the host's.
  void elsewhere(const RunningDaemon& d) {
    if (d.zone.empty() || !has_any()) return;
    const std::string name =
        d.zone.starts_with(':') ? d.zone.substr(1) : d.zone;
    const auto zone = schedule::Zone::load(name);
    if (zone && zone->name() == zone_.name()) return;
    if (zone && is_utc(zone->name()) && is_utc(zone_.name())) return;
    add("cron-zone", FindingSeverity::warning, Severity::p3,
        fmt::format("the cron daemon (pid {}) reckons in {}, the host in {}",
                    d.pid, escape_line(name, 60), zone_.name()),
        "restart it without TZ in its environment");
  }

  static bool is_utc(const std::string& name) {
    return name == "UTC" || name == "Etc/UTC" || name == "GMT" ||
           name == "Etc/GMT" || name == "Zulu" || name == "Etc/UCT";
  }

  const Daemons& daemons_;
  const schedule::Zone& zone_;
  app::Inventory& into_;
};

}  // namespace

void add_daemon_findings(const Daemons& daemons, const schedule::Zone& zone,
                         app::Inventory& into) {
  Judge(daemons, zone, into).judge();
}

}  // namespace bezalel::discover
