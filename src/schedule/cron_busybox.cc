#include "schedule/cron_busybox.h"

#include <algorithm>
#include <optional>

namespace bezalel::schedule {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Reader {
 public:
  Reader(const BusyboxField& field, std::string_view text)
      : field_(field), rest_(text) {}

  std::uint64_t read() {
    while (term() && !rest_.empty() && rest_.front() == ',') {
      rest_.remove_prefix(1);
    }
    return bits_;
  }

 private:
  std::int64_t digits() {
    std::int64_t value = 0;
    while (!rest_.empty() && is_digit(rest_.front())) {
      value = std::min<std::int64_t>(value * 10 + (rest_.front() - '0'),
                                     1'000'000'000);
      rest_.remove_prefix(1);
    }
    return value;
  }

  std::optional<std::int64_t> value() {
    if (!rest_.empty() && is_digit(rest_.front())) {
      return digits() + field_.offset;
    }
    if (rest_.size() < 3) return std::nullopt;
    for (std::size_t i = 0; i < field_.names.size(); i += 3) {
      const bool same =
          std::equal(rest_.begin(), rest_.begin() + 3, field_.names.begin() + i,
                     [](char a, char b) { return lower(a) == b; });
      if (!same) continue;
      rest_.remove_prefix(3);
      return static_cast<std::int64_t>(i / 3);
    }
    return std::nullopt;
  }

  // False where it stops to understand.
  bool term() {
    std::int64_t first = 0;
    std::int64_t last = field_.modulus - 1;
    bool steps = false;
    if (!rest_.empty() && rest_.front() == '*') {
      rest_.remove_prefix(1);
      steps = true;
    } else {
      const auto from = value();
      if (!from) return false;
      first = last = *from;
      if (!rest_.empty() && rest_.front() == '-') {
        rest_.remove_prefix(1);
        const auto to = value();
        if (!to) return false;
        last = *to;
        steps = true;
      }
    }
    std::int64_t step = 1;
    if (!rest_.empty() && rest_.front() == '/') {
      rest_.remove_prefix(1);
      step = digits();
    }
    fill(first, last, steps ? step : 1);
    return last >= 0 && last < field_.modulus;
  }

  // Goes up from `first`, round and round, until it meets `last`; gives up
  // after 1024 values where it never does.
  void fill(std::int64_t first, std::int64_t last, std::int64_t step) {
    constexpr int kGivesUp = 1024;
    const std::int64_t modulus = field_.modulus;
    std::int64_t at = ((first % modulus) + modulus) % modulus;
    for (std::int64_t n = 0; n < kGivesUp; ++n) {
      if (n == 0 || (step > 0 && n % step == 0)) {
        bits_ |= std::uint64_t{1} << at;
      }
      if (at == last) return;
      at = (at + 1) % modulus;
    }
  }

  const BusyboxField& field_;
  std::string_view rest_;
  std::uint64_t bits_ = 0;
};

}  // namespace

std::uint64_t busybox_field(const BusyboxField& field, std::string_view text) {
  return Reader(field, text).read();
}

}  // namespace bezalel::schedule
