#include "crontab/deciding_guard.h"

#include <algorithm>
#include <array>
#include <vector>

namespace bezalel::crontab {
namespace {

// Asks, and does nothing else.
bool is_test(const SimpleCommand& c) {
  constexpr std::array<std::string_view, 10> kWords = {
      "[",     "[[",    "test",  "grep",       "egrep",
      "fgrep", "pgrep", "pidof", "mountpoint", "cmp"};
  return std::find(kWords.begin(), kWords.end(), c.words.front().text) !=
         kWords.end();
}

// `test -x F` or `[ -x F ]`, and nothing more.
bool asks_for_program(const SimpleCommand& c) {
  const std::size_t n = c.words.size();
  return (n == 3 || n == 4) && c.words[1].text == "-x";
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
  // The last of several lists is what the whole ends with.
  std::size_t first = 0;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (commands[i]->joint == Joint::then) first = i;
  }
  std::size_t work = first;
  bool decides = false;
  for (; work < commands.size() && is_test(*commands[work]); ++work) {
    decides = decides || !asks_for_program(*commands[work]);
  }
  if (!decides || work == commands.size()) return std::nullopt;
  for (std::size_t i = first + 1; i < commands.size(); ++i) {
    const Joint joint = commands[i]->joint;
    // What stands behind || would end it in its place.
    if (joint != Joint::if_well && (joint != Joint::pipe || i <= work)) {
      return std::nullopt;
    }
  }
  const std::size_t end = commands[work - 1]->words.back().end;
  const std::size_t at = command.find("&&", end);
  if (at == std::string_view::npos) return std::nullopt;
  return at;
}

}  // namespace bezalel::crontab
