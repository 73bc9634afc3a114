// The command of a line as sh would take it apart: enough to know which
// programs it starts, where its output goes, and what only bash would
// understand. Nothing is run or expanded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bezalel::crontab {

struct ShellWord {
  std::size_t begin = 0;  // bytes in the text
  std::size_t end = 0;
  std::string text;     // quotes taken off
  bool literal = true;  // nothing in it that the shell would expand
  bool quoted = false;  // some of it was in quotes
};

struct Redirection {
  int fd = 1;      // 1, 2, 0; -1: output and errors both (&>)
  std::string op;  // ">", ">>", ">&", "<", ...
  ShellWord target;
};

// What stands before a simple command and so decides whether it is started.
enum class Joint { first, then, if_well, if_not, pipe };

struct SimpleCommand {
  Joint joint = Joint::first;
  bool nested = false;   // within $(..), `..` or (..)
  bool in_word = false;  // within $(..) or `..`: it ends before its word does
  std::string keyword;   // the last one that was left out before it, "if"
  std::vector<ShellWord> assignments;
  std::vector<ShellWord> words;  // the program first; keywords left out
  std::vector<Redirection> redirections;
};

// Something that may mean another thing to bash than to dash.
struct ShellMark {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string what;  // "&>", "<(", "<<<", "|&", "{..}", "$'", "${..}", or the
                     // name of a variable
};

struct ShellText {
  std::vector<SimpleCommand> commands;
  std::vector<ShellMark> marks;
  std::vector<std::string> functions;  // that it defines: `f() ..`
  bool unclosed = false;  // a quote, a bracket, or a command that must follow
  // Where the outermost quote begins that nothing closes.
  std::optional<std::size_t> open_quote;
  // Where the comment begins that ends it.
  std::optional<std::size_t> comment;
  bool unsure = false;  // more than this reader understands (case, here-text)
};

// Bounded: what is nested deeper than 32 is left unread, `unsure` is then set.
ShellText read_shell(std::string_view text);

}  // namespace bezalel::crontab
