// Any text as a schedule that is explained: in every dialect one line of ASCII
// words, oddities at a place that is there, and a rewrite that the daemon
// takes.
#include "app/explain.h"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace bezalel;
using app::Explanation;
using app::TypedSchedule;

namespace {

// What is foreign in it may hold letters of any script.
bool is_line(const std::string& text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return false;
  }
  return true;
}

bool is_ascii(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > 0x7e) return false;
  }
  return is_line(text);
}

void judge(const Explanation& e, const std::string& text) {
  if (e.words.empty() || !is_ascii(e.words)) std::abort();
  for (const schedule::Oddity& odd : e.oddities) {
    if (odd.rule.empty() || odd.message.empty()) std::abort();
    if (!is_line(odd.message) || !is_line(odd.why)) std::abort();
    if (odd.begin > odd.end || odd.end > text.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const schedule::Zone zone = schedule::Zone::utc();
  const Timestamp from{std::chrono::seconds(1795741200)};
  using schedule::Dialect;
  for (const Dialect dialect :
       {Dialect::debian, Dialect::cronie, Dialect::busybox,
        Dialect::systemd_cron, Dialect::quartz}) {
    const TypedSchedule typed{text, TypedSchedule::Form::by_shape, dialect};
    const auto read = app::read_schedule(typed, zone);
    if (!read) {
      if (!is_line(read.error().what)) std::abort();
      continue;
    }
    const Explanation e = app::explain(typed, *read, from, 1, "UTC");
    judge(e, text);
    for (const schedule::Oddity& odd : e.oddities) {
      if (odd.rewrite.empty()) continue;
      TypedSchedule better = typed;
      better.text = odd.rewrite;
      if (!app::read_schedule(better, zone)) std::abort();
    }
  }
  if (const auto e = app::explain_anacron(text, "UTC")) judge(*e, e->text);
  return 0;
}
