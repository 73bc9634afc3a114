#include "app/make_notice.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "app/fake_cycle.h"
#include "app/local_time.h"
#include "app/notice_text.h"
#include "app/schedule_findings.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::pass;
using std::chrono::hours;
using std::chrono::minutes;

// What the first notice of a host tells under `name` after twelve silent hours;
// "-": it does not.
std::string told(FakeHost& host, const std::string& name) {
  notify(host);
  pass(host, hours(12));
  REQUIRE_FALSE(host.forge->told.empty());
  for (const auto& fact : host.forge->told.front().facts) {
    if (fact.name == name) return fact.text;
  }
  return "-";
}

// A line of cron's that left a heartbeat.
struct Line {
  Line() {
    host.world.inventory = &host.inventory;
    host.inventory.line("db", Watch::shell).dialect = "debian";
    host.beat("db", hours(1));
  }
  // Had a run that ended so, a minute ago.
  void ran(record::Outcome outcome) {
    record::RunStart start;
    start.job = "db";
    start.run_id =
        "RUN" +
        std::to_string(host.clock.wall_now.time_since_epoch() / minutes(1));
    start.at = host.clock.wall_now - minutes(2);
    record::RunEnd end;
    end.job = start.job;
    end.run_id = start.run_id;
    end.started = start.at;
    end.at = host.clock.wall_now - minutes(1);
    end.outcome = outcome;
    end.exit_code = 0;
    host.runs.news.records = {{{0, "db"}, start}, {{0, "db"}, end}};
    notify(host);
  }
  FakeHost host;
};

TEST_CASE("the commands of a notice name one of two users' jobs") {
  FakeHost host;
  host.beat("db", hours(1));
  told(host, "");
  CHECK(host.forge->told.front().commands.front() == "bezalel status db");
  FakeHost twins;
  twins.beat("db", hours(1));
  twins.beat("db", hours(1000), 7);
  told(twins, "");
  const Notice& notice = twins.forge->told.front();
  CHECK(notice.commands.front() == "bezalel status " + notice.user + "/db");
  CHECK(subject(notice).starts_with("P1 " + notice.user + "/db@"));
  CHECK(subject(host.forge->told.front()).starts_with("P1 db@"));
  twins.beat("db", hours(0));
  const auto outcome = notify(twins);
  REQUIRE(outcome.cycle.transitions.size() == 1);
  CHECK(outcome.cycle.transitions[0].user == "root");
  CHECK(subject(twins.forge->told.back()).starts_with("OK root/db@"));
}

TEST_CASE("the notice of what a job's words are wrong in names the job") {
  FakeHost host;
  host.beat("db", hours(1));
  Finding f = schedule_invalid({0, "db"}, "cron: out of range");
  CHECK(f.message == "cron: out of range");
  host.settings.findings.push_back(f);
  notify(host);
  REQUIRE(host.forge->told.size() == 1);
  CHECK(host.forge->told[0].cause == "db: cron: out of range");
  CHECK(subject(host.forge->told[0]) == "P2 db7: db: cron: out of range");
}

TEST_CASE("the notice of a finding says what mends it") {
  const auto first = [](const char* fix) {
    FakeHost host;
    Finding dead;
    dead.id = kCronDead;
    dead.source = "host";
    dead.message = "no cron daemon runs";
    dead.alarm = core::Severity::p1;
    dead.fix = fix;
    host.settings.findings.push_back(dead);
    notify(host);
    REQUIRE(host.forge->told.size() == 1);
    CHECK(host.forge->told[0].commands.back() == "bezalel check");
    return host.forge->told[0].commands.front();
  };
  CHECK(first("service cron start") == "service cron start");
  CHECK(first("make room there") == "# make room there");
  CHECK(first("systemctl restart cron; see its log") ==
        "# systemctl restart cron; see its log");
  CHECK(first("rm a\nb") == "# rm a\\nb");
  CHECK(first("") == "bezalel doctor");
  CHECK(first("bezalel doctor") == "bezalel doctor");
}

