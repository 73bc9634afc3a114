// A file that a good run leaves behind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace bezalel::run {

// --expect-file 'GLOB,newer,min=SIZE': at least one regular file that the
// pattern names has all of what is asked for.
struct FileExpectation {
  std::string glob;
  bool newer = false;  // changed at or after the start of the run
  std::optional<std::uint64_t> min_size;

  // The conditions are the last comma-separated words that read as one, so
  // that a comma may be in the pattern. Kind::invalid with what was expected.
  static Result<FileExpectation> parse(std::string_view text);

  // Nothing, or why no file is good enough, in one line.
  std::optional<std::string> missed(Timestamp started) const;
};

}  // namespace bezalel::run
