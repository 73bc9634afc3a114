#include "app/typed_command.h"

#include "base/escape.h"
#include "record/redact.h"

namespace bezalel::app {
namespace {

// The run log cuts commands at 1 KiB; what is cut must not be pasted.
constexpr std::size_t kWholeCommand = 1000;

}  // namespace

std::string typed_command(const std::string& job,
                          const record::RunStart& start) {
  const std::string text = record::redact(start.cmd);
  const bool usable = !text.empty() && text.size() < kWholeCommand &&
                      text.find("***") == std::string::npos &&
                      text.find('\\') == std::string::npos &&
                      escape_line(text) == text;
  if (!usable) return {};
  const bool shell = start.trigger == record::Trigger::sh;
  return "bezalel run " + shell_quote(job) + " -- " +
         (shell ? "/bin/sh -c " + shell_quote(text) : text);
}

}  // namespace bezalel::app
