// Lines that the daemon does not take, and with which the whole file goes.
#include <algorithm>
#include <array>

#include "base/escape.h"
#include "base/paste.h"
#include "crontab/lint_rules.h"
#include "crontab/meant.h"

namespace bezalel::crontab {
namespace {

constexpr std::size_t kMostTold = 100;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// What an editor shows as a blank, and nobody takes for one.
struct OddBlank {
  std::string_view bytes;
  std::string_view name;
};
constexpr std::array<OddBlank, 4> kOddBlanks = {{
    {"\xC2\xA0", "a no-break space"},
    {"\xE2\x80\xAF", "a narrow no-break space"},
    {"\xE2\x80\x8B", "a zero-width space"},
    {"\xE3\x80\x80", "an ideographic space"},
}};

struct OddPlace {
  std::size_t at = std::string_view::npos;
  OddBlank blank;
};

OddPlace first_odd_blank(std::string_view text) {
  OddPlace first;
  for (const OddBlank& blank : kOddBlanks) {
    const std::size_t at = text.find(blank.bytes);
    if (at < first.at) first = {at, blank};
  }
  return first;
}

std::string with_plain_blanks(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t width = 0;
    for (const OddBlank& blank : kOddBlanks) {
      if (text.starts_with(blank.bytes)) width = blank.bytes.size();
    }
    out += width > 0 ? ' ' : text.front();
    text.remove_prefix(width > 0 ? width : 1);
  }
  return out;
}

void put_blanks_right(const Linted& in, const Line& line, const OddPlace& odd,
                      Remark& r) {
  r.column = static_cast<int>(odd.at) + 1;
  r.width = odd.blank.bytes.size();
  r.message = std::string(odd.blank.name) + " separates no words";
  r.fix = with_plain_blanks(with(in.tab, line, 0, 0, ""));
}

std::string path_of(const Linted& in) {
  return in.where.path.empty() ? "FILE" : paste_word(in.where.path);
}

std::string lost_with_file(const Crontab& tab) {
  const std::size_t jobs = jobs_of(tab);
  std::string text = std::string(name_of(tab)) + " ignores the WHOLE file";
  if (jobs == 0) return text + ".";
  if (jobs == 1) return text + ": its job does not run.";
  return text + ": none of its " + std::to_string(jobs) + " jobs runs.";
}

std::string lost_line(const Crontab& tab) {
  return std::string(name_of(tab)) +
         (tab.kind == Kind::anacron ? " skips the line" : " drops the line") +
         " and runs the others.";
}

bool is_word_of(std::string_view text, std::string_view letters) {
  return !text.empty() &&
         text.find_first_not_of(letters) == std::string_view::npos;
}

class Refusals {
 public:
  explicit Refusals(const Linted& in)
      : in_(in), lost_with_file_(lost_with_file(in.tab)) {}

  void run() {
    const bool whole_file =
        in_.tab.daemon == Daemon::debian && in_.tab.kind != Kind::anacron;
    for (const Line& line : in_.tab.lines) {
      if (!line.problem) continue;
      if (told_++ == kMostTold) break;  // a text that is no crontab at all
      add(*line.problem, &line, whole_file);
    }
    if (in_.tab.refused && !is_of_a_line(*in_.tab.refused)) {
      add(*in_.tab.refused, line_of(*in_.tab.refused), true);
    }
  }

 private:
  // Already said with its line.
  bool is_of_a_line(const Problem& problem) const {
    const Line* line = line_of(problem);
    return line != nullptr && line->problem &&
           line->problem->rule == problem.rule;
  }

  const Line* line_of(const Problem& problem) const {
    for (const Line& line : in_.tab.lines) {
      if (line.number == problem.line) return &line;
    }
    return nullptr;
  }

  void add(const Problem& problem, const Line* line, bool whole_file) {
    Remark r;
    r.rule = whole_file ? "file-ignored" : "line-ignored";
    const bool unread = problem.rule == "too-large";
    if (unread) r.rule = problem.rule;
    r.line = problem.line;
    r.column = problem.column;
    r.message = message_of(problem, line);
    r.effect = unread       ? "Nothing in it was judged; its jobs may run."
               : whole_file ? lost_with_file_
                            : lost_line(in_.tab);
    put_right(r, problem, line);
    in_.remarks.push_back(std::move(r));
  }

  bool has_mark(const Line* line) const {
    return line != nullptr && line->number == 1 &&
           in_.tab.text.starts_with(kByteOrderMark);
  }

