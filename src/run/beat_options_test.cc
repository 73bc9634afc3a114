#include "run/beat_options.h"

#include <doctest/doctest.h>

namespace bezalel::run {
namespace {

BeatLine parsed(std::vector<std::string> words,
                const std::optional<UnitResult>& around = {}) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_beat_line(pointers, around);
}

TEST_CASE("a beat says which job went how") {
  const BeatLine line =
      parsed({"db", "--status", "fail", "--message=a\nb", "--every", "1d"});
  CHECK(line.problems.empty());
  REQUIRE(line.job);
  CHECK(line.job->str() == "db");
  CHECK(line.outcome == record::Outcome::fail);
  CHECK(line.message.find('\n') == std::string::npos);
  CHECK(line.schedule.every == "1d");
}

TEST_CASE("of a wrong option a beat is made all the same") {
  const BeatLine line = parsed({"db", "--status", "good"});
  CHECK(line.job);
  CHECK_FALSE(line.useless);
  CHECK(line.problems.size() == 1);
  CHECK_FALSE(parsed({}).job);
  CHECK_FALSE(parsed({"db", "--", "x"}).job);
}

TEST_CASE("--unit is nothing outside of a service") {
  CHECK(parsed({"db", "--unit"}).useless);
  const BeatLine line =
      parsed({"db", "--unit"}, unit_result("success", "exited", "0"));
  CHECK_FALSE(line.useless);
  CHECK(line.problems.empty());
}

}  // namespace
}  // namespace bezalel::run
