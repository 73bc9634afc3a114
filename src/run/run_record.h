// What one run leaves on disk, and how long a disk may keep it waiting.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "record/run_log.h"
#include "run/beside.h"
#include "run/host.h"
#include "run/recorder.h"
#include "run/request.h"

namespace bezalel::run {

// A disk that gives no answer in time (beside.h) costs the record, said once,
// and never the job. Borrows host and request.
class RunRecord {
 public:
  // Fills in `start`, but for its process.
  RunRecord(const Host& host, const Request& request, Recording recording,
            std::string parent);

  record::RunStart start;
  record::RunEnd end;

  Recording recording() const { return recording_; }
  bool is_kept() const { return recording_ == Recording::yes && stuck_ < 0; }
  bool disk_is_stuck() const { return stuck_ >= 0; }
  // The child of ours that the disk does not let go; -1: none.
  pid_t stuck() const { return stuck_; }
  const std::vector<Place>& places() const { return places_; }

  // Whatever may wait for a disk: at most so long.
  void do_on_disk(const std::function<void()>& work,
                  Descriptors descriptors = Descriptors::copied);
  void give_up_disk(pid_t stuck);

  // `start` is of the process that calls this: the one that becomes the job.
  void name_process();
  // Writes `start`; may wait for the disk.
  void begin() { recorder_.begin(start); }
  // Recorder::settle().
  pid_t settle() { return recorder_.settle(); }
  // Writes `end`, whose outcome is known by now; `usage` of the job that ran.
  void finish(const struct rusage* usage);

 private:
  void say_trouble();

  const Host& host_;
  Recording recording_;
  std::vector<Place> places_;
  Recorder recorder_;
  pid_t stuck_ = -1;
};

}  // namespace bezalel::run
