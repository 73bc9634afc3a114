#include "run/options.h"

#include "base/escape.h"

namespace bezalel::run {
namespace {

const OptionSpec* find(std::span<const OptionSpec> specs,
                       std::string_view name) {
  for (const OptionSpec& spec : specs) {
    if (name == spec.name) return &spec;
  }
  return nullptr;
}

}  // namespace

ParsedLine parse_line(std::span<char* const> arguments,
                      std::span<const OptionSpec> specs) {
  ParsedLine line;
  // A word right after an option that we do not know is its value, if that
  // leaves another word to be the job.
  std::vector<std::string> doubtful;
  bool after_unknown = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (word == "--") {
      if (i + 1 < arguments.size()) line.command = i + 1;
      break;
    }
    if (!word.starts_with('-') || word == "-") {
      (after_unknown ? doubtful : line.words).emplace_back(word);
      after_unknown = false;
      continue;
    }
    after_unknown = false;
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const OptionSpec* spec = find(specs, name);
    const bool has_value = equals != std::string_view::npos;
    if (spec == nullptr) {
      line.problems.push_back("unknown option " + escape_line(name));
      after_unknown = !has_value;
    } else if (spec->takes == OptionSpec::Takes::nothing) {
      if (has_value) {
        line.problems.push_back(option_problem(name, "takes no value"));
      }
      line.options.push_back({spec, {}});
    } else if (has_value) {
      line.options.push_back({spec, std::string(word.substr(equals + 1))});
    } else if (i + 1 < arguments.size() &&
               std::string_view(arguments[i + 1]) != "--") {
      line.options.push_back({spec, arguments[++i]});
    } else {
      line.problems.push_back(option_problem(name, "expected a value"));
    }
  }
  if (line.words.empty()) line.words = std::move(doubtful);
  return line;
}

void take_directory(const ParsedLine::Option& option,
                    std::optional<std::string>& into,
                    std::vector<std::string>& problems) {
  if (option.value.empty()) {
    problems.push_back(
        option_problem(option.spec->name, "\"\": expected a directory"));
  } else {
    into = option.value;
  }
}

std::string option_problem(std::string_view name, std::string_view what) {
  return std::string(name) + ": " + std::string(what);
}

}  // namespace bezalel::run
