#include "app/explain.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

std::string kind_of(const TypedSchedule& typed) {
  const auto zone = schedule::Zone::utc();
  const auto schedule = read_schedule(typed, zone);
  if (!schedule) return schedule.error().what;
  return explain(typed, *schedule, *parse_rfc3339("2026-11-24T00:00:00Z"), 1,
                 "UTC")
      .kind;
}

TEST_CASE("what is typed is taken for what it looks like") {
  struct Case {
    const char* text;
    const char* kind;
  };
  const Case cases[] = {
      {"0 3 * * *", "cron"},
      {"  0 3 * * *", "cron"},
      {"@daily", "cron"},
      {"@reboot", "reboot"},
      {"1 2 3 4 5", "cron"},
      {"1d 2h 3min 4s 5ms", "every"},
      {"1d", "every"},
      {"90", "every"},
      {"1h 30min", "every"},
      {"daily", "calendar"},
      {"03:00", "calendar"},
      {"Mon..Fri 03:00", "calendar"},
      {"*-*-01 04:00 Europe/Riga", "calendar"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(kind_of({c.text}) == c.kind);
  }
  CHECK(kind_of({"1d", TypedSchedule::Form::interval}) == "every");
  CHECK(kind_of({"daily", TypedSchedule::Form::calendar}) == "calendar");
}

TEST_CASE("what cannot be read is named with its column") {
  CHECK(kind_of({"0 25 * * *"}) ==
        "column 3: hour \"25\": out of range; expected 0-23");
  CHECK(kind_of({"0 3 * *"}).starts_with("column 8: 4 fields; expected 5"));
  CHECK(kind_of({"@dayly"}).starts_with("column 1: \"@dayly\": unknown"));
  CHECK(kind_of({" @every 5m"}) ==
        "column 2: cron has no @every; expected five fields, as */5 * * * *, "
        "or an interval, as --every 5m");
  CHECK(read_expression("@every 5m", schedule::Dialect::debian).error().what ==
        "cron has no @every; expected five fields, as */5 * * * *, or an "
        "interval, as --every 5m");
  // What is advised is what that cron takes.
  using schedule::Dialect;
  const std::string quartz =
      read_expression("@every 5m", Dialect::quartz).error().what;
  CHECK(quartz ==
        "cron has no @every; expected six fields, as 0 */5 * * * ?, or an "
        "interval, as --every 5m");
  CHECK(read_expression("0 */5 * * * ?", Dialect::quartz));
  for (const Dialect d : {Dialect::debian, Dialect::cronie, Dialect::busybox,
                          Dialect::systemd_cron}) {
    CHECK(read_expression("*/5 * * * *", d));
  }
  CHECK(kind_of({"@every"}).find("cron has no @every") != std::string::npos);
  CHECK(kind_of({"@everyone"}).find("cron has no") == std::string::npos);
  CHECK(kind_of({"25:00"}).find("column ") == 0);
  CHECK(kind_of({"1 dya", TypedSchedule::Form::interval})
            .starts_with("column 3: "));
  CHECK(kind_of({"0", TypedSchedule::Form::interval}) ==
        "0 is no interval; expected more");
  CHECK(kind_of({""}).find("expected") != std::string::npos);
  CHECK(kind_of({std::string("0 3\n* * *")}).find('\n') == std::string::npos);
}

}  // namespace
}  // namespace bezalel::app
