#include "record/work_word.h"

#include <algorithm>
#include <array>
#include <span>

#include "record/shell_words.h"

namespace bezalel::record {

namespace {

using namespace std::string_view_literals;

constexpr auto npos = std::string_view::npos;
constexpr int kMaxDepth = 4;  // sh -c 'sh -c "..."'

using Words = std::span<const std::string>;

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(' ', at), list.size());
    if (list.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

// Whom a wrapper runs the command as: its caller, or root unless the option -u
// or the first operand says whom.
enum class Becomes { caller, option, operand };

// A program that runs the rest of its arguments.
struct Wrapper {
  std::string_view names;
  std::string_view with_value;       // short options that take one
  std::string_view long_with_value;  // long options that take it as next word
  std::size_t operands;              // words of its own before the command
  char command = '\0';               // option whose value is a command line
  Becomes becomes = Becomes::caller;
};

constexpr std::size_t kAllOperands = 1000;

constexpr std::array kWrappers = {
    Wrapper{"nice", "n", "--adjustment", 0},
    Wrapper{"ionice", "cn", "--class --classdata", 0},
    Wrapper{"nohup setsid chronic cronic time run-one run-this-one "
            "keep-one-running builtin eatmydata fakeroot busybox unbuffer "
            "torsocks dbus-run-session catchsegv",
            "", "", 0},
    Wrapper{"exec", "a", "", 0},
    Wrapper{"command", "", "", 0},
    Wrapper{"env", "uC", "--unset --chdir", 0, 'S'},
    Wrapper{"sudo", "ughpCrtTUDR",
            "--user --group --host --prompt --chdir --chroot --role --type", 0,
            '\0', Becomes::option},
    Wrapper{"doas", "uC", "", 0, '\0', Becomes::option},
    Wrapper{"su", "sgGw", "--shell --group --supp-group", kAllOperands, 'c',
            Becomes::operand},
    Wrapper{"timeout gtimeout", "sk", "--signal --kill-after", 1},
    Wrapper{"flock", "wE", "--wait --timeout --conflict-exit-code", 1, 'c'},
    Wrapper{"chpst", "uUbe/nlLmdopfcrt", "", 0},
    Wrapper{"softlimit", "admsloptcfry", "", 0},
    Wrapper{"setuidgid", "", "", 1, '\0', Becomes::operand},
    Wrapper{"envdir envuidgid setlock with-lock-ex lckdo mk-job", "", "", 1},
    Wrapper{"systemd-cat", "tp",
            "--identifier --priority --stderr-priority --level-prefix", 0},
    Wrapper{"systemd-run", "upMHE",
            "--unit --property --slice --setenv --uid --gid --nice "
            "--machine --host --description --working-directory",
            0},
    Wrapper{"systemd-inhibit", "", "--what --who --why --mode", 0},
    Wrapper{"stdbuf", "ioe", "--input --output --error", 0},
    Wrapper{"taskset", "", "", 1},
    Wrapper{"chrt", "TPD", "", 1},
    Wrapper{"chroot", "", "--userspec --groups", 1},
    Wrapper{"numactl", "CNmipP",
            "--cpunodebind --physcpubind --membind --interleave --preferred",
            0},
    Wrapper{"xvfb-run", "sneEfpw",
            "--server-args --server-num --error-file --auth-file", 0},
    Wrapper{"cpulimit", "l", "--limit", 0},
    Wrapper{"proxychains proxychains4", "f", "", 0},
};

// With -u it takes a command as sudo does, without one it is like su.
constexpr Wrapper kRunuser = {"runuser", "ugGsw", "--user --group",
                              0,         'c',     Becomes::option};
constexpr Wrapper kRunuserAsSu = {"runuser",    "gGsw", "--group",
                                  kAllOperands, 'c',    Becomes::operand};

// A program whose first operand is a subcommand that runs the rest.
constexpr std::array kRunners = {
    std::pair{"bundle"sv, "exec"sv}, std::pair{"rbenv"sv, "exec"sv},
    std::pair{"pyenv"sv, "exec"sv},  std::pair{"pipenv"sv, "run"sv},
    std::pair{"poetry"sv, "run"sv},  std::pair{"uv"sv, "run"sv},
};

// A program that runs a file: a script, a module, an archive.
struct Interpreter {
  std::string_view names;            // without a version at the end
  std::string_view with_value;       // options with a value, passed over
  std::string_view long_with_value;  // the same, spelled out
  std::string_view code;             // options whose value is program text
  std::string_view script;           // options whose value is what it runs
};

constexpr std::array kInterpreters = {
    Interpreter{"python pypy", "WXQ", "", "c", "m"},
    Interpreter{"perl", "I", "", "eE", ""},
    Interpreter{"ruby jruby", "ICEr", "", "e", ""},
    Interpreter{"php", "dczBREF", "--define --php-ini", "r", "f"},
    Interpreter{"node nodejs", "r", "--require --import --loader", "ep", ""},
    Interpreter{"lua luajit", "l", "", "e", ""},
    Interpreter{"Rscript", "", "", "e", ""},
    Interpreter{"expect tclsh", "", "", "c", "f"},
    Interpreter{"dotnet mono", "", "", "", ""},
    Interpreter{". source", "", "", "", ""},
};

constexpr std::string_view kShells =
    "sh bash dash ash ksh ksh93 mksh zsh rbash fish tcsh csh bezalel-sh";

// Commands that prepare: whatever follows them does the work.
constexpr std::string_view kPreparing =
    "cd pushd popd test [ [[ which type hash : true false set unset export "
    "readonly local umask ulimit shopt trap sleep wait exit return echo "
    "printf read . source";

// Commands that only ask, where && or || follows.
constexpr std::string_view kAsking =
    "grep egrep fgrep zgrep pgrep pidof mountpoint ping nc ps";

std::string_view without_version(std::string_view name) {
  const std::size_t last = name.find_last_not_of("0123456789.");
  return last == npos ? name : name.substr(0, last + 1);
}

class Finder {
 public:
  explicit Finder(const Wanted* wanted = nullptr) : wanted_(wanted) {}

  std::optional<Work> in_text(std::string_view text) {
    if (depth_ == kMaxDepth) return std::nullopt;
    ++depth_;
    auto work = in_commands(simple_commands(split_shell(text).tokens));
    --depth_;
    return work;
  }

  std::optional<Work> in_words(Words words) {
    const bool outside = rooted_;
    auto work = in_own_words(words);
    if (work && rooted_) work->rooted = true;
    rooted_ = outside;
    return work;
  }

 private:
  static bool sets_root(std::string_view word) {
    constexpr auto kRoot = "BEZALEL_ROOT="sv;
    return word.starts_with(kRoot) && word.size() > kRoot.size();
  }

  std::optional<Work> in_own_words(Words words) {
    while (!words.empty() && is_assignment(words[0])) {
      if (sets_root(words[0])) rooted_ = true;
      words = words.subspan(1);
    }
    if (words.empty()) return std::nullopt;
    const std::string_view name = base_name(words[0]);
    if (const Wrapper* wrapper = find_wrapper(name, words)) {
      return behind_wrapper(*wrapper, words);
    }
    for (const auto& [runner, subcommand] : kRunners) {
      if (name != runner || words.size() < 2 || words[1] != subcommand) {
        continue;
      }
      return behind_wrapper(Wrapper{runner, "", "", 0}, words.subspan(1));
    }
    if (has_word(kShells, name)) return behind_shell(words);
    if (name == "java") return behind_java(words);
    for (const Interpreter& i : kInterpreters) {
      if (has_word(i.names, name) || has_word(i.names, without_version(name))) {
        return behind_interpreter(i, words);
      }
    }
    return make(words, 0);
  }

  std::optional<Work> wanted_in(const std::vector<SimpleCommand>& commands) {
    const bool outside = rooted_;
    std::optional<Work> found;
    for (const SimpleCommand& c : commands) {
      const bool before = rooted_;
      if (std::ranges::any_of(c.assignments, sets_root)) rooted_ = true;
      auto work = in_words(c.words);
      rooted_ = before;
      if (work && (*wanted_)(*work)) {
        found = std::move(work);
        break;
      }
      if (c.words.front() == "export" &&
          std::ranges::any_of(c.words, sets_root)) {
        rooted_ = true;
      }
    }
    rooted_ = outside;
    return found;
  }

  std::optional<Work> in_commands(const std::vector<SimpleCommand>& commands) {
    if (wanted_ != nullptr) return wanted_in(commands);
    for (const SimpleCommand& c : commands) {
      if (is_passed_over(c)) continue;
      if (auto work = in_words(c.words)) return work;
    }
    // Nothing but preparation: then that is the work.
    for (const SimpleCommand& c : commands) {
      if (auto work = in_words(c.words)) return work;
    }
    return std::nullopt;
  }

  static bool is_passed_over(const SimpleCommand& c) {
    const std::string& first = c.words.front();
    if (c.condition || has_word(kPreparing, first)) return true;
    const bool looks =
        c.words.size() > 1 && (c.words[1] == "-v" || c.words[1] == "-V");
    if (first == "command" && looks) return true;
    if (c.next != "&&" && c.next != "||") return false;
    if (has_word(kAsking, base_name(first))) return true;
    return base_name(first) == "systemctl" && c.words.size() > 1 &&
           c.words[1].starts_with("is-");
  }

  static const Wrapper* find_wrapper(std::string_view name, Words words) {
    if (name == "runuser") {
      const bool takes_command =
          std::ranges::any_of(words, [](const std::string& w) {
            return w.starts_with("-u") || w.starts_with("--user");
          });
      return takes_command ? &kRunuser : &kRunuserAsSu;
    }
    for (const Wrapper& w : kWrappers) {
      if (has_word(w.names, name)) return &w;
    }
    return nullptr;
  }

  static std::optional<Work> make(Words words, std::size_t i) {
    if (i >= words.size()) return std::nullopt;
    const Words args = words.subspan(i + 1);
    return Work{words[i], {args.begin(), args.end()}, {}};
  }

  // As whom a wrapper runs the command.
  static std::string user_behind(const Wrapper& w, Words words) {
    if (w.becomes == Becomes::caller) return {};
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string_view word = words[i];
      if (word == "--") break;
      if (!word.starts_with('-')) {
        if (w.becomes == Becomes::operand) return words[i];
        if (!is_assignment(word)) break;
        continue;
      }
      if (word.starts_with("--")) {
        constexpr auto kUser = "--user="sv;
        if (word.starts_with(kUser)) {
          return std::string(word.substr(kUser.size()));
        }
        if (word == "--user" && i + 1 < words.size()) return words[i + 1];
        if (has_word(w.long_with_value, word)) ++i;
        continue;
      }
      // What `su -c` runs stands before or behind its user.
      if (w.command != '\0' && word.find(w.command, 1) == word.size() - 1) ++i;
      const std::size_t at = word.find_first_of(w.with_value, 1);
      if (w.becomes == Becomes::option && at != npos && word[at] == 'u') {
        if (at + 1 < word.size()) return std::string(word.substr(at + 1));
        return i + 1 < words.size() ? words[i + 1] : std::string();
      }
      if (takes_next(word, w.with_value)) ++i;
    }
    return "root";
  }

  std::optional<Work> behind_wrapper(const Wrapper& w, Words words) {
    auto work = command_behind(w, words);
    if (work && work->user.empty()) work->user = user_behind(w, words);
    return work;
  }

  // The command behind a wrapper's options and operands; without any the
  // wrapper itself does the work.
  std::optional<Work> command_behind(const Wrapper& w, Words words) {
    std::size_t operands = w.operands;
    std::size_t i = 1;
    while (i < words.size()) {
      const std::string_view word = words[i];
      if (word == "--") {
        ++i;
        if (operands == 0) break;
      } else if (word.starts_with("--")) {
        if (w.command != '\0' && word.starts_with("--command=")) {
          return in_string(word.substr("--command="sv.size()), words);
        }
        if (w.command == 'c' && word == "--command" && i + 1 < words.size()) {
          return in_string(words[i + 1], words);
        }
        if (w.command == 'S' && word.starts_with("--split-string=")) {
          return in_string(word.substr("--split-string="sv.size()), words);
        }
        i += has_word(w.long_with_value, word) ? 2 : 1;
      } else if (word.starts_with('-')) {
        const std::size_t at =
            w.command == '\0' ? npos : word.find(w.command, 1);
        if (at != npos && is_flags(word.substr(1, at - 1), w.with_value)) {
          if (at + 1 < word.size())
            return in_string(word.substr(at + 1), words);
          if (i + 1 < words.size()) return in_string(words[i + 1], words);
        }
        i += takes_next(word, w.with_value) ? 2 : 1;
      } else if (is_assignment(word) && has_word("env sudo doas", w.names)) {
        if (sets_root(word)) rooted_ = true;
        ++i;
      } else if (operands > 0) {
        --operands;
        ++i;
      } else {
        break;
      }
      // A lock file's `-c` comes behind it; any other word begins the command.
      if (w.operands == 1 && operands == 0 && i < words.size() &&
          !(w.command == 'c' && words[i] == "-c")) {
        if (words[i] == "--") ++i;
        break;
      }
    }
    if (auto work = in_words(words.subspan(std::min(i, words.size())))) {
      return work;
    }
    return make(words, 0);
  }

  std::optional<Work> in_string(std::string_view text, Words words) {
    if (auto work = in_text(text)) return work;
    return make(words, 0);
  }

  static bool is_flags(std::string_view letters, std::string_view with_value) {
    return letters.find_first_of(with_value) == npos;
  }

  // True if a group of short options ends in one whose value comes next.
  static bool takes_next(std::string_view word, std::string_view with_value) {
    const std::size_t at = word.find_first_of(with_value, 1);
    return at != npos && at + 1 == word.size();
  }

  // sh [-lex] [-o OPTION] [+x] SCRIPT, or -c and then a command line.
  std::optional<Work> behind_shell(Words words) {
    bool string_follows = false;
    std::size_t i = 1;
    for (; i < words.size(); ++i) {
      const std::string_view word = words[i];
      if (word == "--" || word == "-") {
        ++i;
        break;
      }
      if (word == "--rcfile" || word == "--init-file") {
        ++i;
      } else if (word.size() > 1 && (word[0] == '-' || word[0] == '+')) {
        if (word.starts_with("--")) continue;
        if (word[0] == '-' && word.find('c') != npos) string_follows = true;
        if (word.back() == 'o' || word.back() == 'O') ++i;
      } else {
        break;
      }
    }
    if (i >= words.size()) return make(words, 0);
    return string_follows ? in_string(words[i], words) : make(words, i);
  }

  static std::optional<Work> behind_java(Words words) {
    constexpr std::string_view kWithValue =
        "-cp -classpath --class-path -p --module-path --add-modules "
        "--add-opens --add-exports";
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string_view word = words[i];
      if (word == "-jar" || word == "-m" || word == "--module") {
        if (auto work = make(words, i + 1)) return work;
      } else if (has_word(kWithValue, word)) {
        ++i;
      } else if (!word.starts_with('-')) {
        return make(words, i);
      }
    }
    return make(words, 0);
  }

