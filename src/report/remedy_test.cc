#include "report/remedy.h"

#include <doctest/doctest.h>

namespace bezalel::report {
namespace {

app::ScheduledJob line_of(std::string source) {
  app::ScheduledJob job;
  job.user = "ann";
  job.source = std::move(source);
  return job;
}

TEST_CASE("the table is adopted that has the job run") {
  CHECK(remedy(line_of("/etc/cron.d/shop")) ==
        "bezalel adopt --file /etc/cron.d/shop");
  CHECK(remedy(line_of("crontab of ann")) == "bezalel adopt --user ann");
  auto packaged = line_of("/etc/cron.d/mdadm");
  packaged.package = "mdadm";
  CHECK(remedy(packaged) ==
        "bezalel adopt --file /etc/cron.d/mdadm --packaged");
  // Of a script, the table whose line calls its directory; whose package the
  // script is of does not matter.
  auto script = line_of("/opt/jobs/one");
  script.package = "shop";
  script.caller = {"/etc/cron.d/opt", 3, ""};
  CHECK(remedy(script) == "bezalel adopt --file /etc/cron.d/opt");
  // Of a timer there is no table.
  auto timer = line_of("night.timer");
  timer.watch = app::Watch::trigger;
  timer.command = "night.target";
  CHECK(remedy(timer) == "systemctl list-dependencies night.target");
  timer.source = "night.timer of ann";
  CHECK(remedy(timer) == "systemctl --user list-dependencies night.target");
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
