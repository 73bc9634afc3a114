// Writes one run's record, in the first place that takes it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "record/heartbeat_file.h"
#include "record/paths.h"
#include "record/run_log.h"
#include "run/host.h"
#include "run/run_log_file.h"

namespace bezalel::run {

// A directory a record may go to.
struct Place {
  enum class Make { no, yes };

  std::string dir;
  Make make = Make::no;  // create it when it is not there
  mode_t mode = 0755;
  std::string root;  // has to be there: a mistyped --root is read by nobody
};

// The paths of this process: below --root, else the host's own.
record::Paths paths_of(const Host& host);

// Where a record of this user goes, best first (DESIGN 4): the heartbeat
// directory of root or of the user, then ~/.bezalel/heartbeats, which no
// --root has.
std::vector<Place> places(const Host& host);

// The `.last` of a run that ended well. The interval is there when the schedule
// says one that can be read.
record::Heartbeat success_of(const record::RunStart& start,
                             const record::RunEnd& end);

// The order of writes that makes a record worth something: `begin` before the
// job starts, `settle` while it runs (if it runs for more than a moment),
// `finish` when it is over. Nothing here fails for the caller: a record that
// cannot be written must not touch the job. `trouble` says what went wrong, for
// the one line that is due then.
class Recorder {
 public:
  Recorder(std::vector<Place> places, const Clock& clock, uid_t uid)
      : places_(std::move(places)), clock_(clock), uid_(uid) {}

  // Appends `start`. No descriptor stays open: it may run in a child that
  // shares our memory (beside.h).
  void begin(const record::RunStart& start);

  // Makes the start durable and, where a day began, sweeps the directory: in a
  // process of its own, because a disk that does not answer must hold up
  // neither output nor signals. Its pid; -1: none was made, nothing is lost
  // but the start, should the power go before the end.
  pid_t settle();
  void sweep_if_new_day() const;

  // Appends `end`; then `.last` with one fsync where there is one, else
  // fdatasync of the log.
  void finish(const record::RunEnd& end,
              const std::optional<record::Heartbeat>& heartbeat);

  // The directory in use: of the start, else the best place.
  const std::string& dir() const;

  // True once `finish` (before it: `begin`) got its line into some log.
  bool recorded() const { return recorded_; }

  // Why the best place did not take it, escaped; empty: it did.
  const std::string& trouble() const { return trouble_; }
  // True when that is a full or failing disk, not a missing directory.
  bool disk_trouble() const { return disk_trouble_; }

 private:
  std::optional<RunLogFile> append(std::string_view line);
  Result<RunLogFile> append_in(const Place& place, std::string_view line) const;
  void note(const Error& error);
  bool write_heartbeat(const record::Heartbeat& heartbeat);

  std::vector<Place> places_;
  const Clock& clock_;
  uid_t uid_;
  std::size_t at_ = 0;  // the place in use
  Timestamp begun_;     // its day names the log of the start
  bool begins_day_ = false;
  bool settling_ = false;
  bool recorded_ = false;
  bool disk_trouble_ = false;
  std::string trouble_;
};

}  // namespace bezalel::run
