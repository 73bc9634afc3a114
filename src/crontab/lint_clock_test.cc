#include <doctest/doctest.h>

#include "crontab/lint.h"

namespace bezalel::crontab {
namespace {

// What is said of the clocks, from 26 November 2026 in that zone.
std::string told(std::string text, Daemon daemon,
                 const char* zone = "Europe/Berlin") {
  Where where;
  where.clock = {*schedule::Zone::load(zone),
                 *parse_rfc3339("2026-11-26T00:00:00Z")};
  std::string out;
  for (const Remark& r :
       lint(parse(std::move(text), Kind::user, daemon), where)) {
    if (r.rule != "clock-change") continue;
    out += std::to_string(r.line) + ':' + std::to_string(r.column) + '+' +
           std::to_string(r.width) + ' ' +
           (r.weight == Weight::info ? "info" : "warning") + ": " + r.message +
           ": " + r.effect + (r.fix.empty() ? "" : " > " + r.fix) + '\n';
  }
  return out;
}

TEST_CASE("a run that a change of the clocks loses is told") {
  CHECK(told("30 2 * * * true\n", Daemon::busybox) ==
        "1:1+10 warning: Sun 28 Mar 2027 02:30 does not exist: busybox crond "
        "skips it; Sun 31 Oct 2027 02:30 comes twice. > 30 3 * * * true\n");
  CHECK(told("*/20 2 * * * true\n", Daemon::debian) ==
        "1:1+12 warning: Sun 28 Mar 2027 02:00 to 02:40 do not exist: Debian "
        "cron skips them; Sun 31 Oct 2027 02:00 to 02:40 come twice. > */20 3 "
        "* * * true\n");
}

TEST_CASE("a run that is only moved is not told") {
  CHECK(told("30 2 * * * true\n", Daemon::debian) == "");
  CHECK(told("*/20 * * * * true\n@daily true\n", Daemon::debian) == "");
  CHECK(told("30 2 * * * true\n", Daemon::busybox, "Asia/Tokyo") == "");
  CHECK(told("30 4 * * * true\n", Daemon::busybox) == "");
}

TEST_CASE("an hour that is no plain number is told without another one") {
  CHECK(told("30 1-3 * * * true\n", Daemon::busybox).find(" > ") ==
        std::string::npos);
  CHECK(told("30 4294967298 * * * true\n", Daemon::debian) == "");
}

TEST_CASE("cronie's CRON_TZ holds from its line on") {
  CHECK(told("*/20 2 * * * a\nCRON_TZ=Asia/Tokyo\n*/20 2 * * * b\n",
             Daemon::cronie)
            .find("\n3:") == std::string::npos);
  CHECK(told("CRON_TZ=Europe/Berlin\n*/20 2 * * * b\n", Daemon::cronie, "UTC")
            .starts_with("2:1+12 warning: "));
}

TEST_CASE("it is allowed by its name") {
  CHECK(told("30 2 * * * true # bezalel: allow=clock-change\n",
             Daemon::busybox) == "");
}

}  // namespace
}  // namespace bezalel::crontab
