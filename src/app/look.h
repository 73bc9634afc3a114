// One look at the host: every job judged, every finding listed. Pure but for
// the question whether a process is alive; writes nothing.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/coverage.h"
#include "app/facts.h"
#include "app/memory.h"
#include "app/settings.h"
#include "app/sources.h"
#include "app/view.h"

namespace bezalel::app {

// A job with everything that was found out about it.
struct JudgedJob {
  core::Job job;
  core::Facts facts;
  core::Verdict verdict;
  std::string heartbeat_identity;
  // What the heartbeat itself says of its schedule, to be remembered; or null.
  record::SharedSchedule heartbeat_schedule;
  const DeclaredJob* declared = nullptr;  // lives in Settings
  // What schedules it, and what did until it vanished; live in the Coverage.
  const CoveredJob* scheduled = nullptr;
  const KnownSchedule* gone = nullptr;
  const Finding* hidden_by = nullptr;  // why it only looks gone
  // The [job.NAME] that it has or had.
  Boxed<Declaration> declaration;
  std::vector<RunRow> runs;  // oldest first
  // The last success that the state knew of before this look.
  std::optional<Timestamp> success_before;
  bool seen = true;  // false: its directory did not answer; not evaluated
  bool distrusted = false;
};

// Of a hundred thousand jobs nearly all are well, and most faces only count
// them: Keep::unwell keeps every job but those that are `ok`, Keep::bad not
// even those that are `late`; what is silenced or has an open incident is kept.
enum class Keep { all, unwell, bad };

struct LookInput {
  const Settings& settings;
  const Memory& memory;
  const HeartbeatScan& scan;
  Moment now;
  LifeOf life_of;
  // The state could not be read: the reason, or empty.
  std::string state_trouble;
  Keep keep = Keep::all;
  // Told of each job as it is judged, kept or not, by key; of none while the
  // clock is untrusted. May be empty.
  std::function<void(const JudgedJob&)> each = {};
  // Null: the host's schedule was not looked at.
  const Coverage* coverage = nullptr;
};

struct Look {
  Moment now;
  std::vector<JudgedJob> jobs;           // by key
  int counted_ok = 0, counted_late = 0;  // jobs that were not kept
  // Names of kept jobs that jobs of several users have.
  std::set<std::string> shared_names;
  std::vector<Finding> findings;
  std::vector<std::string> not_seen;
  Duration step{};            // of the wall clock since the last cycle
  std::optional<NewGap> gap;  // new with this look
  std::map<core::IncidentKey, Retirement> retired;
  // Lines that were wrapped once: their scripts are judged in their place.
  std::set<core::IncidentKey> left_to_scripts;
  // The wall clock was never set (1970 at boot), or reads earlier than the
  // last check of another boot: of no job can be said how it is. Nothing is
  // opened, closed or remembered but that.
  bool clock_untrusted = false;
};

// The made-up job of `bezalel drill`: always P3, and told to every channel.
inline constexpr std::string_view kDrillJob = "bezalel-drill";

// The coverage as far as it is known; of no inventory none is.
Coverage coverage_of(const std::optional<Inventory>& inventory,
                     const Settings& settings, const HeartbeatScan& scan,
                     const Memory& memory, const Moment& now);

Look look(const LookInput& input);

// The job among those that were kept; null: it is not.
const JudgedJob* find_job(const Look& look, const core::JobKey& key);
const JudgedJob* find_job(const Look& look, const core::IncidentKey& key);

}  // namespace bezalel::app
