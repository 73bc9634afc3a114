#include "app/order.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace bezalel::app {
namespace {

using core::Severity;

const Timestamp kNow = from_unix_seconds(1795482900);

JobView job(const char* name, core::Verdict verdict,
            std::optional<Severity> severity = {},
            std::optional<double> ratio = {}) {
  JobView j;
  j.key.job = name;
  j.verdict = std::move(verdict);
  j.severity = severity;
  j.ratio = ratio;
  if (ratio) j.last_success = kNow - std::chrono::hours(1);
  return j;
}

JobView quietly(JobView j) {
  j.silenced = SilencedView{kNow + std::chrono::hours(1), "ops", "why"};
  return j;
}

std::vector<JobView> one_of_each() {
  return {job("p1", core::Stale{kNow}, Severity::p1, 2.1),
          job("p1_worse", core::Hung{kNow, kNow, {}, 1}, Severity::p1, 60.0),
          job("p1_never", core::Never{kNow}, Severity::p1),
          job("p2", core::Stale{kNow}, Severity::p2, 99.0),
          job("p3", core::Failed{kNow, 1, ""}, Severity::p3, 99.0),
          job("late", core::Late{kNow, kNow}, {}, 1.3),
          job("first_day", core::Undeclared{kNow, false}, {}),
          job("second_day", core::Undeclared{kNow, true}, Severity::p2),
          job("ok", core::Ok{}, {}, 0.5),
          job("ok_later", core::Ok{}, {}, 0.9),
          job("running", core::Running{kNow, {}}, {}, 0.1),
          job("paused", core::Paused{kNow}, {}, 5.0),
          quietly(job("silenced", core::Stale{kNow}, Severity::p1, 9.0)),
          quietly(job("silenced_ok", core::Ok{}, {}, 0.2))};
}

HostView host(std::vector<JobView> jobs) {
  HostView h;
  h.now = kNow;
  h.jobs = std::move(jobs);
  h.counts = count(h.jobs);
  return h;
}

std::vector<std::string> names(const std::vector<JobView>& jobs) {
  std::vector<std::string> out;
  for (const JobView& j : jobs) out.push_back(j.key.job);
  return out;
}

TEST_CASE("jobs are sorted by alarm, then never run, then ratio, then name") {
  const std::vector<std::string> expected = {
      "p1_never", "p1_worse",  "p1",          "second_day", "p2",
      "p3",       "first_day", "late",        "ok_later",   "ok",
      "running",  "silenced",  "silenced_ok", "paused"};
  auto jobs = one_of_each();
  sort_worst_first(jobs);
  CHECK(names(jobs) == expected);
  std::reverse(jobs.begin(), jobs.end());
  sort_worst_first(jobs);
  CHECK(names(jobs) == expected);
}

TEST_CASE("a ratio that is no number does not confuse the order") {
  std::vector<JobView> jobs;
  for (const double r : {1.0, std::nan(""), 3.0, HUGE_VAL, 2.0}) {
    jobs.push_back(job("a", core::Stale{kNow}, Severity::p1, r));
  }
  sort_worst_first(jobs);
  CHECK(*jobs[2].ratio == 3.0);
  CHECK(*jobs[4].ratio == 1.0);
}

TEST_CASE("the counts are a sum that adds up") {
  const Counts c = count(one_of_each());
  CHECK(c.of == 14);
  CHECK(c.evaluated == 12);  // the two undeclared ones are not
  CHECK(c.evaluated ==
        c.bad + c.p3 + c.late + c.ok + c.running + c.silenced + c.paused);
  CHECK(c.bad == 4);
  CHECK(c.p3 == 1);
  CHECK(c.late == 1);
  CHECK(c.ok == 2);
  CHECK(c.running == 1);
  CHECK(c.silenced == 2);
  CHECK(c.paused == 1);
}

TEST_CASE("the exit status is one of the four of the contract") {
  struct Case {
    const char* what;
    std::vector<JobView> jobs;
    int exit;
  };
  const Case cases[] = {
      {"nothing to judge", {}, 3},
      {"all well", {job("a", core::Ok{}), job("b", core::Running{})}, 0},
      {"late is no alarm", {job("a", core::Late{kNow, kNow})}, 0},
      {"P1", {job("a", core::Stale{kNow}, Severity::p1)}, 1},
      {"P2", {job("a", core::Stale{kNow}, Severity::p2)}, 1},
      {"P3", {job("a", core::Stale{kNow}, Severity::p3)}, 0},
      {"silenced", {quietly(job("a", core::Stale{kNow}, Severity::p1))}, 0},
      {"paused", {job("a", core::Paused{kNow})}, 0},
      {"undeclared, first day", {job("a", core::Undeclared{kNow, false})}, 3},
      {"undeclared, later",
       {job("a", core::Undeclared{kNow, true}, Severity::p2)},
       1},
      {"undeclared and silenced",
       {quietly(job("a", core::Undeclared{kNow, true}, Severity::p2))},
       3},
      {"corrupt at first sight",
       {job("a", core::Distrusted{kNow, core::Distrust::corrupt, "", false})},
       3},
      {"1 wins over 3",
       {job("a", core::Undeclared{kNow, false}),
        job("b", core::Never{kNow}, Severity::p1)},
       1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(exit_status(host(c.jobs)) == c.exit);
  }
}

TEST_CASE("what could not be seen is never all well") {
  HostView h = host({job("a", core::Ok{})});
  CHECK(exit_status(h) == 0);
  h.not_seen = {"/home/x: no answer"};
  CHECK(exit_status(h) == 3);
  h = host({job("a", core::Ok{})});
  h.complete = false;
  CHECK(exit_status(h) == 3);
  h = host({job("a", core::Ok{})});
  h.counts.of = 2;
  CHECK(exit_status(h) == 3);
}

TEST_CASE("a finding with an alarm counts like a job with one") {
  HostView h = host({job("a", core::Ok{})});
  Finding f;
  f.id = "channel-dead";
  f.source = "forge";
  f.alarm = Severity::p2;
  h.findings = {f};
  CHECK(exit_status(h) == 1);

  Silence silence;
  silence.until = kNow + std::chrono::hours(1);
  silence.key = core::IncidentKey::of_finding("channel-dead", "pager");
  h.silences = {silence};
  CHECK(exit_status(h) == 1);
  h.silences[0].key = core::IncidentKey::of_finding("channel-dead", "forge");
  CHECK(exit_status(h) == 0);
  // A silence of the job that it is about.
  h.silences[0].key = core::IncidentKey::of({0, "a"});
  CHECK(exit_status(h) == 1);
  h.findings[0].about = core::JobKey{0, "a"};
  CHECK(exit_status(h) == 0);
  CHECK(is_silenced(h, key_of(f)));
  h.silences[0].until = kNow;  // over
  CHECK(exit_status(h) == 1);
}

TEST_CASE("an error that is no alarm means that not all was judged") {
  HostView h = host({job("a", core::Ok{})});
  Finding f;
  f.id = "settings-invalid";
  h.findings = {f};
  CHECK(exit_status(h) == 3);
  h.findings[0].severity = FindingSeverity::warning;
  CHECK(exit_status(h) == 0);
}

}  // namespace
}  // namespace bezalel::app
