#include "schedule/schedule.h"

#include <doctest/doctest.h>

namespace bezalel::schedule {
namespace {

using namespace std::chrono_literals;

Timestamp at(std::string_view text) {
  return *parse_rfc3339(text);
}

Schedule cron(std::string_view expr, std::string_view zone) {
  return Cron{*CronExpr::parse(expr), *Zone::load(zone)};
}

Schedule calendar(std::string_view text, std::string_view zone) {
  return OnCalendar{*Calendar::parse(text), *Zone::load(zone)};
}

TEST_CASE("each kind of schedule has its next and its previous") {
  const Timestamp t = at("2026-05-05T12:00:00Z");
  CHECK(next_after(Every{24h}, t) == t + 24h);
  CHECK(previous_before(Every{24h}, t) == t - 24h);
  CHECK(next_after(cron("0 3 * * *", "Europe/Riga"), t) ==
        at("2026-05-06T00:00:00Z"));
  CHECK(previous_before(calendar("03:00", "Europe/Riga"), t) ==
        at("2026-05-05T00:00:00Z"));
  CHECK_FALSE(next_after(Manual{}, t));
  CHECK_FALSE(previous_before(Reboot{}, t));
  CHECK_FALSE(next_after(Every{24h}, Timestamp::max()));
}

TEST_CASE("a schedule reads as it was written, with its zone") {
  CHECK(describe(Every{24h}) == "every 1d");
  CHECK(describe(cron("0 3 * * *", "Europe/Riga")) ==
        "0 3 * * * (Europe/Riga)");
  CHECK(describe(calendar("Mon..Fri 3:0", "Europe/Riga")) ==
        "Mon..Fri *-*-* 03:00:00 (Europe/Riga)");
  CHECK(describe(calendar("daily Asia/Tokyo", "Europe/Riga")) ==
        "*-*-* 00:00:00 Asia/Tokyo");
  CHECK(describe(Manual{}) == "manual");
  CHECK(describe(cron("@reboot", "UTC")) == "@reboot");
}

TEST_CASE("cron may be ten minutes late per hour that a gap skipped that day") {
  const Schedule job = cron("30 3 * * *", "Europe/Riga");
  CHECK(dst_catch_up(job, at("2026-03-29T01:00:00Z")) == 10min);
  CHECK(dst_catch_up(job, at("2026-03-29T19:00:00Z")) == 10min);
  CHECK(dst_catch_up(job, at("2026-03-28T22:30:00Z")) == 10min);
  CHECK(dst_catch_up(job, at("2026-03-30T00:30:00Z")) == 0min);
  CHECK(dst_catch_up(job, at("2026-10-25T00:30:00Z")) == 0min);
  CHECK(dst_catch_up(cron("0 3 * * *", "Antarctica/Troll"),
                     at("2026-03-29T12:00:00Z")) == 20min);
  CHECK(dst_catch_up(cron("0 3 * * *", "Pacific/Apia"),
                     at("2011-12-30T11:00:00Z")) == 0min);
  CHECK(dst_catch_up(calendar("03:30", "Europe/Riga"),
                     at("2026-03-29T12:00:00Z")) == 0min);
}

TEST_CASE("a zone is known by its exact name and nothing else") {
  CHECK(Zone::load("Europe/Riga").has_value());
  CHECK(Zone::load("UTC")->name() == "UTC");
  CHECK(Zone::load("Europe/Rigga").error().kind == Kind::not_found);
  for (const char* bad :
       {"", "/etc/passwd", "../UTC", "Europe/../UTC", "localtime",
        "Fixed/UTC+01:00:00", "file:x", "Europe/Riga "}) {
    CAPTURE(bad);
    const auto zone = Zone::load(bad);
    REQUIRE_FALSE(zone.has_value());
    CHECK(zone.error().kind == Kind::invalid);
  }
}

TEST_CASE("going back through a calendar meets what going forward met") {
  for (const char* name : {"UTC", "Europe/Riga", "America/New_York",
                           "Australia/Lord_Howe", "Asia/Beirut"}) {
    const Zone zone = *Zone::load(name);
    for (const char* text : {"hourly", "*:0/15", "03:30", "Mon..Fri 02:30",
                             "monthly", "*-*~01", "*-02-29 12:00"}) {
      const Calendar event = *Calendar::parse(text);
      Timestamp t = at("2026-03-01T00:00:00Z");
      for (int i = 0; i < 60; ++i) {
        CAPTURE(name);
        CAPTURE(text);
        CAPTURE(format_rfc3339(t));
        const auto after = next(event, zone, t);
        if (!after && t > at("2190-01-01T00:00:00Z")) break;
        REQUIRE(after.has_value());
        REQUIRE(*after > t);
        if (i > 0) REQUIRE(previous(event, zone, *after) == t);
        t = *after;
      }
    }
  }
}

TEST_CASE("a day that one of the months has is found") {
  const Timestamp t = at("2026-05-05T12:00:00Z");
  const std::pair<const char*, const char*> cases[] = {
      {"*-02-29", "2028-02-29T00:00:00Z"},
      {"*-02,04-30", "2027-04-30T00:00:00Z"},
      {"*-02..04-31", "2027-03-31T00:00:00Z"},
      {"*-02/2-31", "2026-08-31T00:00:00Z"},
      {"*-*-31", "2026-05-31T00:00:00Z"},
      {"*-02-28,31", "2027-02-28T00:00:00Z"},
      {"*-02~01", "2027-02-28T00:00:00Z"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(next_after(calendar(text, "UTC"), t) == at(expected));
  }
  for (const char* text : {"*-02-31", "*-02,04-31", "*-4/5-31", "*-02-30"}) {
    CAPTURE(text);
    CHECK_FALSE(next_after(calendar(text, "UTC"), t));
    CHECK_FALSE(previous_before(calendar(text, "UTC"), t));
  }
}

TEST_CASE("a calendar event that is past or impossible has no next time") {
  const Calendar never = *Calendar::parse("*-02-31");
  CHECK_FALSE(next(never, Zone::utc(), Timestamp{}));
  CHECK_FALSE(previous(never, Zone::utc(), at("2026-01-01T00:00:00Z")));
  const Calendar once = *Calendar::parse("2003-03-05 05:40");
  CHECK_FALSE(next(once, Zone::utc(), at("2026-01-01T00:00:00Z")));
  CHECK(previous(once, Zone::utc(), at("2026-01-01T00:00:00Z")) ==
        at("2003-03-05T05:40:00Z"));
  CHECK_FALSE(next(once, Zone::utc(), Timestamp::max()));
  CHECK(next(once, Zone::utc(), Timestamp::min()) ==
        at("2003-03-05T05:40:00Z"));
}

}  // namespace
}  // namespace bezalel::schedule
