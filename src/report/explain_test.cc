#include "report/explain.h"

#include <doctest/doctest.h>

#include "report/fixtures.h"

namespace bezalel::report {
namespace {

using fixture::check_clean;
using fixture::check_golden;

using app::TypedSchedule;

app::Explanation explained(const TypedSchedule& typed,
                           const char* zone = "Europe/Berlin") {
  const auto schedule = app::read_schedule(typed, *schedule::Zone::load(zone));
  CAPTURE(typed.text);
  REQUIRE(schedule.has_value());
  return app::explain(typed, *schedule, *parse_rfc3339("2026-11-24T01:15:00Z"),
                      3, zone);
}

TEST_CASE("a schedule is explained at 80 columns, whatever is odd about it") {
  struct Case {
    const char* golden;
    TypedSchedule typed;
  };
  const Case cases[] = {
      {"explain-well.txt", {"0 3 * * 1-5"}},
      {"explain-clocks.txt", {"30 2 * * *"}},
      {"explain-never.txt", {"0 22-2 * * *"}},
      {"explain-odd.txt", {"*/90 8 1 * 5#2"}},
      {"explain-busybox.txt",
       {"30 2 * * 7", TypedSchedule::Form::by_shape,
        schedule::Dialect::busybox}},
      {"explain-calendar.txt", {"Mon..Fri 03:00"}},
      {"explain-no-date.txt", {"*-02-30 03:00"}},
      {"explain-past.txt", {"2020-01-01"}},
      {"explain-interval.txt", {"1h 30min"}},
      {"explain-reboot.txt", {"@reboot"}},
      {"explain-hostile.txt", {"0 3 * * 5\x1b[2J\xff"}},
  };
  for (const Case& c : cases) {
    const std::string text = explain_text(explained(c.typed));
    check_clean(text);
    check_golden(c.golden, text);
  }
  check_golden("explain.json", explain_json(explained({"30 22-2,2 * * 5#2"})));
}

TEST_CASE("a line of an anacrontab is explained by what anacron makes of it") {
  const auto text = explain_text(*app::explain_anacron("@daily 5", "UTC"));
  check_clean(text);
  check_golden("explain-anacron.txt", text);
}

TEST_CASE("a long schedule is cut, and offers no command that would not work") {
  std::string minutes = "0";
  for (int i = 1; i < 60; i += 3) minutes += ',' + std::to_string(i);
  const std::string text = explain_text(explained({minutes + " * * * *"}));
  check_clean(text);
  CHECK(text.ends_with("\nnext: man bezalel-explain\n"));
}

}  // namespace
}  // namespace bezalel::report
