// Programs that a line starts and that are not there, on the host whose
// crontab it is.
#include <algorithm>
#include <array>

#include "base/escape.h"
#include "base/paste.h"
#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

// What cron hands to a job that sets none.
constexpr std::string_view kDefaultPath = "/usr/bin:/bin";
// Where programs are that a login shell finds and cron does not.
constexpr std::array<std::string_view, 6> kElsewhere = {
    "/usr/local/bin",  "/usr/sbin", "/sbin",
    "/usr/local/sbin", "/snap/bin", "/usr/games"};

// busybox crond reads no PATH of a table.
std::string path_of(const Crontab& tab, const Line& line) {
  if (tab.kind != Kind::anacron && tab.daemon == Daemon::busybox) {
    return "/sbin:/usr/sbin:/bin:/usr/bin";
  }
  return setting_at(tab, line, "PATH").value_or(std::string(kDefaultPath));
}

// Of POSIX and dash; `source`, `[[` and `function` are told as bashisms.
constexpr std::array<std::string_view, 55> kShWords = {
    "cd",     "echo",     "test",  "[",       "[[",    "true",    "false",
    ":",      "exit",     "exec",  "set",     "unset", "export",  "read",
    "umask",  "ulimit",   "wait",  "trap",    "type",  "command", "printf",
    "return", "shift",    "times", "local",   "eval",  ".",       "source",
    "kill",   "hash",     "pwd",   "getopts", "alias", "unalias", "for",
    "case",   "function", "bg",    "fg",      "jobs",  "break",   "continue",
    "chdir",  "readonly", "fc",    "if",      "then",  "else",    "elif",
    "fi",     "while",    "until", "do",      "done",  "esac"};
// What bash has beside them.
constexpr std::array<std::string_view, 24> kBashWords = {
    "bind",      "builtin", "caller", "compgen", "complete", "compopt",
    "coproc",    "declare", "dirs",   "disown",  "enable",   "help",
    "history",   "let",     "logout", "mapfile", "popd",     "pushd",
    "readarray", "select",  "shopt",  "suspend", "time",     "typeset"};
// What zsh and the Korn shells have beside those.
constexpr std::array<std::string_view, 19> kOtherWords = {
    "print",   "whence",  "autoload",   "setopt",    "unsetopt",
    "where",   "emulate", "zmodload",   "noglob",    "nocorrect",
    "float",   "integer", "functions",  "repeat",    "foreach",
    "nameref", "rehash",  "unfunction", "zparseopts"};

