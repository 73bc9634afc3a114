#include "record/paths.h"

#include <doctest/doctest.h>

using namespace bezalel::record;

TEST_CASE("the host's own places are below /etc and /var/lib") {
  const Paths p = system_paths();
  CHECK(p.settings == "/etc/bezalel/bezalel.toml");
  CHECK(p.jobs_dir == "/etc/bezalel/jobs.d");
  CHECK(p.heartbeats == "/var/lib/bezalel/heartbeats");
  CHECK(p.extra_heartbeats == "/run/bezalel/heartbeats");
  CHECK(p.state_db == "/var/lib/bezalel/state.db");
  CHECK(p.notify_lock == "/var/lib/bezalel/notify.lock");
  CHECK(p.check_stamp == "/var/lib/bezalel/bezalel-check.last");
  CHECK(p.reports == "/var/lib/bezalel/reports");
  CHECK(!p.flat);
  CHECK(p.heartbeats_of(0) == "/var/lib/bezalel/heartbeats");
  CHECK(p.heartbeats_of(1000) == "/var/lib/bezalel/heartbeats/u/1000");
}

TEST_CASE("a root holds all of it flat, and no other place is named") {
  for (const char* root : {"/r", "/r/", "/r//"}) {
    const Paths p = flat_paths(root, 1000);
    CHECK(p.settings == "/r/bezalel.toml");
    CHECK(p.jobs_dir == "/r/jobs.d");
    CHECK(p.heartbeats == "/r/heartbeats");
    CHECK(p.extra_heartbeats.empty());
    CHECK(p.state_dir == "/r");
    CHECK(p.state_db == "/r/state.db");
    CHECK(p.flat);
    CHECK(p.heartbeats_of(1000) == "/r/heartbeats");
    CHECK(p.heartbeats_of(0) == "/r/heartbeats/u/0");
  }
  CHECK(flat_paths("/").settings == "/bezalel.toml");
  CHECK(flat_paths("").settings == "./bezalel.toml");
}

TEST_CASE("a user's settings and state are at home") {
  const Paths p = user_paths("/home/ada/", 1000);
  CHECK(p.settings == "/home/ada/.config/bezalel/bezalel.toml");
  CHECK(p.jobs_dir == "/home/ada/.config/bezalel/jobs.d");
  CHECK(p.state_db == "/home/ada/.local/state/bezalel/state.db");
  CHECK(p.extra_heartbeats == "/home/ada/.bezalel/heartbeats");
  CHECK(p.heartbeats_of(1000) == "/var/lib/bezalel/heartbeats/u/1000");
}

TEST_CASE("a heartbeat's file is its job's name with .last") {
  CHECK(heartbeat_path("/d", "job") == "/d/job.last");
}
