// Command lines, read by hand: the small program has nothing bigger.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bezalel::run {

// One option of a command.
struct OptionSpec {
  enum class Takes { nothing, value };

  const char* name;  // with its dashes
  Takes takes;
};

// What a command line says, before anybody judges the values. `--name value`
// and `--name=value` are the same. Words after `--` are the command.
struct ParsedLine {
  struct Option {
    const OptionSpec* spec;
    std::string value;
  };

  std::vector<Option> options;     // in their order
  std::vector<std::string> words;  // the others before `--`
  // Index into the arguments of the command's first word; nullopt: no `--`,
  // or nothing after it.
  std::optional<std::size_t> command;
  // One line each: unknown option, missing value. Never fatal here: where a
  // command follows, it has to run.
  std::vector<std::string> problems;
};

ParsedLine parse_line(std::span<char* const> arguments,
                      std::span<const OptionSpec> specs);

// Takes the directory of --root; an empty one is a problem, and none.
void take_directory(const ParsedLine::Option& option,
                    std::optional<std::string>& into,
                    std::vector<std::string>& problems);

// "--name: WHAT", ready to be said.
std::string option_problem(std::string_view name, std::string_view what);

}  // namespace bezalel::run
