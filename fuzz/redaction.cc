#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/redact.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bezalel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (record::redact(text).size() > 2 * size + 3) std::abort();
  // Nothing that comes before hides a secret from us.
  const std::string with = std::string(text) + "\nAPI_TOKEN=s3cr3tvalue\n";
  if (record::redact(with).find("s3cr3tvalue") != std::string::npos &&
      text.find("s3cr3tvalue") == std::string_view::npos) {
    std::abort();
  }
  return 0;
}
