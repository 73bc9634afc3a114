// What the shell gets of a line, and what it makes of it.
#include <algorithm>
#include <array>
#include <set>

#include "base/escape.h"
#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

constexpr std::size_t kShownCommand = 44;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

template <std::size_t N>
bool is_one_of(std::string_view word,
               const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string escaped_percents(std::string_view written) {
  std::string out;
  bool escaped = false;
  for (const char c : written) {
    if (c == '%' && !escaped) out += '\\';
    escaped = !escaped && c == '\\';
    out += c;
  }
  return out;
}

// The % stands where a program would have got it as part of a word.
bool within_word(const ShellText& shell, std::string_view before) {
  static constexpr std::array<std::string_view, 10> kFormats = {
      "date", "printf", "stat", "find", "curl",
      "ps",   "awk",    "seq",  "git",  "strftime"};
  const std::size_t blank = before.find_last_of(" \t'\"");
  const std::string_view word =
      blank == std::string_view::npos ? before : before.substr(blank + 1);
  if (word.starts_with("+") || contains(word, "://")) return true;
  if (shell.commands.empty() || shell.commands.back().words.empty()) {
    return false;
  }
  const auto& words = shell.commands.back().words;
  const std::string& program = words.front().text;
  const std::string_view base =
      std::string_view(program).substr(program.rfind('/') + 1);
  return is_one_of(base, kFormats);
}

// What only a command line has: what was cut off was to be run.
bool looks_like_command(std::string_view input) {
  for (const char* sign : {" && ", " || ", " | ", " > ", " >/", ">>", "2>&1",
                           ">/dev/null", "; "}) {
    if (contains(input, sign)) return true;
  }
  return false;
}

void percent(const Linted& in, const Line& line, const ShellText& shell) {
  if (!line.input) return;
  const std::string_view before = shell_part(line);
  Remark r;
  r.rule = "percent";
  r.line = line.number;
  r.column = line.command_column + static_cast<int>(before.size());
  if (shell.unclosed) {
    r.effect = "The shell gets " + quoted_tail(before) +
               " and stops with a syntax error.";
  } else if (within_word(shell, before) || looks_like_command(*line.input)) {
    r.effect = "The shell gets " + quoted_tail(before) +
               "; what follows is its standard input.";
  } else {
    return;  // cron's own way to give a command its input
  }
  r.message = "an unescaped % cuts the command";
  r.fix = with(in.tab, line, line.command_column, line.written.size(),
               escaped_percents(line.written));
  in.remarks.push_back(std::move(r));
}

// `echo "x`: the shell looks for the other one up to the end. Where a % has cut
// it off, that is told.
void quote_open(const Linted& in, const Line& line, const ShellText& shell) {
  const std::string program = shell_of(in, line);
  if (!shell.open_quote || line.input || shell.unsure ||
      !program.ends_with("sh")) {
    return;
  }
  // Within $'' bash takes \' for no end of it.
  const bool ansi =
      std::any_of(shell.marks.begin(), shell.marks.end(),
                  [](const ShellMark& m) { return m.what == "$'"; });
  if (ansi) return;
  Remark r;
  r.rule = "quote-open";
  r.line = line.number;
  r.column = line.command_column + static_cast<int>(*shell.open_quote);
  r.message = std::string("the quote ") + line.written[*shell.open_quote] +
              " is never closed";
  r.effect = program + " stops with a syntax error: nothing of the line runs.";
  r.fix = "close the quote, or write \\ before it where no quote is meant";
  in.remarks.push_back(std::move(r));
}

struct Dialect {
  std::string_view what;
  Weight weight;
  bool ash;  // busybox knows it
  std::string_view effect;
};

constexpr std::array<Dialect, 16> kDialects = {{
    {"&>", Weight::warning, true,
     "sh starts the command in the background, and empties the file: the "
     "output is not in it."},
    {"<(", Weight::error, false, "sh stops with a syntax error."},
    {">(", Weight::error, false, "sh stops with a syntax error."},
    {"<<<", Weight::error, false, "sh stops with a syntax error."},
    {"|&", Weight::error, false, "sh stops with a syntax error."},
    {"{..}", Weight::warning, false, "sh takes it as it stands: one word."},
    {"$'", Weight::warning, true,
     "sh takes the $ and what is quoted as it stands."},
    {"${..}", Weight::error, true, "sh stops: \"Bad substitution\"."},
    {"RANDOM", Weight::warning, true,
     "sh knows no such variable: it is empty, or 0."},
    {"HOSTNAME", Weight::warning, true,
     "sh knows no such variable: it is empty."},
    {"UID", Weight::warning, false, "sh knows no such variable: it is empty."},
    {"EUID", Weight::warning, false, "sh knows no such variable: it is empty."},
    {"source", Weight::error, true,
     "sh: \"source: not found\"; it is \".\" there."},
    {"[[", Weight::error, true,
     "sh: \"[[: not found\"; the test is never true."},
    {"pipefail", Weight::error, true,
     "sh stops: \"Illegal option -o pipefail\"."},
    {"==", Weight::error, true,
     "sh: \"[: unexpected operator\"; the test is never true. It is \"=\" "
     "there."},
}};

class Bashisms {
 public:
  Bashisms(const Linted& in, const Line& line) : in_(in), line_(line) {}

  void run(const ShellText& shell) {
    for (const ShellMark& mark : shell.marks) {
      if (is_set(mark.what, shell)) continue;
      tell(mark.what, mark.begin, mark.end);
    }
    for (const SimpleCommand& command : shell.commands) words(command);
  }

 private:
  void words(const SimpleCommand& command) {
    if (command.words.empty()) return;
    const ShellWord& first = command.words.front();
    if (first.quoted) return;
    if (first.text == "source" || first.text == "[[") {
      tell(first.text, first.begin, first.end);
    }
    for (const ShellWord& w : command.words) {
      const bool tests = first.text == "[" || first.text == "test";
      if (w.text == "==" && tests) tell("==", w.begin, w.end);
      if (w.text == "pipefail" && first.text == "set") {
        tell("pipefail", w.begin, w.end);
      }
    }
  }

  bool is_set(const std::string& name, const ShellText& shell) const {
    if (setting_at(in_.tab, line_, name)) return true;
    for (const SimpleCommand& command : shell.commands) {
      for (const ShellWord& w : command.assignments) {
        if (w.text.starts_with(name + "=")) return true;
      }
    }
    return false;
  }

  void tell(std::string_view what, std::size_t begin, std::size_t end) {
    for (const Dialect& d : kDialects) {
      if (d.what != what || !told_.insert(what).second) continue;
      if (d.ash && in_.tab.daemon == Daemon::busybox) return;
      Remark r;
      r.rule = "bashism";
      r.weight = d.weight;
      r.line = line_.number;
      r.column = line_.command_column + static_cast<int>(begin);
      r.width = end - begin;
      r.message =
          quoted_word(
              std::string_view(line_.written).substr(begin, end - begin)) +
          " is bash, and the line is run by sh";
      r.effect = d.effect;
      r.fix = have_bash(in_, line_);
      if (what == "&>" || what == "source" || what == "==") plain(r, what);
      in_.remarks.push_back(std::move(r));
      return;
    }
  }

  // The same for sh, where it is plain.
  void plain(Remark& r, std::string_view what) const {
    if (what == "source") {
      r.fix = with(in_.tab, line_, r.column, r.width, ".");
    } else if (what == "==") {
      r.fix = with(in_.tab, line_, r.column, r.width, "=");
    } else {
      const std::string line =
          with(in_.tab, line_, r.column, 1, "");  // the & alone
      const std::size_t at = static_cast<std::size_t>(r.column) - 1;
      std::size_t end = line.find_first_not_of("> \t", at);
      end = std::min(line.find_first_of(" \t;&|)", std::min(end, line.size())),
                     line.size());
      r.fix = line.substr(0, end) + " 2>&1" + line.substr(end);
    }
  }

  const Linted& in_;
  const Line& line_;
  std::set<std::string_view> told_;
};

// Output and errors go to /dev/null: fine while it works, wordless when not.
void output_thrown_away(const Linted& in, const Line& line,
                        const ShellText& shell) {
  for (const SimpleCommand& command : shell.commands) {
    bool out = false;
    bool errors = false;
    const Redirection* last = nullptr;
    for (const Redirection& r : command.redirections) {
      const bool null = r.target.text == "/dev/null";
      if (r.fd == -1) out = errors = null;
      if (r.fd == 1) out = null;
      if (r.fd == 2)
        errors = null || (r.op == ">&" && r.target.text == "1" && out);
      last = &r;
    }
    if (!out || !errors || last == nullptr) continue;
    Remark r;
    r.rule = "output-discarded";
    r.weight = Weight::info;
    r.line = line.number;
    r.column = line.command_column +
               static_cast<int>(command.redirections.front().target.begin);
    r.width = command.redirections.front().target.text.size();
    r.message = "output and errors are thrown away";
    r.effect = "Why it failed is then nowhere to be read.";
    r.fix = "throw away the output alone, and let errors through";
    in.remarks.push_back(std::move(r));
    return;
  }
}

// `0 3 * * *`, `0 3 * * * # backup`: a shell is started and has nothing to do.
void nothing_to_run(const Linted& in, const Line& line) {
  const std::string_view shell = shell_part(line);
  const std::size_t first = shell.find_first_not_of(" \t");
  const bool comment = first != std::string_view::npos && shell[first] == '#';
  if (first != std::string_view::npos && !comment) return;
  Remark r;
  r.rule = "command-empty";
  r.line = line.number;
  const auto end = static_cast<int>(text_of(in.tab, line).size());
  r.column = std::max(1, std::min(line.command_column, end));
  r.width = comment ? shell.size() - first : 1;
  r.message = comment ? "a comment where the command belongs"
                      : "no command behind the schedule";
  r.effect = "A shell is started and does nothing: each run looks well.";
  r.fix = "write the command, or take the line out";
  in.remarks.push_back(std::move(r));
}

}  // namespace

