#include "crontab/lint.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/escape.h"
#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

constexpr std::size_t kShownWord = 24;
// Of a table, so that what is kept of its commands stays small beside it.
constexpr std::size_t kMostKept = 1 << 20;

bool is_stranger(const Remark& r) {
  return r.rule == "cron-line" || r.rule == "no-break-space";
}

// That "root" is no program is said once, as what it is: a user. Of a line that
// is none of its table's, or whose words are none, nothing else.
void leave_out_what_follows(std::vector<Remark>& remarks) {
  std::set<std::pair<int, int>> users;
  std::set<int> strangers;
  for (const Remark& r : remarks) {
    if (r.rule == "extra-user") users.emplace(r.line, r.column);
    if (is_stranger(r)) strangers.insert(r.line);
  }
  std::erase_if(remarks, [&](const Remark& r) {
    return (r.rule == "command-missing" &&
            users.count(std::pair(r.line, r.column)) != 0) ||
           (!is_stranger(r) && strangers.count(r.line) != 0);
  });
}

// What is to be put in a line's place, and cannot be shown as it is.
void replace_what_cannot_be_pasted(std::vector<Remark>& remarks) {
  for (Remark& r : remarks) {
    std::string shown = r.fix;
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    if (as_written(r.fix) == shown) continue;
    r.fix = "change it in an editor: it has characters that cannot be pasted";
    r.schedule.clear();
  }
}

}  // namespace

std::string_view text_of(const Crontab& tab, const Line& line) {
  std::string_view text = tab.bytes_of(line);
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

std::string with(const Crontab& tab, const Line& line, int column,
                 std::size_t width, std::string_view replacement) {
  const std::string_view text = text_of(tab, line);
  const std::size_t at =
      std::min(text.size(), static_cast<std::size_t>(std::max(column, 1)) - 1);
  std::string out = std::string(text.substr(0, at)) + std::string(replacement) +
                    std::string(text.substr(std::min(text.size(), at + width)));
  // DOS put it there, and it is never meant.
  if (out.ends_with('\r')) out.pop_back();
  return out;
}

std::size_t schedule_width(const Crontab& tab, const Line& line) {
  const std::string_view text = text_of(tab, line);
  auto at = static_cast<std::size_t>(line.field_columns.back()) - 1;
  while (at < text.size() && text[at] != ' ' && text[at] != '\t') ++at;
  return at + 1 - static_cast<std::size_t>(line.field_columns.front());
}

std::string with_schedule(const Crontab& tab, const Line& line,
                          const std::string& schedule) {
  return with(tab, line, line.field_columns.front(), schedule_width(tab, line),
              schedule);
}

std::string quoted_word(std::string_view text) {
  return "\"" + escape_line(text, kShownWord) + "\"";
}

std::string count_of(std::size_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

std::size_t jobs_of(const Crontab& tab) {
  return static_cast<std::size_t>(
      std::count_if(tab.lines.begin(), tab.lines.end(),
                    [](const Line& l) { return l.type == LineType::job; }));
}

std::string_view name_of(Daemon daemon) {
  switch (daemon) {
    case Daemon::debian:
      return "Debian cron";
    case Daemon::cronie:
      return "cronie";
    case Daemon::busybox:
      return "busybox crond";
    case Daemon::systemd_cron:
      return "systemd-cron";
  }
  return {};
}

std::string_view name_of(const Crontab& tab) {
  return tab.kind == Kind::anacron ? "anacron" : name_of(tab.daemon);
}

std::string reason_of(const Problem& problem, Daemon daemon) {
  if (daemon != Daemon::debian) return problem.message;
  static const std::map<std::string, std::string, std::less<>> kWords = {
      {"bad-minute", "bad minute"},
      {"bad-hour", "bad hour"},
      {"bad-day-of-month", "bad day-of-month"},
      {"bad-month", "bad month"},
      {"bad-day-of-week", "bad day-of-week"},
      {"bad-command", "bad command"},
      {"bad-nickname", "bad time specifier"},
      {"bad-user", "bad username"},
      {"empty-setting", "bad minute"},
      {"no-command", "bad command"},
      {"too-long", "command too long"},
      {"no-final-newline", "missing newline before EOF"},
  };
  const auto words = kWords.find(problem.rule);
  return words == kWords.end() ? problem.message : words->second;
}

const ShellText& shell_text(const Linted& in, const Line& line,
                            ShellText& spare) {
  const auto kept = in.shells.find(line.number);
  if (kept != in.shells.end()) return kept->second;
  spare = read_shell(shell_part(line));
  return spare;
}

std::vector<Remark> lint(const Crontab& tab, const Where& where) {
  std::vector<Remark> remarks;
  std::map<int, std::string> shells;
  const Crontab plain = without_wrappers(tab, shells);
  Linted in{plain, where, remarks, std::move(shells)};
  if (plain.text.size() <= kMostKept) {
    for (const Line& line : plain.lines) {
      if (line.type != LineType::job) continue;
      in.shells.emplace(line.number, read_shell(shell_part(line)));
    }
  }
  lint_lines(in);
  lint_schedules(in);
  lint_anacron(in);
  lint_clock(in);
  lint_commands(in);
  lint_status(in);
  lint_settings(in);
  lint_users(in);
  lint_programs(in);
  lint_comments(in);
  lint_calls(in);
  leave_out_what_follows(remarks);
  // As they stand in `tab`.
  std::vector<Remark> more = where.more;
  for (const auto& [number, shell] : in.wrapped) {
    lint_program({tab, where, more},
                 tab.lines[static_cast<std::size_t>(number) - 1]);
  }
  leave_out_allowed(in, more);
  for (Remark& r : remarks) {
    if (in.wrapped.contains(r.line)) put_into_wrapper(tab, r);
  }
  std::move(more.begin(), more.end(), std::back_inserter(remarks));
  replace_what_cannot_be_pasted(remarks);
  std::stable_sort(
      remarks.begin(), remarks.end(), [](const Remark& a, const Remark& b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
      });
  return remarks;
}

}  // namespace bezalel::crontab