  // A line of nothing but what DOS puts at its end.
  bool is_dos_blank(const Line* line) const {
    return line != nullptr && is_word_of(text_of(in_.tab, *line), " \t\r") &&
           text_of(in_.tab, *line).ends_with('\r');
  }

  bool continues(const Line* line) const {
    if (line == nullptr || line->number < 2) return false;
    const auto& lines = in_.tab.lines;
    return text_of(in_.tab, lines[static_cast<std::size_t>(line->number) - 2])
        .ends_with('\\');
  }

  std::string message_of(const Problem& problem, const Line* line) const {
    if (has_mark(line)) return "the file begins with a byte order mark";
    if (is_dos_blank(line)) return "a blank line with a carriage return";
    if (problem.rule == "empty-setting") {
      const std::size_t sign = problem.message.find('=');
      return problem.message.substr(0, sign + 1) + " is empty and unquoted";
    }
    if (continues(line)) {
      return "no schedule; a crontab knows no \\ at the end of a line";
    }
    return problem.message;
  }

  void put_right(Remark& r, const Problem& problem, const Line* line) const {
    if (has_mark(line)) {
      r.column = 1;
      r.width = kByteOrderMark.size();
      r.fix = "sed -i 's/^\\xEF\\xBB\\xBF//' " + path_of(in_);
    } else if (is_dos_blank(line)) {
      r.fix = "sed -i 's/\\r$//' " + path_of(in_);
    } else if (problem.rule == "no-final-newline") {
      r.fix = "echo >>" + path_of(in_);
    } else if (problem.rule == "empty-setting") {
      std::string_view text = text_of(in_.tab, *line);
      while (text.ends_with(' ') || text.ends_with('\t') ||
             text.ends_with('\r')) {
        text.remove_suffix(1);
      }
      r.fix = std::string(text) + "\"\"";
    } else if (problem.rule == "too-long") {
      r.fix = "move the command into a script, and call that";
    } else if (problem.rule == "too-many-lines") {
      r.fix = "split the file";
    } else if (continues(line)) {
      r.fix = "write the whole command on one line, or into a script";
    } else if (line != nullptr && is_for_odd_blank(*line)) {
      put_blanks_right(in_, *line, first_odd_blank(text_of(in_.tab, *line)), r);
    } else if (line != nullptr && in_.tab.kind == Kind::anacron) {
      put_anacron_right(in_, *line, r);
    } else if (line != nullptr) {
      put_line_right(r, problem, *line);
    }
  }

  // With plain blanks in it the line is a job.
  bool is_for_odd_blank(const Line& line) const {
    const std::string_view text = text_of(in_.tab, line);
    if (first_odd_blank(text).at == std::string_view::npos) return false;
    const Crontab one =
        parse(with_plain_blanks(text) + '\n', in_.tab.kind, in_.tab.daemon);
    return !one.lines.empty() && one.lines[0].type == LineType::job;
  }

  void put_line_right(Remark& r, const Problem& problem,
                      const Line& line) const {
    const std::string_view text = text_of(in_.tab, line);
    const std::size_t first = text.find_first_not_of(" \t");
    if (first != std::string_view::npos &&
        (text.substr(first).starts_with("//") ||
         text.substr(first).starts_with(";") ||
         text.substr(first).starts_with("--"))) {
      r.message = "no schedule; a comment begins with #";
      r.column = static_cast<int>(first) + 1;
      r.width = text.substr(first).starts_with(";") ? 1 : 2;
      r.fix = with(in_.tab, line, static_cast<int>(first) + 1, r.width, "#");
      return;
    }
    if (problem.rule == "bad-command") {
      r.message =
          "six fields; expected five, then " +
          std::string(in_.tab.kind == Kind::system ? "a user" : "the command");
      r.effect += " There are no seconds and no years here.";
      r.fix = "take out the field that is none of the five";
      return;
    }
    if (problem.rule == "no-command") return no_command(line, r);
    if (line.field_columns.empty()) return;
    if (is_for_october(in_.tab, problem, line)) {
      r.message = "month " + quoted_word(month_of(line.schedule)) +
                  ": systemd-cron knows no October by its name; expected 10";
    }
    const std::string meant = meant_schedule(in_.tab, line);
    if (meant.empty() || meant == line.schedule) {
      r.fix = expected_instead(problem);
      return;
    }
    r.fix = with_schedule(in_.tab, line, meant);
    r.schedule = meant;
  }

  void no_command(const Line& line, Remark& r) const {
    if (in_.tab.kind != Kind::system) {
      r.fix = "write the command, or take the line out";
    } else if (line.user.find('/') != std::string::npos) {
      r.message = "no user; " + quoted_word(line.user) + " stands in its place";
      r.column = line.user_column;
      r.width = line.user.size();
      r.fix = with(in_.tab, line, line.user_column, 0, "root ");
    } else {
      r.fix = line.user.empty() ? "write a user and the command there"
                                : "write the command behind the user";
    }
  }

