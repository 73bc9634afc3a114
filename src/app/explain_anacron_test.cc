#include <doctest/doctest.h>

#include "app/explain.h"

namespace bezalel::app {
namespace {

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

TEST_CASE("what is explained is the schedule as anacron has it") {
  const auto said = explain_anacron(" 7\t010  w run-parts /x ", "Europe/Riga");
  REQUIRE(said.has_value());
  CHECK(said->text == "7 10");
  CHECK(said->dialect == "anacron");
  CHECK(said->zone == "Europe/Riga");
}

TEST_CASE("of a whole line the column of what is wrong is named") {
  const auto said = explain_anacron("1 5 a/b x", "UTC");
  REQUIRE_FALSE(said.has_value());
  CHECK(said.error().what.starts_with("column 1: expected `period delay id"));
}

}  // namespace
}  // namespace bezalel::app
