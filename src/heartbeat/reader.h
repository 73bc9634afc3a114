// Every `.last` file of the host, read once and trusted by its owner only.
#pragma once

#include "app/sources.h"
#include "heartbeat/places.h"
#include "record/paths.h"

namespace bezalel::heartbeat {

// One look over all directories. For each file the verdict of the file alone:
// a heartbeat; `forged` when another uid than the directory's owns it;
// `corrupt` when it is a link, FIFO, directory, device, too long, unreadable or
// says nothing. Run logs, locks and temporary files are passed over; a `.last`
// whose stem is no job name is a finding; more entries than the budget are
// one too ("dir-flooded", P2), declared jobs are read all the same.
//
// Only what judging needs is kept of a heartbeat: with 100 000 files it counts.
class HeartbeatReader final : public app::JobSource {
 public:
  HeartbeatReader(record::Paths paths, Options options)
      : paths_(std::move(paths)), options_(std::move(options)) {}

  app::HeartbeatScan scan() override;

 private:
  record::Paths paths_;
  Options options_;
};

}  // namespace bezalel::heartbeat
