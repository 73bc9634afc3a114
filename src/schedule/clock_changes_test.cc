#include "schedule/clock_changes.h"

#include <doctest/doctest.h>

namespace bezalel::schedule {
namespace {

constexpr Duration k400Days = std::chrono::hours(24) * 400;

Schedule cron(std::string_view text, const char* zone,
              Dialect dialect = Dialect::debian) {
  return Cron{*CronExpr::parse(text, dialect), *Zone::load(zone)};
}

Schedule timer(std::string_view text, const char* zone) {
  return OnCalendar{*Calendar::parse(text), *Zone::load(zone)};
}

std::string told(const Schedule& schedule,
                 std::string_view from = "2026-11-24T00:00:00Z") {
  std::string out;
  for (const auto& c :
       clock_changes(schedule, *parse_rfc3339(from), k400Days)) {
    if (!out.empty()) out += "; ";
    out += in_words(schedule, c);
  }
  return out;
}

TEST_CASE("Debian cron runs what a gap skips right after it") {
  CHECK(told(cron("30 2 * * *", "Europe/Berlin")) ==
        "Sun 28 Mar 2027 02:30 does not exist: Debian cron runs it at 03:00");
  CHECK(told(cron("0,10,50 2 * * *", "Europe/Berlin")) ==
        "Sun 28 Mar 2027 02:00 to 02:50 do not exist: Debian cron runs them "
        "at 03:00");
}

TEST_CASE("a wildcard job of one hour is skipped, one of every hour is not") {
  CHECK(told(cron("*/15 2 * * *", "Europe/Berlin")) ==
        "Sun 28 Mar 2027 02:00 to 02:45 do not exist: Debian cron skips them; "
        "Sun 31 Oct 2027 02:00 to 02:45 come twice: Debian cron runs them "
        "both times");
  CHECK(told(cron("*/15 * * * *", "Europe/Berlin")) == "");
  CHECK(told(cron("0 * * * *", "Europe/Berlin", Dialect::busybox)) == "");
}

TEST_CASE("a fixed job of every hour pauses while an hour repeats itself") {
  CHECK(told(cron("30 0-23 * * *", "Europe/Berlin")) ==
        "Sun 31 Oct 2027 02:30 comes twice: Debian cron runs it the first "
        "time only");
  CHECK(told(timer("hourly", "Europe/Berlin")) ==
        "Sun 31 Oct 2027 02:00 comes twice: systemd runs it the first time "
        "only");
}

TEST_CASE("busybox crond and systemd skip a gap; busybox doubles an overlap") {
  CHECK(told(cron("30 2 * * *", "Europe/Berlin", Dialect::busybox)) ==
        "Sun 28 Mar 2027 02:30 does not exist: busybox crond skips it; "
        "Sun 31 Oct 2027 02:30 comes twice: busybox crond runs it both times");
  CHECK(told(timer("02:30", "Europe/Berlin")) ==
        "Sun 28 Mar 2027 02:30 does not exist: systemd skips it");
  CHECK(told(timer("02:30 Europe/Berlin", "UTC")) ==
        "Sun 28 Mar 2027 02:30 does not exist: systemd skips it");
  CHECK(told(timer("daily", "America/Havana"), "2025-01-24T00:00:00Z")
            .starts_with(
                "Sun 9 Mar 2025 00:00 does not exist: systemd skips it"));
}

TEST_CASE("a day that is left out is skipped by every daemon") {
  CHECK(told(cron("30 2 * * *", "Pacific/Apia"), "2011-12-01T00:00:00Z")
            .starts_with(
                "Fri 30 Dec 2011 02:30 does not exist: Debian cron skips it"));
}

TEST_CASE("systemd gives up at some gaps, and that is told") {
  CHECK(told(timer("02:45", "Pacific/Chatham"), "2026-11-24T00:00:00Z")
            .find("gives up, and the timer has no next time") !=
        std::string::npos);
}

TEST_CASE("other times, days and kinds of schedule have no change") {
  CHECK(told(cron("30 4 * * *", "Europe/Berlin")) == "");
  CHECK(told(cron("30 2 * * 1", "Europe/Berlin")) == "");
  CHECK(told(cron("30 2 * * *", "Asia/Tokyo")) == "");
  CHECK(told(cron("0 2 30 2 *", "Europe/Berlin")) == "");
  CHECK(told(Every{std::chrono::hours(1)}) == "");
  CHECK(told(Manual{}) == "");
}

}  // namespace
}  // namespace bezalel::schedule
