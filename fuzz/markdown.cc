// Foreign text in an issue: it stays inside the form it was put in.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "app/notice_text.h"
#include "base/escape.h"

namespace {

constexpr std::string_view kZeroWidthSpace = "\xe2\x80\x8b";

void check(bool holds) {
  if (!holds) std::abort();
}

std::size_t longest_run(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void check_text(const std::string& out) {
  check(out.find_first_of("<>`[]|\n\r\\*_~$") == out.npos);
  for (std::size_t i = 0; i < out.size(); ++i) {
    // "&#64;" is a reference, not a mention of an issue.
    const bool reference = out[i] == '#' && i > 0 && out[i - 1] == '&';
    if ((out[i] == '@' || out[i] == '#' || out[i] == '!') && !reference) {
      check(out.substr(i + 1).starts_with(kZeroWidthSpace));
    }
  }
  check(out.find("://") == out.npos);
}

void check_code(const std::string& out) {
  const std::size_t ticks = out.find_first_not_of('`');
  check(ticks != out.npos && ticks > 0);
  check(out.size() >= 2 * ticks + 1);
  const std::string inner = out.substr(ticks, out.size() - 2 * ticks);
  check(out.ends_with(std::string(ticks, '`')));
  check(longest_run(inner) < ticks);
  check(inner.front() != '`' && inner.back() != '`');
  check(inner.find_first_of("\n\r") == inner.npos);
}

void check_fence(const std::string& out) {
  const std::vector<std::string> lines = lines_of(out);
  check(lines.size() >= 2);
  const std::string& fence = lines.back();
  check(fence.size() >= 3 && fence.find_first_not_of('`') == fence.npos);
  check(lines.front() == fence + "text");
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    check(longest_run(lines[i]) < fence.size());
    check(!lines[i].starts_with('/'));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string inline_text = bezalel::app::markdown_text(text);
  const std::string code = bezalel::app::markdown_code(text);
  const std::string fence = bezalel::app::markdown_fence(lines_of(text));
  check_text(inline_text);
  check_code(code);
  check_fence(fence);
  for (const std::string& out : {inline_text, code, fence}) {
    check(bezalel::is_utf8(out));
    check(out.find("heartbeat-checker:v") == out.npos);
  }
  return 0;
}
