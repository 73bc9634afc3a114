#include "record/redact.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

using bezalel::record::redact;

namespace {

std::vector<std::string> lines_of(const char* name) {
  std::ifstream file(std::string(BEZALEL_SOURCE_DIR "/tests/data/redaction/") +
                     name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  REQUIRE(!lines.empty());
  return lines;
}

}  // namespace

TEST_CASE("none of the known leaks passes") {
  const auto lines = lines_of("leaks.txt");
  CHECK(lines.size() >= 50);
  for (const std::string& marked : lines) {
    CAPTURE(marked);
    std::string text;
    std::vector<std::string> secrets;
    for (std::size_t at = 0; at < marked.size();) {
      const std::size_t begin = marked.find("[[", at);
      text += marked.substr(at, begin - at);
      if (begin == std::string::npos) break;
      const std::size_t end = marked.find("]]", begin);
      REQUIRE(end != std::string::npos);
      secrets.push_back(marked.substr(begin + 2, end - begin - 2));
      text += secrets.back();
      at = end + 2;
    }
    CHECK(!secrets.empty());
    const std::string out = redact(text);
    CAPTURE(out);
    CHECK(out.find("***") != std::string::npos);
    CHECK(out.size() <= 2 * text.size());
    for (const std::string& secret : secrets) {
      CHECK(out.find(secret) == std::string::npos);
    }
  }
}

TEST_CASE("harmless text stays as it is") {
  for (const std::string& text : lines_of("harmless.txt")) {
    CHECK(redact(text) == text);
  }
}

TEST_CASE("a PEM block loses what is between its lines, ended or not") {
  CHECK(redact("a\n-----BEGIN PRIVATE KEY-----\nfake\nfake\n"
               "-----END PRIVATE KEY-----\nb\n") ==
        "a\n-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----\nb\n");
  CHECK(redact("-----BEGIN PRIVATE KEY-----\nfake\n") ==
        "-----BEGIN PRIVATE KEY-----***");
}

TEST_CASE("an END that is none hides nothing of what comes behind it") {
  CHECK(
      redact("-----BEGIN A KEY-----\nabc\n-----END A K---\nTOKEN=abcdefgh\n") ==
      "-----BEGIN A KEY-----***-----END A K---\nTOKEN=***\n");
}

TEST_CASE("a kept end that begins within a key loses the key's lines") {
  CHECK(redact("kept 2 of 9 lines\nAbCd+/ef\nZZ==\n-----END PRIVATE KEY-----\n"
               "b\n") ==
        "kept 2 of 9 lines\n***-----END PRIVATE KEY-----\nb\n");
  CHECK(redact("d+/ef\nZZ==\n-----END X-----") == "***-----END X-----");
  CHECK(redact("a b\n-----END X-----") == "a b\n-----END X-----");
  CHECK(redact("key: |\n  AbCd+/ef\n  ZZ==\n  -----END X-----\n") ==
        "key: |\n***-----END X-----\n");
  CHECK(redact(R"({"key": "AbCd+/ef\nZZ==\n-----END X-----\n"})") ==
        R"({"key": "***-----END X-----\n"})");
  CHECK(redact("see -----END X-----") == "see -----END X-----");
}

TEST_CASE("an entry of .netrc loses its password, whatever its lines") {
  const struct {
    const char* text;
    const char* redacted;
  } rows[] = {
      {"machine h\nlogin ada\npassword fakeword\n",
       "machine h\nlogin ada\npassword ***\n"},
      {"machine h\r\n  login ada\r\n  password fakeword\r\n",
       "machine h\r\n  login ada\r\n  password ***\r\n"},
      {"default\n\tlogin ada\n\tpassword fakeword",
       "default\n\tlogin ada\n\tpassword ***"},
      {"machine h login ada\n  password fakeword\n",
       "machine h login ada\n  password ***\n"},
      {"machine h\n account a\n login ada\n password fakeword\n",
       "machine h\n account a\n login ada\n password ***\n"},
      {"machine h password fakeword login ada\n",
       "machine h password *** login ada\n"},
      {"machine h\n\tpassword fakeword\n\tlogin ada\n",
       "machine h\n\tpassword ***\n\tlogin ada\n"},
      {"the machine rests\na password is needed\n",
       "the machine rests\na password is needed\n"},
      {"login ada\npassword is needed\n", "login ada\npassword is needed\n"},
  };
  for (const auto& row : rows) CHECK(redact(row.text) == row.redacted);
}
