// Any text as a crontab that is linted: never a crash or a hang, a bounded
// number of remarks, each at a place that is there and of one line.
#include "crontab/lint.h"

#include <cstdint>
#include <cstdlib>

#include "crontab/shell_text.h"

using namespace bezalel::crontab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_shell(text);
  Where where;
  where.program = [](const std::string&) {
    return ProgramFacts{ProgramState::missing, ""};
  };
  where.sends_mail = false;
  for (const Daemon daemon : {Daemon::debian, Daemon::cronie, Daemon::busybox,
                              Daemon::systemd_cron}) {
    for (const Kind kind : {Kind::user, Kind::system}) {
      const Crontab tab = parse(text, kind, daemon);
      for (const Remark& r : lint(tab, where)) {
        if (r.rule.empty() || r.message.empty()) std::abort();
        if (r.line < 0 || r.column < 0) std::abort();
        if (r.line > 0 && !tab.lines.empty() &&
            static_cast<std::size_t>(r.line) > tab.lines.size()) {
          std::abort();
        }
        for (const std::string* s : {&r.message, &r.effect, &r.fix}) {
          if (s->find('\n') != std::string::npos) std::abort();
        }
      }
    }
  }
  return 0;
}
