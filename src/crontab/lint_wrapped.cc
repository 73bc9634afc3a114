// Lines that wrap() has put into `bezalel run`: judged as they were before, and
// what is told of them put where that stands now.
#include <algorithm>

#include "crontab/lint_rules.h"
#include "crontab/wrap.h"
#include "crontab/wrapped_command.h"

namespace bezalel::crontab {
namespace {

std::string_view command_in(const Crontab& tab, const Line& line) {
  return text_of(tab, line).substr(
      static_cast<std::size_t>(line.command_column) - 1);
}

// The bytes in front of what stands at `at` of a command, in its quotes.
std::size_t in_quotes(std::string_view command, std::size_t at) {
  constexpr std::size_t kMore = 3;  // a quote is written '\''
  const std::string_view before = command.substr(0, at);
  const auto quotes = std::count(before.begin(), before.end(), '\'');
  const bool behind = at >= command.size();
  return at + kMore * static_cast<std::size_t>(quotes) + (behind ? 1 : 0);
}

}  // namespace

Crontab without_wrappers(const Crontab& tab,
                         std::map<int, std::string>& shells) {
  if (tab.text.find("/bezalel run ") == std::string::npos) return tab;
  Crontab plain = tab;
  plain.text.clear();
  for (Line& line : plain.lines) {
    const std::size_t begin = plain.text.size();
    const auto bare = unwrapped(tab, line);
    const auto inner =
        bare ? unwrapped_command(command_in(tab, line)) : std::nullopt;
    const Crontab one = inner && !inner->shell.empty()
                            ? parse(*bare, tab.kind, tab.daemon)
                            : Crontab();
    const bool is_job =
        one.lines.size() == 1 && one.lines[0].type == LineType::job;
    plain.text += is_job ? std::string_view(*bare) : tab.bytes_of(line);
    if (is_job) {
      const int number = line.number;
      shells[number] = inner->shell;
      line = one.lines[0];
      line.number = number;
    }
    line.begin = begin;
    line.end = plain.text.size();
  }
  return plain;
}

void put_into_wrapper(const Crontab& tab, Remark& r) {
  const Line& line = tab.lines[static_cast<std::size_t>(r.line) - 1];
  if (r.column < line.command_column) {
    // Of the schedule, or the line as a whole: it stands where it stood.
    r.fix = wrapped_again(tab, line, r.fix);
    return;
  }
  const auto inner = unwrapped_command(command_in(tab, line));
  if (!inner) return;
  const auto at = static_cast<std::size_t>(r.column - line.command_column);
  const std::size_t begin = in_quotes(inner->command, at);
  // Of what is empty the place alone.
  const std::size_t end =
      r.width == 0 ? begin : in_quotes(inner->command, at + r.width - 1) + 1;
  r.column = line.command_column + static_cast<int>(inner->begin + begin);
  r.width = end - begin;
  r.fix = wrapped_again(tab, line, r.fix);
}

}  // namespace bezalel::crontab
