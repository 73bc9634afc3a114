#include "crontab/at_job.h"

#include <doctest/doctest.h>

using namespace bezalel;
using namespace bezalel::crontab;

namespace {
const std::string kHead =
    "#!/bin/sh\n# atrun uid=0 gid=0\n# mail root 0\numask 22\n"
    "HOME=/root; export HOME\n"
    "cd /root || {\n\t echo 'Execution directory inaccessible' >&2\n"
    "\t exit 1\n}\n";
}  // namespace

TEST_CASE("a job's file is named by queue, number and minute") {
  const auto name = parse_at_name("a0000101c8ab62");
  REQUIRE(name);
  CHECK(name->queue == 'a');
  CHECK(name->number == 1);
  CHECK(format_rfc3339(name->at) == "2026-11-26T12:50:00Z");
  CHECK(parse_at_name("=0000a01c8ab62")->queue == '=');
}

TEST_CASE("other files of the spool are no jobs") {
  for (const char* name :
       {"", ".SEQ", ".lockfile", "a0000101c8ab6", "a0000101c8ab62x",
        "a00001 1c8ab62", "-0000101c8ab62", "a0000g01c8ab62",
        "a+000101c8ab62"}) {
    CAPTURE(name);
    CHECK_FALSE(parse_at_name(name));
  }
}

TEST_CASE("the command is what follows the preamble") {
  CHECK(at_command(kHead + "echo hi\n\n") == "echo hi");
  CHECK(at_command(kHead + "\n# why\necho hi\nreboot\n") == "echo hi ...");
  CHECK(at_command(kHead +
                   "${SHELL:-/bin/sh} << 'marcinDELIMITER1'\necho hi\n\n"
                   "marcinDELIMITER1\n") == "echo hi");
}

TEST_CASE("a text that at did not write has no command") {
  for (const char* text : {"", "\n", "echo hi\n", "\ncd / || {\n", "\n}\n"}) {
    CAPTURE(text);
    CHECK(at_command(text).empty());
  }
}
