// The only place where time becomes status.
//
//   evaluate (Job, Facts, Timestamp now) -> Verdict
//   next_change(Verdict)                 -> optional<Timestamp>
//
// For fixed facts a verdict is the same at every instant until next_change and
// another one at it. The order of the rules, and each rule, is the table of
// DESIGN section 5; the first that holds is the verdict. All comparisons are
// strict: a job is late after its due time and stale after its deadline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/job.h"

namespace bezalel::core {

// In order of precedence. The texts are the ones of DESIGN 5, everywhere.
enum class Status {
  paused,
  forged,
  corrupt,
  clock,
  lost,
  hung,
  failed,
  running,
  never,
  stale,
  vanished,
  unwatched,
  undeclared,
  late,
  ok,
};
std::string_view to_string(Status s);
std::optional<Status> parse_status(std::string_view text);

// Why a silent job is called silent: is it the start of a run that is missing,
// or its success?
enum class Missing { start, success };

// `since` is the instant the state began, not the one at which we looked.
// `next` is the instant at which time alone makes another verdict of the same
// facts; none: only an event can.
struct Paused {
  Timestamp since;
  friend bool operator==(const Paused&, const Paused&) = default;
};
// `confirmed` is false for a file seen corrupt for the first time: a writer may
// be at work. It is shown, since such a file is never ok, and is no alarm yet.
struct Distrusted {
  Timestamp since;
  Distrust kind;
  std::string detail;
  bool confirmed = true;
  friend bool operator==(const Distrusted&, const Distrusted&) = default;
};
// A run that ended in no way we know, and no success since. Newer failures end
// it only once they alarm themselves, so that the alarm never has a hole.
struct Lost {
  Timestamp since;
  std::string run_id;
  Life how;
  friend bool operator==(const Lost&, const Lost&) = default;
};
struct Hung {
  Timestamp since;
  Timestamp started;
  Duration limit;
  std::int64_t pid;
  friend bool operator==(const Hung&, const Hung&) = default;
};
struct Failed {
  Timestamp since;
  int in_row;
  std::string detail;
  std::optional<Timestamp> next = std::nullopt;
  friend bool operator==(const Failed&, const Failed&) = default;
};
struct Running {
  Timestamp since;
  std::optional<Timestamp> must_end;
  friend bool operator==(const Running&, const Running&) = default;
};
struct Never {
  Timestamp since;
  Missing missing = Missing::start;
  std::optional<Timestamp> next = std::nullopt;
  friend bool operator==(const Never&, const Never&) = default;
};
struct Stale {
  Timestamp since;
  Missing missing = Missing::success;
  std::optional<Timestamp> next = std::nullopt;
  friend bool operator==(const Stale&, const Stale&) = default;
};
struct Vanished {
  Timestamp since;
  std::optional<Timestamp> next = std::nullopt;
  friend bool operator==(const Vanished&, const Vanished&) = default;
};
struct Unwatched {
  Timestamp since;
  std::optional<Timestamp> next = std::nullopt;
  friend bool operator==(const Unwatched&, const Unwatched&) = default;
};
// Listed at once, an alarm (P2) after a day: counted from the file's time or
// from the first sight of the job (declared_since), whichever is earlier, so
// that a heartbeat every hour does not put the alarm off for ever.
// Without a next slot it is no better than without a schedule: it could never
// go stale, so it is never ok. A timer alone may have elapsed for good: systemd
// tells of it, and its own finding (timer-no-next) alarms where that is wrong.
struct Undeclared {
  Timestamp since;
  bool alarming;
  std::optional<Timestamp> next = std::nullopt;
  bool never_matches = false;
  bool heartbeat = true;  // one was seen
  bool declared = true;   // somebody expects it, though it cannot be read when
  friend bool operator==(const Undeclared&, const Undeclared&) = default;
};
struct Late {
  Timestamp since;
  Timestamp deadline;
  friend bool operator==(const Late&, const Late&) = default;
};
// `due` is when it can become late at the earliest; none: manual, @reboot.
struct Ok {
  std::optional<Timestamp> due;
  friend bool operator==(const Ok&, const Ok&) = default;
};

using Verdict =
    std::variant<Paused, Distrusted, Lost, Hung, Failed, Running, Never, Stale,
                 Vanished, Unwatched, Undeclared, Late, Ok>;

Verdict evaluate(const Job& job, const Facts& facts, Timestamp now);

Status status_of(const Verdict& verdict);
// Absent for ok and for paused-without-date only.
std::optional<Timestamp> since_of(const Verdict& verdict);
// First instant at which the verdict for the same facts is another one (or its
// alarm changes); absent when only an event can change it.
std::optional<Timestamp> next_change(const Verdict& verdict);

// The alarm of a verdict for this job by DESIGN 5: P1, P2, or none (paused,
// running, late, ok, an undeclared job's first day). The job's own `severity`
// replaces P1 and P2 alike.
std::optional<Severity> severity_of(const Job& job, const Verdict& verdict);

// What a verdict says of an incident that is open for the job.
enum class Bearing {
  bad,      // an alarm: opens one, or keeps it open
  well,     // ok or late, and no failure since the last success: closes it
  neither,  // says nothing: running, paused, not yet alarming, or ok only
            // because a failure is not confirmed yet. An open incident waits.
};
Bearing bearing_of(const Job& job, const Facts& facts, const Verdict& verdict);

// Whether an incident of a job that runs now is over all the same: a success
// came after `since`, the incident's, nothing failed after it, and without the
// runs in flight the job would be well.
bool well_besides_flight(const Job& job, const Facts& facts, Timestamp since,
                         Timestamp now);

// One sentence for a person, without a time: "exit 1", "no run has started",
// "gone without an end: the host was restarted", ...
std::string cause_of(const Verdict& verdict);

}  // namespace bezalel::core
