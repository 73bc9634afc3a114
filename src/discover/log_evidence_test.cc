#include "discover/log_evidence.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace bezalel::discover {
namespace {

using app::ScheduledJob;
using app::SchedulerKind;
using app::Watch;

const Timestamp kNow = *parse_rfc3339("2026-11-26T13:00:00Z");

void said(CronLog& log, const char* at, const char* text) {
  log.add({*parse_rfc3339(at), "CRON", text});
}

ScheduledJob job(const char* user, const char* command, const char* cron) {
  ScheduledJob out;
  out.user = user;
  out.command = command;
  auto expr = schedule::CronExpr::parse(cron, schedule::Dialect::debian);
  REQUIRE(expr.has_value());
  core::Expectation e;
  e.schedule = schedule::Cron{*std::move(expr), schedule::Zone::utc()};
  out.expectation = std::move(e);
  return out;
}

std::string ids(const app::Inventory& inventory) {
  std::string out;
  for (const app::Finding& f : inventory.findings) {
    out += (out.empty() ? "" : " ") + f.id;
  }
  return out;
}

TEST_CASE("a start in the log is noted with its job, and no other") {
  CronLog log;
  said(log, "2026-11-26T12:50:00Z", "(ann) CMD (one)");
  app::Inventory into;
  into.jobs = {job("ann", "one", "50 12 * * *"),
               job("bob", "one", "50 12 * * *"),
               job("ann", "two", "50 11 * * *")};
  into.jobs[2].watch = Watch::command;
  into.jobs.push_back(into.jobs[0]);
  into.jobs[3].kind = SchedulerKind::timer;
  take_log(log, nullptr, kNow, into);
  CHECK(into.jobs[0].log_start.has_value());
  CHECK_FALSE(into.jobs[1].log_start.has_value());
  CHECK(into.jobs[0].watch == Watch::log);
  // A log that shows starts tells by its silence, too.
  CHECK(into.jobs[1].watch == Watch::log);
  CHECK(into.jobs[2].watch == Watch::command);
  CHECK_FALSE(into.jobs[3].log_start.has_value());
  CHECK(into.jobs[3].watch == Watch::none);
  CHECK(ids(into).empty());
}

TEST_CASE("two starts that were due make a silent log, of a daemon that runs") {
  const RunningDaemon daemon;
  struct Case {
    const char* last;
    int jobs;
    const RunningDaemon* daemon;
    const char* ids;
  };
  const Case cases[] = {
      {"2026-11-26T12:28:00Z", 2, &daemon, "cron-silent"},
      {"2026-11-26T12:28:00Z", 1, &daemon, ""},
      {"2026-11-26T12:28:00Z", 2, nullptr, ""},
      // The stamp of the line is a little after its minute, or before.
      {"2026-11-26T12:30:01Z", 2, &daemon, ""},
      {"2026-11-26T12:29:00.5Z", 2, &daemon, ""},
      // Due less than a quarter of an hour ago.
      {"2026-11-26T12:40:00Z", 2, &daemon, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.last);
    CronLog log;
    said(log, c.last, "(ann) CMD (other)");
    app::Inventory into;
    for (int i = 0; i < c.jobs; ++i) {
      into.jobs.push_back(job("ann", "x", "30 12 * * *"));
    }
    take_log(log, c.daemon, kNow, into);
    CHECK(ids(into) == c.ids);
  }
}

TEST_CASE("a daemon that waits in the kernel is said to") {
  RunningDaemon daemon;
  daemon.pid = 7;
  daemon.waits_in = "nfs_wait";
  CronLog log;
  said(log, "2026-11-26T11:00:00Z", "(ann) CMD (other)");
  app::Inventory into;
  into.jobs = {job("ann", "a", "* * * * *"), job("ann", "b", "* * * * *")};
  take_log(log, &daemon, kNow, into);
  REQUIRE(into.findings.size() == 1);
  CHECK(into.findings[0].message.find("(pid 7, waiting in nfs_wait)") !=
        std::string::npos);
  CHECK(into.findings[0].since == *parse_rfc3339("2026-11-26T11:00:00Z"));
}

TEST_CASE("what cron could not do is a finding until it does it again") {
  app::Inventory into;
  into.jobs = {job("ann", "x", "@yearly"), job("root", "y", "@yearly")};
  CronLog log;
  said(log, "2026-11-26T12:50:00Z", "(CRON) error (can't fork)");
  said(log, "2026-11-26T12:50:00Z",
       "pam_unix(cron:account): account ann has expired (account expired)");
  // Nobody has jobs under this name.
  said(log, "2026-11-26T12:50:00Z",
       "pam_unix(cron:account): account eve has expired (account expired)");
  said(log, "2026-11-26T12:50:00Z",
       "(CRON) info (No MTA installed, discarding output)");
  app::Inventory found = into;
  take_log(log, nullptr, kNow, found);
  CHECK(ids(found) == "cron-cannot-fork cron-refused output-lost");
  CHECK(found.findings[1].source == "jobs of ann");

  said(log, "2026-11-26T12:51:00Z", "(ann) CMD (x)");
  app::Inventory later = into;
  // Where every job's output is kept, none is lost.
  for (ScheduledJob& j : later.jobs) j.watch = Watch::shell;
  take_log(log, nullptr, kNow, later);
  CHECK(ids(later).empty());
}

}  // namespace
}  // namespace bezalel::discover
