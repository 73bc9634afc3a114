#include <algorithm>

#include "crontab/anacrontab.h"

namespace bezalel::crontab {
namespace {

// What of crontab.h's limits holds for every text.
constexpr std::size_t kMostBytes = 1 << 20;

// The shell gets `\%` as `%`, which alone means nothing.
std::string command_of(std::string_view written) {
  std::string out;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const bool escapes =
        written[i] == '\\' && i + 1 < written.size() && written[i + 1] == '%';
    if (!escapes) out += written[i];
  }
  return out;
}

void cut_into_lines(Crontab& tab) {
  for (std::size_t at = 0; at < tab.text.size();) {
    const std::size_t newline = tab.text.find('\n', at);
    Line line;
    line.number = static_cast<int>(tab.lines.size()) + 1;
    line.begin = at;
    line.end = newline == std::string::npos ? tab.text.size() : newline + 1;
    const std::size_t first = tab.text.find_first_not_of(" \t", at);
    if (first < line.end && tab.text[first] == '#') {
      line.type = LineType::comment;
    }
    at = line.end;
    tab.lines.push_back(std::move(line));
  }
}

void fill(Line& line, const AnacronEntry& entry, std::string_view text) {
  line.type = LineType::job;
  line.name = entry.id;
  const auto delay =
      text.substr(static_cast<std::size_t>(entry.delay_column) - 1);
  line.schedule = entry.period + " " +
                  std::string(delay.substr(0, delay.find_first_of(" \t")));
  line.field_columns = {entry.period_column, entry.delay_column};
  line.command_column = entry.command_column;
  line.written = entry.command;
  line.command = command_of(entry.command);
}

}  // namespace

Crontab anacrontab_lines(std::string text, Daemon daemon) {
  Crontab tab;
  tab.text = std::move(text);
  tab.kind = Kind::anacron;
  tab.daemon = daemon;
  if (tab.text.size() > kMostBytes) {
    tab.refused =
        Problem{0, 0, "too-large", "more than 1 MiB; expected a table"};
    return tab;
  }
  cut_into_lines(tab);
  const auto at = [&](int number) -> Line& {
    return tab.lines[static_cast<std::size_t>(number) - 1];
  };
  Anacrontab table = parse_anacrontab(tab.text, daemon);
  for (const AnacronEntry& e : table.entries) {
    fill(at(e.line), e, tab.bytes_of(at(e.line)));
  }
  for (AnacronSetting& s : table.settings) {
    Line& line = at(s.line);
    line.type = LineType::setting;
    line.name = std::move(s.name);
    line.value = std::move(s.value);
  }
  for (Problem& p : table.dropped) {
    at(p.line).type = LineType::bad;
    at(p.line).problem = std::move(p);
  }
  return tab;
}

}  // namespace bezalel::crontab
