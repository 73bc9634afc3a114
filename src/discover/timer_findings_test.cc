#include "discover/timer_findings.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace bezalel::discover {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// 2026-11-25 12:00 UTC
const Timestamp kNoon{seconds(1795608000)};

// A daily timer at midnight, healthy until a test changes it.
struct Daily {
  Told told;
  app::ScheduledJob job;
  Writer writer = Writer::other;

  Daily() {
    told.unit = {"backup.timer", "loaded", "active", "waiting"};
    told.timer.numbers["AccuracyUSec"] = 60'000'000;
    told.timer.calendars.push_back({"OnCalendar", "*-*-* 00:00:00"});
    job.source = "backup.timer";
    job.command = "backup.service";
    app::TimerEvidence e;
    e.last_trigger = kNoon - hours(12);
    e.next_elapse = kNoon + hours(12);
    e.started = kNoon - hours(12);
    e.finished = *e.started + minutes(5);
    e.result = "success";
    e.active_state = "inactive";
    e.timer_state = "waiting";
    e.file_state = "enabled";
    job.timer = e;
  }

  std::vector<app::Finding> look(Timestamp now = kNoon) const {
    return timer_findings({told, job,
                           calendars_of(told.timer, schedule::Zone::utc()), now,
                           [](const char* verb, const std::string& unit) {
                             return std::string(verb) + " " + unit;
                           },
                           writer});
  }
  std::string ids(Timestamp now = kNoon) const {
    std::string out;
    for (const app::Finding& f : look(now)) out += f.id + " ";
    return out;
  }
};

}  // namespace

TEST_CASE("a healthy timer has no finding") {
  CHECK(Daily().ids().empty());
}

TEST_CASE(
    "a timer that waits longer than its calendar says has a clock behind "
    "it that was set back") {
  Daily t;
  CHECK(t.ids(kNoon - days(10)).find("timer-late") != std::string::npos);
  const auto found = t.look(kNoon - days(10));
  CHECK(found.front().fix == "restart backup.timer");
  CHECK(found.front().message ==
        "waits until 2026-11-26T00:00:00Z, and is due at "
        "2026-11-16T00:00:00Z: was the clock set back?");

  t.told.timer.numbers["RandomizedDelayUSec"] = 3'600'000'000;
  t.job.timer->next_elapse = kNoon + hours(13);
  CHECK(t.ids().empty());
  t.told.timer.calendars.push_back({"OnCalendar", "*-*-* 18:00:00"});
  CHECK(t.ids() == "timer-late ");
}

TEST_CASE("a service that is still active swallows what elapses") {
  Daily t;
  t.told.unit.sub_state = "running";
  t.job.timer->timer_state = "running";
  t.job.timer->active_state = "activating";
  t.job.timer->next_elapse.reset();
  CHECK(t.ids().empty());
  CHECK(t.ids(kNoon + hours(12) + minutes(9)).empty());
  const auto found = t.look(kNoon + hours(13));
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == "timer-swallowed");
  CHECK(found[0].message ==
        "did not elapse at 2026-11-26T00:00:00Z: backup.service is still "
        "active");
  CHECK(found[0].fix == "stop backup.service");
  CHECK(found[0].alarm == core::Severity::p2);
}

TEST_CASE("a service that was active before its timer elapsed did not start") {
  Daily t;
  t.job.timer->timer_state = "running";
  t.job.timer->active_state = "active";
  t.job.timer->started = kNoon - days(2);
  CHECK(t.look().at(0).message ==
        "elapsed at 2026-11-25T00:00:00Z and started nothing: backup.service "
        "was still active");
}

TEST_CASE("a condition that does not hold is told of until the next start") {
  Daily t;
  t.job.timer->condition_ok = false;
  t.job.timer->started = kNoon - days(2);
  CHECK(t.ids() == "timer-condition ");
  t.job.timer->started.reset();
  CHECK(t.ids() == "timer-condition ");
  t.job.timer->started = kNoon - hours(1);  // by hand, since
  CHECK(t.ids().empty());
}

TEST_CASE("a timer is stopped only where somebody enabled it") {
  Daily t;
  t.told.unit.active_state = "inactive";
  CHECK(t.ids() == "timer-stopped ");
  for (const char* state : {"disabled", "static", "masked", ""}) {
    t.job.timer->file_state = state;
    CHECK(t.ids().empty());
  }
}

TEST_CASE("a timer that somebody wrote and never enabled is told") {
  Daily t;
  t.told.unit.active_state = "inactive";
  t.job.timer->file_state = "disabled";
  t.job.key = {0, "backup.timer"};
  t.writer = Writer::hand;
  REQUIRE(t.ids() == "timer-not-enabled ");
  CHECK(t.look()[0].alarm == core::Severity::p3);
  CHECK(t.look()[0].fix == "enable --now backup.timer");
  CHECK(t.look()[0].unless_known == t.job.key);
  for (const char* state : {"static", "masked", "linked", "indirect", ""}) {
    t.job.timer->file_state = state;
    CHECK(t.ids().empty());
  }
  t.job.timer->file_state = "disabled";
  t.told.unit.active_state = "active";
  CHECK(t.ids().empty());
}

