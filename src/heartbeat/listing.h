// What lies in one heartbeat directory, read and not yet made sense of. Inside
// of heartbeat.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "record/heartbeat_file.h"
#include "sys/file.h"

namespace bezalel::heartbeat {

// How every heartbeat's file ends.
constexpr std::string_view kSuffix = ".last";

// One file as it lies there.
struct Raw {
  enum class State { bytes, foreign, bad, gone, no_descriptor };
  State state = State::bytes;
  std::uint32_t uid = 0;
  Timestamp mtime;
  std::string_view bytes;  // in somebody else's buffer
  std::string why;         // bad
  // Of the bytes, where somebody asked for it; they need not be there then.
  std::optional<Result<record::Heartbeat>> heartbeat;
};

// Room for a heartbeat, and one byte that tells that there is more.
using Buffer = char[record::kMaxHeartbeatBytes + 1];

// The file `name`, whose owner is to be `owner`: looked at before it is opened.
// Its bytes are in `buffer`.
Raw read_raw(const sys::Directory& dir, const char* name, std::uint32_t owner,
             Buffer& buffer);

// How the listing of a directory went.
struct Listing {
  // False: there may be more than was told.
  bool is_whole() const { return !flooded && !no_descriptor && error.empty(); }

  std::vector<std::string> run_logs;  // their names
  std::size_t bad_names = 0;
  std::string bad_name;  // the first
  bool flooded = false;
  bool no_descriptor = false;
  std::string error;  // why the directory was not read to its end
};

// Whether the files are only read, or decoded as well.
enum class Decode { no, yes };

// What every heartbeat in `dir` is, told to f(job, raw) in the directory's
// order; at most `budget` entries are looked at. Of a large directory several
// threads read (and decode) ahead: on a cold disk they wait for it together. f
// is called on the caller's thread only.
Listing list(const sys::Directory& dir, std::uint32_t owner, std::size_t budget,
             Decode decode,
             const std::function<void(std::string_view, Raw&)>& f);

}  // namespace bezalel::heartbeat
