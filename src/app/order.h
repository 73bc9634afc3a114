// The order of jobs on every screen, the sum under it, and the exit status.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/view.h"

namespace bezalel::app {

// What a job's row is, for its mark, its colour and the sum. The order of the
// values is the order on the screen.
enum class Rank {
  p1,       // `-` needs somebody now
  p2,       // `-`
  p3,       // `~` bad, for reports only
  waiting,  // `~` late, an undeclared job's first day, a file corrupt at first
  well,     // `+` ok, running
  quiet,    // `.` silenced or paused, whatever its verdict
};
Rank rank_of(const JobView& job);

// True for a verdict that raises an alarm when nobody silenced it.
bool is_bad(const JobView& job);

// True if an active silence of the host or of this very job or finding holds.
bool is_silenced(const HostView& host, const core::IncidentKey& key);
bool is_silenced(const HostView& host, const Finding& finding);

// Who heard of the open incident of this job or finding; empty: none is open,
// or nobody did yet.
const std::vector<std::string>& told_of(const HostView& host,
                                        const core::IncidentKey& key);
core::IncidentKey key_of(const JobView& job);
core::IncidentKey key_of(const Finding& finding);
// Of an incident whose cause is over and which is held open for that long.
std::optional<ClosingView> closing_of(const core::OpenIncident& incident,
                                      Duration close_hold);
// What people call a finding: "channel-dead:pager".
std::string finding_name(const core::IncidentKey& key);

// By rank; within one, jobs that never ran first, then by falling ratio, then
// by name and uid. Silenced jobs keep the order they would have otherwise.
void sort_worst_first(std::vector<JobView>& jobs);
// By what they alarm; the order of equals stays.
void sort_worst_first(std::vector<Finding>& findings);

// `of` counts every job. Undeclared ones, and those whose file is corrupt at
// first sight, are not evaluated; every other job is in exactly one of bad, p3,
// late, ok, running, silenced and paused.
Counts count(const std::vector<JobView>& jobs);

// DESIGN 5: 1 an unsilenced P1 or P2, job or finding; else 3 if not everything
// was seen and judged (`complete`, `not_seen`, `counts`, an error finding), "0
// of 0" included; else 0. Reads `jobs`, `findings`, `silences` and these.
int exit_status(const HostView& host);

}  // namespace bezalel::app
