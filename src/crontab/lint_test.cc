#include <doctest/doctest.h>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("a healthy crontab has no remarks") {
  CHECK(of("MAILTO=\"\"\n# c\n\n17 3 * * 1-5 /usr/bin/x\n@daily y\n").empty());
}

TEST_CASE("a comment on the line or right above it silences one rule") {
  CHECK(of("0 1 * * * x # bezalel: allow=carriage-return\r\n").empty());
  CHECK(of("# bezalel: job=x allow=file-ignored,other\n# more\n61 * * * * x\n")
            .empty());
  CHECK(of("# bezalel: allow=file-ignored\n\n61 * * * * x\n").size() == 1);
  CHECK(of("# bezalel: allow=other\n61 * * * * x\n").size() == 1);
}

TEST_CASE("a text that is no crontab gives a bounded number of remarks") {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "x\n";
  CHECK(of(text).size() <= 102);
  CHECK(of(std::string(2'000'000, 'x')).size() == 1);
}

}  // namespace
}  // namespace bezalel::crontab
