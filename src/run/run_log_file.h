// Today's run log of one directory, open for appending.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace bezalel::run {

// One line is one write(2) with O_APPEND: writers need no lock, and a line is
// whole or, after a crash or a full disk, torn once; the next writer then
// begins with a newline.
class RunLogFile {
 public:
  // Opens or creates the file of `now`'s UTC day, 0600 whatever the umask.
  // Refused (Kind::corrupt): not a regular file, a second link, another
  // owner than us.
  static Result<RunLogFile> open(const std::string& dir, Timestamp now);

  // `line` ends with a newline.
  Result<void> append(std::string_view line);

  // fdatasync.
  Result<void> sync();

  // True when this process found the file empty: a day begins.
  bool begins_day() const { return begins_day_; }
  const std::string& name() const { return name_; }

 private:
  RunLogFile(sys::Fd fd, std::string name)
      : fd_(std::move(fd)), name_(std::move(name)) {}

  sys::Fd fd_;
  std::string name_;
  bool begins_day_ = false;
};

// Unlinks what `uid` left in `dir` and nobody needs: run logs older than 14
// days, temporaries of killed writers older than an hour. Errors are passed
// over: the next day tries again.
void sweep(const std::string& dir, Timestamp now, unsigned uid);

}  // namespace bezalel::run
