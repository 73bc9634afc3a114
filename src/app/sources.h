// The ports by which heartbeats and runs come in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/finding.h"
#include "app/store.h"
#include "base/boxed.h"
#include "base/interner.h"
#include "record/heartbeat_file.h"

namespace bezalel::app {

// What of a heartbeat is needed to judge its job; clocks not yet settled. There
// may be 100 000 of them, so what many say alike is held once.
struct Beat {
  Timestamp at;
  std::optional<BootTime> boottime;
  std::shared_ptr<const std::string> boot_id;  // null: not told
  std::optional<Duration> interval;
  record::SharedSchedule schedule;  // null: not told
  std::string run_id;
};

// Makes beats; equal boot ids and schedules of one maker share their place.
class BeatMaker {
 public:
  Beat of(record::Heartbeat heartbeat);

 private:
  Interner<std::string> boot_ids_;
  Interner<record::ScheduleText> schedules_;
};

// Why a `.last` is no heartbeat.
struct Refused {
  core::Distrust kind = core::Distrust::corrupt;  // or forged
  std::string detail;
  std::string path;
};

// One `.last` file as it was found: a heartbeat, or why it is none.
struct SeenHeartbeat {
  core::JobKey key;
  Timestamp mtime;
  std::optional<Beat> beat;
  Boxed<Refused> refused;
};

struct HeartbeatScan {
  std::vector<SeenHeartbeat> seen;
  // Directories that could not be read, litter that was passed over, ...
  std::vector<Finding> findings;
  // "heartbeat store missing": the base directory itself is not there.
  bool store_missing = false;
  // Jobs that a directory which did not answer is known to hold are not seen;
  // the uids of such directories.
  std::vector<std::uint32_t> unseen_uids;
  // Owners of directories with more entries than are read: of their jobs those
  // in `seen` and all declared ones were looked for, the others were not.
  std::vector<std::uint32_t> flooded_uids;
};

class JobSource {
 public:
  virtual ~JobSource() = default;
  // Reads every heartbeat directory once. Hostile-proof (DESIGN 4).
  virtual HeartbeatScan scan() = 0;
};

struct NewRuns {
  std::vector<std::pair<core::JobKey, record::RunRecord>> records;  // in order
  std::vector<Cursor> cursors;      // to store once the records are
  std::uint64_t skipped_lines = 0;  // not whole JSON
  std::string skipped_in;           // the last file with such a line
  std::vector<Finding> findings;
};

class RunSource {
 public:
  virtual ~RunSource() = default;
  // What was appended to the run logs since the cursors; all files (at most 14
  // days) where there is none. A torn last line is left for the next time.
  virtual NewRuns read_since(const std::vector<Cursor>& cursors) = 0;
  // What became of an open run.
  virtual core::Life life_of(const record::RunStart& start) = 0;
};

// Names of users; numbers on disk. Never an error: an unknown uid prints as
// itself.
class Users {
 public:
  virtual ~Users() = default;
  virtual std::string name_of(std::uint32_t uid) = 0;
  virtual std::optional<std::uint32_t> uid_of(const std::string& name) = 0;
  virtual std::optional<std::string> home_of(std::uint32_t uid) = 0;
};

// Carries out a corrective action (DESIGN 6): never our child.
struct ActionResult {
  bool ok = false;
  std::string text;  // "systemctl restart db-backup.service, exit 0"
};

}  // namespace bezalel::app
