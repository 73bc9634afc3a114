// Work that may hang (a dead network home) done by somebody who may be left.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace bezalel::sys {

using Milliseconds = std::chrono::milliseconds;

// How long each of many is waited for. Those that do not answer (homes of one
// dead server) share six times `each`: the more of it is used up, the less is
// waited for the next, down to 50 ms.
class Patience {
 public:
  explicit Patience(Duration each)
      : each_(std::chrono::duration_cast<Milliseconds>(each)),
        left_(6 * each_) {}

  Milliseconds for_next() const {
    constexpr Milliseconds kLeast(50);
    return std::max(kLeast, std::min(each_, left_ / 4));
  }
  // It was waited for in vain.
  void use_up() { left_ -= std::min(left_, for_next()); }

 private:
  Milliseconds each_, left_;
};

// What f gives for 0..count-1, told to got(index, answer) in that order and
// computed in a child process: one for all of them, and another for those
// behind an index that hangs or fails. An answer has at most 64 MiB and comes
// within the Patience, or that of `timeout` (Kind::unavailable beyond; the
// child is killed and not waited for, since one that hangs in the kernel does
// not die). Kind::io: the child died. f must not need other threads.
void each_in_child(
    std::size_t count, const std::function<std::string(std::size_t)>& f,
    Patience& patience,
    const std::function<void(std::size_t, const Result<std::string>&)>& got);
void each_in_child(
    std::size_t count, const std::function<std::string(std::size_t)>& f,
    Duration timeout,
    const std::function<void(std::size_t, const Result<std::string>&)>& got);

// Strings and numbers in a row, for such a result.
void put(std::string& out, std::string_view text);
void put(std::string& out, std::uint64_t number);
// Take them off the front again; false when there is no whole one.
bool take(std::string_view& in, std::string_view& text);
bool take(std::string_view& in, std::uint64_t& number);

}  // namespace bezalel::sys