TEST_CASE("the commands of a notice are for the root it was noticed below") {
  FakeHost host;
  host.settings.bezalel = "bezalel --root '/srv/a b'";
  host.beat("db", hours(1));
  told(host, "");
  for (const std::string& command : host.forge->told.front().commands) {
    CAPTURE(command);
    CHECK((command.starts_with("# ") ||
           command.starts_with("bezalel --root '/srv/a b' ")));
  }
}

TEST_CASE("a notice says which line starts the job, and who reads it") {
  Line line;
  CHECK(told(line.host, "Scheduled in") ==
        "/etc/cron.d/jobs, line 1, as root (Debian cron)");
  // The line says what is expected, too.
  CHECK(told(line.host, "Declared in") == "-");
}

TEST_CASE("a job of no scheduler's is said to be in no place") {
  FakeHost host;
  host.beat("db", hours(1));
  CHECK(told(host, "Scheduled in") == "-");
}

TEST_CASE("the notice of a job that nothing watches says how it comes to be") {
  FakeHost host;
  host.world.inventory = &host.inventory;
  host.inventory.line("other", Watch::systemd);
  notify(host);  // its baseline is empty
  host.inventory.line("db", Watch::none);
  notify(host);
  REQUIRE_FALSE(host.forge->told.empty());
  const Notice& n = host.forge->told.back();
  REQUIRE(n.verdict == "unwatched");
  CHECK(n.command == "db");
  CHECK(std::find(n.commands.begin(), n.commands.end(),
                  "bezalel adopt --file /etc/cron.d/jobs") != n.commands.end());
  const std::string body = issue_body(n);
  CHECK(body.find("| Scheduled in | /etc/cron.d/jobs, line 2, as root") !=
        std::string::npos);
  CHECK(body.find("\nThis issue closes by itself once it is watched. ") !=
        std::string::npos);
}

TEST_CASE("a notice says what its evidence is") {
  Line line;
  CHECK(told(line.host, "Evidence") == "heartbeat file only");
  CHECK(told(line.host, "Runs since") == "-");
  Line recorded;
  recorded.ran(record::Outcome::ok);
  CHECK(told(recorded.host, "Evidence") == "wrapped run; owner verified");
  CHECK(told(recorded.host, "Runs since") == "none started");
}

TEST_CASE(
    "a notice says that the job was skipped, not that nobody started it") {
  Line line;
  line.ran(record::Outcome::ok);
  pass(line.host, minutes(30));
  line.ran(record::Outcome::skipped);
  CHECK(told(line.host, "Runs since") == "1 skipped");
}

TEST_CASE("the notice of a hung job is about the run that hangs") {
  FakeHost host;
  const core::JobKey key{0, "db"};
  const auto start = [&](const char* id) {
    record::RunStart s;
    s.job = "db";
    s.run_id = id;
    s.at = host.clock.wall_now;
    s.cmd = "/usr/bin/db";
    s.schedule.max = "30min";
    return s;
  };
  host.beat("db", hours(90));
  host.runs.news.records = {{key, start("OLD")}};
  notify(host);
  pass(host, minutes(15));
  host.runs.news.records = {{key, start("NEW")}};
  pass(host, minutes(30));
  REQUIRE(host.forge->told.size() == 1);
  const Notice& n = host.forge->told[0];
  REQUIRE(n.verdict == "hung");
  const auto fact =
      std::find_if(n.facts.begin(), n.facts.end(),
                   [](const Fact& f) { return f.name == "This run"; });
  REQUIRE(fact != n.facts.end());
  CHECK(fact->text.find(local_long(n.since - minutes(30), n.zone)) !=
        std::string::npos);
  for (const std::string& c : n.commands) {
    CHECK(c.find("run it now") == std::string::npos);
  }
}

TEST_CASE("who expects a job is told apart from what starts it") {
  Line line;
  DeclaredJob declared;
  declared.name = "db";
  declared.expectation = core::Expectation{schedule::Every{hours(1)},
                                           {},
                                           {},
                                           core::ExpectationSource::job_file,
                                           "jobs.d/db.toml:1"};
  declared.file_mtime = line.host.clock.wall_now;
  line.host.settings.jobs.push_back(declared);
  CHECK(told(line.host, "Declared in") == "jobs.d/db.toml:1");
  CHECK(told(line.host, "Scheduled in") != "-");
}

}  // namespace
}  // namespace bezalel::app
