// The members of one JSON object, one after the other. Inside of record.
#pragma once

#include <optional>
#include <string_view>

#include "base/json_read.h"

namespace bezalel::record {

struct Member {
  std::string_view name;  // as written: a name with escapes matches none
  JsonValue value;
};

// Reads no further than it is asked to, so that a run log line of 64 KiB can be
// told by its first members; what it passes is checked as strictly as
// JsonValue::parse does.
class ObjectReader {
 public:
  explicit ObjectReader(std::string_view text) : rest_(text) {}

  // The next member; nullopt at the end or at the first thing that is wrong.
  std::optional<Member> next();

  // After next() gave nullopt: true if all of the text was one JSON object.
  bool whole() const { return state_ == State::done; }

 private:
  enum class State { begin, inside, done, broken };

  std::optional<Member> read_member();
  void skip_blanks();
  bool take(char c);

  std::string_view rest_;
  State state_ = State::begin;
};

}  // namespace bezalel::record
