#include "run/stream.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace bezalel::run {
namespace {

void print(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

bool Stream::open(int destination, Pass pass, Sightings& sightings,
                  const std::string* header) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  read_ = sys::Fd(ends[0]);
  write_ = sys::Fd(ends[1]);
  // The flag is of this end alone: the job's end stays a plain pipe.
  ::fcntl(read_.get(), F_SETFL, O_NONBLOCK);
  struct stat status = {};
  may_block_ = ::fstat(destination, &status) == 0 && !S_ISREG(status.st_mode);
  destination_ = destination;
  pass_ = pass;
  header_ = header;
  if (!sightings.empty()) matcher_ = std::make_unique<LineMatcher>(sightings);
  return true;
}

bool Stream::advance() {
  if (!is_open() || !pending_.empty()) return false;
  const ssize_t n = ::read(read_.get(), buffer_.data(), buffer_.size());
  if (n > 0) {
    idle_ = false;
    take({buffer_.data(), static_cast<std::size_t>(n)});
    return true;
  }
  if (n < 0 && errno == EINTR) return true;
  idle_ = true;
  if (n == 0 || errno != EAGAIN) read_.reset();
  return false;
}

void Stream::take(std::string_view bytes) {
  if (keeper_.bytes() == 0 && header_ != nullptr && pass_ == Pass::on) {
    print(destination_, *header_);
  }
  keeper_.add(bytes);
  if (matcher_ != nullptr) matcher_->add(bytes);
  if (pass_ == Pass::hold) return;
  pending_ = bytes;
  // A regular file never makes us wait; anything else is asked by poll first.
  if (!may_block_) write_ready();
}

void Stream::write_ready() {
  while (!pending_.empty()) {
    // poll promises room for PIPE_BUF bytes in a pipe, not for more.
    const std::size_t most =
        may_block_ ? std::min<std::size_t>(pending_.size(), PIPE_BUF)
                   : pending_.size();
    const ssize_t n = ::write(destination_, pending_.data(), most);
    if (n >= 0) {
      pending_.remove_prefix(static_cast<std::size_t>(n));
      if (may_block_) return;
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return;
    pending_ = {};
    if (errno == EPIPE || errno == ECONNRESET) {
      read_.reset();
    } else if (lost_by_ == 0) {
      lost_by_ = errno;
    }
    return;
  }
}

void Stream::finish() {
  if (matcher_ != nullptr) matcher_->finish();
}

void Stream::print_kept() const {
  if (pass_ == Pass::on || keeper_.bytes() == 0) return;
  if (header_ != nullptr) print(destination_, *header_);
  print(destination_, keeper_.raw_head());
  if (keeper_.missing() > 0) {
    print(destination_, "\n[bezalel: " + std::to_string(keeper_.missing()) +
                            " bytes were not kept]\n");
  }
  print(destination_, keeper_.raw_tail());
}

}  // namespace bezalel::run
