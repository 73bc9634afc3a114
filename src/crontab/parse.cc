// Text to lines, as each daemon reads it. What Debian's cron does is taken from
// its manual and from running it on odd files (tests/data/schedules,
// debian_crontab_lines.tsv).
#include <array>

#include "base/escape.h"
#include "crontab/anacrontab.h"
#include "crontab/crontab.h"

namespace bezalel::crontab {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr int kMostLines = 10'000;         // Debian
constexpr std::size_t kMostCommand = 998;  // Debian
constexpr std::size_t kShown = 60;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
// What isspace() takes, newline apart.
bool is_space(char c) {
  return is_blank(c) || c == '\r' || c == '\v' || c == '\f';
}

std::string in_quotes(std::string_view text) {
  return "\"" + escape_line(text, kShown) + "\"";
}

// NAME=value as the daemon's own little machine reads it: either side may be
// in quotes, blanks may stand around the sign.
class Setting {
 public:
  Setting(std::string_view text, Daemon daemon) : in_(text), daemon_(daemon) {}

  bool read(std::string& name, std::string& value) {
    skip();
    if (!side(name, Side::name)) return false;
    skip();
    if (at_ == in_.size() || in_[at_] != '=') return false;
    ++at_;
    skip();
    if (at_ == in_.size()) {
      // Debian takes `NAME=` for a job with a bad minute.
      return daemon_ != Daemon::debian;
    }
    return side(value, Side::value);
  }

 private:
  enum class Side { name, value };

  void skip() {
    while (at_ < in_.size() && is_space(in_[at_])) ++at_;
  }

  bool side(std::string& out, Side which) {
    if (at_ == in_.size()) return false;
    const char quote = in_[at_];
    if (quote == '"' || quote == '\'') return in_quotes(out, which, quote);
    if (which == Side::value) {
      out = in_.substr(at_);
      while (!out.empty() && is_space(out.back())) out.pop_back();
      return true;
    }
    while (at_ < in_.size() && in_[at_] != '=' && !is_space(in_[at_])) {
      out += in_[at_++];
    }
    return !out.empty();
  }

  bool in_quotes(std::string& out, Side which, char quote) {
    const std::size_t end = in_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return false;
    out = in_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    if (which == Side::name) return true;
    // Seen of the real one: blanks at the end go, quotes or not.
    while (daemon_ == Daemon::debian && !out.empty() && is_space(out.back())) {
      out.pop_back();
    }
    skip();
    return at_ == in_.size();  // nothing may follow the value
  }

  std::string_view in_;
  Daemon daemon_;
  std::size_t at_ = 0;
};

// Cuts at the first `%` that has no backslash; the rest is input, where each
// further one is a newline.
void split_percent(std::string_view written, Line& line) {
  bool escaped = false;
  std::string* out = &line.command;
  for (const char c : written) {
    if (escaped && c == '%') {
      out->back() = c;
      escaped = false;
      continue;
    }
    if (c == '%') {
      if (!line.input) {
        line.input.emplace();
        out = &*line.input;
      } else {
        *out += '\n';
      }
      escaped = false;
      continue;
    }
    escaped = !escaped && c == '\\';
    *out += c;
  }
  if (line.input && !line.input->empty() && line.input->back() != '\n') {
    *line.input += '\n';
  }
}

class Parser {
 public:
  Parser(std::string text, Kind kind, Daemon daemon, const Host& host)
      : host_(host) {
    tab_.text = std::move(text);
    tab_.kind = kind;
    tab_.daemon = daemon;
  }

  Crontab run() {
    if (tab_.text.size() > kMostBytes) {
      refuse({1, 0, "too-large", "more than 1 MiB; expected a crontab"});
      return std::move(tab_);
    }
    std::size_t begin = 0;
    while (begin < tab_.text.size()) {
      const std::size_t newline = tab_.text.find('\n', begin);
      const bool whole = newline != std::string::npos;
      Line line;
      line.number = static_cast<int>(tab_.lines.size()) + 1;
      line.begin = begin;
      line.end = whole ? newline + 1 : tab_.text.size();
      read(line, std::string_view(tab_.text).substr(
                     begin, line.end - begin - (whole ? 1 : 0)));
      if (!whole) end_without_newline(line);
      begin = line.end;
      tab_.lines.push_back(std::move(line));
    }
    judge();
    return std::move(tab_);
  }

