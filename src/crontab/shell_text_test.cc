#include "crontab/shell_text.h"

#include <doctest/doctest.h>

namespace bezalel::crontab {
namespace {

// "a b|c" for the words of each command, nested ones in brackets.
std::string shape(std::string_view text) {
  std::string out;
  for (const SimpleCommand& c : read_shell(text).commands) {
    if (!out.empty()) out += '|';
    if (c.nested) out += '(';
    for (std::size_t i = 0; i < c.words.size(); ++i) {
      if (i > 0) out += ' ';
      out += c.words[i].text;
    }
    if (c.nested) out += ')';
  }
  return out;
}

TEST_CASE("a command is taken apart as sh would") {
  CHECK(shape("a b && c; d | e") == "a b|c|d|e");
  CHECK(shape("a 'b c' \"d e\" f\\ g") == "a b c d e f g");
  CHECK(shape("if test -x /a; then /a b; fi") == "test -x /a|/a b");
  CHECK(shape("x >/dev/null 2>&1 # c && d") == "x");
  CHECK(shape("(cd / && run)") == "(cd /)|(run)");
  CHECK(shape("a $(b c)") == "(b c)|a $(b c)");
  CHECK(shape("") == "");
  const ShellText both = read_shell("a $(b `c`) <(d) && (e)");
  std::string in_words;
  for (const SimpleCommand& c : both.commands) {
    if (c.in_word) in_words += c.words.front().text;
  }
  CHECK(in_words == "cb");
}

TEST_CASE("what is not closed is seen") {
  for (const char* open :
       {"echo '", "echo \"x", "a `b", "a $(b", "(a", "a $((1 + ", "a ${b",
        "a &&", "a |", "a ||", "x >"}) {
    CAPTURE(open);
    CHECK(read_shell(open).unclosed);
  }
  for (const char* closed :
       {"echo 'x'", "a $(b) `c` $((1+2)) ${d}", "a &", "a;", "(a) && b",
        "a; (b; c)", "x 2>&1", "echo \"$(echo \"x\")\""}) {
    CAPTURE(closed);
    CHECK_FALSE(read_shell(closed).unclosed);
  }
}

TEST_CASE("the quote that nothing closes is known") {
  CHECK(read_shell("echo \"x").open_quote == 5);
  CHECK(read_shell("echo it's").open_quote == 7);
  CHECK(read_shell("a 'b' `c").open_quote == 6);
  CHECK(read_shell("a \"$(b \"c").open_quote == 2);
  for (const char* other : {"a $(b", "a &&", "a ${b", "a \\\"", "a # don't"}) {
    CAPTURE(other);
    CHECK_FALSE(read_shell(other).open_quote);
  }
}

TEST_CASE("redirections know what they redirect") {
  const ShellText text = read_shell("x >a 2>&1 &>>b <c");
  REQUIRE(text.commands.size() == 1);
  const auto& r = text.commands[0].redirections;
  REQUIRE(r.size() == 4);
  CHECK((r[0].fd == 1 && r[0].op == ">" && r[0].target.text == "a"));
  CHECK((r[1].fd == 2 && r[1].op == ">&" && r[1].target.text == "1"));
  CHECK((r[2].fd == -1 && r[2].op == ">>" && r[2].target.text == "b"));
  CHECK((r[3].fd == 0 && r[3].op == "<" && r[3].target.text == "c"));
}

TEST_CASE("hostile text ends") {
  CHECK(read_shell(std::string(100'000, '(')).unsure);
  CHECK(read_shell(std::string(100'000, '`')).commands.size() < 100'000);
  std::string nested;
  for (int i = 0; i < 10'000; ++i) nested += "\"$(";
  CHECK(read_shell(nested).unclosed);
  read_shell(std::string("\0\xff\x80)};;<>|&\\", 11));
}

}  // namespace
}  // namespace bezalel::crontab
