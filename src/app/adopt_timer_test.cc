// Adopting timers, over drop-ins in memory.
#include "app/adopt_timer.h"

#include <doctest/doctest.h>

#include <map>

namespace bezalel::app {
namespace {

class FakeDropIns final : public DropIns {
 public:
  std::map<std::string, std::string> services;  // timer -> service
  std::map<std::string, std::string> files;     // path -> text

  Result<TimerUnit> find(const std::string& timer) override {
    const auto found = services.find(timer);
    if (found == services.end()) return err(Kind::not_found, timer);
    return TimerUnit{timer, found->second, "/u/" + found->second};
  }
  std::vector<TimerUnit> present() override {
    std::vector<TimerUnit> units;
    for (const auto& [path, text] : files) {
      units.push_back({{}, path.substr(3), path});
    }
    return units;
  }
  Result<std::string> read(const TimerUnit& unit) override {
    return files.contains(unit.path) ? files[unit.path] : std::string();
  }
  Result<void> write(const DropInEdit&) override { return {}; }
  Result<void> reload() override { return {}; }
};

TEST_CASE("only what systemd takes as a timer's name is one") {
  for (const char* name :
       {"a.timer", "backup@db-1.timer", "x:y_z.timer", "a\\x2db.timer"}) {
    CHECK_MESSAGE(is_timer_name(name), name);
  }
  for (const char* name : {"", ".timer", "a", "a.service", "-a.timer",
                           "a/b.timer", "a b.timer", "a\n.timer", "a.timer "}) {
    CHECK_MESSAGE(!is_timer_name(name), name);
  }
  CHECK_FALSE(is_timer_name(std::string(250, 'x') + ".timer"));
}

TEST_CASE("a drop-in says what made it and how to undo it") {
  CHECK(drop_in_text("backup.timer", "/usr/bin/bezalel", "2026-11-24") ==
        "# Adopted 2026-11-24. Undo: bezalel release --timer backup.timer\n"
        "# If bezalel is gone, this file does nothing, and may be deleted.\n"
        "[Service]\n"
        "ExecStopPost=-+/usr/bin/bezalel beat backup.timer --unit\n");
}

TEST_CASE("adopting twice changes nothing, not even the date") {
  FakeDropIns drop_ins;
  drop_ins.services["a.timer"] = "a.service";
  const auto first = adopt_timer(drop_ins, "a.timer", "/bin/b", "2026-11-24");
  REQUIRE(first);
  CHECK(first->before.empty());
  drop_ins.files[first->unit.path] = first->after;
  const auto again = adopt_timer(drop_ins, "a.timer", "/bin/b", "2027-01-01");
  REQUIRE(again);
  CHECK(again->before == again->after);
  // The program lies elsewhere now.
  const auto moved = adopt_timer(drop_ins, "a.timer", "/opt/b", "2027-01-01");
  REQUIRE(moved);
  CHECK(moved->after == drop_in_text("a.timer", "/opt/b", "2027-01-01"));
}

TEST_CASE("what is another's is left alone") {
  FakeDropIns drop_ins;
  drop_ins.services["a.timer"] = drop_ins.services["b.timer"] = "a.service";
  drop_ins.files["/u/a.service"] = "[Service]\nNice=5\n";
  const auto foreign = adopt_timer(drop_ins, "a.timer", "/bin/b", "2026-11-24");
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().what ==
        "/u/a.service: expected no file of another hand");
  drop_ins.files["/u/a.service"] =
      drop_in_text("a.timer", "/bin/b", "2026-11-24");
  const auto second = adopt_timer(drop_ins, "b.timer", "/bin/b", "2026-11-24");
  REQUIRE_FALSE(second);
  CHECK(second.error().what ==
        "/u/a.service: is there for a.timer, which starts the same service");
  CHECK_FALSE(adopt_timer(drop_ins, "none.timer", "/bin/b", "2026-11-24"));
}

TEST_CASE("released is what is ours, by name or all of it") {
  FakeDropIns drop_ins;
  drop_ins.files["/u/a.service"] = drop_in_text("a.timer", "/b", "2026-11-24");
  drop_ins.files["/u/b.service"] = drop_in_text("b.timer", "/b", "2026-11-24");
  drop_ins.files["/u/c.service"] = "[Service]\nNice=5\n";
  const auto one = release_timers(drop_ins, "b.timer");
  REQUIRE(one);
  REQUIRE(one->size() == 1);
  CHECK(one->front().unit.timer == "b.timer");
  CHECK(one->front().before == drop_ins.files["/u/b.service"]);
  CHECK(one->front().after.empty());
  CHECK(release_timers(drop_ins, "")->size() == 2);
  CHECK(release_timers(drop_ins, "none.timer")->empty());
}

}  // namespace
}  // namespace bezalel::app
