// Work that may hang (a dead network home) done by somebody who may be left.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace bezalel::heartbeat {

// What f gives, computed in a child process: at most 64 MiB, within `timeout`
// (Kind::unavailable beyond; the child is killed and not waited for, since one
// that hangs in the kernel does not die). f must not need other threads.
Result<std::string> in_child(const std::function<std::string()>& f,
                             Duration timeout);

// Strings and numbers in a row, for such a result.
void put(std::string& out, std::string_view text);
void put(std::string& out, std::uint64_t number);
// Take them off the front again; false when there is no whole one.
bool take(std::string_view& in, std::string_view& text);
bool take(std::string_view& in, std::uint64_t& number);

}  // namespace bezalel::heartbeat
