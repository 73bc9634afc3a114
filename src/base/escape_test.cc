#include "base/escape.h"

#include <doctest/doctest.h>

namespace bezalel {
namespace {

TEST_CASE("foreign bytes become one harmless line") {
  CHECK(escape_line("plain text") == "plain text");
  CHECK(escape_line("a\nb\tc\\d") == "a\\nb\\tc\\d");
  CHECK(escape_line("\x1b[31mred\r") == "\\x1b[31mred\\x0d");
  CHECK(escape_line("\x7f") == "\\x7f");
  CHECK(escape_line("\xff\xfe") == "\\xff\\xfe");
  CHECK(escape_line("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(escape_line("\xc2\x9b") == "\\u{009b}");
  CHECK(escape_line("a\xe2\x80\xae"
                    "b") == "a\\u{202e}b");
  CHECK(escape_line("\xc3") == "\\xc3");
}

TEST_CASE("what is escaped already is not escaped again") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const std::string once = escape_line(all);
  CHECK(escape_line(once) == once);
  CHECK(escape_line(clean_utf8(std::string("a\0b", 3))) == "a\\x00b");
}

TEST_CASE("wide characters take two columns, marks none") {
  const std::string wide = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e";  // three
  CHECK(columns_of(wide) == 6);
  CHECK(columns_of("e\xcc\x81") == 1);
  CHECK(columns_of("gr\xc3\xbc\xff") == 4);
  CHECK(escape_line(wide, 6) == wide);
  CHECK(escape_line(wide, 5) == "\xe6\x97\xa5..");
  CHECK(columns_of(cut_middle(wide + wide, 8)) <= 8);
}

TEST_CASE("a line is cut to its columns, escapes whole") {
  CHECK(escape_line("abcdef", 6) == "abcdef");
  CHECK(escape_line("abcdefg", 6) == "abcd..");
  CHECK(escape_line("ab\ncdefg", 5) == "ab..");
  CHECK(escape_line("abc", 1) == ".");
  CHECK(escape_line("abc", 0).empty());
  CHECK(escape_line("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 3) == "\xc3\xbc..");
}

TEST_CASE("any bytes become valid UTF-8") {
  CHECK(clean_utf8("a\nb\tc\x01\xff") == "a\nb\tc\\x01\xef\xbf\xbd");
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK_FALSE(is_utf8(all));
  CHECK(is_utf8(clean_utf8(all)));
  CHECK(is_utf8(escape_line(all)));
}

TEST_CASE("overlong forms, surrogates and what lies beyond are no UTF-8") {
  for (const char* bad : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xe0\x80\x80", "\xf0\x80\x80\x80", "\x80"}) {
    CHECK_FALSE(is_utf8(bad));
  }
  CHECK(is_utf8("\xf0\x9f\x94\x94"));
}

TEST_CASE("a cut never splits a character") {
  const std::string text = "a\xc3\xbc\xf0\x9f\x94\x94z";  // 1 2 4 1
  for (std::size_t n = 0; n <= text.size(); ++n) {
    CAPTURE(n);
    CHECK(is_utf8(utf8_prefix(text, n)));
    CHECK(is_utf8(utf8_suffix(text, n)));
    CHECK(utf8_prefix(text, n).size() <= n);
    CHECK(utf8_suffix(text, n).size() <= n);
  }
  CHECK(utf8_prefix(text, 4) == "a\xc3\xbc");
  CHECK(utf8_suffix(text, 4) == "z");
}

TEST_CASE("a shell reads a quoted word back as it was") {
  CHECK(shell_quote("plain-1.2/x=y") == "plain-1.2/x=y");
  CHECK(shell_quote("") == "''");
  CHECK(shell_quote("a b") == "'a b'");
  CHECK(shell_quote("it's") == "'it'\\''s'");
  CHECK(shell_quote("~x") == "'~x'");
}

TEST_CASE("a long name is cut in its middle") {
  CHECK(cut_middle("abcdefghij", 10) == "abcdefghij");
  CHECK(cut_middle("abcdefghij", 8) == "abc..hij");
  CHECK(cut_middle("abcdefghij", 7) == "abc..ij");
  CHECK(cut_middle("abcdefghij", 2) == "..");
}

TEST_CASE("only unreserved characters stay unencoded") {
  CHECK(percent_encode("a-Z_0.~") == "a-Z_0.~");
  CHECK(percent_encode("a b/\xc3\xbc") == "a%20b%2F%C3%BC");
}

TEST_CASE("a line as it is written can be pasted") {
  CHECK(as_written("a\tb\\%c") == "a b\\%c");
  CHECK(as_written("\\") == "\\");
  CHECK(as_written("\t") == " ");
  CHECK(as_written("a\r\x1b[0m") == "a\\x0d\\x1b[0m");
  CHECK(as_written("") == "");
}

}  // namespace
}  // namespace bezalel
