#include "app/pace.h"

#include <doctest/doctest.h>

using namespace bezalel;
using namespace bezalel::app;
using record::Outcome;
using std::chrono::milliseconds;

namespace {

RunRow run(double seconds, Outcome outcome = Outcome::ok) {
  RunRow row;
  row.end.emplace();
  row.end->outcome = outcome;
  row.end->duration = milliseconds(static_cast<int>(seconds * 1000));
  return row;
}

// The finding of a run of `seconds` behind `before`.
std::string id(std::vector<RunRow> before, double seconds,
               Outcome outcome = Outcome::ok) {
  before.push_back(run(seconds, outcome));
  const auto f = out_of_pace({0, "backup"}, before, "backup", "bezalel");
  return f ? f->id : "";
}

std::vector<RunRow> ten(double seconds) {
  return std::vector<RunRow>(10, run(seconds));
}

}  // namespace

TEST_CASE("a run is out of pace beyond all that the job did before") {
  struct Case {
    double before, seconds;
    const char* id;
  };
  const Case cases[] = {
      {60, 5.9, "run-too-fast"},
      {60, 0, "run-too-fast"},
      {60, 6, ""},
      {60, 180, ""},
      {60, 181, "run-too-slow"},
      {10, 0.9, "run-too-fast"},
      {9.9, 0, ""},
      {9.9, 900, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.before);
    CAPTURE(c.seconds);
    CHECK(id(ten(c.before), c.seconds) == c.id);
  }
}

TEST_CASE("with too few runs, or none of one pace, nothing is said") {
  auto few = ten(60);
  few.pop_back();
  CHECK(id(few, 0).empty());
  // One of them was over at once, and one took long, all the same.
  auto mixed = ten(60);
  mixed.push_back(run(0.1));
  mixed.push_back(run(900));
  CHECK(id(mixed, 0.2).empty());
  CHECK(id(mixed, 800).empty());
  // Nor is it news that one was shorter by a blink, or longer by a second.
  CHECK(id(mixed, 0.05).empty());
  CHECK(id(mixed, 901).empty());
  CHECK(id(mixed, 1126) == "run-too-slow");
  auto seconds = ten(60);
  seconds.push_back(run(3));
  CHECK(id(seconds, 1.6).empty());
  CHECK(id(seconds, 1.4) == "run-too-fast");
}

TEST_CASE("failures and skips have no pace, and hide none") {
  CHECK(id(ten(60), 0, Outcome::fail).empty());
  auto runs = ten(60);
  for (int i = 0; i < 20; ++i) runs.push_back(run(0, Outcome::fail));
  CHECK(id(runs, 0) == "run-too-fast");
  runs.push_back(run(0));
  runs.push_back(run(0, Outcome::skipped));
  CHECK(out_of_pace({0, "backup"}, runs, "x", "bezalel")->id == "run-too-fast");
  // Still in flight.
  runs.emplace_back();
  CHECK(out_of_pace({0, "backup"}, runs, "x", "bezalel")->id == "run-too-fast");
}

TEST_CASE("only the newest thirty successes are looked at") {
  std::vector<RunRow> runs(10, run(0.1));
  for (int i = 0; i < 30; ++i) runs.push_back(run(60));
  CHECK(id(runs, 0.2) == "run-too-fast");
}

TEST_CASE("the message says what was usual, and nothing foreign breaks it") {
  auto runs = ten(60);
  runs.push_back(run(1));
  const auto f = out_of_pace({7, "a"}, runs, "a\nb", "bezalel");
  REQUIRE(f);
  CHECK(f->fix == "bezalel logs 7/a");
  CHECK(f->alarm == core::Severity::p3);
  CHECK(f->message.find('\n') == std::string::npos);
  CHECK(out_of_pace({0, "backup"}, runs, "backup", "bezalel")->message ==
        "backup succeeded in 1s; its last 10 runs took 1m to 1m");
}