  const Linted& in_;
  const std::string lost_with_file_;
  std::size_t told_ = 0;
};

// Tables that name users are read by other daemons.
void unread_table(const Linted& in) {
  if (in.tab.daemon != Daemon::busybox || in.tab.kind != Kind::system) return;
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::job) continue;
    Remark r;
    r.rule = "unread-table";
    r.line = line.number;
    r.column = line.command_column;
    r.width = std::min(line.written.find_first_of(" \t"), line.written.size());
    r.message = "busybox crond reads no table with users";
    r.effect = "No job of this file is started.";
    r.fix = "crontab -e -u USER, without the user, for each user of its jobs";
    in.remarks.push_back(std::move(r));
    return;
  }
}

// Once a file: who wrote it did so everywhere.
void carriage_returns(const Linted& in) {
  const Line* first = nullptr;
  std::size_t jobs = 0;
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::job || !text_of(in.tab, line).ends_with('\r')) {
      continue;
    }
    if (first == nullptr) first = &line;
    ++jobs;
  }
  if (first == nullptr) return;
  Remark r;
  r.rule = "carriage-return";
  r.line = first->number;
  r.column = static_cast<int>(text_of(in.tab, *first).size());
  r.message = "the command ends in a carriage return";
  r.effect =
      "The last word of the command gets it: a script \"x\\r\" is not found, "
      "a file \"log\\r\" is written.";
  if (jobs > 1) {
    r.effect += " So it is in " + count_of(jobs, "line") + " of this file.";
  }
  r.fix = "sed -i 's/\\r$//' " + path_of(in);
  in.remarks.push_back(std::move(r));
}

// Of the command as written, the first within the name of a program.
OddPlace odd_program(const Line& line) {
  for (const SimpleCommand& c : read_shell(shell_part(line)).commands) {
    if (c.words.empty() || c.words.front().quoted) continue;
    const ShellWord& w = c.words.front();
    OddPlace odd = first_odd_blank(
        std::string_view(line.written).substr(w.begin, w.end - w.begin));
    if (odd.at == std::string_view::npos) continue;
    odd.at += w.begin;
    return odd;
  }
  return {};
}

// In a schedule, or in the name of a program: as an argument it may be meant.
void no_break_spaces(const Linted& in) {
  std::size_t told = 0;
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::job) continue;
    const std::string_view text = text_of(in.tab, line);
    OddPlace odd = first_odd_blank(text);
    if (odd.at == std::string_view::npos) continue;
    const auto command = static_cast<std::size_t>(line.command_column) - 1;
    if (line.command_column > 0 && odd.at >= command) {
      odd = odd_program(line);
      if (odd.at == std::string_view::npos) continue;
      odd.at += command;
    }
    if (told++ == kMostTold) return;
    Remark r;
    r.rule = "no-break-space";
    r.line = line.number;
    put_blanks_right(in, line, odd, r);
    r.effect = "What stands before and behind it is one word.";
    in.remarks.push_back(std::move(r));
  }
}

// What cronie's crontab(1) takes of one user; its daemon counts nothing. A
// table that lies where the daemon looks has come by another way.
void not_installed(const Linted& in) {
  constexpr std::size_t kMostSettings = 1000;
  constexpr std::size_t kMostJobs = 10'000;
  if (in.tab.daemon != Daemon::cronie || in.tab.kind != Kind::user ||
      in.where.program) {
    return;
  }
  const auto settings = static_cast<std::size_t>(std::count_if(
      in.tab.lines.begin(), in.tab.lines.end(),
      [](const Line& line) { return line.type == LineType::setting; }));
  const auto tell = [&](std::size_t n, std::size_t most, const char* what) {
    if (n <= most) return;
    Remark r;
    r.rule = "not-installed";
    r.message = count_of(n, what) + "; cronie's crontab takes at most " +
                std::to_string(most);
    r.effect =
        "crontab(1) refuses the file, and what is installed stays as it was.";
    in.remarks.push_back(std::move(r));
  };
  tell(settings, kMostSettings, "setting");
  tell(jobs_of(in.tab), kMostJobs, "job");
}

}  // namespace

void lint_lines(const Linted& in) {
  Refusals(in).run();
  not_installed(in);
  carriage_returns(in);
  no_break_spaces(in);
  unread_table(in);
}

}  // namespace bezalel::crontab
