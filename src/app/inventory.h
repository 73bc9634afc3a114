// What the host's own schedulers will run: the port by which it comes in.
//
// A job here is one thing a scheduler will start, whether or not it leaves
// proof. Its name is the one bezalel-sh would give it, so that what was found
// and what has run meet by name. Equal commands of one user on several lines
// are one job with several entries.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/finding.h"
#include "core/job.h"
#include "record/job_name.h"
#include "record/schedule_text.h"
#include "schedule/schedule.h"

namespace bezalel::app {

enum class SchedulerKind {
  cron,       // a line of a crontab
  run_parts,  // a script in /etc/cron.daily and its like
  anacron,    // a line of an anacrontab
  timer,      // a systemd timer
  at,         // the at queue: once
};
std::string_view to_string(SchedulerKind kind);

// By what a job would leave proof of a run.
enum class Watch {
  none,
  shell,       // SHELL=bezalel-sh above its line
  command,     // its line calls bezalel run or beat
  per_script,  // run by bezalel run-parts
  within,      // a script of a run-parts line that is watched as a whole
  systemd,     // systemd's own result
  trigger,     // its timer elapses; what that starts is no service: no result
  log,         // cron's log shows that it starts; its result is not known
  heartbeat,   // declared, or it leaves proof by itself; by look_at_schedule()
};
std::string_view to_string(Watch watch);

// systemd's own evidence of one timer. Absent: systemd does not know it.
struct TimerEvidence {
  std::optional<Timestamp> last_trigger;
  std::optional<Timestamp> next_elapse;
  std::string result;   // of the service: "success", "exit-code", ...
  int exit_status = 0;  // ExecMainStatus
  bool condition_ok = true;
  std::optional<Timestamp> started, finished;  // of the service's main process
  std::int64_t main_pid = 0;                   // while it runs
  std::string active_state, sub_state;         // of the service
  // Of "failed", or told anew; and since when it is "activating".
  std::optional<Timestamp> state_since;
  int restarts = 0;  // in a row, of its own accord, while it is "activating"
  // Since when the timer waits: what it elapsed before was in another life of
  // it, of which systemd keeps no more than the time.
  std::optional<Timestamp> waits_since;
  std::string timer_state;  // of the timer: "waiting", "elapsed", "dead", ...
  // "enabled", "disabled", "static", ...; of a timer that runs not asked for.
  std::string file_state;
};

// The uid of a name that the host does not know.
inline constexpr std::uint32_t kNoUser = ~std::uint32_t{0};

struct ScheduledJob {
  core::JobKey key;
  std::string user;  // as whom the scheduler starts it
  // Whose the record is, and so the name of key.uid, where that is another:
  // behind sudo or su. Empty: the user's.
  std::string record_user = {};
  SchedulerKind kind = SchedulerKind::cron;
  std::string dialect;   // "debian", "cronie", "busybox", "systemd", ...
  std::string schedule;  // as written
  std::string zone;      // IANA name of the zone the scheduler reckons in
  // What is expected: schedule, grace and limit as they follow from the line
  // and its comment. Absent where it can not be judged (then a finding says
  // why).
  std::optional<core::Expectation> expectation;
  std::string command;  // what is run, secrets removed
  // "/etc/cron.d/x", "crontab of root", "x.timer", "x.timer of ann"
  std::string source;
  std::optional<int> line;
  std::string package;  // that owns the source; empty: none
  // In the table of a user where there is no crontab(1): busybox crond has none
  // of its own.
  bool by_hand = false;
  Watch watch = Watch::none;
  // What its record, where it is watched by one, shows of its start.
  record::StartRecord start_record = record::StartRecord::none;
  // By what kind of work it would be called, had nobody named it: the stem of
  // such a name. Empty: it is called so, or it is not known.
  std::string former_stem = {};
  // A comment of its line allows another command to have its name.
  bool may_share_name = false;
  // The SHELL= line of its crontab that holds for it; value escaped. Absent:
  // none does, or it is no line of a crontab.
  struct Shell {
    int line = 0;
    std::string value;
  };
  std::optional<Shell> shell;
  // Of what anacron or run-parts starts: the line that has it started.
  struct Caller {
    std::string source;
    int line = 0;
    std::string package;  // that owns the source
  };
  std::optional<Caller> caller;
  // Newest start seen in cron's own log, or by the timer of what is no service;
  // absent: none seen or not readable.
  std::optional<Timestamp> log_start;
  std::optional<Timestamp> next, previous;
  std::optional<TimerEvidence> timer;
};

// A line that was a job until somebody put a `#` before it.
struct CommentedOut {
  core::JobKey key;
  std::string source;
  int line = 0;
};

struct Inventory {
  std::vector<ScheduledJob> jobs;  // in order of source and line
  // Lines that have run-parts run a directory, whose scripts are in `jobs`.
  std::vector<ScheduledJob> lines;
  std::vector<CommentedOut> commented_out;
  // Files ignored, lines dropped, daemons dead, sources that may not be read.
  std::vector<Finding> findings;
  // Sources that were wholly seen: a job gone from one of these is gone; also
  // those that were looked for and are not there.
  std::vector<std::string> sources_seen;
  // Sources that could not be seen: nothing is concluded from their silence.
  std::vector<std::string> sources_unseen;
};

// Whether a place, as in sources_unseen, takes a source in: itself, a directory
// above it, "crontab of" (every user's), "systemd timers" (the system's) or
// "systemd timers of ann".
bool lies_in(std::string_view source, std::string_view place);

class InventorySource {
 public:
  virtual ~InventorySource() = default;
  // Reads every scheduler of the host once. Hostile-proof and bounded; never
  // fails: what could not be read is a finding.
  virtual Inventory scan() = 0;
};

}  // namespace bezalel::app
