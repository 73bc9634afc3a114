#include "app/typed_command.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

std::string typed(const std::string& cmd, record::Trigger trigger) {
  record::RunStart start;
  start.cmd = cmd;
  start.trigger = trigger;
  return typed_command("a", start, "bezalel");
}

TEST_CASE("the words of run are typed as they are, a crontab's line by sh") {
  using record::Trigger;
  CHECK(typed("/bin/x --all", Trigger::run) == "bezalel run a -- /bin/x --all");
  CHECK(typed("sh -c 'a; b'", Trigger::run) == "bezalel run a -- sh -c 'a; b'");
  CHECK(typed("cd /x && y", Trigger::sh) ==
        "bezalel run a -- /bin/sh -c 'cd /x && y'");
  CHECK(typed("echo 'a'", Trigger::sh) ==
        "bezalel run a -- /bin/sh -c 'echo '\\''a'\\'''");
}

TEST_CASE("a user without a name is one of sudo by its number") {
  CHECK(as_user_of("postgres") == "sudo -u postgres ");
  CHECK(as_user_of("1001") == "sudo -u '#1001' ");
  CHECK(as_user_of("a b") == "sudo -u 'a b' ");
}

TEST_CASE("what was asked of a run is asked again") {
  record::RunStart start;
  start.cmd = "echo nope";
  start.options = "--expect-output 'all done' --timeout 5s";
  CHECK(typed_command("a", start, "bezalel") ==
        "bezalel run a --expect-output 'all done' --timeout 5s -- echo nope");
  start.options = "--expect-output '\\d'";
  CHECK(typed_command("a", start, "bezalel").empty());
}

TEST_CASE("what would not do as pasted is not offered") {
  using record::Trigger;
  CHECK(typed("", Trigger::run).empty());
  CHECK(typed("x --password=hunter2", Trigger::run).empty());
  CHECK(typed("x\\ny", Trigger::run).empty());
  CHECK(typed("x\ny", Trigger::run).empty());
  CHECK(typed("x \x1b[31m", Trigger::run).empty());
  CHECK(typed(std::string(1000, 'x'), Trigger::run).empty());
}

}  // namespace
}  // namespace bezalel::app
