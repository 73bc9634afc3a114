// A cron expression: what is accepted has a next that is later and that a
// search backwards meets again; what is refused says why.
#include "schedule/cron.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace bezalel;
using namespace bezalel::schedule;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const Zone zone = *Zone::load("Europe/Riga");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Dialect dialect :
       {Dialect::debian, Dialect::cronie, Dialect::busybox, Dialect::quartz}) {
    std::size_t column = 0;
    const auto expr = CronExpr::parse(text, dialect, &column);
    if (!expr) {
      if (expr.error().what.empty() || column > size) std::abort();
      continue;
    }
    const Timestamp t = from_unix_seconds(1'774'746'000);
    const auto after = next(*expr, zone, t);
    const auto before = previous(*expr, zone, t);
    if (after && *after <= t) std::abort();
    if (before && *before >= t) std::abort();
    if (expr->never_runs() && (after || before)) std::abort();
    if (after && previous(*expr, zone, *after + Duration(1)) != after) {
      std::abort();
    }
  }
  return 0;
}
