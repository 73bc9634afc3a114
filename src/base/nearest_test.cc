#include "base/nearest.h"

#include <doctest/doctest.h>

namespace bezalel {
namespace {

TEST_CASE("a word is known by two letters that are wrong, and no more") {
  const std::vector<std::string> known{"percent", "bashism", "guarded"};
  CHECK(nearest_word("percnt", known) == "percent");
  CHECK(nearest_word("precent", known) == "percent");
  CHECK(nearest_word("bashisms", known) == "bashism");
  CHECK(nearest_word("gard", known).empty());
  CHECK(nearest_word("", known).empty());
  CHECK(nearest_word(std::string(100'000, 'x'), known).empty());
  CHECK(nearest_word("percent", {}).empty());
}

}  // namespace
}  // namespace bezalel
