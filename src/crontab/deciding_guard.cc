#include "crontab/deciding_guard.h"

#include <vector>

namespace bezalel::crontab {
namespace {

bool is_test(const SimpleCommand& c) {
  if (c.words.empty()) return false;
  const std::string& name = c.words.front().text;
  return name == "[" || name == "test" || name == "[[";
}

bool asks_for_program(const SimpleCommand& c) {
  return c.words.size() > 2 && c.words[1].text == "-x";
}

}  // namespace

std::optional<std::size_t> deciding_test(const ShellText& shell,
                                         std::string_view command) {
  if (shell.unsure || shell.unclosed) return std::nullopt;
  std::vector<const SimpleCommand*> commands;
  for (const SimpleCommand& c : shell.commands) {
    if (c.in_word) continue;
    if (c.nested || !c.keyword.empty() || c.words.empty()) return std::nullopt;
    commands.push_back(&c);
  }
  std::size_t tests = 0;
  bool decides = false;
  for (; tests < commands.size() && is_test(*commands[tests]); ++tests) {
    decides = decides || !asks_for_program(*commands[tests]);
  }
  if (!decides || tests == commands.size()) return std::nullopt;
  // What else follows would end the command in its place.
  for (std::size_t i = 1; i < commands.size(); ++i) {
    const Joint joint = commands[i]->joint;
    if (joint != Joint::if_well && (joint != Joint::pipe || i <= tests)) {
      return std::nullopt;
    }
  }
  const std::size_t end = commands[tests - 1]->words.back().end;
  const std::size_t at = command.find("&&", end);
  if (at == std::string_view::npos) return std::nullopt;
  return at;
}

}  // namespace bezalel::crontab
