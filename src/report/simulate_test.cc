#include "report/simulate.h"

#include <doctest/doctest.h>

#include "report/fixtures.h"

namespace bezalel::report {
namespace {

using fixture::check_clean;

app::Launch launch() {
  app::CronStart start;
  start.source = "/etc/cron.d/x:3";
  start.command = "backup --all";
  start.settings = {{"API_TOKEN", "s3cret"}, {"SHELL", "/usr/bin/bezalel-sh"}};
  return app::launch_of(start, {"ann", 1000, 1000, "/home/ann"}, {});
}

bool says(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("what a job would be started with is told, its secrets are not") {
  app::Launch l = launch();
  const std::string text = launch_text({"backup", "ann", "backup --all"}, l);
  check_clean(text);
  CHECK(text.starts_with("backup of ann, as /etc/cron.d/x:3 starts it\n"));
  CHECK(says(text, "  shell      /bin/sh -c\n"));
  CHECK(says(text, "  user       ann (1000)\n"));
  CHECK(says(text, "  input      none\n"));
  CHECK(says(text, "/usr/bin/bezalel-sh is passed over"));
  CHECK(says(text, "  API_TOKEN="));
  CHECK_FALSE(says(text, "s3cret"));
  CHECK(text.ends_with("\nnext: bezalel simulate ann/backup\n"));
  l.input = "two\n";
  CHECK(says(launch_text({"backup", "ann", ""}, l), "  input      4 bytes\n"));
}

TEST_CASE("foreign text of a job stays on its line") {
  app::Launch l = launch();
  l.source = "crontab of a\nb:1";
  l.directory = "/x\x1b[2J";
  check_clean(launch_text({"j", "a\nb", "c\rd"}, l));
  CHECK(launch_line({"j", "u", ""}, l).find("nothing is recorded") !=
        std::string::npos);
  app::Launch own = l;
  own.command = "/usr/bin/bezalel run j -- true";
  CHECK(launch_line({"j", "u", ""}, own).find("records this run") !=
        std::string::npos);
  // The same before it is started.
  own.recorder = "/usr/bin/bezalel-sh";
  const std::string shown = launch_text({"j", "u", ""}, own);
  CHECK(says(shown, "  records    its own line records the run\n"));
  CHECK_FALSE(says(shown, "passed over"));
  CHECK(launch_line({"j", "a\nb", ""}, l).find('\n') ==
        launch_line({"j", "a\nb", ""}, l).size() - 1);
}

TEST_CASE("how it ended is told, and why a program is not found") {
  const app::Launch l = launch();
  CHECK(end_text(l, {0, "", "", true}) == "bezalel: exit 0\n");
  CHECK(end_text(l, {7, "x", "", false}) == "bezalel: exit 7\n");
  CHECK(end_text(l, {143, "x", "", false}) == "bezalel: ended by signal 15\n");
  // It is there, and what it calls is not.
  CHECK(end_text(l, {127, "x", "", true}) == "bezalel: exit 127\n");
  CHECK(says(end_text(l, {127, "x", "", false}),
             "x is nowhere in cron's PATH (/usr/bin:/bin), nor in the usual"));
  CHECK(says(end_text(l, {127, "x", "/opt/bin/x", false}),
             "or a line PATH=/opt/bin:/usr/bin:/bin above the job\n"));
}

TEST_CASE("a timer's service is told with what systemd gives it") {
  const SimulatedUnit unit{{"backup", "root", "backup.service"},
                           "nightly.timer"};
  app::UnitFacts facts = app::read_unit(
      "ExecStart={ path=/x ; argv[]=/x --token=s3cret ; ignore_errors=no ; }\n"
      "User=ann\nResult=success\nExecMainCode=1\n");
  const std::string text = unit_text(unit, facts, "LANG=C\nPATH=/bin\n");
  check_clean(text);
  CHECK(says(text, "backup of root, as nightly.timer has systemd start it\n"));
  CHECK(says(text, "  unit       backup.service\n"));
  CHECK(says(text, "  user       ann\n"));
  CHECK(says(text, "  directory  /\n"));
  CHECK(says(text, "  PATH=/bin\n"));
  CHECK_FALSE(says(text, "s3cret"));
  CHECK(text.ends_with("\nnext: bezalel simulate root/backup --start\n"));
  CHECK(unit_end_text(unit, facts) ==
        "bezalel: exit 0\nnext: journalctl -u backup.service\n");
  facts.status = 203;
  facts.result = "exit-code";
  CHECK(says(unit_end_text(unit, facts),
             "bezalel: systemd could not start it: the program of ExecStart="));
  facts.condition_ok = false;
  CHECK(unit_end_text(unit, facts) ==
        "bezalel: not started: a condition of backup.service does not hold\n");
}

}  // namespace
}  // namespace bezalel::report
