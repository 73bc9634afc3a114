#include "discover/programs.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/escape.h"

namespace bezalel::discover {
namespace {

constexpr std::size_t kLongestFirstLine = 256;

// "/bin/sh" of "#!/bin/sh -e"; a carriage return is part of it, as the kernel
// takes it. Empty: none is named.
std::string interpreter_of(const std::string& text) {
  if (!text.starts_with("#!")) return "";
  const std::size_t line =
      std::min({text.find('\n'), text.size(), kLongestFirstLine});
  const std::size_t begin = text.find_first_not_of(" \t", 2);
  if (begin >= line) return "";
  const std::size_t end = std::min(text.find_first_of(" \t", begin), line);
  return text.substr(begin, end - begin);
}

}  // namespace

crontab::ProgramFacts program_at(const Root& root, const std::string& path) {
  using crontab::ProgramState;
  const auto status = root.status(path);
  if (!status) return {ProgramState::missing, ""};
  const bool plain = S_ISREG(status->st_mode);
  if (!plain || (status->st_mode & 0111) == 0) {
    return {ProgramState::not_executable, ""};
  }
  // Larger ones are no scripts.
  const auto text = root.read(path);
  if (!text) return {};
  const std::string interpreter = interpreter_of(*text);
  if (interpreter.starts_with("/") && !root.status(interpreter)) {
    return {ProgramState::no_interpreter, interpreter};
  }
  return {};
}

std::string why_not_started(const Root& root, const std::string& path) {
  const crontab::ProgramFacts facts = program_at(root, path);
  if (facts.state == crontab::ProgramState::no_interpreter) {
    return "its interpreter " + escape_line(facts.interpreter, 80) +
           " is not there";
  }
  const auto text = root.read(path);
  const bool script = text && !text->starts_with(
                                  "\x7f"
                                  "ELF");
  return script && !text->starts_with("#!") ? "it has no #! line" : "";
}

}  // namespace bezalel::discover
