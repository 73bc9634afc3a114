#include "schedule/cron_field.h"

#include <doctest/doctest.h>

namespace bezalel::schedule {
namespace {

TEST_CASE("a name is three letters in any case") {
  CHECK(name_index(kMonthNames, "jan") == 0);
  CHECK(name_index(kMonthNames, "DeC") == 11);
  CHECK(name_index(kWeekdayNames, "sat") == 6);
  // "anf" stands in "janfeb", but at no name's place.
  for (const char* word : {"", "ja", "janu", "anf", "123", "j\xe4n"}) {
    CAPTURE(word);
    CHECK(name_index(kMonthNames, word) == -1);
  }
  CHECK(name_index({}, "jan") == -1);
}

TEST_CASE("a number is read as the C library of the daemons does") {
  struct Case {
    const char* digits;
    int value;
  };
  const Case cases[] = {
      {"0", 0},
      {"007", 7},
      {"2147483647", 2147483647},
      {"2147483648", -2147483647 - 1},
      {"4294967295", -1},
      {"4294967296", 0},
      {"4294967301", 5},
      {"9223372036854775807", -1},
      {"9223372036854775808", -1},
      {"99999999999999999999999999", -1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.digits);
    CHECK(wrapping_int(c.digits) == c.value);
  }
}

TEST_CASE("a range sets its steps, and fails at what is outside") {
  const auto bits = [](int first, int last, int step) {
    std::uint64_t out = 0;
    return set_range(kHour, first, last, step, out) ? out : ~std::uint64_t{0};
  };
  CHECK(bits(0, 23, 12) == ((1ULL << 0) | (1ULL << 12)));
  CHECK(bits(5, 5, 1) == 1ULL << 5);
  CHECK(bits(22, 2, 1) == 0);
  CHECK(bits(3, 23, 2147483647) == 1ULL << 3);
  CHECK(bits(-1, 3, 1) == ~std::uint64_t{0});
  CHECK(bits(0, 24, 1) == ~std::uint64_t{0});
  CHECK(bits(0, 2147483647, 2147483647) == ~std::uint64_t{0});
}

TEST_CASE("what is no value is left where it stands") {
  int value = -7;
  FieldText name("fri-mon");
  CHECK(name.take_value(kWeekday, value) == nullptr);
  CHECK(value == 5);
  CHECK(name.here() == '-');
  FieldText other("friday");
  CHECK(std::string_view(other.take_value(kWeekday, value)) == kNotValue);
  CHECK(other.at() == 0);
  FieldText joined("12x");
  CHECK(std::string_view(joined.take_number(value)) == kNotValue);
  CHECK(joined.at() == 0);
  FieldText nothing("");
  CHECK(std::string_view(nothing.take_number(value)) == kNotValue);
  CHECK(nothing.here() == '\0');
  // The daemon's buffer for a word.
  const std::string longest(99, '0');
  CHECK(FieldText(longest).take_number(value) == nullptr);
  const std::string longer(100, '0');
  CHECK(std::string_view(FieldText(longer).take_number(value)) == kNotValue);
}

}  // namespace
}  // namespace bezalel::schedule
