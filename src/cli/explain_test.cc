#include <doctest/doctest.h>

#include "cli/commands.h"

namespace bezalel::cli {
namespace {

const Timestamp kNow = *parse_rfc3339("2026-11-24T01:15:00Z");
constexpr schedule::Dialect kDebian = schedule::Dialect::debian;

ExplainOptions asked(const char* expression, const char* dialect = "debian") {
  ExplainOptions options;
  options.expression = expression;
  options.dialect = dialect;
  options.n = 1;
  return options;
}

TEST_CASE("what is asked of explain is taken as the options say") {
  auto calendar = asked("Mon 03:00");
  calendar.calendar = true;
  auto interval = asked("90");
  interval.every = true;
  auto zone = asked("0 3 * * *");
  zone.tz = "America/New_York";
  auto later = asked("0 3 * * *");
  later.from = "2027-05-01T00:00:00Z";
  struct Case {
    ExplainOptions options;
    const char* shown;
  };
  const Case cases[] = {
      {asked("0 3 * * *"), "read by         Debian cron, Europe/Riga"},
      {asked("0 3 * * *"), "next runs       Wed 25 Nov 2026 03:00"},
      {asked("30 2 * * 7", "busybox"), "out-of-range"},
      {asked("7 10", "anacron"), "every 7 days by the date of the last run"},
      {asked("0 0 12 * * ?", "quartz"),
       "read by         cron with Quartz's L, W and #, Europe/Riga"},
      {calendar, "read by         systemd"},
      {interval, "next runs"},
      {zone, "America/New_York"},
      {later, "Sun 2 May 2027"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.options.expression);
    CAPTURE(c.shown);
    const Said said = run_explain(c.options, kNow, "Europe/Riga", kDebian);
    CAPTURE(said.out);
    CHECK(said.status == 0);
    CHECK(said.err.empty());
    CHECK(said.out.find(c.shown) != std::string::npos);
  }
  auto json = asked("7 10", "anacron");
  json.format = "json";
  CHECK(run_explain(json, kNow, "UTC", kDebian)
            .out.find(R"("kind":"anacron","dialect":"anacron","tz":"UTC")") !=
        std::string::npos);
}

TEST_CASE(
    "without a dialect that of the host's own daemon is taken, and said") {
  const auto busybox = schedule::Dialect::busybox;
  const Said own = run_explain(asked("0 3 * * 1", ""), kNow, "UTC", busybox);
  CHECK(own.out.find("busybox crond (this host's), UTC") != std::string::npos);
  CHECK(own.out.find("next --cron '0 3 * * 1' --dialect busybox") !=
        std::string::npos);
  const Said named =
      run_explain(asked("0 3 * * 1", "debian"), kNow, "UTC", busybox);
  CHECK(named.out.find("Debian cron, UTC") != std::string::npos);
  const Said plain = run_explain(asked("0 3 * * 1", ""), kNow, "UTC", kDebian);
  CHECK(plain.out == named.out);
}

TEST_CASE("what cannot be explained is one line on stderr and status 2") {
  auto both = asked("1d");
  both.calendar = both.every = true;
  auto zone = asked("0 3 * * *");
  zone.tz = "Mars/Olympus";
  auto from = asked("0 3 * * *");
  from.from = "tomorrow";
  for (const ExplainOptions& options :
       {asked("61 * * * *"), asked("@daily", "anacron"),
        asked("0 3 * * *", "anacron"), both, zone, from}) {
    CAPTURE(options.expression);
    const Said said = run_explain(options, kNow, "UTC", kDebian);
    CHECK(said.status == 2);
    CHECK(said.out.empty());
    CHECK(said.err.starts_with("bezalel: explain: "));
    CHECK(said.err.find('\n') == said.err.size() - 1);
  }
}

}  // namespace
}  // namespace bezalel::cli
