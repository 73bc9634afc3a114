// Lines of a syslog file: what is read as a start can be asked for again, and
// no stamp lies far ahead.
#include "discover/cron_log.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace bezalel;
using namespace bezalel::discover;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const schedule::Zone zone = *schedule::Zone::load("Europe/Riga");
  const Timestamp now = from_unix_seconds(1'795'697'401);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  CronLog log;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto parsed = parse_log_line(line, now, zone);
    if (!parsed) continue;
    if (!line.starts_with('2') && parsed->at > now + std::chrono::hours(24)) {
      std::abort();
    }
    log.add(*parsed);
    static_cast<void>(log.newest_start("root", parsed->text));
  }
  if (log.newest_start() > log.newest_line()) std::abort();
  for (const auto& [user, refused] : log.refused()) {
    if (refused.at > *log.newest_line()) std::abort();
  }
  return 0;
}
