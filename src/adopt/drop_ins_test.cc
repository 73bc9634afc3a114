// Drop-ins on a real disk; what systemctl would say is said by a script.
#include "adopt/drop_ins.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace bezalel::adopt {
namespace {

namespace fs = std::filesystem;

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A folder of units, and a systemctl that answers with ANSWER and STATUS.
struct Host {
  Host() {
    char name[] = "/tmp/bezalel-units-XXXXXX";
    path = ::mkdtemp(name);
    // layers: allow getenv, a test's own PATH
    before = ::getenv("PATH");
    ::setenv("PATH", (path + "/bin:" + before).c_str(), 1);
    fs::create_directory(path + "/bin");
    answers("", 0);
  }
  ~Host() {
    ::setenv("PATH", before.c_str(), 1);
    fs::remove_all(path);
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  void answers(const std::string& answer, int status) {
    std::ofstream(path + "/bin/systemctl")
        << "#!/bin/sh\nprintf '%s\\n' \"$*\" >" << path << "/asked\nprintf '"
        << answer << "'\nexit " << status << "\n";
    ::chmod((path + "/bin/systemctl").c_str(), 0755);
  }

  std::string path, before;
};

TEST_CASE("a timer is found with the service that it starts") {
  Host host;
  DropIns system(DropIns::Manager::system, host.path);
  host.answers("LoadState=loaded\\nUnit=job.service\\n", 0);
  const auto unit = system.find("backup.timer");
  REQUIRE(unit);
  CHECK(unit->service == "job.service");
  CHECK(unit->path == host.path + "/job.service.d/50-bezalel.conf");
  CHECK(text_of(host.path + "/asked") ==
        "show --property=LoadState,Unit -- backup.timer\n");
  DropIns own(DropIns::Manager::user, host.path);
  CHECK(own.find("backup.timer"));
  CHECK(text_of(host.path + "/asked").starts_with("--user show "));
}

TEST_CASE("what is no timer with a service is said to be none") {
  Host host;
  DropIns drop_ins(DropIns::Manager::system, host.path);
  for (const char* answer :
       {"LoadState=not-found\\nUnit=a.service\\n", "LoadState=loaded\\n",
        "LoadState=loaded\\nUnit=a.target\\n",
        "LoadState=loaded\\nUnit=../a.service\\n", ""}) {
    host.answers(answer, 0);
    const auto unit = drop_ins.find("a.timer");
    REQUIRE_FALSE(unit);
    CHECK(unit.error().kind == Kind::not_found);
  }
  host.answers("Failed to connect to bus\\nmore\\n", 1);
  const auto silent = drop_ins.find("a.timer");
  REQUIRE_FALSE(silent);
  CHECK(silent.error().kind == Kind::unavailable);
  CHECK(silent.error().what ==
        "systemd does not answer: Failed to connect to bus");
}

TEST_CASE("a drop-in comes and goes without a trace") {
  Host host;
  DropIns drop_ins(DropIns::Manager::system, host.path);
  const app::TimerUnit unit{"a.timer", "a.service",
                            host.path + "/a.service.d/50-bezalel.conf"};
  CHECK(drop_ins.read(unit) == std::string());
  CHECK(drop_ins.present().empty());
  REQUIRE(drop_ins.write({unit, "", "[Service]\n"}));
  CHECK(drop_ins.read(unit) == std::string("[Service]\n"));
  struct stat status{};
  REQUIRE(::stat(unit.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0644);
  REQUIRE(drop_ins.present().size() == 1);
  CHECK(drop_ins.present()[0].service == "a.service");
  REQUIRE(drop_ins.write({unit, "[Service]\n", ""}));
  CHECK_FALSE(fs::exists(host.path + "/a.service.d"));
}

TEST_CASE("what changed meanwhile, or lies beside, is kept") {
  Host host;
  DropIns drop_ins(DropIns::Manager::system, host.path);
  const app::TimerUnit unit{"a.timer", "a.service",
                            host.path + "/a.service.d/50-bezalel.conf"};
  REQUIRE(drop_ins.write({unit, "", "one\n"}));
  const auto stale = drop_ins.write({unit, "", "two\n"});
  REQUIRE_FALSE(stale);
  CHECK(stale.error().kind == Kind::conflict);
  CHECK(text_of(unit.path) == "one\n");
  std::ofstream(host.path + "/a.service.d/nice.conf") << "[Service]\nNice=5\n";
  REQUIRE(drop_ins.write({unit, "one\n", ""}));
  CHECK_FALSE(fs::exists(unit.path));
  CHECK(fs::exists(host.path + "/a.service.d/nice.conf"));
}

TEST_CASE("where systemd has not read it the error is what to type") {
  Host host;
  DropIns system(DropIns::Manager::system, host.path);
  CHECK(system.reload());
  host.answers("", 1);
  const auto failed = system.reload();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().what.ends_with("run: systemctl daemon-reload"));
  DropIns own(DropIns::Manager::user, host.path);
  CHECK(own.reload().error().what.ends_with(
      "run: systemctl --user daemon-reload"));
}

}  // namespace
}  // namespace bezalel::adopt
