#include "crontab/at_job.h"

#include <charconv>
#include <cstdint>

namespace bezalel::crontab {
namespace {

constexpr std::size_t kNumberDigits = 5;
constexpr std::size_t kTimeDigits = 8;

std::optional<std::uint32_t> hex(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::optional<AtName> parse_at_name(std::string_view name) {
  if (name.size() != 1 + kNumberDigits + kTimeDigits) return std::nullopt;
  const char queue = name.front();
  const bool letter =
      (queue >= 'a' && queue <= 'z') || (queue >= 'A' && queue <= 'Z');
  if (!letter && queue != '=') return std::nullopt;
  const auto number = hex(name.substr(1, kNumberDigits));
  const auto minutes = hex(name.substr(1 + kNumberDigits));
  if (!number || !minutes) return std::nullopt;
  AtName out;
  out.queue = queue;
  out.number = static_cast<int>(*number);
  out.at = Timestamp(std::chrono::minutes(*minutes));
  return out;
}

std::string at_command(std::string_view text) {
  // Behind the `cd DIR || { ... }` that at(1) writes.
  const std::size_t cd = text.find("\ncd ");
  const std::size_t end =
      cd == std::string_view::npos ? cd : text.find("\n}\n", cd);
  if (end == std::string_view::npos) return {};
  text.remove_prefix(end + 3);
  std::string command;
  std::string_view mark;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, newline));
    text.remove_prefix(newline == std::string_view::npos ? text.size()
                                                         : newline + 1);
    if (!mark.empty() && line == mark) break;
    if (line.empty() || line.front() == '#') continue;
    const std::size_t here = line.find("<< '");
    if (mark.empty() && command.empty() && line.starts_with("${SHELL:-") &&
        here != std::string_view::npos && line.ends_with('\'')) {
      mark = line.substr(here + 4, line.size() - here - 5);
      continue;
    }
    if (!command.empty()) return command + " ...";
    command = line;
  }
  return command;
}

}  // namespace bezalel::crontab
