// Any text as a job of at: what is shown of it is one line of its own.
#include "crontab/at_job.h"

#include <cstdint>
#include <cstdlib>

using namespace bezalel::crontab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string command = at_command(text);
  if (command.find('\n') != std::string::npos) std::abort();
  if (command.size() > text.size() + 4) std::abort();
  if (const auto name = parse_at_name(text)) {
    if (name->number < 0 || name->number > 0xfffff) std::abort();
  }
  return 0;
}