TEST_CASE("a timer that its own condition holds back is no alarm") {
  Daily t;
  t.told.unit.active_state = "inactive";
  // Never looked at: nobody has started it.
  t.told.timer_state.numbers["ConditionResult"] = 0;
  CHECK(t.ids() == "timer-stopped ");
  t.told.timer_state.numbers["ConditionTimestamp"] = 1;
  REQUIRE(t.ids() == "timer-condition ");
  CHECK(t.look()[0].severity == app::FindingSeverity::info);
  CHECK_FALSE(t.look()[0].alarm);
  CHECK(t.look()[0].fix.empty());
  t.told.timer_state.numbers["ConditionResult"] = 1;
  CHECK(t.ids() == "timer-stopped ");
}

TEST_CASE("a timer without its service is not one to start") {
  Daily t;
  t.told.unit.active_state = "inactive";
  t.told.unit_of_service.texts["LoadState"] = "loaded";
  REQUIRE(t.look().size() == 1);
  CHECK(t.look()[0].fix == "start backup.timer");
  t.told.unit_of_service.texts["LoadState"] = "not-found";
  REQUIRE(t.look().size() == 1);
  CHECK(t.look()[0].message == "is enabled, and there is no backup.service");
  CHECK(t.look()[0].fix == "disable --now backup.timer");
}

TEST_CASE("a timer that waits for nothing to start says so before it elapses") {
  struct Row {
    const char *state, *message, *fix;
  };
  for (const Row& row :
       {Row{"masked", "will start nothing: backup.service is masked",
            "unmask backup.service"},
        Row{"not-found", "will start nothing: there is no backup.service",
            "disable --now backup.timer"},
        Row{"bad-setting",
            "will start nothing: systemd does not load backup.service "
            "(bad-setting)",
            "status backup.service"}}) {
    Daily t;
    t.told.unit_of_service.texts["LoadState"] = row.state;
    REQUIRE(t.ids() == "timer-broken ");
    CHECK(t.look()[0].message == row.message);
    CHECK(t.look()[0].fix == row.fix);
    CHECK(t.look()[0].alarm == core::Severity::p2);
  }
}

TEST_CASE("a timer that elapses once and has is over") {
  Daily t;
  t.told.timer.calendars.clear();
  t.told.timer.monotonics = {{"OnBootUSec", "", 900'000'000}};
  t.job.timer->next_elapse.reset();
  CHECK(t.ids().empty());
  // Unless nothing came of it.
  t.job.timer->waits_since = kNoon - days(1);
  CHECK(t.ids().empty());
  t.job.timer->started.reset();
  REQUIRE(t.ids() == "timer-no-next ");
  CHECK(t.look()[0].message ==
        "elapsed once, at 2026-11-25T00:00:00Z, and backup.service did not "
        "start");
  CHECK(t.look()[0].fix == "start backup.service");
  t.job.timer->condition_ok = false;
  CHECK(t.ids() == "timer-condition ");
  t.job.timer->condition_ok = true;
  t.told.timer.monotonics.push_back({"OnUnitActiveUSec", "", 900'000'000});
  CHECK(t.ids() == "timer-no-next ");
  t.told.timer.monotonics.pop_back();
  t.job.timer->last_trigger.reset();
  CHECK(t.ids() == "timer-no-next ");
}

TEST_CASE("what has no next time is mended where the fault lies") {
  Daily t;
  t.job.timer->next_elapse.reset();
  REQUIRE(t.ids() == "timer-no-next ");
  CHECK(t.look()[0].fix == "restart backup.timer");
  t.told.timer.calendars = {{"OnCalendar", "2001-01-01 00:00:00"}};
  REQUIRE(t.ids() == "timer-no-next ");
  CHECK(t.look()[0].message ==
        "has no next time: its OnCalendar lies wholly in the past");
  CHECK(t.look()[0].fix == "edit --full backup.timer");
  // OnUnitActiveSec alone: it counts from a start that has not been.
  t.told.timer.calendars.clear();
  t.job.timer->last_trigger.reset();
  REQUIRE(t.ids() == "timer-no-next ");
  CHECK(t.look()[0].fix == "start backup.service");
}

TEST_CASE("a timer of a package is for reports") {
  Daily t;
  t.told.unit.active_state = "failed";
  t.job.package = "apt";
  CHECK(t.look().at(0).alarm == core::Severity::p3);
}

TEST_CASE("numbers at the end of their range are no times") {
  Daily t;
  for (const char* name : {"AccuracyUSec", "RandomizedDelayUSec"}) {
    t.told.timer.numbers[name] = ~std::uint64_t{0};
  }
  CHECK(slack_of(t.told.timer) == Duration{});
  t.told.timer.calendars = {{"OnCalendar", "no such calendar"}};
  CHECK(t.ids().empty());
}

}  // namespace bezalel::discover