template <std::size_t N>
bool is_one_of(std::string_view word,
               const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// After one of these nobody can tell what the next command finds.
bool changes_all(std::string_view word) {
  return word == "." || word == "source" || word == "eval" ||
         word == "export" || word == "exec" || word == "set" ||
         word == "command" || word == "function";
}

class Programs {
 public:
  Programs(const Linted& in, const Line& line)
      : in_(in), line_(line), path_(path_of(in.tab, line)) {}

  void run() {
    ShellText spare;
    const ShellText& shell = shell_text(in_, line_, spare);
    if (shell.unsure || shell.unclosed) return;
    const auto in_word = [](const auto& c) { return c.in_word; };
    std::vector<SimpleCommand> others;
    const bool any =
        std::any_of(shell.commands.begin(), shell.commands.end(), in_word);
    if (any) {
      others = shell.commands;
      std::erase_if(others, in_word);
    }
    const auto& commands = any ? others : shell.commands;
    bool in_if = false;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const SimpleCommand& command = commands[i];
      const bool begins_if = command.keyword == "if" && !in_if;
      in_if = in_if || begins_if;
      if (command.nested || !(command.keyword.empty() || begins_if)) return;
      if (command.words.empty()) {
        if (sets_path(command)) return;
        continue;
      }
      const std::string& name = command.words.front().text;
      const Joint next = joint_behind(commands, i);
      const bool decides = next == Joint::if_well || next == Joint::if_not;
      if (is_test(name) || asks_for_program(command)) {
        if (!decides) return;
        if (!(next == Joint::if_well && is_of_something_there(command)) &&
            !guard(commands, shell, i, next)) {
          return;
        }
        continue;
      }
      if (!command.words.front().literal || changes_all(name) ||
          sets_path(command)) {
        return;
      }
      // Where it is not found, `if` takes that for a no.
      if (!in_if && !is_known(name, shell)) judge(command.words.front());
      // What it answers decides about the rest.
      if (next == Joint::if_not) return;
    }
  }

 private:
  static bool sets_path(const SimpleCommand& command) {
    for (const ShellWord& w : command.assignments) {
      if (w.text.starts_with("PATH=")) return true;
    }
    // `declare PATH=..`
    return std::any_of(
        command.words.begin(), command.words.end(),
        [](const ShellWord& w) { return w.text.starts_with("PATH="); });
  }

  // How it decides about the command behind it; the last one before `then`
  // decides about that.
  static Joint joint_behind(const std::vector<SimpleCommand>& commands,
                            std::size_t i) {
    if (i + 1 == commands.size()) return Joint::then;
    const SimpleCommand& next = commands[i + 1];
    return next.keyword == "then" ? Joint::if_well : next.joint;
  }

  // `[ -d /srv ]` and `[ -e /srv ]`, which hold now.
  bool is_of_something_there(const SimpleCommand& test) const {
    const auto& words = test.words;
    const bool closed = words.front().text == "test"
                            ? words.size() == 3
                            : words.size() == 4 && is_closing(words[3]);
    if (!closed || !words[2].literal || !words[2].text.starts_with("/")) {
      return false;
    }
    const ProgramState state = state_of(words[2].text).state;
    return words[1].text == "-d"   ? state == ProgramState::no_file
           : words[1].text == "-e" ? state != ProgramState::missing
                                   : false;
  }
  static bool is_closing(const ShellWord& word) {
    return word.text == "]" || word.text == "]]";
  }

  // What `test -x F`, `[ ! -f F ]` or `command -v F` asks for; null: no
  // program, or nobody can tell.
  struct Question {
    const ShellWord* target = nullptr;
    bool negated = false;
  };
  static Question question(const std::vector<SimpleCommand>& commands,
                           std::size_t i) {
    const auto& words = commands[i].words;
    const std::string& name = words.front().text;
    Question q;
    if (!is_test(name)) {
      const bool asks = name == "command"
                            ? words.size() == 3 && words[1].text == "-v"
                            : words.size() == 2;
      if (asks) q.target = &words.back();
    } else {
      q.negated = words.size() > 1 && words[1].text == "!";
      const std::size_t at = q.negated ? 2 : 1;
      // More than one question: `-a` asks for all, `-o` for any; bash's own
      // `[[ a && b ]]` is cut in two here.
      const bool cut = name != "test" && !is_closing(words.back());
      const bool any =
          std::any_of(words.begin(), words.end(), [&](const ShellWord& w) {
            return w.text == "-o" || (q.negated && w.text == "-a");
          });
      if (words.size() < at + 2 || cut || any) return {};
      const std::string& file = words[at + 1].text;
      const std::string& how = words[at].text;
      const bool is_there = how == "-f" || how == "-e";
      if (how != "-x" && !(is_there && is_started_after(commands, i, file))) {
        return {};
      }
      if (file.starts_with("/")) q.target = &words[at + 1];
    }
    return q.target && q.target->literal ? q : Question();
  }

  // To the shell of the line itself: nothing is looked for.
  bool is_known(std::string_view word, const ShellText& shell) const {
    const auto& made = shell.functions;
    if (is_one_of(word, kShWords) ||
        std::find(made.begin(), made.end(), word) != made.end()) {
      return true;
    }
    if (is_plain_shell(in_, line_)) {
      return word == "let" && in_.tab.daemon == Daemon::busybox;
    }
    const std::string program = shell_of(in_, line_);
    if (is_one_of(word, kBashWords)) return true;
    return program != "bash" && program != "sh" && is_one_of(word, kOtherWords);
  }

  static bool is_test(std::string_view name) {
    return name == "test" || name == "[" || name == "[[";
  }
  // Says whether, and where, a program is found.
  static bool asks_for_program(const SimpleCommand& command) {
    const std::string_view name = command.words.front().text;
    return name == "which" || name == "hash" || name == "type" ||
           (name == "command" && command.words.size() > 1 &&
            command.words[1].text == "-v");
  }

  static bool is_started_after(const std::vector<SimpleCommand>& commands,
                               std::size_t i, const std::string& file) {
    return std::any_of(commands.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                       commands.end(), [&](const SimpleCommand& c) {
                         return !c.words.empty() &&
                                c.words.front().text == file;
                       });
  }

  static bool leaves(const std::vector<SimpleCommand>& commands,
                     std::size_t i) {
    return i < commands.size() && !commands[i].words.empty() &&
           (commands[i].words.front().text == "exit" ||
            commands[i].words.front().text == "return");
  }

  // A guard: F is there, and what follows can be judged. False: it is not, or
  // nobody can tell.
  bool guard(const std::vector<SimpleCommand>& commands, const ShellText& shell,
             std::size_t i, Joint next) {
    const Question q = question(commands, i);
    if (!q.target) return false;
    const bool goes_on = (next == Joint::if_well) != q.negated;
    // `[ -x F ] || F2` and `[ -x F ] && exit; F2` provide for its absence.
    if (goes_on == leaves(commands, i + 1)) return false;
    if (is_found(*q.target, shell)) return true;
    bool ended = false;  // the list that it decides about
    bool more = false;
    for (std::size_t k = i + 1; k < commands.size(); ++k) {
      const SimpleCommand& c = commands[k];
      ended = ended || c.joint == Joint::then;
      const bool other_way =
          c.keyword == "else" || c.keyword == "elif" ||
          (goes_on && !ended && k > i + 1 && c.joint == Joint::if_not);
      if (other_way) return false;
      more = more || (goes_on && c.joint == Joint::then && c.keyword.empty());
    }
    Remark r = remark("guard-missing", *q.target);
    r.weight = Weight::warning;
    r.message = quoted_word(q.target->text) + missing_from(*q.target);
    if (q.target->text.starts_with("/") && is_closed(q.target->text)) {
      r.message = quoted_word(user()) + " may not execute " +
                  quoted_word(q.target->text);
    }
    r.effect = more ? "What it guards is then left out without a word."
                    : "The guard then ends the job without a word: it does "
                      "nothing, and looks well.";
    in_.remarks.push_back(std::move(r));
    return false;
  }

  static std::string missing_from(const ShellWord& word) {
    return word.text.starts_with("/") ? " is not there"
                                      : " is not in the PATH of the job";
  }

  // Taken to be, where nobody can tell.
  bool is_found(const ShellWord& word, const ShellText& shell) const {
    if (word.text.starts_with("/")) {
      return state_of(word.text).state == ProgramState::runs &&
             !is_closed(word.text);
    }
    if (word.text.find('/') != std::string::npos ||
        is_known(word.text, shell)) {
      return true;
    }
    const auto all = folders();
    return std::any_of(all.begin(), all.end(), [&](const std::string& folder) {
      return !folder.starts_with("/") ||
             state_of(folder + "/" + word.text).state == ProgramState::runs;
    });
  }

  ProgramFacts state_of(const std::string& path) const {
    return in_.where.program(path);
  }

  const std::string& user() const {
    return in_.tab.kind == Kind::system ? line_.user : in_.where.user;
  }

  bool is_closed(const std::string& path) const {
    return in_.where.may_run && !user().empty() &&
           !in_.where.may_run(path, user());
  }

  Remark remark(const char* rule, const ShellWord& word) const {
    Remark r;
    r.rule = rule;
    r.line = line_.number;
    r.column = line_.command_column + static_cast<int>(word.begin);
    r.width = word.end - word.begin;
    return r;
  }

  void judge(const ShellWord& word) {
    if (word.text.find('/') == std::string::npos) {
      search(word);
      return;
    }
    // Below wherever it is by then.
    if (word.text.starts_with("/")) judge_path(word, word.text);
  }

  void judge_path(const ShellWord& word, const std::string& path) {
    const ProgramFacts facts = state_of(path);
    const bool closed = facts.state == ProgramState::runs && is_closed(path);
    if (facts.state == ProgramState::runs && !closed) return;
    Remark r = remark("command-missing", word);
    switch (facts.state) {
      case ProgramState::missing:
        r.message = quoted_word(path) + " is not there";
        r.effect = "Each run ends with exit status 127.";
        break;
      case ProgramState::not_executable:
        r.message = quoted_word(path) + " is not executable";
        r.effect = "Each run ends with exit status 126.";
        r.fix = "chmod +x " + paste_word(path);
        break;
      case ProgramState::no_file:
        r.message = quoted_word(path) + " is no program, and no file";
        r.effect = "Each run ends with exit status 126.";
        break;
      case ProgramState::no_interpreter:
        r.message = "the interpreter of " + quoted_word(path) + " is not there";
        r.effect = "Its first line names " + quoted_word(facts.interpreter) +
                   ": each run ends with exit status 127.";
        if (facts.interpreter.ends_with('\r')) {
          r.fix = "sed -i 's/\\r$//' " + paste_word(path);
        }
        break;
      case ProgramState::runs:
        r.message =
            quoted_word(user()) + " may not execute " + quoted_word(path);
        r.effect = "Each run ends with exit status 126.";
        break;
    }
    in_.remarks.push_back(std::move(r));
  }

  void search(const ShellWord& word) {
    // Anacron hands on what it was started with.
    const bool anacron = in_.tab.kind == Kind::anacron;
    if (anacron && !setting_at(in_.tab, line_, "PATH")) return;
    std::string closed;  // found, and no program
    for (const std::string& folder : folders()) {
      // A folder that is not told in full could be anywhere.
      if (!folder.starts_with("/")) return;
      const std::string path = folder + "/" + word.text;
      const ProgramState state = state_of(path).state;
      if (state == ProgramState::runs) return;
      if (state == ProgramState::no_interpreter) return judge_path(word, path);
      if (state != ProgramState::missing && closed.empty()) closed = path;
    }
    if (!closed.empty()) return judge_path(word, closed);
    Remark r = remark("command-missing", word);
    r.message = quoted_word(word.text) + " is not in the PATH of the job";
    // From its beginning: what was cut off there reads as a relative path.
    constexpr std::size_t kShownPath = 240;
    r.effect = "PATH is \"" + escape_line(path_, kShownPath) + "\" under " +
               (anacron ? "anacron" : "cron") +
               ": each run ends with exit status 127.";
    for (const std::string_view folder : kElsewhere) {
      const std::string full = std::string(folder) + "/" + word.text;
      if (state_of(full).state != ProgramState::runs) continue;
      r.fix = with(in_.tab, line_, r.column, r.width, full);
      break;
    }
    if (r.fix.empty() && is_one_of(word.text, kBashWords) &&
        is_plain_shell(in_, line_)) {
      r.fix = have_bash(in_, line_);
    }
    in_.remarks.push_back(std::move(r));
  }

  std::vector<std::string> folders() const {
    std::vector<std::string> out;
    std::size_t at = 0;
    while (at <= path_.size() && out.size() < 32) {
      const std::size_t end = std::min(path_.find(':', at), path_.size());
      out.push_back(path_.substr(at, end - at));
      at = end + 1;
    }
    return out;
  }

  const Linted& in_;
  const Line& line_;
  const std::string path_;
};

