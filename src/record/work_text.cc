#include "record/work_text.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/escape.h"
#include "record/own_record.h"
#include "record/shell_words.h"
#include "record/work_word.h"

namespace bezalel::record {
namespace {

// `bezalel run` in `sh -c` in `bezalel run`, and more than anybody writes.
constexpr int kDeepest = 4;

std::string joined(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += shell_quote(word);
  }
  return text;
}

bool is_script_of_shell(const std::vector<std::string>& words) {
  constexpr std::array kShells = {"sh", "dash", "bash"};
  return words.size() == 3 && words[1] == "-c" &&
         std::ranges::find(kShells, base_name(words[0])) != kShells.end();
}

bool holds_commands(const std::string& word) {
  return word.find_first_of(";|&\n") != std::string::npos;
}

}  // namespace

std::string work_text(std::string_view command) {
  std::string text = job_name(command).bare;
  for (int depth = 0; depth < kDeepest; ++depth) {
    const auto commands = simple_commands(split_shell(text).tokens);
    if (commands.size() != 1) break;
    const std::vector<std::string>& words = commands[0].words;
    if (is_script_of_shell(words)) {
      text = words[2];
      continue;
    }
    const auto work = unwrap(words);
    if (!work) break;
    const Call call = call_of(*work);
    const auto dashes = std::ranges::find(call.args, "--");
    if (call.verb == "run" && dashes != call.args.end()) {
      text = joined({dashes + 1, call.args.end()});
      continue;
    }
    if (std::ranges::any_of(words, holds_commands)) break;
    std::vector<std::string> whole = {work->word};
    whole.insert(whole.end(), work->args.begin(), work->args.end());
    return joined(whole);
  }
  return text;
}

}  // namespace bezalel::record
