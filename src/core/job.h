// What is expected of a job, and what is known of it.
//
// A Job says what should happen; Facts say what did. Neither holds a status:
// evaluate() (core/verdict.h) makes one of both and of an instant, every time
// anew, so no stored status can disagree with the evidence.
//
// The life of a job. Events change facts, time changes none; the arrows marked
// with a clock happen by themselves, at the instant next_change() tells.
//
//   never run ----deadline (clock)----> never
//   ok ----due (clock)----> late ----deadline (clock)----> stale
//   ok, late ----a run starts----> running ----its limit (clock)----> hung
//   running ----ends well----> ok        ----ends badly----> failed, or, while
//           the row is shorter than `confirm`, what the rest of the facts say
//   running ----its process is gone----> lost
//   never, stale, lost, hung, failed ----a success----> ok
//
// What moves the window of due and deadline:
//
//   schedule             counted from        late after   stale after
//   every I              last success        I            I x factor, or
//                                                         I + grace
//   slots, run records   last run's start    the slot     slot + grace
//   slots, no records    last success        the slot     slot + grace
//   manual, @reboot      -                   never        never
//
// A job that never ran counts from declared_since. With run records the start
// of a run satisfies its slot: what becomes of the run is judged by its own
// rules (lost, hung, failed), never forgotten: a run that has started ends
// well, ends badly, is gone or overstays. A success newer than the slot counts
// in place of the start: its run was not recorded, or ran across the slot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/expectation.h"

namespace bezalel::core {

// A job within one host. The numeric uid, never the user's name, is identity.
struct JobKey {
  std::uint32_t uid = 0;
  std::string job;

  friend auto operator<=>(const JobKey&, const JobKey&) = default;
};

// P1 wakes somebody, P2 is told, P3 is for reports (and trackers).
enum class Severity { p1, p2, p3 };
std::string_view to_string(Severity s);  // "P1"
std::optional<Severity> parse_severity(std::string_view text);

struct Pause {
  Timestamp since;
  std::string who;
  std::string why;
};

struct Job {
  JobKey key;
  std::optional<Expectation> expectation;
  // Of the interval, until an `every` job is stale; below 1 it counts as 1.
  double factor = 2.0;
  // Failures in a row until `failed`; unset: 1, or 3 below an hour's interval.
  std::optional<int> confirm;
  std::optional<Severity> severity;
  std::optional<Pause> paused;
  bool declared = false;   // by a job file
  bool scheduled = false;  // some scheduler starts it
  // The earliest the state remembers of the job, else the time of the file
  // that declares it. Stands in for the last success of a job that never ran.
  Timestamp declared_since;
};

enum class Distrust { forged, corrupt, clock };

// Evidence that cannot be trusted.
struct Untrusted {
  Distrust kind;
  Timestamp since;     // first sight
  std::string detail;  // one line: "is a symlink", "owned by uid 1002", ...
  // corrupt opens on the second look, or at once for a file older than 60 s.
  bool confirmed = true;
};

// What became of a run that has a start and no end.
enum class Life {
  alive,     // same boot, and the process is there with the same start time
  gone,      // same boot and PID namespace, no such process
  rebooted,  // another boot id
  unknown,   // another PID namespace, or /proc tells nothing
};

struct OpenRun {
  std::string run_id;
  Timestamp started;
  Life life = Life::unknown;
  std::int64_t pid = 0;
  std::optional<Duration> max;  // as the run itself was told
};

// Failed or skipped runs that end the record, newest last run counted.
struct Row {
  int failures = 0;
  int skips = 0;
  Timestamp first_failure;  // end of the first failure in the row
  std::string last_detail;  // "exit 1", "signal 9 (KILL)", "timeout", ...
  // End of the newest run in the row; where it is not told, first_failure
  // stands for it. A row ends at the first success after it.
  std::optional<Timestamp> last_end = std::nullopt;
};

// A time in which nobody looked: the host was down, or the checker did not
// run for longer than 3 cycles.
struct Gap {
  Timestamp from;
  Timestamp to;
  Duration asleep{};  // so much of it, as far as is known
};

struct Facts {
  std::optional<Untrusted> untrusted;
  std::optional<Timestamp> last_success;
  // Start of the newest run that was not skipped; from run records only.
  std::optional<Timestamp> last_start;
  // True once any record of a run of this job was read, of which a beat is
  // none: it has no start. Also where its schedule shows that its first run
  // will be recorded.
  bool has_runs = false;
  // A run is recorded when its turn comes, not when the scheduler starts its
  // line: something before it takes its time.
  bool starts_late = false;
  // Nothing but starts can be seen of it, in cron's log or by anacron's stamps:
  // no end, no success.
  bool starts_alone = false;
  std::vector<OpenRun> open_runs;  // oldest first
  Row row;
  int completed_runs = 0;
  std::optional<Duration> p95;         // duration of the last 30 completed runs
  std::optional<Timestamp> file_time;  // the heartbeat's own, for undeclared
  std::optional<Gap> gap;              // the newest one that matters
  // Two observations only, made by discovery (later).
  std::optional<Timestamp> vanished_since;
  std::optional<Timestamp> unwatched_since;
};

// The interval of a job: `every`, else from due to the following slot; nullopt
// for manual, @reboot and undeclared jobs, and where no slot follows. It is the
// same at every `now` for the same facts.
std::optional<Duration> interval_of(const Job& job, const Facts& facts,
                                    Timestamp now);

// When the next run or success was or is expected, and when silence becomes an
// alarm. Absent for manual and @reboot jobs, without an expectation, and where
// no slot follows.
//
// What fell due while nobody looked is put off, once: where due or deadline
// lie in facts.gap (after `from`, up to `to`), the deadline is at the earliest
// one interval after the gap, or the first slot after it plus grace. A deadline
// that had passed before the gap is not touched: older silence opens at once.
struct Window {
  Timestamp due;
  Timestamp deadline;
};
std::optional<Window> window_of(const Job& job, const Facts& facts);

// No slot is to come, and the last one was kept: a success followed it, and it
// was waited for. A slot before the declaration counts only where the run that
// declared it started in its time; else `2020-01-01` would be well for ever.
bool is_done(const Job& job, const Facts& facts);

// The gap to give as facts.gap, out of all that are remembered, oldest first:
// the first one in which the present silence fell due. Taking the first is what
// makes putting off happen once per silence, however often a host goes down.
std::optional<Gap> gap_that_matters(const Job& job, const Facts& facts,
                                    const std::vector<Gap>& gaps);

// How long this run may be in flight before it is hung: the limit from a job
// file, a crontab or a timer; else the run's own; else the default, which is
// the larger of the interval and (from ten completed runs on) 3 x p95, at least
// 10 minutes. nullopt: no interval and fewer than ten runs.
std::optional<Duration> limit_of(const Job& job, const Facts& facts,
                                 const OpenRun& run);

// Failed runs in a row until `failed` holds (job.confirm, else 1; 3 where the
// interval is under an hour).
int confirm_of(const Job& job, const Facts& facts);

// True when the row alarms: `confirm` failures or 3 skips in a row, and no
// success after them.
bool row_holds(const Job& job, const Facts& facts);

// t + d, without wrapping round at the end of time. For d >= 0.
Timestamp later(Timestamp t, Duration d);

// age / interval, or age / (due - last success) for slots. Absent for a job
// that never succeeded and where there is no interval.
std::optional<double> ratio_of(const Job& job, const Facts& facts,
                               Timestamp now);

}  // namespace bezalel::core
