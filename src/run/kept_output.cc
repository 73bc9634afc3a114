#include "run/kept_output.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/escape.h"

namespace bezalel::run {
namespace {

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// A cut in the middle of a character leaves at most three bytes of it.
std::string_view without_torn_start(std::string_view text) {
  for (int i = 0; i < 3 && !text.empty(); ++i) {
    if (!continues_character(text.front())) break;
    text.remove_prefix(1);
  }
  return text;
}

}  // namespace

void OutputKeeper::add(std::string_view bytes) {
  if (total_ < kHead) {
    const auto at = static_cast<std::size_t>(total_);
    const std::size_t n = std::min(bytes.size(), kHead - at);
    std::memcpy(head_.data() + at, bytes.data(), n);
    total_ += n;
    bytes.remove_prefix(n);
  }
  if (bytes.size() > kTail) {
    total_ += bytes.size() - kTail;
    bytes.remove_prefix(bytes.size() - kTail);
  }
  while (!bytes.empty()) {
    const auto at = static_cast<std::size_t>((total_ - kHead) % kTail);
    const std::size_t n = std::min(bytes.size(), kTail - at);
    std::memcpy(tail_.data() + at, bytes.data(), n);
    total_ += n;
    bytes.remove_prefix(n);
  }
}

std::string OutputKeeper::raw_head() const {
  return {head_.data(),
          static_cast<std::size_t>(std::min<std::uint64_t>(total_, kHead))};
}

std::string OutputKeeper::raw_tail() const {
  if (total_ <= kHead) return {};
  const std::uint64_t past = total_ - kHead;
  if (past <= kTail) return {tail_.data(), static_cast<std::size_t>(past)};
  const auto oldest = static_cast<std::size_t>(past % kTail);
  return std::string(tail_.data() + oldest, kTail - oldest) +
         std::string(tail_.data(), oldest);
}

std::uint64_t OutputKeeper::missing() const {
  return total_ > kHead + kTail ? total_ - kHead - kTail : 0;
}

record::KeptOutput OutputKeeper::kept() const {
  record::KeptOutput kept;
  kept.bytes = total_;
  const std::string head = raw_head();
  if (total_ <= kHead) {
    kept.head = clean_utf8(head);
    return kept;
  }
  std::string_view whole_head = utf8_prefix(head, kHead);
  // A cut character at the very end is kept whole in the tail, where the
  // two still touch.
  for (std::size_t back = 1; back <= 3 && back <= head.size(); ++back) {
    const auto c = static_cast<unsigned char>(head[head.size() - back]);
    if (c < 0x80U) break;
    if (c < 0xC0U) continue;
    const std::size_t length = c < 0xE0U ? 2U : c < 0xF0U ? 3U : 4U;
    if (length > back) whole_head = whole_head.substr(0, head.size() - back);
    break;
  }
  const std::string tail = raw_tail();
  kept.head = clean_utf8(whole_head);
  kept.tail = missing() == 0 ? clean_utf8(head.substr(whole_head.size()) + tail)
                             : clean_utf8(without_torn_start(tail));
  return kept;
}

}  // namespace bezalel::run
