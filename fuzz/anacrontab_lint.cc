// Any text as an anacrontab that is linted: each remark at a place that is
// there and of one line, and what a fix puts in the place of a line is one.
#include <cstdint>
#include <cstdlib>

#include "crontab/anacrontab.h"
#include "crontab/lint.h"

using namespace bezalel::crontab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Where where;
  where.program = [](const std::string&) {
    return ProgramFacts{ProgramState::missing, ""};
  };
  where.sends_mail = false;
  for (const Daemon daemon : {Daemon::debian, Daemon::cronie}) {
    const Crontab tab = parse(text, Kind::anacron, daemon);
    if (tab.text != text) std::abort();
    if (!tab.lines.empty() && tab.lines.back().end != text.size()) std::abort();
    for (const Remark& r : lint(tab, where)) {
      if (r.rule.empty() || r.message.empty()) std::abort();
      if (r.line < 1 || r.column < 0) std::abort();
      const auto number = static_cast<std::size_t>(r.line);
      if (number > tab.lines.size()) std::abort();
      const auto line = tab.bytes_of(tab.lines[number - 1]);
      if (static_cast<std::size_t>(r.column) > line.size()) std::abort();
      for (const std::string* s : {&r.message, &r.effect, &r.fix}) {
        if (s->find('\n') != std::string::npos) std::abort();
      }
    }
  }
  return 0;
}
