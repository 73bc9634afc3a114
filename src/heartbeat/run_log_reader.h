// What was appended to the run logs since the last look.
#pragma once

#include "app/sources.h"
#include "heartbeat/places.h"
#include "record/paths.h"

namespace bezalel::heartbeat {

// Reads `runs-*.jsonl` beside the heartbeats, the newest 15 of each user, each
// from its cursor on. A cursor holds for the same inode and as long as the
// file is not shorter; else the file is read from its beginning (taking a
// record in twice changes nothing). A line without its newline is left for the
// next time. A file that does not belong to the directory's owner, a link, a
// FIFO is not read and is a finding.
using KeyedRecord = std::pair<core::JobKey, record::RunRecord>;

// A user's jobs leave their records in the home until `setup` makes a place in
// the store: what was read of both comes in order of time. Of each place the
// order of its file holds, whatever its clock did.
void add_homes(std::vector<KeyedRecord>& near, std::vector<KeyedRecord> homes);

class RunLogReader final : public app::RunSource {
 public:
  RunLogReader(record::Paths paths, Options options);

  app::NewRuns read_since(const std::vector<app::Cursor>& cursors) override;
  core::Life life_of(const record::RunStart& start) override;

 private:
  record::Paths paths_;
  Options options_;
  std::string boot_id_;
  std::uint64_t pid_ns_;
};

}  // namespace bezalel::heartbeat
