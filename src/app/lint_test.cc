#include "app/lint.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

LintContext context() {
  return {*schedule::Zone::load("UTC"), from_unix_seconds(1795500000)};
}

LintedFile linted(std::string text, crontab::Daemon daemon) {
  return lint_text(std::move(text), "a file", "", crontab::Kind::user, daemon,
                   context());
}

TEST_CASE("a path says which kind of table it would be") {
  for (const char* path : {"/etc/crontab", "etc/crontab", "/etc/cron.d/x",
                           "cron.d/x", "deploy/cron.d/x"}) {
    CHECK_MESSAGE(kind_of_path(path) == crontab::Kind::system, path);
  }
  for (const char* path : {"crontab", "x", "-", "cron.d", "mycron.d/x",
                           "/var/spool/cron/crontabs/ann", "home/crontab"}) {
    CHECK_MESSAGE(kind_of_path(path) == crontab::Kind::user, path);
  }
}

TEST_CASE("installed is where a daemon looks") {
  for (const char* path : {"/etc/crontab", "/etc/cron.d/x",
                           "/var/spool/cron/crontabs/ann", "/etc/crontabs/r"}) {
    CHECK_MESSAGE(is_installed(path), path);
  }
  for (const char* path : {"etc/crontab", "/etc/cron.daily/x", "/etc/crontab2",
                           "/srv/etc/cron.d/x"}) {
    CHECK_MESSAGE(!is_installed(path), path);
  }
}

TEST_CASE("a schedule that was put right comes with its next runs") {
  const LintedFile file =
      linted("0 22-2 * * * /bin/x\n", crontab::Daemon::debian);
  REQUIRE(file.findings.size() == 1);
  const auto& then = file.findings[0].then;
  REQUIRE(then.size() == 5);
  CHECK(format_rfc3339(then[0]) == "2026-11-24T22:00:00Z");
  for (std::size_t i = 1; i < then.size(); ++i) CHECK(then[i - 1] < then[i]);
}

TEST_CASE("a file that is refused loses all its jobs") {
  const LintedFile file = linted("0 1 * * * a\n61 * * * * b\n0 2 * * * c\n",
                                 crontab::Daemon::debian);
  CHECK(file.is_ignored());
  CHECK(file.lost() == file.jobs());
  CHECK(file.jobs() == 2);
  const LintedFile well = linted("0 1 * * * a\n", crontab::Daemon::debian);
  CHECK_FALSE(well.is_ignored());
  CHECK(well.lost() == 0);
  CHECK(well.jobs() == 1);
}

}  // namespace
}  // namespace bezalel::app
