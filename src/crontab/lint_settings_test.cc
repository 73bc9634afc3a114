#include <doctest/doctest.h>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("settings that do nothing, or not what they read, are told") {
  const std::string job = "0 1 * * * x\n";
  CHECK(rules_of("CRON_TZ=Europe/Riga\n" + job) == "setting-ignored:1");
  CHECK(rules_of("CRON_TZ=Europe/Riga\n" + job, Kind::user, Daemon::cronie) ==
        "");
  CHECK(rules_of("TZ=Europe/Riga\nMAILTO=ann@example.org\n" + job) == "");
  CHECK(rules_of("RANDOM_DELAY=5\n" + job) == "setting-ignored:1");
  CHECK(rules_of("HOME=/x\n" + job, Kind::user, Daemon::busybox) ==
        "setting-ignored:1");
  CHECK(rules_of("MAILTO=ann # boss\n" + job) == "setting-comment:12");
  CHECK(rules_of("X=\"a # b\"\n" + job) == "");
  CHECK(rules_of("LOG=$HOME/x\n" + job) == "setting-unexpanded:5");
  CHECK(rules_of("COST=5$\n" + job) == "");
  CHECK(rules_of("PATH=~/bin:/usr/bin\n" + job) == "setting-unexpanded:6");
  CHECK(rules_of("PATH=/usr/bin:~ann/bin\n" + job) == "setting-unexpanded:15");
  CHECK(rules_of("PATH=/usr/bin:/opt/a~\n" + job) == "");
  CHECK(rules_of("SHELL=/bin/bash\nPATH=~/bin:/bin\n" + job) == "");
  const auto path = of("PATH=$PATH:/opt/x\n" + job);
  REQUIRE(path.size() == 1);
  CHECK(path[0].weight == Weight::error);
  CHECK(path[0].fix == "PATH=/usr/local/bin:/usr/bin:/bin:/opt/x");
  CHECK(of("PATH=$PATH:/usr/bin:/bin\n" + job)[0].weight == Weight::warning);
}

TEST_CASE("a user where none belongs, and none where one does, are told") {
  CHECK(rules_of("0 1 * * * root /usr/bin/x\n") == "extra-user:11");
  CHECK(of("0 1 * * *  root  /usr/bin/x\n")[0].fix == "0 1 * * *  /usr/bin/x");
  CHECK(rules_of("0 1 * * * root /x\n", Kind::system) == "");
  CHECK(rules_of("0 1 * * * /usr/bin/x y\n", Kind::system) ==
        "missing-user:11");
  CHECK(of("0 1 * * * php x.php\n", Kind::system)[0].fix ==
        "0 1 * * * root php x.php");
}

}  // namespace
}  // namespace bezalel::crontab
