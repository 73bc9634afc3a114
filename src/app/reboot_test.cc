#include "app/reboot.h"

#include <doctest/doctest.h>

using namespace bezalel;
using namespace bezalel::app;
using std::chrono::minutes;

namespace {

const Timestamp kNow = from_unix_seconds(1'795'500'000);

core::Job at_reboot() {
  core::Job job;
  job.key = {0, "warm"};
  core::Expectation e;
  e.schedule = schedule::Reboot{};
  job.expectation = e;
  return job;
}

RunRow run_of(const std::string& boot_id) {
  RunRow run;
  run.start.emplace();
  run.start->boot_id = boot_id;
  run.start->at = kNow - minutes(600);
  return run;
}

Moment up_for(Duration d) {
  return {kNow, BootTime(d), "here"};
}

}  // namespace

TEST_CASE("a job of an earlier boot was missed in this one") {
  const auto f = reboot_missed(at_reboot(), {run_of("before")},
                               up_for(minutes(20)), "warm");
  REQUIRE(f);
  CHECK(f->id == "reboot-missed");
  CHECK(f->source == "warm");
  CHECK(f->alarm == core::Severity::p2);
}

TEST_CASE("a job that ran in this boot was not missed") {
  CHECK_FALSE(reboot_missed(at_reboot(), {run_of("here"), run_of("before")},
                            up_for(minutes(20)), "warm"));
}

TEST_CASE("a boot has a quarter of an hour for its jobs") {
  CHECK_FALSE(reboot_missed(at_reboot(), {run_of("before")},
                            up_for(minutes(14)), "warm"));
}

TEST_CASE("what never ran, is paused, or runs at other times is not missed") {
  CHECK_FALSE(reboot_missed(at_reboot(), {}, up_for(minutes(20)), "warm"));
  CHECK_FALSE(
      reboot_missed(at_reboot(), {run_of("")}, up_for(minutes(20)), "warm"));
  core::Job paused = at_reboot();
  paused.paused.emplace();
  CHECK_FALSE(
      reboot_missed(paused, {run_of("before")}, up_for(minutes(20)), "warm"));
  core::Job daily = at_reboot();
  daily.expectation->schedule = schedule::Every{std::chrono::days(1)};
  CHECK_FALSE(
      reboot_missed(daily, {run_of("before")}, up_for(minutes(20)), "warm"));
}