bool is_bezalel(const SimpleCommand& command) {
  if (command.words.empty()) return false;
  const std::string_view program = command.words[0].text;
  return program.substr(program.rfind('/') + 1) == "bezalel";
}

// What the job prints is in its record, or in those of its scripts.
bool keeps_output(const Linted& in, const Line& line) {
  if (in.wrapped.contains(line.number)) return true;
  ShellText spare;
  const ShellText& shell = shell_text(in, line, spare);
  for (const SimpleCommand& command : shell.commands) {
    const auto& words = command.words;
    if (!is_bezalel(command) || words.size() < 2) continue;
    if (words[1].text == "run-parts") return true;
    if (shell.commands.size() > 1) continue;
    const auto end =
        std::find_if(words.begin(), words.end(), [](const auto& w) {
          return w.text == "--no-output" || w.text == "--";
        });
    return end == words.end() || end->text == "--";
  }
  // systemd-cron reads no SHELL so.
  return in.tab.kind != Kind::anacron &&
         in.tab.daemon != Daemon::systemd_cron &&
         setting_at(in.tab, line, "SHELL")
             .value_or("")
             .ends_with("/bezalel-sh");
}

// Of each job that the setting holds for.
bool keep_output(const Linted& in, const Line& setting) {
  bool any = false;
  for (const Line& line : in.tab.lines) {
    if (line.number <= setting.number) continue;
    if (line.type == LineType::setting && line.name == setting.name) break;
    if (line.type != LineType::job) continue;
    if (!keeps_output(in, line)) return false;
    any = true;
  }
  return any;
}

void mail(const Linted& in, const Line& line) {
  if (line.name != "MAILTO" || line.value.empty() ||
      in.where.sends_mail.value_or(true) || keep_output(in, line)) {
    return;
  }
  Remark r;
  r.rule = "mail-nowhere";
  r.weight = Weight::warning;
  r.line = line.number;
  r.column = 1;
  r.width = line.name.size();
  r.message = "MAILTO is set, and nothing here sends mail";
  r.effect = std::string(name_of(in.tab)) +
             " discards the output of the jobs: there is no sendmail.";
  r.fix =
      "bezalel adopt --all keeps what jobs print; or install a mail transport";
  in.remarks.push_back(std::move(r));
}

}  // namespace

void lint_program(const Linted& in, const Line& line) {
  if (in.where.program) Programs(in, line).run();
}

void lint_programs(const Linted& in) {
  for (const Line& line : in.tab.lines) {
    if (line.type == LineType::setting) mail(in, line);
    if (line.type == LineType::job) lint_program(in, line);
  }
}

}  // namespace bezalel::crontab
