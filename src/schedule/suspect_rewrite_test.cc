#include "schedule/suspect_rewrite.h"

#include <doctest/doctest.h>

namespace bezalel::schedule {
namespace {

FieldTerms field_of(const std::string& text, std::size_t field) {
  const auto expr = CronExpr::parse(text);
  REQUIRE(expr.has_value());
  return field_terms(*expr)[field];
}

TEST_CASE("a range that runs backwards is written as two") {
  const auto hours = [](const std::string& hour) {
    const std::string text = "0 " + hour + " * * *";
    const FieldTerms field = field_of(text, 1);
    return wrapped(text, 1, field.range, field.terms[0]);
  };
  CHECK(hours("22-2") == "22-23,0-2");
  CHECK(hours("23-0") == "23,0");
  CHECK(hours("22-4/3") == "22,1,4");
  const std::string text = "0 0 * * fri-mon";
  const FieldTerms week = field_of(text, 4);
  CHECK(wrapped(text, 4, week.range, week.terms[0]) == "fri-sat,sun-mon");
}

TEST_CASE("what is dropped is put right where it can be said") {
  const auto minutes = [](const std::string& minute) {
    const std::string text = minute + " * * * *";
    return untangled(text, field_of(text, 0));
  };
  CHECK(minutes("*5") == "*/5 * * * *");
  CHECK(minutes("*-5") == "*/5 * * * *");
  CHECK(minutes("**/5") == "*/5 * * * *");
  CHECK(minutes("1..5") == "1-5 * * * *");
  CHECK(minutes("1.5") == "1,5 * * * *");
  CHECK(minutes("1;2") == "1,2 * * * *");
  CHECK(minutes("5*") == "");
  CHECK(minutes("1.x") == "");
}

TEST_CASE("bits are listed as ranges of three and more") {
  const FieldRange days{1, 31};
  CHECK(listed(0b1111'0110, days) == "1,2,4-7");
  CHECK(listed(0xfffffffe, days) == "*");
  CHECK(listed(std::uint64_t{1} << 31, days) == "31");
  CHECK(listed(0, days) == "");
}

}  // namespace
}  // namespace bezalel::schedule
