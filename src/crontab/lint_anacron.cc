// An anacrontab: what its schedules are, and lines that anacron takes for
// something else than they seem to be.
#include <algorithm>
#include <map>

#include "base/escape.h"
#include "crontab/anacrontab.h"
#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

using schedule::Oddity;

// What a name that anacron does not know was meant to be; empty: nobody can
// tell.
std::string meant_period(std::string_view period) {
  std::string lower;
  for (const char c : period) {
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (lower == "@daily" || lower == "@midnight") return "1";
  if (lower == "@weekly") return "7";
  if (lower == "@monthly" || lower == "@yearly") return lower;
  return lower == "@annually" ? "@yearly" : "";
}

// The whole name that anacron took the first letters of.
std::string_view known_period(std::string_view period) {
  for (const std::string_view name :
       {"@monthly", "@yearly", "@annually", "@weekly", "@daily"}) {
    if (period.starts_with(name)) return name;
  }
  return period;
}

bool is_of(std::string_view word, std::string_view letters) {
  return !word.empty() &&
         word.find_first_not_of(letters) == std::string_view::npos;
}

std::string_view take_word(std::string_view& text) {
  const std::size_t begin =
      std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end =
      std::min(text.find_first_of(" \t", begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

constexpr std::string_view kExpected = "expected: period delay id command";

void cron_line(const Linted& in, const Line& line) {
  if (!is_cron_line(text_of(in.tab, line))) return;
  Remark r;
  r.rule = "cron-line";
  r.line = line.number;
  r.column = line.field_columns.front();
  r.width = static_cast<std::size_t>(line.command_column - r.column);
  r.message = "a line of a crontab; " + std::string(kExpected);
  r.effect = "anacron takes " + quoted_word(line.name) +
             " for the name of the job, and " + quoted_word(line.written) +
             " for its command.";
  r.fix = "move the line into /etc/crontab";
  in.remarks.push_back(std::move(r));
}

// Two jobs of one id share the stamp: the one with the shorter period keeps it
// young.
void shared_stamps(const Linted& in, const std::vector<AnacronEntry>& entries) {
  std::map<std::string_view, const AnacronEntry*> most_often;
  for (const AnacronEntry& e : entries) {
    const AnacronEntry*& kept = most_often[e.id];
    if (kept == nullptr || e.days < kept->days) kept = &e;
  }
  for (const AnacronEntry& e : entries) {
    const AnacronEntry& kept = *most_often[e.id];
    if (e.days <= kept.days) continue;
    Remark r;
    r.rule = "stamp-shared";
    r.line = e.line;
    r.column = e.id_column;
    r.width = e.id.size();
    r.message = quoted_word(e.id) + " names the job of line " +
                std::to_string(kept.line) + ", too";
    r.effect =
        "Both have one stamp, which that line renews before it is this one's "
        "turn: this one does not run again.";
    const Line& line = in.tab.lines[static_cast<std::size_t>(e.line) - 1];
    r.fix = with(in.tab, line, r.column, r.width,
                 e.id + "-" + std::to_string(e.line));
    in.remarks.push_back(std::move(r));
  }
}

// Quotes and blanks that a crontab takes off.
void literal_value(const Linted& in, const Line& line) {
  const std::string_view value = line.value;
  if (value.empty()) return;
  const bool blank = value.front() == ' ' || value.front() == '\t';
  const std::size_t first = value.find_first_not_of(" \t");
  const bool quoted =
      first != value.npos && (value[first] == '"' || value[first] == '\'');
  if (!quoted && !(blank && first != value.npos)) return;
  const std::string_view text = text_of(in.tab, line);
  Remark r;
  r.rule = "setting-literal";
  r.weight = quoted && line.name == "PATH" ? Weight::error : Weight::warning;
  r.line = line.number;
  r.column = static_cast<int>(text.size() - value.size()) + 1;
  r.width = quoted ? value.size() : first;
  r.message = std::string(quoted ? "quotes are" : "a blank behind the = is") +
              " part of the value of " + escape_line(line.name, 24);
  r.effect = "anacron takes what follows the = as it stands.";
  std::string bare(value.substr(first));
  if (quoted && bare.size() > 1 && bare.back() == bare.front()) {
    bare = bare.substr(1, bare.size() - 2);
  }
  r.fix = with(in.tab, line, r.column, value.size(), bare);
  if (quoted && bare.empty()) r.fix.clear();  // MAILTO="": there is no way
  in.remarks.push_back(std::move(r));
}

}  // namespace

bool is_cron_line(std::string_view text) {
  bool star = false;
  for (int i = 0; i < 5; ++i) {
    const std::string_view word = take_word(text);
    if (!is_of(word, "0123456789*/,-")) return false;
    star = star || word.find('*') != std::string_view::npos;
  }
  return star;
}

std::vector<Oddity> anacron_oddities(std::string_view schedule, Daemon daemon) {
  const Anacrontab table =
      parse_anacrontab(std::string(schedule) + " id command", daemon);
  if (table.entries.size() != 1) return {};
  const std::string& period = table.entries.front().period;
  Oddity odd;
  odd.field = 0;
  odd.end = period.size();
  const std::string rest(schedule.substr(period.size()));
  if (!table.misread.empty()) {
    odd.rule = "misread";
    odd.message = "unknown period " + quoted_word(period);
    odd.why =
        "anacron says that it skips the line, and runs it each time it is "
        "started: on most hosts once an hour.";
    const std::string meant = meant_period(period);
    if (!meant.empty()) odd.rewrite = meant + rest;
    return {odd};
  }
  if (period.front() == '@') {
    const std::string_view known = known_period(period);
    if (known == period) return {};
    odd.rule = "junk-ignored";
    odd.begin = known.size();
    odd.message = "what follows " + std::string(known) + " is dropped";
    odd.why = "anacron reads no further.";
    odd.rewrite = std::string(known) + rest;
    return {odd};
  }
  if (table.entries.front().days > 0) return {};
  odd.rule = "every-start";
  odd.message = "a period of no days";
  odd.why =
      "anacron runs it each time it is started: on most hosts once an hour.";
  return {odd};
}

void lint_anacron(const Linted& in) {
  if (in.tab.kind != Kind::anacron || in.tab.refused) return;
  for (const Line& line : in.tab.lines) {
    if (line.type == LineType::job) cron_line(in, line);
    if (line.type == LineType::setting) literal_value(in, line);
  }
  shared_stamps(in, parse_anacrontab(in.tab.text, in.tab.daemon).entries);
}

void put_anacron_right(const Linted& in, const Line& line, Remark& r) {
  if (r.message.starts_with("number")) return;
  const std::string_view text = text_of(in.tab, line);
  r.width = std::max<std::size_t>(
      text.size() - static_cast<std::size_t>(std::max(r.column, 1) - 1), 1);
  if (is_cron_line(text)) {
    r.message = "a line of a crontab; " + std::string(kExpected);
    r.fix = "move the line into /etc/crontab";
    return;
  }
  std::string_view rest = text;
  const std::string_view period = take_word(rest);
  const std::string_view delay = take_word(rest);
  const std::string_view id = take_word(rest);
  if (period == "export" && delay.find('=') != std::string_view::npos) {
    r.message = "anacron knows no export";
    r.width = period.size();
    r.fix = std::string(
        text.substr(static_cast<std::size_t>(delay.data() - text.data())));
    return;
  }
  const bool starts_well = (is_of(period, "0123456789") ||
                            (period.size() > 1 && period.front() == '@')) &&
                           is_of(delay, "0123456789");
  if (starts_well && id.find('/') != std::string_view::npos && !rest.empty()) {
    r.message = "a / in the name " + quoted_word(id);
    r.column = static_cast<int>(id.data() - text.data()) + 1;
    r.width = id.size();
    std::string name(id);
    for (char& c : name) {
      if (c == '/') c = '-';
    }
    r.fix = with(in.tab, line, r.column, r.width, name);
  }
}

}  // namespace bezalel::crontab
