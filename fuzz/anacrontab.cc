// Any text as an anacrontab: what is dropped has a place and one line of words,
// what is taken is whole.
#include "crontab/anacrontab.h"

#include <cstdint>
#include <cstdlib>

using namespace bezalel::crontab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const Daemon daemon : {Daemon::debian, Daemon::cronie}) {
    const Anacrontab tab = parse_anacrontab(text, daemon);
    for (const Problem& p : tab.dropped) {
      if (p.line < 1 || p.message.empty() ||
          p.message.find('\n') != std::string::npos) {
        std::abort();
      }
    }
    for (const AnacronEntry& e : tab.entries) {
      if (e.days < 0 || e.id.empty() || e.command.empty() ||
          e.id.find('/') != std::string::npos) {
        std::abort();
      }
    }
  }
  static_cast<void>(parse_anacron_stamp(text));
  return 0;
}