  static std::optional<Work> behind_interpreter(const Interpreter& p,
                                                Words words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string_view word = words[i];
      if (word == "--") return or_itself(words, i + 1);
      if (word.size() < 2 || word[0] != '-') return make(words, i);
      if (word.starts_with("--")) {
        if (has_word(p.long_with_value, word)) ++i;
        continue;
      }
      // The first letter of a group that takes a value takes all the rest.
      for (std::size_t k = 1; k < word.size(); ++k) {
        const bool last = k + 1 == word.size();
        if (p.code.find(word[k]) != npos) return make(words, 0);
        if (p.script.find(word[k]) != npos) {
          if (last) return or_itself(words, i + 1);
          return Work{std::string(word.substr(k + 1)), {}, {}};
        }
        if (p.with_value.find(word[k]) != npos) {
          if (last) ++i;
          break;
        }
      }
    }
    return make(words, 0);
  }

  static std::optional<Work> or_itself(Words words, std::size_t i) {
    return make(words, i < words.size() ? i : 0);
  }

  const Wanted* wanted_;  // null: the one that does the work
  int depth_ = 0;
  bool rooted_ = false;  // what is read now gets a BEZALEL_ROOT
};

}  // namespace

std::optional<Work> find_work(std::string_view command) {
  return Finder().in_text(command);
}

std::optional<Work> find_command(std::string_view command,
                                 const Wanted& wanted) {
  return Finder(&wanted).in_text(command);
}

std::optional<Work> unwrap(const std::vector<std::string>& words) {
  return Finder().in_words(words);
}

std::string_view base_name(std::string_view word) {
  while (word.size() > 1 && word.ends_with('/')) word.remove_suffix(1);
  return word.substr(word.rfind('/') + 1);
}

}  // namespace bezalel::record
