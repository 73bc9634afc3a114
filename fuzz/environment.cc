// A file as /etc/environment: whatever it holds, what is taken can be put into
// an environment.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/simulate.h"

using namespace bezalel::app;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& [name, value] : read_environment_file(text)) {
    if (name.empty() || name.find('=') != std::string::npos) std::abort();
    if ((name + value).find('\0') != std::string::npos) std::abort();
    if ((name + value).find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
