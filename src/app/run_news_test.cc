// Through whole cycles: what counts is what becomes of the runs there.
#include "app/run_news.h"

#include <doctest/doctest.h>

#include "app/fake_cycle.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::open_of;
using std::chrono::minutes;

TEST_CASE("a job that ends while it is looked at is not lost") {
  FakeHost host;
  record::RunStart start;
  start.job = "a";
  start.run_id = "r1";
  start.at = host.clock.wall();
  record::RunEnd end;
  end.job = "a";
  end.run_id = "r1";
  end.at = end.started = start.at;
  end.outcome = record::Outcome::ok;
  host.runs.news.records = {{{0, "a"}, start}};
  host.runs.lives["r1"] = core::Life::gone;
  SUBCASE("its end was written before its process was looked for") {
    host.runs.when_asked.records = {{{0, "a"}, end}};
    notify(host);
    CHECK(open_of(host).empty());
  }
  SUBCASE("known from an earlier look, too") {
    host.runs.lives["r1"] = core::Life::alive;
    notify(host);
    host.runs.lives["r1"] = core::Life::gone;
    host.runs.when_asked.records = {{{0, "a"}, end}};
    const auto seen = only_look(host.world);
    REQUIRE(seen);
    CHECK(core::status_of(seen->look.jobs[0].verdict) != core::Status::lost);
    host.runs.when_asked.records = {{{0, "a"}, end}};
    notify(host);
    CHECK(open_of(host).empty());
  }
  SUBCASE("what began meanwhile was there a moment ago") {
    record::RunStart other = start;
    other.run_id = "r2";
    other.at += std::chrono::seconds(1);
    host.clock.advance(minutes(1));
    host.runs.lives["r2"] = core::Life::gone;
    host.runs.when_asked.records = {{{0, "a"}, end}, {{0, "a"}, other}};
    notify(host);
    CHECK(open_of(host).empty());
    notify(host);
    REQUIRE(open_of(host).size() == 1);
    CHECK(open_of(host)[0].verdict == "lost");
  }
  SUBCASE("without an end it is") {
    notify(host);
    REQUIRE(open_of(host).size() == 1);
    CHECK(open_of(host)[0].verdict == "lost");
  }
}

}  // namespace
}  // namespace bezalel::app
