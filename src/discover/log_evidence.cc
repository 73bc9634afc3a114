#include "discover/log_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/cron_findings.h"
#include "base/escape.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::FindingSeverity;
using app::ScheduledJob;
using app::SchedulerKind;
using app::Watch;

constexpr char kSource[] = "cron's log";
// After a start was due cron has this long to say so.
constexpr Duration kPatience = std::chrono::minutes(15);
// A stamp is taken when the line is written, a little after the minute.
constexpr Duration kSameMinute = std::chrono::minutes(1);

Finding finding(const char* id, core::Severity alarm) {
  Finding f;
  f.id = id;
  f.source = kSource;
  f.alarm = alarm;
  return f;
}

// Two starts were due since the log last said anything: one job alone may have
// its own reasons.
void silent_log(const CronLog& log, const RunningDaemon& daemon, Timestamp now,
                app::Inventory& into) {
  const auto last = log.newest_line();
  if (!last) return;
  // The cause is told already.
  const auto& told = into.findings;
  if (std::any_of(told.begin(), told.end(),
                  [](const Finding& f) { return f.id == app::kCronBlocked; })) {
    return;
  }
  int due = 0;
  for (const ScheduledJob& job : into.jobs) {
    if (job.kind != SchedulerKind::cron || !job.expectation) continue;
    const auto slot =
        schedule::previous_before(job.expectation->schedule, now - kPatience);
    if (slot && *slot > *last + kSameMinute) ++due;
  }
  if (due < 2) return;
  Finding f = finding(app::kCronSilent, core::Severity::p1);
  f.message = fmt::format(
      "cron's log shows no start since {}, and {} jobs were due: the daemon "
      "(pid {}{}) hangs, or its log is not written",
      format_rfc3339(*last), due, daemon.pid,
      daemon.waits_in.empty()
          ? std::string()
          : ", waiting in " + escape_line(daemon.waits_in, 60));
  f.fix = "systemctl restart cron; see \"journalctl -t CRON\"";
  f.since = *last;
  into.findings.push_back(std::move(f));
}

void cannot_fork(const CronLog& log, app::Inventory& into) {
  const auto failed = log.cannot_fork();
  if (!failed || (log.newest_start() && *log.newest_start() > *failed)) return;
  Finding f = finding("cron-cannot-fork", core::Severity::p1);
  f.message =
      "cron could not start a process, and has started no job since: no memory "
      "or no processes are left";
  f.fix = "look at free memory, \"ulimit -u\" and TasksMax= of cron.service";
  f.since = *failed;
  into.findings.push_back(std::move(f));
}

void refused_users(const CronLog& log, app::Inventory& into) {
  std::set<std::string> with_jobs;
  for (const ScheduledJob& job : into.jobs) {
    if (job.kind == SchedulerKind::cron) with_jobs.insert(job.user);
  }
  for (const auto& [user, refused] : log.refused()) {
    if (!with_jobs.contains(user)) continue;
    Finding f = finding("cron-refused", core::Severity::p1);
    f.source = "jobs of " + escape_line(user);
    f.message = fmt::format("cron may not start any job of {}: {}",
                            escape_line(user), escape_line(refused.why, 120));
    f.fix = "chage -l " + escape_line(user);
    f.since = refused.at;
    into.findings.push_back(std::move(f));
  }
}

// What a package brought `adopt --all` leaves alone.
void lost_outputs(const CronLog& log, app::Inventory& into) {
  if (log.outputs_lost() == 0) return;
  const bool all_kept =
      std::none_of(into.jobs.begin(), into.jobs.end(), [](const auto& j) {
        return j.kind == SchedulerKind::cron && j.package.empty() &&
               (j.watch == Watch::none || j.watch == Watch::log);
      });
  if (all_kept) return;
  Finding f;
  f.id = "output-lost";
  f.severity = FindingSeverity::info;
  f.source = kSource;
  f.message =
      "cron threw away what jobs printed, as no mail program is installed";
  f.fix = "bezalel adopt --all --dry-run";
  into.findings.push_back(std::move(f));
}

}  // namespace

void take_log(const CronLog& log, const RunningDaemon* daemon, Timestamp now,
              app::Inventory& into) {
  for (ScheduledJob& job : into.jobs) {
    if (job.kind != SchedulerKind::cron) continue;
    job.log_start = log.newest_start(job.user, job.command);
    if (job.watch == Watch::none && log.shows_starts()) job.watch = Watch::log;
  }
  if (daemon && log.shows_starts()) {
    silent_log(log, *daemon, now, into);
  }
  cannot_fork(log, into);
  refused_users(log, into);
  lost_outputs(log, into);
}

}  // namespace bezalel::discover
