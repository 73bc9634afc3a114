#include "app/doubles.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

CoveredJob covered(const char* name, const char* source, const char* command) {
  CoveredJob c;
  c.job.key = {0, name};
  c.job.source = source;
  c.job.command = command;
  c.job.schedule = "0 1 * * *";
  return c;
}

TEST_CASE("what does the same, with and without a wrapper") {
  CHECK(same_work("/bin/a --x", "/bin/a --x  # bezalel: job=b"));
  CHECK(same_work("/usr/bin/bezalel run a -- /bin/sh -c '/bin/a --x'",
                  "/bin/a --x"));
  CHECK(same_work("bezalel run a -- /bin/a --x", "/bin/a --x >/dev/null"));
  CHECK_FALSE(same_work("/bin/a --x", "/bin/a --y"));
}

TEST_CASE("one name in two places, the same work or not") {
  const std::vector<CoveredJob> same = {covered("a", "/e/x", "/bin/a"),
                                        covered("b", "/e/x", "/bin/b"),
                                        covered("a", "/e/y", "/bin/a")};
  const auto twice = started_twice(same);
  REQUIRE(twice.size() == 1);
  CHECK(twice[0].first == 0);
  CHECK(twice[0].second == 2);
  CHECK(shared_names({same[0].job, same[2].job}).empty());

  const std::vector<CoveredJob> other = {covered("a", "/e/x", "/bin/a"),
                                         covered("a", "/e/y", "/bin/c")};
  CHECK(started_twice(other).empty());
  const auto shared = shared_names({other[0].job, other[1].job});
  REQUIRE(shared.size() == 1);
  CHECK(shared[0].source == "/e/y");
  CHECK(shared[0].alarm == core::Severity::p3);
}

TEST_CASE("a file of cron and a timer of one name") {
  CoveredJob timer = covered("certbot", "certbot.timer", "/bin/certbot");
  timer.job.kind = SchedulerKind::timer;
  CoveredJob line = covered("renew", "/etc/cron.d/certbot", "/bin/renew");
  CHECK(started_twice({line, timer}).size() == 1);
  line.job.command = "test -d /run/systemd/system || /bin/renew";
  CHECK(started_twice({line, timer}).empty());
}

}  // namespace
}  // namespace bezalel::app
