#include <doctest/doctest.h>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("settings that do nothing, or not what they read, are told") {
  const std::string job = "0 1 * * * x\n";
  CHECK(rules_of("CRON_TZ=Europe/Riga\n" + job) == "setting-ignored:1");
  CHECK(rules_of("CRON_TZ=Europe/Riga\n" + job, Kind::user, Daemon::cronie) ==
        "");
  CHECK(rules_of("CRON_TZ=Europe/Riga\nRANDOM_DELAY=5\n" + job, Kind::user,
                 Daemon::systemd_cron) == "setting-ignored:1");
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

TEST_CASE("a job behind a setting is told, and only a job") {
  for (const char* line :
       {"TZ=Europe/Berlin 0 3 * * * backup", "MAILTO=ops * * * * * x y",
        "A=b; */5 1-3 * * mon x"}) {
    CAPTURE(line);
    CHECK(rules_of(std::string(line) + "\n").starts_with("setting-swallows:"));
  }
  CHECK(rules_of("TZ=Europe/Berlin 0 3 * * * backup\n") ==
        "setting-swallows:18");
  for (const char* line :
       {"OPTIONS=-n 5 -m 10 -x 3 -y 4", "DAYS=1 2 3 4 5", "X=a b c d e f g",
        "MAILTO=\"ann, ben, cid, dan, eve, fay\""}) {
    CAPTURE(line);
    CHECK(rules_of(std::string(line) + "\n0 1 * * * x\n") == "");
  }
}

TEST_CASE("a SHELL that cron cannot execute is told") {
  const std::string job = "\n0 1 * * * x\n";
  CHECK(rules_of("SHELL=/bin/bash -l" + job) == "shell-missing:7");
  CHECK(rules_of("SHELL=bash" + job) == "shell-missing:7");
  CHECK(rules_of("SHELL=bash" + job, Kind::user, Daemon::busybox) == "");
  CHECK(rules_of("SHELL=\"/bin/bash\"" + job) == "");
  const Crontab tab = parse("SHELL=/bin/zsh" + job, Kind::user, Daemon::debian);
  const auto why = [&](ProgramState state) {
    return why_no_shell(tab.lines[0], tab, [&](const std::string& path) {
      CHECK(path == "/bin/zsh");
      return ProgramFacts{state, ""};
    });
  };
  CHECK(why(ProgramState::runs) == "");
  CHECK(why(ProgramState::missing) == "\"/bin/zsh\" is not there");
  CHECK(why_no_shell(tab.lines[0], tab, {}) == "");
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
