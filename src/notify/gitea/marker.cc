#include "notify/gitea/marker.h"

#include <algorithm>
#include <charconv>

namespace bezalel::notify {
namespace {

constexpr std::string_view kHead = "<!-- heartbeat-checker:v1 k=";
constexpr std::string_view kTail = " -->";

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

// Calls f with each line from the last to the first until it returns true.
template <class F>
void each_line_backwards(std::string_view text, F&& f) {
  while (true) {
    const std::size_t newline = text.rfind('\n');
    const std::size_t from = newline == text.npos ? 0 : newline + 1;
    if (f(trimmed(text.substr(from))) || newline == text.npos) return;
    text = text.substr(0, newline);
  }
}

// "k=... e=3" or "k=... c=01J...": what stands between head and tail.
std::optional<std::string_view> inside(std::string_view line) {
  if (!line.starts_with(kHead) || !line.ends_with(kTail)) return std::nullopt;
  line.remove_prefix(kHead.size());
  if (line.size() < kTail.size()) return std::nullopt;
  line.remove_suffix(kTail.size());
  return line;
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  });
}

std::optional<Marker> parse(std::string_view line) {
  const auto text = inside(line);
  if (!text) return std::nullopt;
  const std::size_t gap = text->find(" e=");
  if (gap == text->npos || !is_word(text->substr(0, gap))) return std::nullopt;
  const std::string_view digits = text->substr(gap + 3);
  std::int64_t e = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, e);
  if (error != std::errc() || stop != end || e < 0) return std::nullopt;
  return Marker{std::string(text->substr(0, gap)), e};
}

}  // namespace

std::optional<Marker> find_marker(std::string_view body) {
  std::optional<Marker> found;
  each_line_backwards(body, [&](std::string_view line) {
    found = parse(line);
    return found.has_value();
  });
  return found;
}

bool is_comment_of(std::string_view body, std::string_view event_id) {
  bool found = false;
  each_line_backwards(body, [&](std::string_view line) {
    const auto text = inside(line);
    if (!text) return false;
    const std::size_t gap = text->find(" c=");
    found = gap != text->npos && text->substr(gap + 3) == event_id;
    return found;
  });
  return found;
}

}  // namespace bezalel::notify
