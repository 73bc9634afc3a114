// One output stream of the job on its way through us.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "run/kept_output.h"
#include "run/line_matcher.h"
#include "sys/fd.h"

namespace bezalel::run {

// A pipe from the job, and the descriptor its bytes are for. At most one
// piece is held at a time, so that a slow reader slows the job as it would
// without us. A destination that is gone (EPIPE) closes the pipe: the job
// gets its SIGPIPE. One that takes no more (its disk is full) is not seen by
// the job: what is lost is told at the end.
class Stream {
 public:
  enum class Pass { on, hold };  // hold: keep only (--quiet)

  // Makes the pipe; false when there are no descriptors for it.
  bool open(int destination, Pass pass, Sightings& sightings,
            const std::string* header);

  bool is_open() const { return static_cast<bool>(read_); }
  // The job's end, until it is handed over.
  int job_end() const { return write_.get(); }
  void close_job_end() { write_.reset(); }

  // What to poll for; a negative descriptor: nothing now.
  int wants_read() const {
    return is_open() && pending_.empty() ? read_.get() : -1;
  }
  int wants_write() const { return pending_.empty() ? -1 : destination_; }

  // Moves what can be moved without waiting; false when nothing could be.
  bool advance();
  // The destination can take a piece, or has failed.
  void write_ready();

  // Everything that is in the pipe now has been passed on.
  bool idle() const { return idle_ && pending_.empty(); }
  bool at_end() const { return !is_open(); }
  // errno of the first write by which output was lost; 0: none was.
  int lost_by() const { return lost_by_; }

  // The last line, where it has no newline.
  void finish();
  // Held output, printed after all: a failed run with --quiet.
  void print_kept() const;

  const OutputKeeper& keeper() const { return keeper_; }

  // For the drain that stays behind when others hold the pipe.
  int read_end() const { return read_.get(); }
  int destination() const { return destination_; }
  Pass pass() const { return pass_; }

 private:
  void take(std::string_view bytes);

  sys::Fd read_;
  sys::Fd write_;
  int destination_ = -1;
  bool may_block_ = false;  // destination is a pipe, socket or device
  Pass pass_ = Pass::on;
  bool idle_ = false;
  int lost_by_ = 0;
  const std::string* header_ = nullptr;
  OutputKeeper keeper_;
  std::unique_ptr<LineMatcher> matcher_;
  std::array<char, 16384> buffer_;
  std::string_view pending_;
};

}  // namespace bezalel::run
