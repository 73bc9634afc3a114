#include "base/interner.h"

#include <doctest/doctest.h>

#include <string>

namespace bezalel {

TEST_CASE("equal values are one object") {
  Interner<std::string> interner;
  const auto first = interner.of("every 1d");
  CHECK(*first == "every 1d");
  CHECK(interner.of("every 1h") != first);
  CHECK(interner.of("every 1d") == first);
}

TEST_CASE("a value is right however many came before it") {
  Interner<std::string> interner;
  const auto kept = interner.of("again");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) {
      const std::string text = std::to_string(i);
      CHECK(*interner.of(text) == text);
      CHECK(*interner.of("again") == "again");
    }
  }
  CHECK(*kept == "again");
  CHECK(interner.of("again") == kept);
}

}  // namespace bezalel