 private:
  bool drops_lines() const { return tab_.daemon != Daemon::debian; }

  void refuse(Problem problem) {
    if (!tab_.refused) tab_.refused = std::move(problem);
  }

  void bad(Line& line, std::size_t column, std::string rule,
           std::string message) {
    line.type = LineType::bad;
    line.problem = Problem{line.number, static_cast<int>(column),
                           std::move(rule), std::move(message)};
  }

  void read(Line& line, std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size()) return;
    if (text[at] == '#') {
      line.type = LineType::comment;
      return;
    }
    if (text.find('\0') != std::string_view::npos) {
      bad(line, text.find('\0') + 1, "control-character",
          "a NUL byte; expected text");
      return;
    }
    if (Setting(text, tab_.daemon).read(line.name, line.value)) {
      line.type = LineType::setting;
      return;
    }
    line.name.clear();
    line.value.clear();
    job(line, text, at);
  }

  // The word at `at`; moves behind it and the blanks that follow.
  static std::string_view word(std::string_view text, std::size_t& at) {
    const std::size_t begin = at;
    while (at < text.size() && !is_blank(text[at])) ++at;
    const auto found = text.substr(begin, at - begin);
    while (at < text.size() && is_blank(text[at])) ++at;
    return found;
  }

  void job(Line& line, std::string_view text, std::size_t at) {
    line.type = LineType::job;
    if (text[at] == '-' && tab_.daemon == Daemon::cronie) {
      line.quiet = true;
      ++at;
    }
    if (at == text.size()) {
      bad(line, at + 1, "bad-minute", "no schedule; expected five fields");
      return;
    }
    const std::size_t first = at;
    const bool nickname = text[at] == '@';
    for (int i = 0; i < (nickname ? 1 : 5) && at < text.size(); ++i) {
      line.field_columns.push_back(static_cast<int>(at) + 1);
      if (i > 0) line.schedule += ' ';
      line.schedule += word(text, at);
    }
    std::size_t trouble = 0;
    auto expr = schedule::CronExpr::parse(line.schedule,
                                          dialect_of(tab_.daemon), &trouble);
    if (!expr && !nickname) {
      // The daemon reads field by field: a bad one comes before a missing one.
      std::string whole = line.schedule;
      for (std::size_t i = line.field_columns.size(); i < 5; ++i) whole += " *";
      std::size_t first_trouble = 0;
      auto padded = schedule::CronExpr::parse(whole, dialect_of(tab_.daemon),
                                              &first_trouble);
      if (!padded && whole != line.schedule) {
        expr = std::move(padded);
        trouble = first_trouble;
      }
    }
    if (!expr) {
      bad_schedule(line, text, first, trouble, expr.error().what);
      return;
    }
    line.expr = *std::move(expr);
    if (!nickname && at < text.size() && text[at] == '*') {
      bad(line, at + 1, "bad-command",
          "a sixth field; expected five and then " +
              std::string(user_wanted() ? "a user" : "the command"));
      return;
    }
    if (user_wanted() && !user(line, text, at)) return;
    command(line, text, at);
  }

  bool user_wanted() const {
    return tab_.kind == Kind::system && tab_.daemon != Daemon::busybox;
  }

