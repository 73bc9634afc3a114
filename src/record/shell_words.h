// A command line as a POSIX shell would split it. Inside of record.
//
// Made for reading, not for running: nothing is expanded, here-documents are
// not followed, and no text is ever refused.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bezalel::record {

struct ShellToken {
  enum class Kind { word, control };

  Kind kind = Kind::word;
  // A word with its quotes taken off; `$(which X)` and `$(command -v X)` are
  // X, any other command substitution is nothing, `${X...}` is `$X`. Or the
  // operator: && || ; ;; | & ( ) -- a newline reads as `;`.
  std::string text;
  bool quoted = false;  // some of it was: then it is no reserved word
};

struct ShellLine {
  std::vector<ShellToken> tokens;  // redirections and comments left out
  // Where the `#` of a comment is that reaches to the end of the text; npos if
  // there is none.
  std::size_t comment = std::string_view::npos;
};

ShellLine split_shell(std::string_view text);

// One command of a line: the words between two operators, assignments and
// reserved words taken off.
struct SimpleCommand {
  std::vector<std::string> words;
  std::vector<std::string> assignments;  // that stood in front
  bool condition = false;  // stands between `if` or `while` and then or do
  std::string next;        // the operator after it; empty at the end
};

std::vector<SimpleCommand> simple_commands(
    const std::vector<ShellToken>& tokens);

// NAME=... or NAME+=...
bool is_assignment(std::string_view word);

}  // namespace bezalel::record
