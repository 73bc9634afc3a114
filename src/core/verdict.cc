#include "core/verdict.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/duration.h"

namespace bezalel::core {
namespace {

constexpr Duration kUndeclaredPatience = std::chrono::hours(24);

constexpr std::array<std::pair<Status, std::string_view>, 15> kStatusTexts = {{
    {Status::paused, "paused"},
    {Status::forged, "forged"},
    {Status::corrupt, "corrupt"},
    {Status::clock, "clock"},
    {Status::lost, "lost"},
    {Status::hung, "hung"},
    {Status::failed, "failed"},
    {Status::running, "running"},
    {Status::never, "never"},
    {Status::stale, "stale"},
    {Status::vanished, "vanished"},
    {Status::unwatched, "unwatched"},
    {Status::undeclared, "undeclared"},
    {Status::late, "late"},
    {Status::ok, "ok"},
}};

// All comparisons are strict, so what ends with t changes a moment after it.
// Nothing follows the end of time.
std::optional<Timestamp> moment_after(std::optional<Timestamp> t) {
  if (!t || *t == Timestamp::max()) return std::nullopt;
  return *t + Duration(1);
}

std::optional<Timestamp> sooner(std::optional<Timestamp> a,
                                std::optional<Timestamp> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

bool is_gone(Life life) {
  return life == Life::gone || life == Life::rebooted;
}

// A run in flight, and the instant at which its limit is over.
struct Flight {
  const OpenRun& run;
  std::optional<Duration> limit;
  std::optional<Timestamp> end;
};

// One judgment: the facts that several rules need, found once.
class Judge {
 public:
  Judge(const Job& job, const Facts& facts, Timestamp now)
      : job_(job), facts_(facts), now_(now) {}

  Verdict verdict() {
    if (job_.paused) return Paused{job_.paused->since};
    if (const auto& u = facts_.untrusted) {
      return Distrusted{u->since, u->kind, u->detail, u->confirmed};
    }
    row_holds_ = row_holds(job_, facts_);
    if (auto v = lost()) return *std::move(v);
    find_flights();
    if (auto v = hung()) return *std::move(v);
    if (row_holds_) return failed();
    window_ = window_of(job_, facts_);
    if (auto v = running()) return *std::move(v);
    if (auto v = silent()) return *std::move(v);
    return not_silent();
  }

 private:
  bool succeeded_after(Timestamp t) const {
    return facts_.last_success && *facts_.last_success >= t;
  }

  // Failures that alarm take over from a run that was lost before them.
  bool overtaken(const OpenRun& run) const {
    return row_holds_ && facts_.row.failures > 0 &&
           facts_.row.last_end.value_or(facts_.row.first_failure) > run.started;
  }

  std::optional<Verdict> lost() const {
    for (const OpenRun& run : facts_.open_runs) {
      if (!is_gone(run.life) || succeeded_after(run.started)) continue;
      if (!overtaken(run)) return Lost{run.started, run.run_id, run.life};
    }
    return std::nullopt;
  }

  // A process that is there is in flight whatever happened since. Where nothing
  // is known of it, a newer success says that it is over.
  void find_flights() {
    for (const OpenRun& run : facts_.open_runs) {
      if (is_gone(run.life)) continue;
      if (run.life == Life::unknown && succeeded_after(run.started)) continue;
      Flight flight{run, limit_of(job_, facts_, run), std::nullopt};
      if (flight.limit) flight.end = later(run.started, *flight.limit);
      flights_.push_back(flight);
      first_end_ = sooner(first_end_, flight.end);
    }
  }

  std::optional<Verdict> hung() const {
    if (!first_end_ || now_ <= *first_end_) return std::nullopt;
    for (const Flight& flight : flights_) {
      if (flight.end != first_end_) continue;
      return Hung{*first_end_, flight.run.started, *flight.limit,
                  flight.run.pid};
    }
    return std::nullopt;
  }

  Verdict failed() const {
    const Row& row = facts_.row;
    const bool skipped =
        row.skips > 0 && row.failures < confirm_of(job_, facts_);
    return Failed{row.first_failure, skipped ? row.skips : row.failures,
                  row.last_detail, moment_after(first_end_)};
  }

  // A run of which nothing is known and that has no limit could be over for
  // years; it must not hold anything back.
  bool holds_back(const Flight& flight) const {
    const bool in_time = !window_ || flight.run.started <= window_->deadline;
    return in_time && (flight.end || flight.run.life == Life::alive);
  }

  std::optional<Verdict> running() const {
    for (const Flight& flight : flights_) {
      if (holds_back(flight)) return Running{flight.run.started, first_end_};
    }
    return std::nullopt;
  }

  Missing missing() const {
    if (!facts_.has_runs) return Missing::success;
    if (!facts_.last_start) return Missing::start;
    const bool counts_successes =
        std::holds_alternative<schedule::Every>(job_.expectation->schedule);
    return counts_successes && !succeeded_after(*facts_.last_start)
               ? Missing::success
               : Missing::start;
  }

  std::optional<Verdict> silent() const {
    if (!window_ || now_ <= window_->deadline) return std::nullopt;
    const auto next = moment_after(first_end_);
    // Of one that cron's log alone shows no end is ever seen: it did run.
    const bool ran = facts_.starts_alone && facts_.last_start;
    if (facts_.last_success || ran) {
      return Stale{window_->deadline, missing(), next};
    }
    // It did run, and it may be at it still.
    return Never{window_->deadline,
                 facts_.last_start ? Missing::success : missing(), next};
  }

  // When what is no silence yet becomes one, or hung.
  std::optional<Timestamp> until_silent() const {
    const auto deadline =
        window_ ? moment_after(window_->deadline) : std::optional<Timestamp>();
    return sooner(deadline, moment_after(first_end_));
  }

  Verdict undeclared() const {
    const Timestamp since = facts_.file_time.value_or(
        facts_.last_success.value_or(job_.declared_since));
    const bool known = job_.declared_since > Timestamp{};
    const Timestamp first =
        known ? std::min(since, job_.declared_since) : since;
    const Timestamp patience_end = later(first, kUndeclaredPatience);
    const bool alarming = now_ > patience_end;
    auto next = moment_after(first_end_);
    if (!alarming) next = sooner(moment_after(patience_end), next);
    return Undeclared{since,
                      alarming,
                      next,
                      job_.expectation.has_value(),
                      facts_.last_success || facts_.file_time,
                      job_.declared || job_.scheduled};
  }

  // Nothing to wait for, although it is not meant to be started by hand, and
  // nothing it has waited for.
  bool never_matches() const {
    return job_.expectation && !window_ &&
           schedule::has_slots(job_.expectation->schedule) &&
           job_.expectation->source != ExpectationSource::timer &&
           !is_done(job_, facts_);
  }

  Verdict not_silent() const {
    if (const auto t = facts_.vanished_since) {
      return Vanished{*t, until_silent()};
    }
    if (const auto t = facts_.unwatched_since) {
      return Unwatched{*t, until_silent()};
    }
    if (!job_.expectation || never_matches()) return undeclared();
    if (!window_) return Ok{};
    if (now_ > window_->due) return Late{window_->due, window_->deadline};
    return Ok{window_->due};
  }

  const Job& job_;
  const Facts& facts_;
  const Timestamp now_;
  bool row_holds_ = false;
  std::optional<Window> window_;
  std::vector<Flight> flights_;
  std::optional<Timestamp> first_end_;  // of the limits of all flights
};

template <class... F>
struct Match : F... {
  using F::operator()...;
};

std::string_view why_gone(Life how) {
  switch (how) {
    case Life::rebooted:
      return "the host was restarted";
    case Life::gone:
      return "its process is no longer there";
    case Life::alive:
    case Life::unknown:
      break;
  }
  return "nothing is known of its process";
}

std::string cause_of_failed(const Failed& v) {
  const std::string detail =
      v.detail.empty() ? "ended without success" : v.detail;
  // "3 runs in a row were skipped" counts for itself.
  if (v.in_row < 2 || detail.find(" in a row") != std::string::npos) {
    return detail;
  }
  return detail + ", " + std::to_string(v.in_row) + " runs in a row";
}

std::string cause_of_hung(const Hung& v) {
  const std::string pid =
      v.pid > 0 ? " (pid " + std::to_string(v.pid) + ")" : "";
  return "still running beyond its limit of " + format_age(v.limit) + pid;
}

}  // namespace

std::string_view to_string(Status s) {
  for (const auto& [status, text] : kStatusTexts) {
    if (status == s) return text;
  }
  return "";
}

std::optional<Status> parse_status(std::string_view text) {
  for (const auto& [status, name] : kStatusTexts) {
    if (name == text) return status;
  }
  return std::nullopt;
}

Verdict evaluate(const Job& job, const Facts& facts, Timestamp now) {
  return Judge(job, facts, now).verdict();
}

Status status_of(const Verdict& verdict) {
  return std::visit(Match{
                        [](const Paused&) { return Status::paused; },
                        [](const Distrusted& v) {
                          switch (v.kind) {
                            case Distrust::forged:
                              return Status::forged;
                            case Distrust::corrupt:
                              return Status::corrupt;
                            case Distrust::clock:
                              break;
                          }
                          return Status::clock;
                        },
                        [](const Lost&) { return Status::lost; },
                        [](const Hung&) { return Status::hung; },
                        [](const Failed&) { return Status::failed; },
                        [](const Running&) { return Status::running; },
                        [](const Never&) { return Status::never; },
                        [](const Stale&) { return Status::stale; },
                        [](const Vanished&) { return Status::vanished; },
                        [](const Unwatched&) { return Status::unwatched; },
                        [](const Undeclared&) { return Status::undeclared; },
                        [](const Late&) { return Status::late; },
                        [](const Ok&) { return Status::ok; },
                    },
                    verdict);
}

std::optional<Timestamp> since_of(const Verdict& verdict) {
  return std::visit(
      Match{
          [](const Ok&) { return std::optional<Timestamp>(); },
          [](const auto& v) { return std::optional<Timestamp>(v.since); },
      },
      verdict);
}

std::optional<Timestamp> next_change(const Verdict& verdict) {
  using Next = std::optional<Timestamp>;
  return std::visit(
      Match{
          [](const Paused&) { return Next(); },
          [](const Distrusted&) { return Next(); },
          [](const Lost&) { return Next(); },
          [](const Hung&) { return Next(); },
          [](const Running& v) { return moment_after(v.must_end); },
          [](const Late& v) { return moment_after(v.deadline); },
          [](const Ok& v) { return moment_after(v.due); },
          [](const auto& v) { return v.next; },
      },
      verdict);
}

std::optional<Severity> severity_of(const Job& job, const Verdict& verdict) {
  using Alarm = std::optional<Severity>;
  const Alarm p1 = Severity::p1;
  const Alarm p2 = Severity::p2;
  const Alarm alarm = std::visit(
      Match{
          [&](const Paused&) { return Alarm(); },
          [&](const Distrusted& v) { return v.confirmed ? p2 : Alarm(); },
          [&](const Lost&) { return p1; },
          [&](const Hung&) { return p1; },
          [&](const Failed&) { return p1; },
          [&](const Running&) { return Alarm(); },
          [&](const Never&) { return p1; },
          [&](const Stale&) { return p1; },
          [&](const Vanished&) { return p2; },
          [&](const Unwatched&) { return p2; },
          [&](const Undeclared& v) { return v.alarming ? p2 : Alarm(); },
          [&](const Late&) { return Alarm(); },
          [&](const Ok&) { return Alarm(); },
      },
      verdict);
  return alarm && job.severity ? job.severity : alarm;
}

Bearing bearing_of(const Job& job, const Facts& facts, const Verdict& verdict) {
  if (severity_of(job, verdict)) return Bearing::bad;
  const bool well = std::holds_alternative<Ok>(verdict) ||
                    std::holds_alternative<Late>(verdict);
  return well && facts.row.failures == 0 ? Bearing::well : Bearing::neither;
}

bool well_besides_flight(const Job& job, const Facts& facts, Timestamp since,
                         Timestamp now) {
  if (!facts.last_success || *facts.last_success <= since) return false;
  Facts landed = facts;
  landed.open_runs.clear();
  return bearing_of(job, landed, evaluate(job, landed, now)) == Bearing::well;
}

std::string cause_of(const Verdict& verdict) {
  return std::visit(
      Match{
          [](const Paused&) -> std::string { return "paused on purpose"; },
          [](const Distrusted& v) {
            return "the heartbeat cannot be trusted: " + v.detail;
          },
          [](const Lost& v) {
            return "gone without an end: " + std::string(why_gone(v.how));
          },
          [](const Hung& v) { return cause_of_hung(v); },
          [](const Failed& v) { return cause_of_failed(v); },
          [](const Running&) -> std::string { return "a run is in flight"; },
          [](const Never& v) -> std::string {
            return v.missing == Missing::start ? "it has never run"
                                               : "it has never succeeded";
          },
          [](const Stale& v) -> std::string {
            return v.missing == Missing::start ? "no run has started"
                                               : "no run has succeeded";
          },
          [](const Vanished&) -> std::string {
            return "its schedule is gone, and nobody retired it";
          },
          [](const Unwatched&) -> std::string {
            return "scheduled, and nothing shows that it succeeds";
          },
          [](const Undeclared& v) -> std::string {
            if (!v.never_matches && !v.heartbeat && !v.declared) {
              return "it left no heartbeat, and nothing declares or schedules "
                     "it any more; it can never go stale";
            }
            if (!v.never_matches && !v.heartbeat) {
              return "no schedule that can be read or ever comes, no "
                     "heartbeat; it can never go stale";
            }
            return v.never_matches
                       ? "its schedule never matches; it can never go stale"
                       : "a heartbeat, but nobody said how often; it can never "
                         "go stale";
          },
          [](const Late&) -> std::string { return "due, and not seen yet"; },
          [](const Ok&) -> std::string {
            return "the last success covers the present";
          },
      },
      verdict);
}

}  // namespace bezalel::core
