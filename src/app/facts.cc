#include "app/facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/service_result.h"
#include "base/duration.h"
#include "base/escape.h"
#include "record/redact.h"

namespace bezalel::app {
namespace {

using record::Outcome;

// A corrupt file younger than this may be a writer at work.
constexpr Duration kSettledFile = std::chrono::seconds(60);
constexpr std::size_t kBaselineRuns = 30;
// A service and the record that it leaves end one after the other.
constexpr Duration kSameEnd = std::chrono::seconds(5);

struct Span {
  Timestamp start, end;
};

Timestamp settled_or_now(Timestamp claimed, std::optional<BootTime> boottime,
                         const std::string& boot_id, const Moment& now) {
  return settle(claimed, boottime, boot_id, now).value_or(now.wall);
}

void fold_heartbeat(const Evidence& e, const Moment& now, FoldedFacts& out) {
  core::Facts& facts = out.facts;
  std::optional<Timestamp> remembered;
  if (e.known && e.known->last_success) {
    remembered = *e.known->last_success + e.step;
    out.heartbeat_identity = e.known->last_run_id;
  }
  if (remembered && *remembered > now.wall + kBootClockSlack) {
    facts.untrusted = core::Untrusted{
        core::Distrust::clock, now.wall,
        "its last success was seen at " + format_rfc3339(*remembered), true};
  }
  facts.last_success = remembered;
  if (!e.heartbeat) return;
  const SeenHeartbeat& seen = *e.heartbeat;
  const Timestamp first_sight =
      e.known && e.known->distrust_since ? *e.known->distrust_since : now.wall;
  if (seen.refused) {
    const bool second_look = e.known && e.known->distrust_since.has_value();
    facts.untrusted = core::Untrusted{
        seen.refused->kind, first_sight, seen.refused->detail,
        seen.refused->kind != core::Distrust::corrupt || second_look ||
            now.wall - seen.mtime > kSettledFile};
    return;
  }
  if (!seen.beat) return;
  const Beat& h = *seen.beat;
  const std::string identity = heartbeat_identity(h);
  if (remembered && identity == out.heartbeat_identity) {
    facts.file_time = remembered;
    return;
  }
  static const std::string kNoBoot;
  const auto at =
      settle(h.at, h.boottime, h.boot_id ? *h.boot_id : kNoBoot, now);
  if (!at) {
    facts.untrusted = core::Untrusted{core::Distrust::clock, first_sight,
                                      "dated " + format_rfc3339(h.at), true};
    return;
  }
  facts.file_time = at;
  // An older one than the newest known is a restored copy, not a heartbeat;
  // unless that was dated by a clock that ran ahead.
  if (remembered && *at <= *remembered && !facts.untrusted) return;
  facts.untrusted.reset();
  facts.last_success = at;
  out.heartbeat_identity = identity;
}

class RunFold {
 public:
  RunFold(const Evidence& e, const Moment& now, const LifeOf& life_of,
          core::Facts& facts)
      : e_(e), now_(now), life_of_(life_of), facts_(facts) {}

  void fold() {
    for (const RunRow* run : e_.runs) take(*run);
    count_row();
    baseline();
  }

 private:
  bool ended_by_heartbeat(const RunRow& run) const {
    return e_.heartbeat && e_.heartbeat->beat &&
           e_.heartbeat->beat->run_id == run.run_id;
  }

  Span span_of(const RunRow& run) const {
    const std::string boot = run.start ? run.start->boot_id : std::string();
    Span span{};
    if (run.start) {
      span.start =
          settled_or_now(run.start->at, run.start->boottime, boot, now_);
    }
    if (run.end) {
      span.end = settled_or_now(run.end->at, run.end->boottime, boot, now_);
      if (!run.start) span.start = span.end - run.end->duration;
    }
    return span;
  }

