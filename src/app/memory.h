// What the state remembers, read once for a cycle.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/dead_man.h"
#include "app/settle.h"
#include "app/sources.h"
#include "app/store.h"

namespace bezalel::app {

struct Memory {
  KnownJobs known;
  std::map<core::JobKey, std::vector<RunRow>> runs;  // oldest first
  std::vector<Cursor> cursors;
  std::vector<core::OpenIncident> open;
  std::vector<Silence> silences;
  std::map<core::JobKey, core::Pause> pauses;
  std::vector<OutboxRow> outbox;
  std::vector<ChannelState> channels;
  std::optional<Cycle> last_cycle;
  std::vector<KnownSchedule> inventory;
  std::vector<std::string> unseen_sources;  // of the last cycle's inventory
  DeadMan dead_man;
  std::vector<core::Gap> gaps;  // the newest few noted, oldest first

  // An active silence over this key, or over the whole host.
  const Silence* silence_of(const core::IncidentKey& key, Timestamp now) const;
};

// How many notices wait for channels that are not in the settings: nobody else
// would name them until they are dropped.
std::map<std::string, int> waiting_for_absent(const Memory& memory,
                                              const Settings& settings);

// Lines of run logs that are no record, since the first: a run of somebody's
// job may be missing from what is judged.
struct SkippedLines {
  std::uint64_t count = 0;
  Timestamp last;       // when a look met the last
  std::string last_in;  // its file
};
Result<std::optional<SkippedLines>> skipped_lines(StoreReader& reader);
Result<void> note_skipped_lines(Txn& txn, const NewRuns& news, Timestamp now);

// Runs of each job that a look needs: enough for the duration baseline.
inline constexpr int kRunsRemembered = 32;

Result<Memory> remember(StoreReader& reader);

// Name of the meta value that holds "41 of 43", as it was last.
inline constexpr char kCoverageCount[] = "coverage";

// Name of the meta value that holds unseen_sources, one a line.
inline constexpr char kUnseenSources[] = "inventory.unseen";

// Reads everything but jobs and runs anew; those, the bulk of it, are dropped.
Result<void> remember_the_rest(StoreReader& reader, Memory& memory);

// The gaps with one more, as the text that the state keeps.
std::string noted_with(std::vector<core::Gap> gaps, const core::Gap& more);
inline constexpr char kGapsName[] = "gaps";

// Adds records that were read but are not stored, as a look without a
// transaction does; the same merge as Txn::put_run.
void take_in(
    Memory& memory,
    const std::vector<std::pair<core::JobKey, record::RunRecord>>& news);

// The gap between the last committed cycle and now, by DESIGN 5: another boot,
// or longer than a lapse may be; nullopt on a first cycle and when there is
// none.
struct NewGap {
  core::Gap gap;
  bool long_enough_to_tell = false;  // longer than a lapse may be
  enum class Host { rebooted, slept, slept_a_part, awake, unknown };
  Host host = Host::unknown;
};
std::optional<NewGap> gap_since(const std::optional<Cycle>& last,
                                const Moment& now, Duration longest_lapse);
// "the host was asleep for 10h 40m".
std::string why_nobody_checked(const NewGap& gap);

}  // namespace bezalel::app
