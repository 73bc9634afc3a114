#include "report/audit.h"

#include "report/fixtures.h"

namespace bezalel::report {
namespace {

using namespace fixture;
using app::CoveredJob;
using app::Proof;
using app::SchedulerKind;

AuditPage page() {
  return {"db7", "Europe/Riga", at(24, 3, 15), {}, {}};
}

CoveredJob covered(const std::string& name, const std::string& source, int line,
                   Proof proof) {
  CoveredJob c;
  c.job.key.job = name;
  c.job.user = "root";
  c.job.schedule = "0 6 * * *";
  c.job.command = "/usr/sbin/" + name + " --output mail";
  c.job.source = source;
  c.job.line = line;
  c.proof = proof;
  c.watched = proof > Proof::starts;
  c.known.key = c.job.key;
  c.known.source = source;
  c.known.line = line;
  c.known.schedule = c.job.schedule;
  c.known.first_seen = at(20, 10, 2);
  return c;
}

app::Coverage well() {
  app::Coverage c;
  c.known = true;
  for (int i = 0; i < 31; ++i) {
    c.jobs.push_back(covered("job" + std::to_string(i), "crontab of root",
                             i + 4, Proof::wrapped));
  }
  for (int i = 0; i < 12; ++i) {
    auto t = covered("t" + std::to_string(i) + ".timer",
                     "t" + std::to_string(i) + ".timer", 0, Proof::systemd);
    t.job.kind = SchedulerKind::timer;
    c.jobs.push_back(t);
  }
  return c;
}

app::Coverage bad() {
  app::Coverage c = well();
  auto fresh = covered("logwatch-28f0", "/etc/cron.d/logwatch", 4, Proof::none);
  fresh.known.first_seen = at(23, 10, 2);
  fresh.known.unwatched_since = at(23, 10, 2);
  c.jobs.push_back(fresh);
  auto lost = covered("vacuum_full", "crontab of postgres", 9, Proof::none);
  lost.job.user = "postgres";
  lost.lost_wrapper = true;
  lost.job.shell = {8, "/bin/bash"};
  lost.known.unwatched_since = at(23, 9, 0);
  c.jobs.push_back(lost);
  auto changed = covered("rotate", "/etc/cron.d/rotate", 2, Proof::wrapped);
  changed.known.schedule = "0 0 1 * *";
  changed.known.former_schedule = "0 0 * * *";
  changed.known.schedule_changed = at(23, 12, 0);
  c.jobs.push_back(changed);
  auto again = covered("certbot", "/etc/cron.d/certbot", 17, Proof::wrapped);
  c.jobs.push_back(again);
  c.twice.push_back({c.jobs.size() - 1, 31});
  app::KnownSchedule gone;
  gone.key.job = "db_backup";
  gone.source = "/etc/cron.d/db-backup";
  gone.line = 7;
  gone.gone_since = at(22, 14, 22);
  gone.commented_out = true;
  c.gone.push_back(gone);
  app::Finding f;
  f.id = "file-ignored";
  f.source = "/etc/cron.d/cleanup.sh";
  f.message = "the daemon ignores it for its name: it has a dot";
  f.fix = "mv /etc/cron.d/cleanup.sh /etc/cron.d/cleanup";
  f.alarm = core::Severity::p2;
  c.findings.push_back(f);
  return c;
}

TEST_CASE("what is not covered comes with why and what to do") {
  AuditPage p = page();
  p.yesterday = "44 of 45";
  const std::string text = audit_text(bad(), p);
  check_golden("audit-bad.txt", text);
  check_clean(text);
  CHECK(audit_exit(bad()) == 1);
  check_golden("audit-bad.json", audit_json(bad(), p));
}

TEST_CASE("the remedy names the table, once for all that it takes in") {
  auto c = well();
  for (const char* name : {"aide", "logrotate"}) {
    auto script = covered(name, std::string("/opt/p/") + name, 0, Proof::none);
    script.job.kind = SchedulerKind::run_parts;
    script.job.line.reset();
    script.job.caller = {"/etc/cron.d/opt", 3, ""};
    script.known.baseline = true;
    c.jobs.push_back(script);
  }
  c.jobs.back().lost_wrapper = true;
  c.jobs.back().known.unwatched_since = at(23, 9, 0);
  const std::string text = audit_text(c, page());
  check_clean(text);
  const std::string remedy = "    do:  bezalel adopt --file /etc/cron.d/opt\n";
  const std::size_t first = text.find(remedy);
  REQUIRE(first != std::string::npos);
  CHECK(text.find(remedy, first + 1) == std::string::npos);
  CHECK(text.find("    /etc/cron.d/opt:3 has it run, and does not call bezalel "
                  "any more\n") != std::string::npos);
  CHECK(text.find("\n    \n") == std::string::npos);
  for (auto& job : c.jobs) {
    if (!job.job.caller) continue;
    job.job.kind = SchedulerKind::anacron;
    job.job.caller = {"/etc/anacrontab", 8, "anacron"};
  }
  const std::string packaged = audit_text(c, page());
  CHECK(packaged.find("    do:  bezalel adopt --file /etc/anacrontab "
                      "--packaged\n") != std::string::npos);
  // What --all passes over is not what comes next.
  CHECK(text.find("adopt --all") != std::string::npos);
  CHECK(packaged.find("adopt --all") == std::string::npos);
}

TEST_CASE("a double run is told with both places") {
  auto c = well();
  c.jobs.push_back(covered("shared", "/etc/cron.d/a", 1, Proof::wrapped));
  c.jobs.push_back(covered("shared", "/etc/cron.d/b", 2, Proof::wrapped));
  const std::size_t last = c.jobs.size() - 1;
  c.twice = {{last - 1, last}};
  const std::string both = "/etc/cron.d/a:1 and /etc/cron.d/b:2";
  CHECK(audit_text(c, page()).find(both + "\n") != std::string::npos);
  // Of the second nothing is known but its name.
  c.twice = {{last, last}};
  CHECK(audit_text(c, page()).find(
            "a second line of that name at the same times\n") !=
        std::string::npos);
}

TEST_CASE("what an ignored file holds is not gone") {
  auto c = bad();
  c.findings[0].hides = {
      {"/etc/cron.d/db-backup"}, {}, "the daemon ignores it"};
  const std::string text = audit_text(c, page());
  check_clean(text);
  CHECK(text.find("retire") == std::string::npos);
  CHECK(text.find("    not scheduled meanwhile: db_backup\n") !=
        std::string::npos);
}

TEST_CASE("a lost wrapper comes with the line that takes it away") {
  auto c = well();
  c.jobs.push_back(covered("vacuum", "crontab of root", 9, Proof::none));
  c.jobs.back().lost_wrapper = true;
  CHECK(audit_text(c, page()).find(
            "    no SHELL=/usr/bin/bezalel-sh stands above it\n") !=
        std::string::npos);
  c.jobs.back().job.dialect = "systemd-cron";
  CHECK(audit_text(c, page()).find("SHELL=") == std::string::npos);
}

TEST_CASE("a path that is too long for its column is not cut") {
  const std::string path =
      "/etc/cron.d/nightly-transfer-of-everything-to-the-other-site";
  auto c = well();
  c.findings.push_back({});
  c.findings[0].id = "never-runs";
  c.findings[0].source = path;
  c.findings[0].line = 12;
  c.findings[0].message = "it is never started";
  c.findings[0].fix = "bezalel lint " + path;
  c.findings[0].alarm = core::Severity::p2;
  const std::string audit = audit_text(c, page());
  CHECK(audit.find("- " + path + ":12\n" + std::string(27, ' ') +
                   "never-runs\n    it is never started\n") !=
        std::string::npos);
  CHECK(audit.ends_with("\nnext: bezalel lint " + path + "\n"));
  app::Inventory inventory;
  inventory.jobs.push_back(covered("sync", path, 3, Proof::none).job);
  CHECK(discover_text(inventory, page()).find("\n    " + path + ":3\n") !=
        std::string::npos);
}

TEST_CASE("what waits for at is counted apart, and audit counts the rest") {
  app::Inventory inventory;
  for (const char* name : {"a", "b"}) {
    inventory.jobs.push_back(
        covered(name, "/etc/cron.d/x", 1, Proof::none).job);
  }
  CHECK(discover_text(inventory, page()).find("  2 scheduled jobs\n") !=
        std::string::npos);
  inventory.jobs.push_back(covered("b", "/etc/cron.d/x", 2, Proof::none).job);
  CHECK(discover_text(inventory, page()).find("  2 scheduled jobs\n") !=
        std::string::npos);
  auto once = covered("c", "/var/spool/cron/atjobs/a1", 0, Proof::none).job;
  once.kind = app::SchedulerKind::at;
  inventory.jobs.push_back(once);
  CHECK(discover_text(inventory, page())
            .find("  2 scheduled jobs, 1 job of at\n") != std::string::npos);
  inventory.jobs = {once, once};
  CHECK(discover_text(inventory, page()).find("  2 jobs of at\n") !=
        std::string::npos);
}

TEST_CASE("where all is covered two lines say by what") {
  AuditPage p = page();
  p.unchanged_since = "Sat 10:02";
  const std::string text = audit_text(well(), p);
  check_golden("audit-well.txt", text);
  check_clean(text);
  CHECK(audit_exit(well()) == 0);
}

TEST_CASE("a source that can not be seen is not passed over as well") {
  auto c = well();
  c.sources_unseen = {"/var/spool/cron/crontabs"};
  const std::string text = audit_text(c, page());
  CHECK(text.find("not readable: /var/spool/cron/crontabs") !=
        std::string::npos);
  CHECK(text.find(" jobs that were seen are watched\n") != std::string::npos);
  CHECK(audit_exit(c) == 3);
  c.jobs.clear();
  CHECK(audit_text(c, page()).find("no scheduled job was seen") !=
        std::string::npos);
  app::Inventory inventory;
  CHECK(discover_text(inventory, page()).find("nothing is scheduled here") !=
        std::string::npos);
  inventory.sources_unseen = c.sources_unseen;
  CHECK(discover_text(inventory, page()).find("no scheduled job was seen") !=
        std::string::npos);
}

TEST_CASE("hostile names and sources keep their line, and 80 columns") {
  app::Coverage c;
  c.known = true;
  auto job = covered("a" + std::string(127, 'x'), "/etc/cron.d/" + hostile(), 4,
                     Proof::none);
  job.job.command = job.job.schedule = hostile();
  c.jobs = {job};
  c.twice = {{0, 0}};
  const std::string text = audit_text(c, page());
  for (const char ch : text) CHECK((ch == '\n' || (ch >= ' ' && ch <= '~')));
  CHECK(text.find("adopt --file \"$(printf '/etc/cron.d/") !=
        std::string::npos);
  app::Inventory inventory;
  inventory.jobs = {job.job};
  check_clean(discover_text(inventory, page()));
  // Every line of the TOML is a comment, a table, a key or empty.
  job.job.expectation.emplace();
  inventory.jobs = {job.job};
  const std::string toml = discover_toml(inventory);
  CHECK(toml.find('\x1b') == std::string::npos);
}

TEST_CASE("a job of several lines has one table, or TOML would refuse all") {
  app::Inventory inventory;
  for (const int line : {1, 2}) {
    app::ScheduledJob job;
    job.key.job = "true-f777";
    job.source = "/etc/cron.d/same";
    job.line = line;
    job.schedule = "0 3 * * *";
    job.expectation.emplace();
    inventory.jobs.push_back(std::move(job));
  }
  const std::string toml = discover_toml(inventory);
  const std::string table = "[job.\"true-f777\"]";
  REQUIRE(toml.find(table) != std::string::npos);
  CHECK(toml.find(table, toml.find(table) + 1) == std::string::npos);
  CHECK(toml.find("# /etc/cron.d/same:2: true-f777 has its table above") !=
        std::string::npos);
}

TEST_CASE("a job behind sudo is declared for whom its record is") {
  app::Inventory inventory;
  app::ScheduledJob job;
  job.key = {110, "dump"};
  job.user = "root";
  job.record_user = "postgres";
  job.source = "/etc/cron.d/db";
  job.line = 3;
  job.schedule = "0 3 * * *";
  job.expectation.emplace();
  job.command = "sudo -u postgres bezalel run dump -- x";
  inventory.jobs = {job};
  const std::string toml = discover_toml(inventory);
  CHECK(toml.find("user = \"postgres\"") != std::string::npos);
  CHECK(toml.find("user = \"root\"") == std::string::npos);
  CHECK(discover_text(inventory, page()).find("the record is of postgres") !=
        std::string::npos);
  CHECK(discover_json(inventory).find("\"record_user\":\"postgres\"") !=
        std::string::npos);
  inventory.jobs[0].expectation.reset();
  CHECK(discover_toml(inventory) ==
        "# /etc/cron.d/db:3: dump has no table:\n"
        "# it is not known when it is due\n\n");
}

TEST_CASE("what two users have is retired by USER/NAME") {
  app::Coverage c;
  app::KnownSchedule gone;
  gone.key = {1001, "prune"};
  gone.source = "crontab of ann";
  gone.gone_since = at(23, 10, 2);
  c.known = true;
  c.gone = {gone};
  CHECK(audit_text(c, page()).find("retire prune\n") != std::string::npos);
  c.jobs = {covered("prune", "/etc/cron.d/prune", 2, Proof::none)};
  CHECK(audit_text(c, page()).find("retire 1001/prune\n") != std::string::npos);
}

TEST_CASE("discover and audit mean the same by watched") {
  app::Inventory inventory;
  const auto add = [&](const char* name, app::Watch watch,
                       const char* package) {
    app::ScheduledJob job;
    job.key.job = name;
    job.source = std::string("/etc/cron.d/") + name;
    job.watch = watch;
    job.package = package;
    inventory.jobs.push_back(std::move(job));
  };
  add("wrapped", app::Watch::shell, "");
  add("seen", app::Watch::log, "");
  add("packaged", app::Watch::log, "cron");
  add("unseen", app::Watch::none, "cron");
  const std::string text = discover_text(inventory, page());
  const app::Coverage c = app::cover(inventory, {},
                                     {[](const auto&) { return std::nullopt; },
                                      [](const auto&) { return false; },
                                      [](const auto&) { return std::nullopt; },
                                      {}},
                                     Timestamp{});
  REQUIRE(c.jobs.size() == 4);
  for (const CoveredJob& job : c.jobs) {
    CAPTURE(job.job.key.job);
    const char* mark = job.watched ? "\n+ " : "\n- ";
    CHECK(text.find(mark + job.job.key.job + " ") != std::string::npos);
  }
  CHECK(c.watched() == 2);
}

TEST_CASE("discover lists every job with its next run") {
  app::Inventory inventory;
  for (const CoveredJob& c : bad().jobs) {
    if (c.job.key.job.starts_with("job") || c.job.key.job.starts_with("t"))
      continue;
    inventory.jobs.push_back(c.job);
    inventory.jobs.back().next = at(25, 6, 0);
  }
  inventory.findings = bad().findings;
  const std::string text = discover_text(inventory, page());
  check_golden("discover.txt", text);
  check_clean(text);
  // A command for an image is not one for this host.
  AuditPage image = page();
  image.sysroot = "/srv/image";
  inventory.jobs.clear();
  const std::string below = discover_text(inventory, image);
  CHECK(below.find("\n\n\n") == std::string::npos);
  CHECK(below.find("    do:  below /srv/image: ") != std::string::npos);
}

}  // namespace
}  // namespace bezalel::report
