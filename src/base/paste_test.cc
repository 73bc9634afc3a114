#include "base/paste.h"

#include <doctest/doctest.h>

#include <cstdio>

namespace bezalel {
namespace {

// What a shell makes of the word.
std::string read_back(const std::string& shell, const std::string& word) {
  const std::string line =
      "exec " + shell + " <<'END'\nprintf '%s' " + word + "\nEND\n";
  std::FILE* out = ::popen(line.c_str(), "r");
  REQUIRE(out != nullptr);
  std::string text;
  for (int c; (c = std::fgetc(out)) != EOF;) text += static_cast<char>(c);
  CHECK(::pclose(out) == 0);
  return text;
}

TEST_CASE("what is plain is pasted as it is") {
  CHECK(paste_word("/etc/cron.d/x") == "/etc/cron.d/x");
  CHECK(paste_word("a b") == "'a b'");
  CHECK(paste_word("") == "''");
  CHECK(paste_word("a\033b") == "\"$(printf 'a\\033b')\"");
}

TEST_CASE("a shell reads any bytes back, pasted as one line of ASCII") {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  for (const std::string& word :
       {all, std::string("a\nb"), std::string("\n"), std::string("a\n\n"),
        std::string("it's \r 100%\\n"), std::string("\xc3\xa9"),
        std::string("$x`y`\n\"")}) {
    const std::string pasted = paste_word(word);
    CAPTURE(pasted);
    for (const char c : pasted) CHECK((c >= ' ' && c <= '~'));
    CHECK(read_back("sh", pasted) == word);
    CHECK(read_back("bash", pasted) == word);
  }
}

}  // namespace
}  // namespace bezalel
