// Any text as a crontab: every byte is in exactly one line, a bad line has a
// place and one line of words, a refused file has no jobs, and what is wrapped
// comes back byte for byte.
#include "crontab/crontab.h"

#include <cstdint>
#include <cstdlib>

#include "crontab/wrap.h"

using namespace bezalel::crontab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const Daemon daemon : {Daemon::debian, Daemon::cronie, Daemon::busybox,
                              Daemon::systemd_cron}) {
    for (const Kind kind : {Kind::user, Kind::system}) {
      const Crontab tab = parse(text, kind, daemon);
      std::size_t at = 0;
      for (const Line& line : tab.lines) {
        if (line.begin != at || line.end <= at) std::abort();
        at = line.end;
        if ((line.type == LineType::bad) != line.problem.has_value()) {
          std::abort();
        }
        if (line.problem &&
            (line.problem->message.empty() ||
             line.problem->message.find('\n') != std::string::npos)) {
          std::abort();
        }
        if (line.type == LineType::job && !line.expr) std::abort();
      }
      if (!tab.refused && at != text.size()) std::abort();
      if (tab.refused && !entries_of(tab).empty()) std::abort();
      const auto wrapped =
          wrap(tab, {"/usr/bin/bezalel", "2026-11-24", "bezalel release --all",
                     [](std::string_view) { return std::string("name"); }});
      if (wrapped && !is_wrapped(tab) &&
          release(parse(*wrapped, kind, daemon)) != text) {
        std::abort();
      }
    }
  }
  return 0;
}
