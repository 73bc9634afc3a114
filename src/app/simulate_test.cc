#include "app/simulate.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

const CronUser kAnn{"ann", 1000, 1000, "/home/ann"};

TEST_CASE("cron sets four variables, and the table may change three of them") {
  CronStart start;
  Launch launch = launch_of(start, kAnn, {});
  CHECK(launch.environment == Variables{{"HOME", "/home/ann"},
                                        {"LOGNAME", "ann"},
                                        {"PATH", "/usr/bin:/bin"},
                                        {"SHELL", "/bin/sh"}});
  CHECK(launch.shell == "/bin/sh");
  CHECK(launch.directory == "/home/ann");
  start.settings = {{"HOME", "/tmp"}, {"LOGNAME", "eve"}, {"SHELL", "/bin/x"}};
  launch = launch_of(start, kAnn, {});
  CHECK(launch.variable("LOGNAME") == "ann");
  CHECK(launch.shell == "/bin/x");
  CHECK(launch.directory == "/tmp");
}

TEST_CASE("the table is stronger than cron, and cron than the login") {
  CronStart start;
  start.settings = {{"B", "table"}};
  const Launch launch = launch_of(
      start, kAnn, {{"A", "login"}, {"B", "login"}, {"PATH", "/login"}});
  CHECK(launch.variable("A") == "login");
  CHECK(launch.variable("B") == "table");
  CHECK(launch.variable("PATH") == "/usr/bin:/bin");
}

TEST_CASE("cronie names the user twice") {
  CronStart start;
  start.daemon = crontab::Daemon::cronie;
  CHECK(launch_of(start, kAnn, {}).variable("USER") == "ann");
}

TEST_CASE("busybox crond hands on what it has, and reads SHELL alone") {
  CronStart start;
  start.daemon = crontab::Daemon::busybox;
  start.settings = {{"PATH", "/opt"}, {"B", "table"}, {"SHELL", "/bin/x"}};
  const Launch launch =
      launch_of(start, kAnn, {{"A", "own"}, {"PATH", "/own"}});
  CHECK(launch.variable("A") == "own");
  CHECK(launch.variable("PATH") == "/own");
  CHECK(launch.variable("B").empty());
  CHECK(launch.variable("USER") == "ann");
  CHECK(launch.shell == "/bin/x");
  CHECK_FALSE(launch.reads_path);
  CHECK(launch_of(start, kAnn, {}).variable("PATH") ==
        "/sbin:/usr/sbin:/bin:/usr/bin");
}

TEST_CASE("a shell that records is passed over for the one before it") {
  CronStart start;
  start.settings = {{"SHELL", "/usr/bin/bezalel-sh"}};
  CHECK(launch_of(start, kAnn, {}).shell == "/bin/sh");
  CHECK(launch_of(start, kAnn, {}).recorder == "/usr/bin/bezalel-sh");
  start.settings.emplace_back("BEZALEL_SHELL", "/bin/bash");
  CHECK(launch_of(start, kAnn, {}).shell == "/bin/bash");
  start.settings.back().second = "/usr/bin/bezalel-sh";
  CHECK(launch_of(start, kAnn, {}).shell == "/bin/sh");
}

TEST_CASE("anacron hands on what it has, under its table, to /bin/sh in /") {
  AnacronStart start;
  start.settings = {{"A", "first"}, {"SHELL", "/bin/bash"}, {"A", "table"}};
  start.started_by = "anacron.timer";
  const CronUser root{"root", 0, 0, "/root"};
  const Launch launch =
      launch_of(start, root, {{"B", "early"}, {"B", "own"}, {"A", "own"}});
  CHECK(launch.environment ==
        Variables{{"A", "table"}, {"B", "own"}, {"SHELL", "/bin/bash"}});
  CHECK(launch.shell == "/bin/sh");
  CHECK(launch.directory == "/");
  CHECK(launch.started_by == "anacron.timer");
}

TEST_CASE("what pam_env takes from a file is taken, the rest is passed over") {
  CHECK(read_environment_file("# c\nA=1\nexport B=\"two  words\"\n"
                              "C='x' \n\nnothing\n=y\n D=4 # c\nA=5\nE F=1") ==
        Variables{{"A", "5"}, {"B", "two  words"}, {"C", "x"}, {"D", "4 "}});
  CHECK(read_environment_file("").empty());
  CHECK(read_environment_file(std::string_view("A=\0b", 4)).empty());
}

}  // namespace
}  // namespace bezalel::app
