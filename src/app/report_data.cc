#include "app/report_data.h"

#include <algorithm>
#include <map>
#include <set>

#include "app/host_findings.h"
#include "app/host_view.h"

namespace bezalel::app {
namespace {

constexpr Duration kLongSilence = std::chrono::hours(24);
constexpr int kManyCycles = 4000;

bool blocks(const JobView& job) {
  using core::Status;
  switch (core::status_of(job.verdict)) {
    case Status::stale:
    case Status::failed:
    case Status::never:
    case Status::lost:
    case Status::hung:
      return !job.paused;
    case Status::forged:
    case Status::corrupt:
    case Status::clock:
    case Status::vanished:
      return job.severity.has_value();
    case Status::paused:
    case Status::running:
    case Status::unwatched:
    case Status::undeclared:
    case Status::late:
    case Status::ok:
      return false;
  }
  return false;
}

// Until the next cycle, as far as both tell.
Duration slept_between(const Cycle& cycle, const Cycle& next) {
  if (next.boot_id != cycle.boot_id || !cycle.asleep || !next.asleep) return {};
  return std::max(*next.asleep - *cycle.asleep, Duration{});
}

// Of one boot, by the clock that nobody sets.
Duration between(const Cycle& cycle, const Cycle& next) {
  return cycle.boot_id == next.boot_id ? next.boottime - cycle.boottime
                                       : next.at - cycle.at;
}

// `now`: this look, which is no cycle itself.
void watch_the_watcher(const std::vector<Cycle>& newest_first, const Cycle& now,
                       const Settings& settings, ReportView& report) {
  const Cycle* next = &now;
  Duration watched{};
  for (const Cycle& cycle : newest_first) {
    const Duration gap = between(cycle, *next);
    if (!report.longest_gap || gap > *report.longest_gap) {
      report.longest_gap = gap;
    }
    if (gap > settings.longest_lapse()) {
      report.gaps.push_back(
          {next->at - gap, next->at, slept_between(cycle, *next)});
    }
    const bool before = cycle.at < report.since;
    watched += before ? std::min(gap, next->at - report.since) : gap;
    if (before) break;
    next = &cycle;
    ++report.cycles;
  }
  // A checker that is younger than the report could not have run before.
  const auto slots = static_cast<int>(watched / settings.check_every);
  report.cycles_expected = std::max(report.cycles, slots);
}

class RunCount {
 public:
  explicit RunCount(ReportView& report) : report_(report) {
    for (const JobView& job : report.host.jobs) {
      if (const auto* v = std::get_if<core::Running>(&job.verdict)) {
        in_flight_.emplace(job.key, v->since);
      } else if (const auto* h = std::get_if<core::Hung>(&job.verdict)) {
        in_flight_.emplace(job.key, h->started);
      }
    }
  }

  // A run may come from the state and from the log: it counts once.
  void add(const RunRow& run) {
    if (!run.end || run.end->at < report_.since) return;
    if (!counted_.emplace(run.key, run.run_id).second) return;
    ++report_.runs;
    if (run.end->outcome == record::Outcome::ok) {
      ++report_.runs_ok;
    } else if (run.end->outcome == record::Outcome::skipped) {
      ++report_.runs_skipped;
    } else {
      ++report_.runs_failed;
    }
  }

  // Once all that ended are counted: the end may be in the log alone.
  void add_open(const RunRow& run) {
    if (run.end || !run.start || run.start->at < report_.since) return;
    if (!counted_.emplace(run.key, run.run_id).second) return;
    ++report_.runs;
    const bool flies = in_flight_.contains({run.key, run.start->at});
    ++(flies ? report_.runs_in_flight : report_.runs_without_end);
  }

