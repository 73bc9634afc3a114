// What every face shows: one view model, one renderer a format.
//
// The use cases fill these; src/report turns them into text, Markdown, JSON,
// Nagios and Prometheus. Nothing here is formatted and nothing is escaped:
// foreign text is raw, and each renderer escapes for its own format.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/finding.h"
#include "app/store.h"
#include "base/boxed.h"
#include "core/verdict.h"

namespace bezalel::app {

// What is known of a job that leaves no proof: the line that starts it, and
// what to type so that it is watched.
struct UnwatchedView {
  std::string command;  // secrets removed
  std::string fix;
};

struct SilencedView {
  Timestamp until;
  std::string who, why;
};

// One run for `status JOB`, `logs JOB` and evidence lines, newest first.
struct RunView {
  std::string run_id;
  std::optional<record::RunStart> start;
  std::optional<record::RunEnd> end;
  std::optional<core::Life> life;  // of a run without an end
  bool output_hidden = false;      // it may have printed something
};

// An incident that outlasts what opened it, by close_hold of the settings.
struct ClosingView {
  Timestamp well_since, closes;
  friend bool operator==(const ClosingView&, const ClosingView&) = default;
};

struct JobView {
  core::JobKey key;
  std::string user;  // name; the number where it has none
  core::Verdict verdict;
  std::optional<core::Severity> severity;  // none: no alarm
  std::optional<Timestamp> since;
  std::optional<Duration> age;  // since the last success
  std::optional<Duration> interval;
  std::optional<double> ratio;
  std::optional<Timestamp> last_success;
  std::optional<Timestamp> due, deadline;
  std::string cause;     // one sentence; empty when well
  std::string source;    // "job_file", "run", ...; empty: undeclared
  std::string where;     // "jobs.d/db.toml:3"
  std::string schedule;  // "every 1d"; empty: not known
  std::string because;   // what explains it; may be empty
  std::string evidence;  // "wrapped", "heartbeat", "none"
  bool declared = false;
  bool output_stays = false;  // what it printed must not leave this host
  Boxed<SilencedView> silenced;
  Boxed<core::Pause> paused;
  Boxed<RunView> last_run;  // newest, open or ended
  Boxed<RunView> last_ok_run;
  std::optional<Timestamp> last_output;  // of an open run, where known
  std::optional<std::int64_t> incident;  // open incident's id
  Boxed<ClosingView> closing;
  std::optional<Timestamp> acked;
  std::string acked_by;
  // What its settings asked for while the incident was open, and how it ended.
  std::string tried;
  Boxed<UnwatchedView> unwatched;
  // The finding that it waits for; both are one incident.
  Boxed<core::IncidentKey> explained_by;
};

// Sums of DESIGN 5: evaluated = bad + late + ok + running + quiet; `p3` are
// the bad ones that are no alarm and stand apart from `bad`.
struct Counts {
  int evaluated = 0, of = 0;
  int bad = 0, p3 = 0, late = 0, ok = 0, running = 0, silenced = 0, paused = 0;
};

struct ChannelView {
  std::string name;
  std::optional<Timestamp> last_sent;
  int waiting = 0;  // outbox rows
  std::optional<Timestamp> failing_since;
  std::string last_error;
  bool dead = false;
};

// How many of the host's scheduled jobs are watched, and which are not.
struct CoverageView {
  int watched = 0, of = 0;
  struct Gap {
    std::string job;
    std::string why;  // "new", "lost its wrapper"; empty: since ever
  };
  std::vector<Gap> not_watched;
};

// The host as one check saw it.
struct HostView {
  std::string host;
  std::string zone;                 // IANA name for local times
  std::string bezalel = "bezalel";  // what commands to type begin with
  Timestamp now;
  std::string heartbeats_dir, jobs_dir;
  std::uint32_t owner = 0;  // whose jobs are declared there without a `user`
  // Worst first (LOOK: P1, P2, P3, ratio): all, or what Keep left of them; the
  // others stand in `counts` only.
  std::vector<JobView> jobs;
  int counted_ok = 0;  // how many of the others are ok
  // Names that several users' jobs have.
  std::set<std::string> shared_names;
  std::vector<Finding> findings;
  // What could not be looked at: "/home/x/.bezalel/heartbeats: no answer in
  // 5s".
  std::vector<std::string> not_seen;
  Counts counts;
  bool complete = true;
  int exit = 0;  // DESIGN 5
  std::vector<ChannelView> channels;
  int outbox_waiting = 0;
  std::map<std::string, int> outbox_absent;  // of channels not in the settings
  std::optional<Timestamp> last_cycle;
  std::optional<Duration> check_every;
  std::optional<Timestamp> dead_man_ping;     // the last that was taken
  std::optional<Timestamp> dead_man_failing;  // since then none was
  std::vector<Silence> silences;              // active ones
  // Who heard of each open incident: "forge #118", "pager".
  std::map<core::IncidentKey, std::vector<std::string>> told;
  Duration close_hold{};  // how long one is open after its job is well
  std::optional<CoverageView> coverage;  // absent: nobody looked
  bool settings_exist = false;           // decides what `next:` names
  bool as_root = false;                  // commands to type need no sudo
};

// A transition as `check --quiet` prints it and `--notify --dry-run` shows it.
struct TransitionView {
  std::string what;  // "opened" "changed" "reminded" "resolved"
  core::Severity severity = core::Severity::p1;
  core::IncidentKey key;
  std::string verdict;
  std::string text;  // "no success since Sun 01:06", "well again after 5h"
  std::vector<std::string> told;  // "forge #119"
  std::int64_t incident = 0;      // the store's id
  std::string user;               // where several have a job of that name
};

// The nightly or morning report.
struct ReportView {
  HostView host;
  Timestamp since;            // of the last report, or --since
  std::vector<Event> events;  // since then, oldest first
  std::vector<ClosedIncident> closed;
  std::vector<core::OpenIncident> open;
  // `runs` is the sum of the others: those that ended since then, and those
  // that started since then and have no end.
  int runs = 0, runs_ok = 0, runs_failed = 0;
  int runs_skipped = 0, runs_in_flight = 0, runs_without_end = 0;
  // Some job ran more often than its runs are kept: the sums are at least that.
  bool more_runs = false;
  int incidents_opened = 0, incidents_closed = 0;
  // The checker itself: cycles committed since, expected, longest gap.
  int cycles = 0, cycles_expected = 0;
  std::optional<Duration> longest_gap;
  std::vector<core::Gap> gaps;
  // Everything that blocks: sentences are made by the renderer from these.
  std::vector<JobView> blocking_jobs;
  std::vector<Finding> blocking_findings;  // alarms; no gaps, no dead channels
  std::vector<Silence> long_silences;      // over 24 h
  std::vector<ChannelView> dead_channels;
  std::string version;
  // The slowest alarm possible today.
  std::string slowest_job;
  std::optional<Duration> slowest;
};

}  // namespace bezalel::app
