#include "notify/exec/channel.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include "notify/exec/child.h"
#include "notify/payload.h"
#include "notify/testing.h"
#include "sys/file.h"

namespace bezalel::notify {
namespace {

using namespace testing;

app::Delivery run(std::vector<std::string> argv,
                  Duration timeout = std::chrono::seconds(10)) {
  app::ChannelSettings s = settings_for("exec", "");
  s.argv = std::move(argv);
  s.timeout = timeout;
  auto made = ExecChannel::make(s);
  REQUIRE(made);
  return (*made)->deliver(stale_notice(), {});
}

std::string temporary() {
  std::string name = "/tmp/bezalel-exec-XXXXXX";
  const int fd = ::mkstemp(name.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  return name;
}

TEST_CASE("a program gets the event on stdin and nothing else to lean on") {
  const std::string file = temporary();
  ::setenv("CANARY_SECRET", "seen", 1);
  const auto d = run({"/bin/sh", "-c", "cat; env | sort", "sh"});
  CHECK(sent(d));
  const auto e = run({"/bin/sh", "-c", "{ cat; env | sort; } > " + file, "sh"});
  CHECK_MESSAGE(sent(e), why(e));
  ::unsetenv("CANARY_SECRET");
  const auto text = sys::read_file(file, 100000);
  REQUIRE(text);
  CHECK(text->starts_with(payload(stale_notice()) + "\n"));
  CHECK(has(*text, "BEZALEL_EVENT=opened\n"));
  CHECK(has(*text, "BEZALEL_SUBJECT=P1 db_backup@db7 stale\n"));
  CHECK_FALSE(has(*text, "CANARY"));
  ::unlink(file.c_str());
}

TEST_CASE("an exit status other than 0 means later, with what was said") {
  const auto d =
      run({"/bin/sh", "-c", "echo first >&2; echo why >&2; exit 75"});
  REQUIRE(retry(d));
  CHECK(retry(d)->why == "the program ended with 75: \"why\"");
  CHECK_FALSE(retry(d)->unknown_fate);
  CHECK(retry(run({"/bin/sh", "-c", "kill -9 $$"}))->why ==
        "the program ended with 137");
}

TEST_CASE("a program that does not end is killed with all it started") {
  const std::string file = temporary();
  const auto d =
      run({"/bin/sh", "-c", "sleep 1000 & echo $! > " + file + "; wait"},
          std::chrono::milliseconds(300));
  REQUIRE(retry(d));
  CHECK(retry(d)->unknown_fate);
  ::unlink(file.c_str());
}

TEST_CASE("a program that does not read, or says too much, is no trouble") {
  CHECK(sent(run({"/bin/true"})));
  CHECK(sent(run({"/bin/sh", "-c",
                  "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"})));
}

TEST_CASE("a program that cannot be run kills the channel") {
  CHECK(gave_up(run({"/nonexistent/program"})));
  CHECK(gave_up(run({"/etc/passwd"})));
  app::ChannelSettings s = settings_for("exec", "");
  s.argv = {"relative"};
  CHECK_FALSE(ExecChannel::make(s));
}

TEST_CASE("a probe says whether the program is there") {
  app::ChannelSettings s = settings_for("exec", "");
  s.argv = {"/bin/true"};
  CHECK((*ExecChannel::make(s))->probe().ok);
  s.argv = {"/nonexistent/program"};
  CHECK_FALSE((*ExecChannel::make(s))->probe().ok);
}

}  // namespace
}  // namespace bezalel::notify
