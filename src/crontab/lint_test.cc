#include <doctest/doctest.h>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("a healthy crontab has no remarks") {
  CHECK(of("MAILTO=\"\"\n# c\n\n17 3 * * 1-5 /usr/bin/x\n@daily y\n").empty());
}

TEST_CASE("a text that is no crontab gives a bounded number of remarks") {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "x\n";
  CHECK(of(text).size() <= 102);
  CHECK(of(std::string(2'000'000, 'x')).size() == 1);
}

}  // namespace
}  // namespace bezalel::crontab
