#include "run/unit_result.h"

#include <doctest/doctest.h>

namespace bezalel::run {

using record::Outcome;

TEST_CASE("what systemd says of a service is how the run ended") {
  struct Row {
    const char *result, *code, *status;
    Outcome outcome;
    std::optional<int> exit_code, signal;
    const char* detail;
  };
  const Row rows[] = {
      {"success", "exited", "0", Outcome::ok, 0, {}, ""},
      {"success", "exited", "75", Outcome::ok, 75, {}, ""},
      {"success", "", "", Outcome::ok, 0, {}, ""},
      {"exit-code", "exited", "3", Outcome::fail, 3, {}, ""},
      {"signal", "killed", "KILL", Outcome::signal, {}, 9, ""},
      {"core-dump", "dumped", "SEGV", Outcome::signal, {}, 11, "core-dump"},
      {"timeout", "killed", "TERM", Outcome::timeout, {}, 15, ""},
      {"watchdog", "dumped", "ABRT", Outcome::timeout, {}, 6, "watchdog"},
      {"oom-kill", "killed", "KILL", Outcome::fail, {}, 9, "oom-kill"},
      {"exec-condition",
       "exited",
       "1",
       Outcome::skipped,
       1,
       {},
       "exec-condition"},
      {"resources", "", "", Outcome::exec_failed, {}, {}, "resources"},
      {"of-2031", "", "", Outcome::fail, {}, {}, "of-2031"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.result);
    const auto got = unit_result(row.result, row.code, row.status);
    REQUIRE(got);
    CHECK(got->outcome == row.outcome);
    CHECK(got->exit_code == row.exit_code);
    CHECK(got->signal == row.signal);
    CHECK(got->detail == row.detail);
  }
}

TEST_CASE("a job that was stopped half-way is no success") {
  const auto got = unit_result("success", "killed", "TERM");
  REQUIRE(got);
  CHECK(got->outcome == Outcome::signal);
  CHECK(got->signal == 15);
}

TEST_CASE("outside of systemd there is no result") {
  CHECK_FALSE(unit_result("", "exited", "0"));
  CHECK(unit_result("exit-code", "exited", "x\n")->exit_code == std::nullopt);
  CHECK(unit_result("a\nb", "", "")->detail == "a\\nb");
}

}  // namespace bezalel::run
