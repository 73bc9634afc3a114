#include "base/json_read.h"

#include <doctest/doctest.h>

namespace bezalel {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a flat record gives its members by name") {
  const auto record = JsonValue::parse(
      R"( {"v":1,"job":"db_backup","t":1795500000.25,"ok":true,"x":null} )");
  REQUIRE(record.has_value());
  CHECK(record->member("v")->as_int() == 1);
  CHECK(record->member("job")->as_string() == "db_backup");
  CHECK(record->member("t")->as_unix() ==
        from_unix_seconds(1'795'500'000) + 250ms);
  CHECK(record->member("ok")->as_bool() == true);
  CHECK(record->member("x")->type() == JsonValue::Type::null);
  CHECK_FALSE(record->member("none").has_value());
  CHECK_FALSE(record->member("job")->as_int().has_value());
  CHECK_FALSE(record->member("v")->as_string().has_value());
}

TEST_CASE("of a repeated name the last counts, escaped or not") {
  const auto record = JsonValue::parse(R"({"a":1,"\u0061":2})");
  CHECK(record->member("a")->as_int() == 2);
}

TEST_CASE("one pass meets every member in order") {
  const auto record =
      JsonValue::parse(R"({"a":{"b":[1,"}"]},"c":[],"d":"\"x"})");
  std::string seen;
  record->for_each_member([&](std::string_view name, const JsonValue& value) {
    seen += std::string(name) + "=" + std::string(value.raw()) + ";";
  });
  CHECK(seen == R"(a={"b":[1,"}"]};c=[];d="\"x";)");
}

TEST_CASE("elements of an array are counted from nothing") {
  const auto list = JsonValue::parse(R"([1, [2, 3], {"a":4}, "x"])");
  CHECK(list->element(0)->as_int() == 1);
  CHECK(list->element(1)->element(1)->as_int() == 3);
  CHECK(list->element(2)->member("a")->as_int() == 4);
  CHECK(list->element(3)->as_string() == "x");
  CHECK_FALSE(list->element(4).has_value());
  CHECK_FALSE(JsonValue::parse("[]")->element(0).has_value());
}

TEST_CASE("what is not one whole JSON value is refused") {
  for (const char* bad :
       {"",          " ",       "{",          "}",      "[1,]",     "{\"a\":}",
        "{\"a\" 1}", "{a:1}",   "{,}",        "[1 2]",  "01",       "1.",
        ".5",        "+1",      "-",          "1e",     "tru",      "nul",
        "\"",        "\"\\x\"", "\"\\u12\"",  "\"\n\"", "\"\xff\"", "1 1",
        "{} x",      "[}",      "{\"a\":1,}", "'a'",    "NaN",      "Infinity",
        "\"\\"}) {
    CAPTURE(bad);
    CHECK_FALSE(JsonValue::parse(bad).has_value());
  }
  CHECK_FALSE(JsonValue::parse(std::string_view("1\0", 2)).has_value());
}

TEST_CASE("nesting ends at sixteen, however long the text") {
  const std::string deep = std::string(16, '[') + std::string(16, ']');
  CHECK(JsonValue::parse(deep).has_value());
  const std::string deeper = '[' + deep + ']';
  CHECK_FALSE(JsonValue::parse(deeper).has_value());
  const std::string open(1'000'000, '[');
  CHECK_FALSE(JsonValue::parse(open).has_value());
}

TEST_CASE("every cut of a valid record is refused") {
  const std::string whole = R"({"a":"\u00e9\n","b":[1.5e3,true],"c":{}})";
  REQUIRE(JsonValue::parse(whole).has_value());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CHECK_FALSE(
        JsonValue::parse(std::string_view(whole).substr(0, n)).has_value());
  }
}

TEST_CASE("escapes come out as what they stand for") {
  CHECK(JsonValue::parse(R"("\ud83d\udd14\u00fc\/\b\"")")->as_string() ==
        "\xf0\x9f\x94\x94\xc3\xbc/\b\"");
  // Half a pair is no character.
  CHECK(JsonValue::parse(R"("\ud83dx")")->as_string() == "\xef\xbf\xbdx");
  CHECK(JsonValue::parse(R"("\udd14")")->as_string() == "\xef\xbf\xbd");
}

TEST_CASE("numbers that do not fit are nothing") {
  CHECK_FALSE(JsonValue::parse("9223372036854775808")->as_int().has_value());
  CHECK(JsonValue::parse("-9223372036854775808")->as_int().has_value());
  CHECK_FALSE(JsonValue::parse("1.5")->as_int().has_value());
  CHECK_FALSE(JsonValue::parse("1e400")->as_double().has_value());
  CHECK_FALSE(JsonValue::parse("1e300")->as_unix().has_value());
  CHECK(JsonValue::parse("1.7e9")->as_unix() ==
        from_unix_seconds(1'700'000'000));
  CHECK(JsonValue::parse("0.25")->as_seconds() == 250ms);
}

}  // namespace
}  // namespace bezalel
