#include "base/boxed.h"

#include <doctest/doctest.h>

#include <string>

namespace bezalel {

TEST_CASE("a box is a value: copies do not share") {
  Boxed<std::string> a;
  CHECK_FALSE(a);
  a = std::string("one");
  Boxed<std::string> b = a;
  *b += " more";
  CHECK(*a == "one");
  CHECK(*b == "one more");
  CHECK(a != b);
  b = a;
  CHECK(a == b);
  const auto& same = b;
  b = same;
  CHECK(*b == "one");
  a.reset();
  CHECK_FALSE(a.has_value());
  CHECK(a != b);
  CHECK(a == Boxed<std::string>(std::nullopt));
}

TEST_CASE("an empty box is as wide as a pointer") {
  CHECK(sizeof(Boxed<std::string>) == sizeof(void*));
}

}  // namespace bezalel
