#include "app/known_jobs.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

using std::chrono::seconds;

const Timestamp kNow = from_unix_seconds(1'795'000'000);

KnownJob job(std::uint32_t uid, std::string name) {
  KnownJob j;
  j.key = {uid, std::move(name)};
  j.first_seen = kNow - seconds(60);
  j.last_seen = kNow;
  return j;
}

TEST_CASE("a remembered job comes back as it was put in") {
  KnownJob full = job(7, "backup");
  full.last_success = kNow - seconds(5);
  full.last_run_id = "01JDFS00000000000000000042";
  record::ScheduleText schedule;
  schedule.every = "1h";
  full.schedule = std::make_shared<const record::ScheduleText>(schedule);
  full.distrust_since = kNow - seconds(1);
  full.retired = Retirement{kNow, "ann", "moved"};

  KnownJobs jobs;
  CHECK(jobs.empty());
  jobs.add(job(0, "a"));
  jobs.add(full);
  jobs.add(job(7, "backup2"));
  REQUIRE(jobs.size() == 3);
  CHECK(jobs.uid(1) == 7);
  CHECK(jobs.name(1) == "backup");
  const KnownJob back = jobs[1];
  CHECK(back.key == full.key);
  CHECK(back.first_seen == full.first_seen);
  CHECK(back.last_seen == full.last_seen);
  CHECK(back.last_success == full.last_success);
  CHECK(back.last_run_id == full.last_run_id);
  CHECK(back.schedule == full.schedule);
  CHECK(back.distrust_since == full.distrust_since);
  CHECK(back.retired == full.retired);
  const KnownJob bare = jobs[2];
  CHECK(bare.key.job == "backup2");
  CHECK_FALSE(bare.last_success);
  CHECK(bare.last_run_id.empty());
  CHECK_FALSE(bare.schedule);
  CHECK_FALSE(bare.distrust_since);
  CHECK_FALSE(bare.retired);
}

TEST_CASE("a job is found by its user and whole name") {
  KnownJobs jobs;
  CHECK_FALSE(jobs.find({0, "a"}));
  for (std::uint32_t uid : {0U, 3U, 4'294'967'294U}) {
    for (const char* name : {"a", "ab", "b"}) jobs.add(job(uid, name));
  }
  for (std::uint32_t uid : {0U, 3U, 4'294'967'294U}) {
    for (const char* name : {"a", "ab", "b"}) {
      const auto found = jobs.find({uid, name});
      REQUIRE(found);
      CHECK(found->key == core::JobKey{uid, name});
    }
    CHECK_FALSE(jobs.find({uid, ""}));
    CHECK_FALSE(jobs.find({uid, "aa"}));
    CHECK_FALSE(jobs.find({uid, "c"}));
  }
  CHECK_FALSE(jobs.find({1, "a"}));
}

TEST_CASE("proven: left proof, and not retired") {
  KnownJobs jobs;
  jobs.add(job(0, "a"));
  KnownJob proven = job(0, "b");
  proven.last_success = kNow;
  jobs.add(proven);
  CHECK(jobs.proven() == 1);
  proven.key.job = "c";
  proven.retired = Retirement{kNow, "ann", "moved"};
  jobs.add(proven);
  CHECK(jobs.proven() == 1);
  KnownJob gone = job(0, "d");
  gone.retired = Retirement{kNow, "ann", "never was"};
  jobs.add(gone);
  CHECK(jobs.proven() == 1);
}

}  // namespace
}  // namespace bezalel::app