  // `trouble` is an offset in line.schedule, where blanks are single.
  void bad_schedule(Line& line, std::string_view text, std::size_t first,
                    std::size_t trouble, const std::string& what) {
    std::size_t field = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < trouble && i < line.schedule.size(); ++i) {
      if (line.schedule[i] != ' ') continue;
      ++field;
      begin = i + 1;
    }
    std::size_t column = first + 1;
    if (field < line.field_columns.size()) {
      column = static_cast<std::size_t>(line.field_columns[field]) +
               (trouble - std::min(trouble, begin));
    }
    column = std::min(column, text.size() + 1);
    static constexpr std::array<const char*, 5> kRules = {
        "bad-minute", "bad-hour", "bad-day-of-month", "bad-month",
        "bad-day-of-week"};
    if (text[first] == '@') {
      bad(line, first + 1, "bad-nickname", what);
    } else if (text[first] == '-' && tab_.daemon == Daemon::systemd_cron) {
      bad(line, first + 1, "bad-minute",
          "systemd-cron makes no timer of a schedule behind a -; expected "
          "none in front");
    } else if (field == 0 && empty_setting(text)) {
      bad(line, text.size() + 1, "empty-setting",
          std::string(text.substr(first, text.find('=') - first)) +
              "= is empty and unquoted; expected \"\"");
    } else {
      bad(line, column, kRules[std::min<std::size_t>(field, 4)], what);
    }
  }

  // `MAILTO=`: what it was meant to be is plain.
  static bool empty_setting(std::string_view text) {
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    if (text.empty() || text.back() != '=') return false;
    text.remove_suffix(1);
    for (const char c : text) {
      const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                         (c >= '0' && c <= '9') || c == '_' || is_blank(c);
      if (!plain) return false;
    }
    return !text.empty();
  }

  bool user(Line& line, std::string_view text, std::size_t& at) {
    line.user_column = static_cast<int>(at) + 1;
    line.user = word(text, at);
    if (line.user.empty()) {
      bad(line, text.size() + 1, "no-command",
          "no user and no command; expected both behind the schedule");
      return false;
    }
    if (host_.user_exists && !host_.user_exists(line.user)) {
      bad(line, static_cast<std::size_t>(line.user_column), "bad-user",
          in_quotes(line.user) +
              " is no user here; expected one before the "
              "command");
      return false;
    }
    return true;
  }

  void command(Line& line, std::string_view text, std::size_t at) {
    line.command_column = static_cast<int>(at) + 1;
    line.written = text.substr(at);
    const bool needed = user_wanted() || tab_.daemon != Daemon::debian;
    if (line.written.empty() && needed) {
      bad(line, at + 1, "no-command", "no command; expected one");
      return;
    }
    if (tab_.daemon == Daemon::debian && line.written.size() > kMostCommand) {
      bad(line, at + 1, "too-long",
          "a command of " + std::to_string(line.written.size()) +
              " bytes; expected at most " + std::to_string(kMostCommand));
      return;
    }
    if (cuts_at_percent(tab_.daemon)) {
      split_percent(line.written, line);
    } else {
      line.command = line.written;
    }
  }

  void end_without_newline(Line& line) {
    if (line.type == LineType::blank || line.type == LineType::comment) return;
    Problem problem{line.number, static_cast<int>(line.end - line.begin) + 1,
                    "no-final-newline",
                    "no newline at the end of the file; expected one"};
    if (tab_.daemon == Daemon::debian) {
      refuse(std::move(problem));  // read before any line is judged
    } else if (tab_.daemon == Daemon::cronie) {
      line.type = LineType::bad;
      line.problem = std::move(problem);
    }
  }

  void judge() {
    if (tab_.daemon == Daemon::debian &&
        tab_.lines.size() > static_cast<std::size_t>(kMostLines)) {
      refuse({kMostLines + 1, 0, "too-many-lines",
              "more than 10000 lines; expected fewer"});
    }
    if (drops_lines()) return;
    for (const Line& line : tab_.lines) {
      if (line.problem) {
        refuse(*line.problem);
        return;
      }
    }
  }

  const Host& host_;
  Crontab tab_;
};

}  // namespace

Crontab parse(std::string text, Kind kind, Daemon daemon, const Host& host) {
  if (kind == Kind::anacron) return anacrontab_lines(std::move(text), daemon);
  return Parser(std::move(text), kind, daemon, host).run();
}

}  // namespace bezalel::crontab
