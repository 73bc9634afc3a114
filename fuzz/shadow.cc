// Any text as shadow(5): no sum of its days overflows, and what is refused has
// a reason.
#include <cstdint>
#include <cstdlib>

#include "discover/accounts.h"

using namespace bezalel::discover;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string user = text.substr(0, text.find(':'));
  const auto line = find_shadow(text, user);
  if (!line) return 0;
  const std::chrono::sys_days today(std::chrono::days(20783));
  const AccountState state = judge_account(*line, today);
  if (state.refused.empty() && state.days_left && *state.days_left <= 0) {
    std::abort();
  }
  return 0;
}