std::string shell_of(const Linted& in, const Line& line) {
  if (const auto own = in.wrapped.find(line.number); own != in.wrapped.end()) {
    return own->second.substr(own->second.rfind('/') + 1);
  }
  if (in.tab.kind == Kind::anacron) return "sh";  // whatever SHELL says
  std::string shell = setting_at(in.tab, line, "SHELL").value_or("/bin/sh");
  if (shell.ends_with("/bezalel-sh")) {
    shell = setting_at(in.tab, line, "BEZALEL_SHELL").value_or("/bin/sh");
  }
  return shell.substr(shell.rfind('/') + 1);
}

bool is_plain_shell(const Linted& in, const Line& line) {
  if (in.tab.daemon == Daemon::cronie) return false;  // there sh is bash
  const std::string base = shell_of(in, line);
  return base == "sh" || base == "dash" || base == "ash";
}

std::string have_bash(const Linted& in, const Line& line) {
  if (const auto own = in.wrapped.find(line.number); own != in.wrapped.end()) {
    return "/bin/bash in the line, in place of " + own->second;
  }
  if (in.tab.kind == Kind::anacron) {
    return "put the command into a script that begins with #!/bin/bash";
  }
  // There SHELL is what records the jobs.
  const bool adopted =
      setting_at(in.tab, line, "SHELL").value_or("").ends_with("/bezalel-sh");
  return adopted ? "BEZALEL_SHELL=/bin/bash on a line above"
                 : "SHELL=/bin/bash on a line above";
}

std::string_view shell_part(const Line& line) {
  const std::string_view written = line.written;
  if (!line.input) return written;
  bool escaped = false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '%' && !escaped) return written.substr(0, i);
    escaped = !escaped && written[i] == '\\';
  }
  return written;
}

std::string quoted_tail(std::string_view text) {
  if (text.size() <= kShownCommand) return "\"" + escape_line(text) + "\"";
  return "\".." + escape_line(utf8_suffix(text, kShownCommand)) + "\"";
}

void lint_commands(const Linted& in) {
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::job) continue;
    ShellText spare;
    const ShellText& shell = shell_text(in, line, spare);
    nothing_to_run(in, line);
    percent(in, line, shell);
    quote_open(in, line, shell);
    output_thrown_away(in, line, shell);
    if (is_plain_shell(in, line)) Bashisms(in, line).run(shell);
  }
}

}  // namespace bezalel::crontab
