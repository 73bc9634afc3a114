#include "report/unwrapped.h"

#include <doctest/doctest.h>

namespace bezalel::report {
namespace {

app::ScheduledJob line_of(std::string source) {
  app::ScheduledJob job;
  job.user = "ann";
  job.source = std::move(source);
  return job;
}

TEST_CASE("what took a job out of its wrapper is told where it is known") {
  auto job = line_of("/etc/cron.d/shop");
  CHECK(what_unwraps(job) == "no SHELL=/usr/bin/bezalel-sh stands above it");
  job.dialect = "systemd-cron";
  CHECK(what_unwraps(job).empty());
  auto script = line_of("/etc/cron.daily/tidy");
  script.caller = {"/etc/crontab", 7, ""};
  CHECK(what_unwraps(script) ==
        "/etc/crontab:7 has it run, and does not call bezalel any more");
}

}  // namespace
}  // namespace bezalel::report
