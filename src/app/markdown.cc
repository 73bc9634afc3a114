// The three ways in which foreign text may stand in an issue. Whatever is not
// known to be harmless becomes a character reference: a backslash is itself
// special to some forges (\( begins a formula).
#include <algorithm>

#include "app/notice_text.h"
#include "base/escape.h"

namespace bezalel::app {
namespace {

constexpr std::string_view kZeroWidthSpace = "\xe2\x80\x8b";

std::size_t longest_run(std::string_view text, char c) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (char x : text) {
    run = x == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

void replace_all(std::string& text, std::string_view from,
                 std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// A job's output could hold the marker of another job's issue. Ours is the
// last line; this makes it the only one besides.
void break_marker(std::string& text) {
  replace_all(text, "heartbeat-checker:v", "heartbeat-checker\xe2\x80\x8b:v");
}

std::string reference(char c) {
  return "&#" + std::to_string(static_cast<unsigned char>(c)) + ";";
}

bool begins_block(std::string_view before, char c) {
  if (before.empty()) return std::string_view("-+=:").find(c) != before.npos;
  const bool digits = std::all_of(before.begin(), before.end(),
                                  [](char d) { return d >= '0' && d <= '9'; });
  return digits && (c == '.' || c == ')');
}

void append_text(std::string& out, std::string_view line, std::size_t i) {
  const char c = line[i];
  switch (c) {
    case '@':
    case '#':
    case '!':
      out += c;
      out += kZeroWidthSpace;
      return;
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '\\':
    case '`':
    case '*':
    case '_':
    case '[':
    case ']':
    case '|':
    case '~':
    case '$':
      out += reference(c);
      return;
    default:
      break;
  }
  out += begins_block(line.substr(0, i), c) ? reference(c) : std::string(1, c);
}

// A table splits its cells before it looks for code: a bar is escaped by an
// odd number of backslashes.
std::string without_bars(std::string_view text) {
  std::string out;
  bool odd = false;  // so many backslashes end `out`
  for (const char c : text) {
    if (c == '|') out += odd ? "\\\\" : "\\";
    out += c;
    odd = c == '\\' && !odd;
  }
  return out;
}

}  // namespace

std::string markdown_code(std::string_view text) {
  std::string inner = escape_line(text);
  break_marker(inner);
  inner = without_bars(inner);
  if (inner.empty()) return "` `";
  const std::string ticks(longest_run(inner, '`') + 1, '`');
  const bool pad = inner.front() == '`' || inner.back() == '`' ||
                   (inner.front() == ' ' && inner.back() == ' ');
  const std::string_view blank = pad ? " " : "";
  return ticks + std::string(blank) + inner + std::string(blank) + ticks;
}

std::string markdown_text(std::string_view text) {
  const std::string line = escape_line(text);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) append_text(out, line, i);
  // What forges turn into links without being asked.
  replace_all(out, "://", ":\xe2\x80\x8b//");
  for (std::string_view word : {"www.", "WWW.", "Www."}) {
    replace_all(out, word,
                std::string(word.substr(0, 3)) + "\xe2\x80\x8b" + ".");
  }
  break_marker(out);
  return out;
}

std::string markdown_fence(const std::vector<std::string>& lines) {
  std::string inside;
  for (const std::string& line : lines) {
    std::string clean = clean_utf8(line);
    std::replace(clean.begin(), clean.end(), '\n', ' ');
    replace_all(clean, "\xc2\x85", " ");
    // "/close" at the beginning of a line is an order to some forges.
    if (!clean.empty() && clean.front() == '/') inside += ' ';
    inside += clean;
    inside += '\n';
  }
  break_marker(inside);
  const std::string fence(
      std::max<std::size_t>(3, longest_run(inside, '`') + 1), '`');
  return fence + "text\n" + inside + fence + "\n";
}

}  // namespace bezalel::app
