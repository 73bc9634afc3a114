#include "app/simulate_unit.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

TEST_CASE("what systemctl shows of a service is read by its names") {
  const UnitFacts unit = read_unit(
      "Type=oneshot\nRemainAfterExit=no\nResult=success\n"
      "ExecStart={ path=/bin/a ; argv[]=/bin/a -x y=z ; ignore_errors=no ; "
      "start_time=[n/a] ; pid=0 }\n"
      "ExecStart={ path=/bin/b ; argv[]=/bin/b ; ignore_errors=yes ; pid=0 }\n"
      "Environment=A=1 \"B=two words\"\nWorkingDirectory=/srv\nUser=ann\n"
      "EnvironmentFiles=/etc/a (b) (ignore_errors=no)\n"
      "EnvironmentFiles=/etc/c (ignore_errors=yes)\n"
      "LoadState=loaded\nActiveState=inactive\nExecMainCode=1\n"
      "ExecMainStatus=7\nConditionResult=no\nConditionTimestampMonotonic=0\n"
      "garbage\n=\n");
  CHECK(unit.commands == std::vector<std::string>{"/bin/a -x y=z", "/bin/b"});
  CHECK(unit.environment == "A=1 \"B=two words\"");
  CHECK(environment_of(unit) == Variables{{"A", "1"}, {"B", "two words"}});
  CHECK(unit.files == std::vector<std::string>{"/etc/a (b)", "/etc/c"});
  CHECK(unit.directory == "/srv");
  CHECK(unit.user == "ann");
  CHECK(unit.status == 7);
  // It was never asked.
  CHECK(unit.condition_ok);
  CHECK_FALSE(is_running(unit));
  CHECK(read_unit("").commands.empty());
}

TEST_CASE("how a service ended is told as a shell tells it") {
  struct Case {
    const char* shown;
    int status;
  };
  const Case cases[] = {
      {"Result=success\nExecMainCode=1\nExecMainStatus=0", 0},
      {"Result=exit-code\nExecMainCode=1\nExecMainStatus=7", 7},
      {"Result=exit-code\nExecMainCode=1\nExecMainStatus=203", 203},
      {"Result=signal\nExecMainCode=2\nExecMainStatus=15", 143},
      {"Result=core-dump\nExecMainCode=3\nExecMainStatus=6", 134},
      // SuccessExitStatus=7: systemd calls it well, and the job said 7.
      {"Result=success\nExecMainCode=1\nExecMainStatus=7", 7},
      // An ExecStartPre= failed.
      {"Result=exit-code\nExecMainCode=0\nExecMainStatus=0", 1},
      {"Result=resources\nExecMainCode=0\nExecMainStatus=0", 1},
      {"Result=success\nConditionResult=no\nConditionTimestampMonotonic=9", 1},
      {"Result=success\nAssertResult=no\nConditionTimestampMonotonic=9", 1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.shown);
    CHECK(exit_status_of(read_unit(c.shown)) == c.status);
  }
}

}  // namespace
}  // namespace bezalel::app
