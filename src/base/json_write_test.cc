#include "base/json_write.h"

#include <doctest/doctest.h>

#include "base/json_read.h"

namespace bezalel {
namespace {

TEST_CASE("commas stand between values and nowhere else") {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("v").value(1).key("list").begin_array();
  w.value("a").value(true).null().begin_object().end_object();
  w.begin_array().end_array().raw("0.25").end_array();
  CHECK_FALSE(w.done());
  w.key("n").value(std::int64_t{-5}).key("u").value(std::uint64_t{7});
  w.end_object();
  CHECK(w.done());
  CHECK(out == R"({"v":1,"list":["a",true,null,{},[],0.25],"n":-5,"u":7})");
}

TEST_CASE("any bytes make a valid JSON string") {
  std::string out;
  append_json_string(out, "q\" b\\ n\n t\t \x01 \xff \xc3\xbc");
  CHECK(out == "\"q\\\" b\\\\ n\\n t\\t \\u0001 \xef\xbf\xbd \xc3\xbc\"");
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  out.clear();
  append_json_string(out, all);
  CHECK(JsonValue::parse(out).has_value());
}

TEST_CASE("what is written is read back the same") {
  const std::string text = std::string("a\0b", 3) + "\x7f\"\\/\b\f\r\n\t";
  std::string out;
  append_json_string(out, text);
  CHECK(JsonValue::parse(out)->as_string() == text);
}

}  // namespace
}  // namespace bezalel