  void take(const RunRow& run) {
    const Span span = span_of(run);
    // A beat shows how a run ended; when that began, nobody has seen.
    const bool is_beat =
        run.start && run.start->trigger == record::Trigger::beat;
    if (!is_beat) {
      facts_.has_runs = true;
      const bool skipped = run.end && run.end->outcome == Outcome::skipped;
      if (!skipped) facts_.last_start = span.start;
    }
    if (run.end) {
      if (run.end->outcome == Outcome::ok) success(span.end);
      ended_.push_back({&run, span});
    } else if (run.start && !ended_by_heartbeat(run)) {
      open(run, span);
    }
  }

  void success(Timestamp at) {
    if (!facts_.last_success || *facts_.last_success < at) {
      facts_.last_success = at;
    }
  }

  void open(const RunRow& run, const Span& span) {
    core::OpenRun open;
    open.run_id = run.run_id;
    open.started = span.start;
    open.life = life_of_(*run.start);
    open.pid = run.start->pid;
    if (run.start->schedule.max) {
      if (auto max = parse_time_span(*run.start->schedule.max)) {
        open.max = *max;
      }
    }
    facts_.open_runs.push_back(std::move(open));
  }

  // Failures and skips that end the record, back to the last success.
  void count_row() {
    core::Row& row = facts_.row;
    bool only_skips = true;
    for (auto i = ended_.rbegin(); i != ended_.rend(); ++i) {
      const record::RunEnd& end = *i->run->end;
      if (end.outcome == Outcome::ok) break;
      if (facts_.last_success && i->span.end <= *facts_.last_success) break;
      if (end.outcome == Outcome::skipped) {
        if (only_skips) ++row.skips;
      } else {
        only_skips = false;
        if (row.failures++ == 0) row.last_detail = describe_end(end);
        row.first_failure = i->span.end;
      }
      if (row.failures == 0) row.first_failure = i->span.end;
      if (!row.last_end) row.last_end = i->span.end;
    }
    if (row.failures == 0 && row.skips > 0) {
      row.last_detail = fmt::format("{} runs in a row were skipped", row.skips);
    }
  }

  void baseline() {
    std::vector<Duration> took;
    for (auto i = ended_.rbegin();
         i != ended_.rend() && took.size() < kBaselineRuns; ++i) {
      const Outcome outcome = i->run->end->outcome;
      if (outcome == Outcome::ok) took.push_back(i->run->end->duration);
    }
    for (const auto& ended : ended_) {
      facts_.completed_runs += ended.run->end->outcome == Outcome::ok ? 1 : 0;
    }
    if (took.empty()) return;
    std::sort(took.begin(), took.end());
    facts_.p95 = took[(took.size() * 95 - 1) / 100];
  }

