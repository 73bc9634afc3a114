#include "run/run_record.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "run/overlap_lock.h"

namespace bezalel::run {
namespace {

namespace fs = std::filesystem;

struct SetClock final : Clock {
  Timestamp wall() const override { return wall_now; }
  BootTime boot() const override { return boot_now; }
  Timestamp wall_now = from_unix_seconds(1'795'500'000);
  BootTime boot_now = BootTime(std::chrono::seconds(100));
};

struct Scene {
  Scene() {
    char name[] = "/tmp/bezalel-rec-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    host.root = name;
    fs::create_directory(host.root + "/heartbeats");
    request.argv = {command, nullptr};
    request.shown = "mend --token=hunter2hunter2";
  }
  ~Scene() { fs::remove_all(host.root); }
  std::string text(const std::string& name) const {
    std::ifstream in(host.root + "/heartbeats/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string log() const {
    for (const auto& entry :
         fs::directory_iterator(host.root + "/heartbeats")) {
      const std::string name = entry.path().filename();
      if (name.starts_with("runs-")) return text(name);
    }
    return {};
  }
  RunRecord record(Recording recording = Recording::yes,
                   std::string parent = {}) {
    return RunRecord(host, request, recording, std::move(parent));
  }

  SetClock clock;
  char* none[1] = {nullptr};
  char command[5] = "mend";
  Host host{clock, none, ::geteuid(), {}, "db7"};
  Request request{
      *record::JobName::parse("mend"), {}, {}, {}, {}, {}, {}, {}, {}, {}};
};

TEST_CASE("a run that ended well leaves its start, its end and its proof") {
  Scene at;
  at.request.schedule.every = "1d";
  RunRecord run = at.record();
  run.name_process();
  run.begin();
  CHECK(at.log().find("\"pid\":" + std::to_string(::getpid())) !=
        std::string::npos);
  at.clock.wall_now += std::chrono::hours(1);
  at.clock.boot_now += std::chrono::seconds(10);
  run.end.outcome = record::Outcome::ok;
  run.finish(nullptr);
  const std::string log = at.log();
  CHECK(log.find("hunter2hunter2") == std::string::npos);
  CHECK(log.find("\"outcome\":\"ok\"") != std::string::npos);
  // The clock went on by an hour, and the host by ten seconds.
  CHECK(run.end.duration == std::chrono::seconds(10));
  CHECK(run.end.clock_step_ms == 3'590'000);
  CHECK_FALSE(at.text("mend.last").empty());
}

TEST_CASE("a run that did not end well leaves no proof") {
  Scene at;
  RunRecord run = at.record();
  run.end.outcome = record::Outcome::fail;
  run.finish(nullptr);
  CHECK(at.log().find("\"outcome\":\"fail\"") != std::string::npos);
  CHECK(at.text("mend.last").empty());
}

TEST_CASE(
    "what is not to be recorded, or whose disk is stuck, writes nothing") {
  Scene at;
  RunRecord inner = at.record(Recording::no, "mend/01JD");
  CHECK_FALSE(inner.is_kept());
  inner.end.outcome = record::Outcome::ok;
  inner.finish(nullptr);
  CHECK(at.log().empty());
  RunRecord stuck = at.record();
  // Somebody who lives on, as a child does that no disk lets go.
  stuck.give_up_disk(::getppid());
  CHECK(stuck.disk_is_stuck());
  CHECK_FALSE(stuck.is_kept());
  stuck.end.outcome = record::Outcome::ok;
  stuck.finish(nullptr);
  CHECK(at.log().empty());
}

TEST_CASE("one run at a time holds the lock, and the same job inside it") {
  Scene at;
  RunRecord first = at.record();
  RunRecord second = at.record();
  RunRecord inside = at.record(Recording::no, "mend/" + first.start.run_id);
  RunRecord other = at.record(Recording::no, "mend/" + second.start.run_id);
  {
    OverlapLock lock, next, within, stranger;
    CHECK(lock.take(first) == 0);
    CHECK(next.take(second) == EWOULDBLOCK);
    CHECK(within.take(inside) == 0);
    CHECK(stranger.take(other) == EWOULDBLOCK);
  }
  OverlapLock after;
  CHECK(after.take(second) == 0);
}

TEST_CASE("a lock that is a link, or has no place, is none") {
  Scene at;
  const RunRecord run = at.record();
  fs::create_symlink("/nonexistent", at.host.root + "/heartbeats/mend.lock");
  OverlapLock lock;
  CHECK(lock.take(run) == ELOOP);
}

}  // namespace
}  // namespace bezalel::run
