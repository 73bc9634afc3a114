#include "schedule/cron_field.h"

#include <limits>

namespace bezalel::schedule {
namespace {

// The daemon's buffer for one word holds 99 characters.
constexpr std::size_t kLongestWord = 99;

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

int name_index(std::string_view names, std::string_view word) {
  if (word.size() != 3) return -1;
  const char key[3] = {lower(word[0]), lower(word[1]), lower(word[2])};
  for (std::size_t i = 0; i < names.size(); i += 3) {
    if (names.substr(i, 3) == std::string_view(key, 3)) {
      return static_cast<int>(i / 3);
    }
  }
  return -1;
}

int wrapping_int(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, c - '0', &value)) {
      value = std::numeric_limits<std::int64_t>::max();
      break;
    }
  }
  return static_cast<int>(static_cast<std::uint32_t>(value));
}

bool set_range(const Field& rule, int first, int last, int step,
               std::uint64_t& bits) {
  // In 64 bits, so that a huge step leaves the range instead of wrapping.
  for (std::int64_t i = first; i <= last; i += step) {
    if (i < rule.low || i > rule.high) return false;
    bits |= std::uint64_t{1} << i;
  }
  return true;
}

std::string_view FieldText::take_word() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_alnum(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

Complaint FieldText::take_value(const Field& names, int& value) {
  const std::size_t begin = at_;
  const int index = name_index(names.names, take_word());
  if (index >= 0) {
    value = index + names.first_name;
    return nullptr;
  }
  at_ = begin;
  return take_number(value);
}

Complaint FieldText::take_number(int& value) {
  const std::size_t begin = at_;
  const std::string_view word = take_word();
  if (!word.empty() && word.size() <= kLongestWord &&
      word.find_first_not_of("0123456789") == std::string_view::npos) {
    value = wrapping_int(word);
    return nullptr;
  }
  at_ = begin;
  return kNotValue;
}

}  // namespace bezalel::schedule
