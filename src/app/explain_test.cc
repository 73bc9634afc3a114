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
  CHECK(kind_of({"25:00"}).find("column ") == 0);
  CHECK(kind_of({"1 dya", TypedSchedule::Form::interval})
            .starts_with("column 3: "));
  CHECK(kind_of({"0", TypedSchedule::Form::interval}) ==
        "0 is no interval; expected more");
  CHECK(kind_of({""}).find("expected") != std::string::npos);
  CHECK(kind_of({std::string("0 3\n* * *")}).find('\n') == std::string::npos);
}

TEST_CASE("a line of an anacrontab is explained without next runs") {
  struct Case {
    const char* text;
    const char* words;
    const char* rule;
  };
  const Case cases[] = {
      {"1 5", "once a day, 5 minutes after anacron starts", ""},
      {" 7\t10 ",
       "every 7 days by the date of the last run, 10 minutes after anacron "
       "starts",
       ""},
      {"@monthly 1",
       "once a month by the date of the last run, 1 minute after anacron "
       "starts",
       ""},
      {"@yearly 0", "once a year by the date of the last run, at once", ""},
      {"1 5 cron.daily run-parts /etc/cron.daily",
       "once a day, 5 minutes after anacron starts", ""},
      {"0 5", "each time anacron starts, 5 minutes later", "every-start"},
      {"@daily 5", "each time anacron starts, 5 minutes later", "misread"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto said = explain_anacron(c.text, "UTC");
    REQUIRE(said.has_value());
    CHECK(said->words == c.words);
    CHECK(said->next.empty());
    CHECK((said->oddities.empty() ? "" : said->oddities[0].rule) == c.rule);
  }
  for (const char* text : {"", "7", "x 5", "7 x", "7 -5", "A=b c", "7 5\n1 5",
                           "7 5 a/b x", "0 3 * * *", "# 1 5"}) {
    CAPTURE(text);
    const auto said = explain_anacron(text, "UTC");
    REQUIRE_FALSE(said.has_value());
    CHECK(said.error().what.find("expected") != std::string::npos);
  }
}

}  // namespace
}  // namespace bezalel::app
