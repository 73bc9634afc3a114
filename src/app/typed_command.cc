#include "app/typed_command.h"

#include "base/escape.h"
#include "record/redact.h"

namespace bezalel::app {
namespace {

// The run log cuts commands at 1 KiB; what is cut must not be pasted.
constexpr std::size_t kWholeCommand = 1000;

bool can_be_pasted(std::string_view text) {
  return text.size() < kWholeCommand &&
         text.find("***") == std::string_view::npos &&
         text.find('\\') == std::string_view::npos && escape_line(text) == text;
}

}  // namespace

std::string typed_command(const std::string& job, const record::RunStart& start,
                          const std::string& bezalel) {
  const std::string text = record::redact(start.cmd);
  const std::string options = record::redact(start.options);
  if (text.empty() || !can_be_pasted(text) || !can_be_pasted(options)) {
    return {};
  }
  const bool shell = start.trigger == record::Trigger::sh;
  return bezalel + " run " + shell_quote(job) +
         (options.empty() ? "" : " " + options) + " -- " +
         (shell ? "/bin/sh -c " + shell_quote(text) : text);
}

std::string as_user_of(const std::string& user) {
  const bool number = !user.empty() &&
                      user.find_first_not_of("0123456789") == std::string::npos;
  return "sudo -u " + shell_quote(number ? "#" + user : user) + " ";
}

}  // namespace bezalel::app
