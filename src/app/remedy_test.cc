#include "app/remedy.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

ScheduledJob line_of(std::string source) {
  ScheduledJob job;
  job.user = "ann";
  job.source = std::move(source);
  return job;
}

TEST_CASE("the table is adopted that has the job run") {
  CHECK(remedy(line_of("/etc/cron.d/shop")) ==
        "bezalel adopt --file /etc/cron.d/shop");
  CHECK(remedy(line_of("crontab of ann")) == "bezalel adopt --user ann");
  ScheduledJob of_busybox = line_of("crontab of ann");
  of_busybox.by_hand = true;
  CHECK(remedy(of_busybox) ==
        "bezalel adopt --print --user ann  # for the top of its table");
  ScheduledJob of_timers = line_of("crontab of ann");
  of_timers.dialect = "systemd-cron";
  CHECK(remedy(of_timers) == "bezalel adopt --wrap --user ann");
  of_timers.source = "/etc/cron.d/shop";
  CHECK(remedy(of_timers) == "bezalel adopt --wrap --file /etc/cron.d/shop");
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
  timer.watch = Watch::trigger;
  timer.command = "night.target";
  CHECK(remedy(timer) == "systemctl list-dependencies night.target");
  timer.source = "night.timer of ann";
  CHECK(remedy(timer) == "systemctl --user list-dependencies night.target");
}

}  // namespace
}  // namespace bezalel::app
