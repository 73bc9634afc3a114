// Is every scheduled job of the host watched? What the schedulers will run,
// beside what was remembered of them.
//
//   cover(inventory, remembered, ...) -> Coverage      pure
//
// A job counts as watched where its result will be known: it is wrapped,
// systemd tells its result, it left a heartbeat or a job file declares it. A
// start in cron's log alone counts for what a package brought, which nobody
// adopts.
//
// A count never falls silently: what was scheduled and is not any more is
// `gone` until it is retired or comes back; what was watched and is not any
// more has lost its wrapper. What it left until then says nothing of what
// comes: it is neither proof nor something to wait for.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/inventory.h"
#include "app/store.h"

namespace bezalel::app {

// The best evidence there will be of a run.
enum class Proof {
  none,
  starts,     // cron's log, or a timer, shows that it starts
  heartbeat,  // declared, or it leaves proof by itself
  wrapped,    // bezalel-sh, run, beat, run-parts
  systemd,    // systemd's own result
};
std::string_view to_string(Proof proof);
// By how it is scheduled alone.
Proof proof_of(Watch watch);
// Nobody adopts what a package brought: that it starts is enough there.
bool is_watched(const ScheduledJob& job, Proof proof);

struct CoveredJob {
  ScheduledJob job;
  KnownSchedule known;  // as it is to be remembered
  Proof proof = Proof::none;
  bool watched = false;
  bool lost_wrapper = false;
  // Known before, and recorded only since this look: it was adopted.
  bool newly_wrapped = false;
  // What it left dates from its wrapper: nothing more will come.
  bool proof_is_old = false;
  // A line that left proof once and does no more: its scripts are judged.
  bool left_to_scripts = false;
};

// Two schedulers or two lines start the same thing: indexes into jobs.
struct Twice {
  std::size_t first = 0, second = 0;
};

struct Coverage {
  bool known = false;  // false: nobody looked, and nothing is concluded
  std::vector<CoveredJob> jobs;  // in order of source and line
  // Of lines whose scripts are among the jobs, those that have left proof
  // themselves: judged by it, never counted, never missed.
  std::vector<CoveredJob> lines;
  std::vector<KnownSchedule> gone;    // without retire; newest first
  std::vector<KnownSchedule> edited;  // another name stands in their place now
  std::vector<Twice> twice;
  std::vector<Finding> findings;
  std::vector<std::string> sources_unseen;
  bool first_sight = false;  // of this host: what is unwatched is a baseline

  // What has to be written: new, changed or gone; and what to forget.
  std::vector<KnownSchedule> to_put;
  std::vector<KnownSchedule> to_drop;

  int of() const { return static_cast<int>(jobs.size()); }
  int watched() const;
  int unwatched_baseline() const;
};

// What is known of a job besides its schedule.
struct JobEvidence {
  // The start of the newest run that left a heartbeat or a record by its own
  // means; the end of time where a job file declares it; nullopt: neither.
  std::function<std::optional<Timestamp>(const core::JobKey&)> newest_proof;
  // Whether any run was recorded by bezalel-sh, the shell of its line then.
  std::function<bool(const core::JobKey&)> ran_in_shell;
  // When it was retired; nullopt: it was not.
  std::function<std::optional<Timestamp>(const core::JobKey&)> retired;
  // Sources that the look before could not see: what comes to light there is as
  // old as the host's baseline.
  std::vector<std::string> unseen_before;
};

// `remembered` in any order. `at` jobs run once and are not counted.
Coverage cover(Inventory inventory,
               const std::vector<KnownSchedule>& remembered,
               const JobEvidence& evidence, Timestamp now);

// What keeps a remembered job from being scheduled; nullptr: it is gone.
const Finding* what_hides(const std::vector<Finding>& findings,
                          const KnownSchedule& gone);

}  // namespace bezalel::app
