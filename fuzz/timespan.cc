// A time span: never negative, and what it is written as reads the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/duration.h"

using namespace bezalel;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t column = 0;
  const auto span = parse_time_span(text, &column);
  if (!span) {
    if (span.error().what.empty() || column > size) std::abort();
    return 0;
  }
  if (*span < Duration::zero()) std::abort();
  const auto again = parse_time_span(format_time_span(*span));
  if (!again || *again != *span) std::abort();
  if (format_age(*span).empty()) std::abort();
  return 0;
}
