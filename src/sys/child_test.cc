#include "sys/child.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <vector>

namespace bezalel::sys {
namespace {

constexpr Duration kPatience = std::chrono::seconds(60);

std::vector<Result<std::string>> answers(
    std::size_t count, const std::function<std::string(std::size_t)>& f,
    Duration timeout = kPatience) {
  std::vector<Result<std::string>> all;
  each_in_child(count, f, timeout,
                [&](std::size_t i, const Result<std::string>& answer) {
                  CHECK(i == all.size());
                  all.push_back(answer);
                });
  return all;
}

TEST_CASE("all answers come from one child, in order") {
  const std::string large(200'000, 'x');  // more than a pipe holds
  const auto all = answers(4, [&](std::size_t i) {
    return std::to_string(::getpid()) + (i == 2 ? large : "");
  });
  REQUIRE(all.size() == 4);
  for (const auto& answer : all) REQUIRE(answer.has_value());
  CHECK(*all[0] != std::to_string(::getpid()));
  CHECK(*all[1] == *all[0]);
  CHECK(*all[2] == *all[0] + large);
  CHECK(*all[3] == *all[0]);
}

TEST_CASE("an empty answer is one, and nothing asked is nothing told") {
  const auto all = answers(1, [](std::size_t) { return std::string(); });
  REQUIRE(all.size() == 1);
  CHECK(all[0].value() == "");
  CHECK(answers(0, [](std::size_t) { return std::string("no"); }).empty());
}

TEST_CASE("many that hang share what they are waited for") {
  Patience patience(std::chrono::seconds(5));
  Milliseconds all{0};
  for (int i = 0; i < 200; ++i) {
    // The first have their time, and none has nothing.
    CHECK(patience.for_next() >= Milliseconds(i < 3 ? 5000 : 50));
    all += patience.for_next();
    patience.use_up();
  }
  CHECK(all <= Milliseconds(6 * 5000 + 200 * 50));
}

TEST_CASE("what hangs or dies costs its own answer only") {
  const auto all = answers(
      5,
      [](std::size_t i) {
        while (i == 1) ::pause();
        if (i == 3) ::_exit(0);
        return std::to_string(i);
      },
      std::chrono::milliseconds(50));
  REQUIRE(all.size() == 5);
  CHECK(all[0].value() == "0");
  REQUIRE(!all[1].has_value());
  CHECK(all[1].error().kind == Kind::unavailable);
  CHECK(all[2].value() == "2");
  REQUIRE(!all[3].has_value());
  CHECK(all[3].error().kind == Kind::io);
  CHECK(all[4].value() == "4");
}

}  // namespace
}  // namespace bezalel::sys
