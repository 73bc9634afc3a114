#include "app/schedule_findings.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

const Timestamp kNow = from_unix_seconds(1'795'000'000);

JudgedJob judged_by(const char* cron, std::string where) {
  record::ScheduleText text;
  text.cron = cron;
  auto expectation = core::expectation_from(
      text, core::ExpectationSource::job_file, schedule::Zone::utc());
  REQUIRE(expectation);
  JudgedJob judged;
  judged.job.key = {0, "db"};
  judged.job.declared = true;
  judged.job.declared_since = kNow - std::chrono::hours(1);
  judged.job.expectation = **expectation;
  judged.job.expectation->where = std::move(where);
  judged.verdict = core::evaluate(judged.job, judged.facts, kNow);
  return judged;
}

TEST_CASE("a schedule without a next run is told with its place") {
  const auto found =
      never_matches(judged_by("0 0 30 2 *", "/etc/x.d/db.toml:3"), kNow);
  REQUIRE(found);
  CHECK(found->id == "schedule-invalid");
  CHECK(found->source == "/etc/x.d/db.toml");
  CHECK(found->line == 3);
  CHECK(found->message.starts_with("db: 0 0 30 2 *"));
  CHECK(found->message.ends_with("never matches"));
  CHECK(found->alarm == core::Severity::p2);
}

TEST_CASE("without a place the job is named") {
  const auto found = never_matches(judged_by("0 0 30 2 *", ""), kNow);
  REQUIRE(found);
  CHECK(found->source == "db");
  CHECK_FALSE(found->line);
  // Once: what shows it begins with its source.
  CHECK(found->message == "0 0 30 2 * (UTC) never matches");
}

TEST_CASE("of the newest run it is told what nobody understood") {
  std::vector<RunRow> runs(2);
  CHECK_FALSE(option_invalid({}, "db", nullptr));
  for (RunRow& run : runs) run.start.emplace();
  runs[0].start->problems = "--timeout: \"abc\"";
  CHECK_FALSE(option_invalid(runs, "db", nullptr));
  std::swap(runs[0], runs[1]);
  const auto found = option_invalid(runs, "db of ann", nullptr);
  REQUIRE(found);
  CHECK(found->id == "option-invalid");
  CHECK(found->source == "db of ann");
  CHECK(found->message.ends_with("--timeout: \"abc\""));
  ScheduledJob line;
  line.source = "/etc/cron.d/x";
  line.line = 4;
  CHECK(option_invalid(runs, "db", &line)
            ->message.ends_with("--timeout: \"abc\" (/etc/cron.d/x:4)"));
  CHECK(found->alarm == core::Severity::p2);
}

TEST_CASE("a schedule that has a next run is no finding") {
  CHECK_FALSE(never_matches(judged_by("0 3 * * *", ""), kNow));
}

}  // namespace
}  // namespace bezalel::app
