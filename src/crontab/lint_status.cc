// Commands whose status is not that of the work, and work that may be left out
// without a word.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "crontab/deciding_guard.h"
#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

std::string_view program_of(const SimpleCommand& command) {
  if (command.words.empty()) return {};
  const std::string_view text = command.words.front().text;
  return text.substr(text.rfind('/') + 1);
}

template <std::size_t N>
bool is_one_of(std::string_view word,
               const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Nobody asks whether they went well.
bool only_talks(const SimpleCommand& command) {
  static constexpr std::array<std::string_view, 8> kTalk = {
      "echo", "printf", "true", ":", "date", "logger", "yes", "sleep"};
  return is_one_of(program_of(command), kTalk);
}

bool ends_well(const SimpleCommand& command) {
  const std::string_view program = program_of(command);
  if (program == "true" || program == ":") return true;
  return program == "exit" && command.words.size() == 2 &&
         command.words[1].text == "0";
}

// Its own files alone: what is not there is judged by guard-missing.
bool looks_for_file(const SimpleCommand& test) {
  static constexpr std::array<std::string_view, 6> kOfFiles = {
      "-x", "-e", "-f", "-d", "-s", "-r"};
  return test.words.size() >= 3 && is_one_of(test.words[1].text, kOfFiles);
}

class Judge {
 public:
  Judge(const Linted& in, const Line& line) : in_(in), line_(line) {}

  void run(const ShellText& shell) {
    if (shell.unclosed || shell.unsure) return;
    for (const SimpleCommand& c : shell.commands) {
      if (!c.nested) commands_.push_back(&c);
    }
    if (commands_.empty() || stops_at_errors()) return;
    // One word a line is enough.
    (void)(background(shell) || excused() || followed() || piped());
    if (!fails_by_test(shell)) guarded();
  }

 private:
  // `set -e`, `set -o pipefail`: whoever writes that thought of it.
  bool stops_at_errors() const {
    return std::any_of(commands_.begin(), commands_.end(),
                       [](auto* c) { return program_of(*c) == "set"; });
  }

  bool tell(const char* rule, const SimpleCommand& at, std::string message,
            std::string effect, std::string fix) {
    if (at.words.empty()) return false;
    const ShellWord& word = at.words.front();
    return tell(rule, word.begin, word.end, std::move(message),
                std::move(effect), std::move(fix));
  }

  bool tell(const char* rule, std::size_t begin, std::size_t end,
            std::string message, std::string effect, std::string fix) {
    Remark r;
    r.rule = rule;
    r.weight = Weight::info;
    r.line = line_.number;
    r.column = line_.command_column + static_cast<int>(begin);
    r.width = end - begin;
    r.message = std::move(message);
    r.effect = std::move(effect);
    r.fix = std::move(fix);
    in_.remarks.push_back(std::move(r));
    return true;
  }

  bool background(const ShellText& shell) {
    const std::string_view text = shell_part(line_);
    const std::size_t last = text.find_last_not_of(" \t");
    if (last == std::string_view::npos || text[last] != '&') return false;
    for (const SimpleCommand& c : shell.commands) {
      for (const ShellWord& w : c.words) {
        if (w.end > last) return false;
      }
      for (const Redirection& r : c.redirections) {
        if (r.target.end > last) return false;
      }
    }
    return tell("status-masked", last, last + 1,
                "the work goes on in the background",
                "The line ends well at once, and how the work ends is not "
                "known.",
                "leave the & out: cron waits for no job");
  }

  // `work || true`; what `flock -n` begins is a guard.
  bool excused() {
    for (std::size_t i = 1; i < commands_.size(); ++i) {
      const SimpleCommand& c = *commands_[i];
      if (c.joint != Joint::if_not || !ends_well(c)) continue;
      const SimpleCommand& work = *commands_[i - 1];
      if (is_test(work) || is_lock(work)) continue;
      return tell("status-masked", c,
                  "every failure of " + quoted(work) + " counts as a success",
                  "The job ends well, whatever happens.",
                  "leave it out, or let it stand for what may fail alone");
    }
    return false;
  }

  // `work; echo done`.
  bool followed() {
    const SimpleCommand& last = *commands_.back();
    if (commands_.size() < 2 || last.joint != Joint::then ||
        !last.keyword.empty() || !(only_talks(last) || ends_well(last))) {
      return false;
    }
    for (const SimpleCommand* c : commands_) {
      // Of a loop, a branch or a definition.
      if (!c->keyword.empty() || c->words.empty()) return false;
    }
    const SimpleCommand& work = *commands_[commands_.size() - 2];
    if (only_talks(work) || program_of(work) == "cd") return false;
    return tell("status-masked", last,
                "the job's status is that of " + quoted(last),
                "The job ends well, whatever " + quoted(work) + " does.",
                "&& in place of the ; before it");
  }

  // `work | gzip`.
  bool piped() {
    for (std::size_t i = commands_.size(); i-- > 1;) {
      const SimpleCommand& sink = *commands_[i];
      const SimpleCommand& source = *commands_[i - 1];
      if (sink.joint != Joint::pipe || source.words.empty()) continue;
      if (only_talks(source) || program_of(source) == "cat") continue;
      return tell(
          "status-masked", sink, "the job's status is that of " + quoted(sink),
          "Whether " + quoted(source) + " before the | fails, nobody learns.",
          "set -o pipefail; before it, where the shell is bash");
    }
    return false;
  }

  // Recorded as a failure, where it was meant to be none.
  bool fails_by_test(const ShellText& shell) {
    const Line* set = setting_line(in_.tab, line_, "SHELL");
    if (set == nullptr || !set->value.ends_with("/bezalel-sh")) return false;
    const std::string_view text = shell_part(line_);
    const auto at = deciding_test(shell, text);
    if (!at) return false;
    Remark r;
    r.rule = "guarded";
    r.weight = Weight::warning;
    r.line = line_.number;
    r.column = line_.command_column + static_cast<int>(*at);
    r.width = 2;
    r.message = "where the test says no, the line ends with 1";
    r.effect = "bezalel-sh records a failed run then.";
    const bool spaced = *at > 0 && text[*at - 1] == ' ';
    r.fix = with(in_.tab, line_, r.column, r.width,
                 spaced ? "|| exit 0;" : " || exit 0;");
    in_.remarks.push_back(std::move(r));
    return true;
  }

  void guarded() {
    for (std::size_t i = 0; i + 1 < commands_.size(); ++i) {
      const SimpleCommand& c = *commands_[i];
      const SimpleCommand& next = *commands_[i + 1];
      const bool leaves = next.joint == Joint::if_not && ends_well(next);
      const bool tests = is_test(c) && !looks_for_file(c) &&
                         (next.joint == Joint::if_well || leaves);
      if (!tests && !(is_lock(c) && leaves)) continue;
      tell("guarded", c,
           is_lock(c) ? "where the lock is held, the work is left out"
                      : "where the test says no, the work is left out",
           "Nothing says so, and a job that never does anything looks well.",
           is_lock(c) ? "bezalel run --no-overlap: it counts what is skipped"
                      : "let the other case say so, or schedule the job only "
                        "where it is to run");
      return;
    }
  }

  static bool is_test(const SimpleCommand& c) {
    const std::string_view program = program_of(c);
    return program == "[" || program == "test" || program == "[[";
  }
  static bool is_lock(const SimpleCommand& c) {
    const std::string_view program = program_of(c);
    return program == "flock" || program == "lockfile" || program == "setlock";
  }
  static std::string quoted(const SimpleCommand& c) {
    return quoted_word(program_of(c));
  }

  const Linted& in_;
  const Line& line_;
  std::vector<const SimpleCommand*> commands_;
};

}  // namespace

void lint_status(const Linted& in) {
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::job) continue;
    ShellText spare;
    Judge(in, line).run(shell_text(in, line, spare));
  }
}

}  // namespace bezalel::crontab