  struct Ended {
    const RunRow* run;
    Span span;
  };
  const Evidence& e_;
  const Moment& now_;
  const LifeOf& life_of_;
  core::Facts& facts_;
  std::vector<Ended> ended_;
};

// Kept from starting on purpose: it is a finding, and no failure.
bool is_held(const TimerEvidence& timer) {
  return !timer.condition_ok || timer.result == "exec-condition";
}

// That it elapsed is a start only where systemd does not know better: a service
// whose dependency fails is not even tried, and is none the worse for it.
std::optional<Timestamp> begin_of(const TimerEvidence& timer) {
  if (timer.started || !timer.last_trigger) return timer.started;
  const bool at_work =
      timer.active_state != "inactive" && timer.active_state != "failed";
  const bool before =
      !timer.waits_since || *timer.last_trigger < *timer.waits_since;
  return at_work || before || is_held(timer) ? timer.last_trigger
                                             : std::nullopt;
}

void add_failure(const ServiceFailure& failure, const TimerEvidence& timer,
                 core::Row& row) {
  const Timestamp end =
      std::min(failure.at, timer.finished.value_or(failure.at));
  const bool recorded = row.last_end && *row.last_end + kSameEnd >= end;
  if (recorded && row.failures > 0) return;
  if (row.failures++ == 0) row.first_failure = failure.at;
  row.last_end = failure.at;
  row.last_detail = failure.how;
}

// What systemd tells of the last run of a timer's service, and what it told
// before of one that failed. It keeps no history: an adopted timer has one, and
// systemd adds what that missed.
void fold_timer(const TimerEvidence& timer,
                const std::optional<ServiceFailure>& remembered,
                core::Facts& facts) {
  facts.has_runs = true;
  facts.last_start = std::max(facts.last_start, begin_of(timer));
  if (const auto since = at_work_since(timer)) {
    facts.open_runs.push_back(
        {"systemd", *since, core::Life::alive, timer.main_pid, {}});
  }
  if (const auto failure = failure_of(timer)) {
    return add_failure(*failure, timer, facts.row);
  }
  const auto success = success_of(timer);
  facts.last_success = std::max(facts.last_success, success);
  if (remembered && facts.last_success <= remembered->at) {
    return add_failure(*remembered, timer, facts.row);
  }
  core::Row& row = facts.row;
  const bool recorded =
      success && row.last_end && *row.last_end + kSameEnd >= *success;
  if (success && !recorded) row = {};
}

// Of what leaves no proof itself, cron's log shows at least the start.
void fold_schedule(const CoveredJob& scheduled, const Moment& now,
                   core::Facts& facts) {
  const record::StartRecord shown = scheduled.job.start_record;
  facts.starts_late = shown == record::StartRecord::late;
  // Of one that never ran its line says that a start would be seen. A success
  // may be older than the wrapper, and a run without it under way.
  if (shown != record::StartRecord::none && !facts.last_success) {
    facts.has_runs = true;
  }
  if (scheduled.job.timer && scheduled.proof == Proof::systemd) {
    fold_timer(*scheduled.job.timer, scheduled.known.failure, facts);
  }
  const auto& started = scheduled.known.log_start;
  if (scheduled.proof <= Proof::starts && started && *started <= now.wall) {
    facts.starts_alone = !facts.has_runs;
    facts.has_runs = true;
    facts.last_start = std::max(facts.last_start, started);
  }
}

// Without its wrapper no run can end what the last ones said: that nothing is
// known any more is told in its place.
void forget_old_runs(core::Facts& facts) {
  facts.row = {};
  std::erase_if(facts.open_runs, [](const core::OpenRun& run) {
    return run.life == core::Life::gone || run.life == core::Life::rebooted;
  });
}

}  // namespace

std::string heartbeat_identity(const Beat& beat) {
  if (!beat.run_id.empty()) return beat.run_id;
  return "@" + format_unix(beat.at);
}

FoldedFacts fold_facts(const Evidence& evidence, const Moment& now,
                       const LifeOf& life_of) {
  FoldedFacts out;
  fold_heartbeat(evidence, now, out);
  RunFold(evidence, now, life_of, out.facts).fold();
  if (const CoveredJob* scheduled = evidence.scheduled) {
    if (scheduled->proof_is_old) forget_old_runs(out.facts);
    fold_schedule(*scheduled, now, out.facts);
  }
  return out;
}

std::string describe_end(const record::RunEnd& end) {
  // What a job said of itself: a secret may be in it.
  const std::string detail =
      end.detail.empty() ? ""
                         : ": " + escape_line(record::redact(end.detail), 120);
  switch (end.outcome) {
    case Outcome::ok:
      return fmt::format("exit {}", end.exit_code.value_or(0));
    case Outcome::fail:
      return fmt::format("exit {}", end.exit_code.value_or(-1)) + detail;
    case Outcome::signal:
      return signal_text(end.signal.value_or(0));
    case Outcome::timeout:
      return "timeout after " + format_age(end.duration);
    case Outcome::exec_failed:
      return "the command could not be started" + detail;
    case Outcome::assertion:
      return "an assertion failed" + detail;
    case Outcome::skipped:
      return "skipped" + detail;
  }
  return {};
}

}  // namespace bezalel::app
