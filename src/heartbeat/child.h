// Work that may hang (a dead network home) done by somebody who may be left.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace bezalel::heartbeat {

// What f gives for 0..count-1, told to got(index, answer) in that order and
// computed in a child process: one for all of them, and another for those
// behind an index that hangs or fails. An answer has at most 64 MiB and comes
// within `timeout` (Kind::unavailable beyond; the child is killed and not
// waited for, since one that hangs in the kernel does not die). Kind::io: the
// child died. f must not need other threads.
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

}  // namespace bezalel::heartbeat
