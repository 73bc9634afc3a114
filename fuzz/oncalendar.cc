// A calendar event: what is accepted has a normal form that means the same,
// and a next that is later.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "schedule/calendar.h"

using namespace bezalel;
using namespace bezalel::schedule;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const Zone zone = *Zone::load("Europe/Riga");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t column = 0;
  const auto event = Calendar::parse(text, &column);
  if (!event) {
    if (event.error().what.empty() || column > size) std::abort();
    return 0;
  }
  const auto again = Calendar::parse(event->normalized());
  if (!again || again->normalized() != event->normalized()) std::abort();
  const Timestamp t = from_unix_seconds(1'774'746'000);
  const auto after = next(*event, zone, t);
  if (after && *after <= t) std::abort();
  if (after != next(*again, zone, t)) std::abort();
  const auto before = previous(*event, zone, t);
  if (before && *before >= t) std::abort();
  return 0;
}
