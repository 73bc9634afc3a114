// Replies of a tracker, and issue texts: whatever comes, only whole values.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "notify/gitea/marker.h"
#include "notify/gitea/reply.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace n = bezalel::notify;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto issue = n::parse_issue(text)) check(issue->number > 0);
  if (const auto page = n::parse_issues(text)) {
    check(page->issues.size() <= page->entries);
    for (const auto& issue : page->issues) check(issue.number > 0);
  }
  if (const auto labels = n::parse_labels(text)) {
    for (const auto& l : *labels) check(l.id > 0 && !l.name.empty());
  }
  if (const auto login = n::parse_login(text)) check(!login->empty());
  static_cast<void>(n::parse_comments(text));
  if (const auto marker = n::find_marker(text)) {
    check(!marker->k.empty() && marker->e >= 0);
    check(text.find(marker->k) != text.npos);
  }
  static_cast<void>(n::is_comment_of(text, "01JDEY7R"));
  return 0;
}