 private:
  ReportView& report_;
  std::set<std::pair<core::JobKey, Timestamp>> in_flight_;
  std::set<std::pair<core::JobKey, std::string>> counted_;
};

// `kept` are a job's newest runs, the oldest first, as the state has them.
void count_runs(const std::vector<RunRow>& kept, const Memory& memory,
                ReportView& report) {
  RunCount count(report);
  std::map<core::JobKey, int> of_job;
  std::map<core::JobKey, Timestamp> oldest;
  for (const RunRow& run : kept) {
    count.add(run);
    ++of_job[run.key];
    if (run.start) oldest.emplace(run.key, run.start->at);
  }
  for (const auto& [key, from] : oldest) {
    if (of_job[key] >= kRunsKept && from >= report.since) {
      report.more_runs = true;
    }
  }
  for (const auto& [key, runs] : memory.runs) {
    for (const RunRow& run : runs) count.add(run);
  }
  for (const RunRow& run : kept) count.add_open(run);
  for (const auto& [key, runs] : memory.runs) {
    for (const RunRow& run : runs) count.add_open(run);
  }
}

// Of channels the report has lines of its own.
bool blocks(const Finding& finding) {
  return finding.alarm && *finding.alarm != core::Severity::p3 &&
         finding.id != kChannelDead;
}

// How long silence of this job can last before anybody is told.
std::optional<Duration> time_to_detect(const JobView& job) {
  if (!job.deadline) return std::nullopt;
  if (job.last_success) return *job.deadline - *job.last_success;
  // Of one that never succeeded as long as it will be once it has.
  if (!job.due) return std::nullopt;
  return *job.deadline - *job.due + job.interval.value_or(Duration{});
}

void find_slowest(const Settings& settings, ReportView& report) {
  for (const JobView& job : report.host.jobs) {
    const auto takes = time_to_detect(job);
    if (!takes) continue;
    const Duration with_cycle = *takes + settings.check_every;
    if (!report.slowest || *report.slowest < with_cycle) {
      report.slowest = with_cycle;
      report.slowest_job = job.key.job;
    }
  }
}

}  // namespace

Result<ReportView> make_report(World& world, const Memory& memory,
                               const HostView& host, Timestamp since) {
  ReportView report;
  report.host = host;
  // A report is sent to many.
  for (JobView& job : report.host.jobs) {
    if (job.output_stays && job.last_run) forget_output(*job.last_run);
  }
  report.since = since;
  report.version = BEZALEL_VERSION;
  BZ_TRY(world.store.read([&](StoreReader& reader) -> Result<void> {
    BZ_ASSIGN(report.events, reader.events_since(since));
    BZ_ASSIGN(report.closed, reader.closed_since(since));
    BZ_ASSIGN(report.open, reader.open_incidents());
    BZ_ASSIGN(const auto cycles, reader.cycles(kManyCycles));
    watch_the_watcher(cycles, {host.now, world.clock.boot(), world.boot_id, {}},
                      world.settings, report);
    BZ_ASSIGN(const auto runs, reader.runs(kRunsKept));
    count_runs(runs, memory, report);
    return {};
  }));
  for (const Event& event : report.events) {
    if (event.kind == "opened") ++report.incidents_opened;
    if (event.kind == "resolved") ++report.incidents_closed;
  }
  for (const JobView& job : report.host.jobs) {
    if (blocks(job)) report.blocking_jobs.push_back(job);
  }
  for (const Finding& f : host.findings) {
    if (blocks(f)) report.blocking_findings.push_back(f);
  }
  for (const Silence& s : host.silences) {
    if (s.until - s.since > kLongSilence) report.long_silences.push_back(s);
  }
  for (const ChannelView& c : host.channels) {
    if (cannot_deliver(c.dead, c.failing_since, world.settings, host.now)) {
      report.dead_channels.push_back(c);
    }
  }
  find_slowest(world.settings, report);
  return report;
}

int blocker_count(const ReportView& report) {
  return static_cast<int>(report.blocking_jobs.size() +
                          report.blocking_findings.size() +
                          report.long_silences.size() +
                          report.dead_channels.size() + report.gaps.size());
}

Result<Timestamp> last_report(StoreReader& reader, Timestamp now) {
  BZ_ASSIGN(const auto noted, reader.meta("report.last"));
  if (noted) {
    if (const auto at = parse_unix(*noted); at && *at < now) return *at;
  }
  return now - std::chrono::days(1);
}

}  // namespace bezalel::app
