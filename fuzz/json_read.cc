// JSON: whatever is accepted can be walked, and its strings written again.
#include "base/json_read.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/escape.h"
#include "base/json_write.h"

using namespace bezalel;

namespace {

void walk(const JsonValue& value) {
  (void)value.as_int();
  (void)value.as_double();
  (void)value.as_unix();
  if (const auto text = value.as_string()) {
    if (!is_utf8(*text)) std::abort();
    std::string out;
    append_json_string(out, *text);
    const auto again = JsonValue::parse(out);
    if (!again || again->as_string() != text) std::abort();
  }
  value.for_each_member(
      [](std::string_view, const JsonValue& member) { walk(member); });
  for (std::size_t i = 0; i < 8; ++i) {
    const auto item = value.element(i);
    if (!item) break;
    walk(*item);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto value = JsonValue::parse(text)) walk(*value);
  return 0;
}
