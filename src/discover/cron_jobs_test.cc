#include "discover/cron_jobs.h"

#include <doctest/doctest.h>

#include "record/job_name.h"

namespace bezalel::discover {
namespace {

TEST_CASE("a line is our own only where it does nothing else") {
  for (const char* command :
       {"/usr/bin/bezalel --mine check --notify --quiet",
        "bezalel check --notify >/dev/null 2>&1", "bezalel report --send",
        "[ -d /run/systemd/system ] || [ ! -x /usr/libexec/bezalel/bezalel ] "
        "|| "
        "/usr/bin/bezalel check --notify --quiet",
        "test -x /usr/bin/bezalel && bezalel check", "A=b bezalel check"}) {
    CAPTURE(command);
    CHECK(is_our_own(command));
  }
  for (const char* command :
       {"backup && bezalel check", "bezalel check; backup",
        "bezalel check | mail -s x ann", "bezalel check || backup",
        "backup $(bezalel check)", "(backup) && bezalel check", "bezalel",
        "bezalel run x -- backup", "bezalel beat check", "echo bezalel check",
        "bezalel --mine", "nice bezalel check", "bezalel check && 'un", ""}) {
    CAPTURE(command);
    CHECK_FALSE(is_our_own(command));
  }
}

TEST_CASE("the directory of run-parts, and what stands around it, is read") {
  struct Case {
    const char* command;
    const char* directory;
    bool through_bezalel, guarded;
  };
  const Case cases[] = {
      {"run-parts --report /etc/cron.daily/", "/etc/cron.daily", false, false},
      {"cd / && run-parts /x", "/x", false, false},
      {"bezalel run-parts /x", "/x", true, false},
      {"test -x /usr/sbin/anacron || { cd / && run-parts --report /x; }", "/x",
       false, true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.command);
    const auto parts = run_parts_of(c.command);
    REQUIRE(parts.has_value());
    CHECK(parts->directory == c.directory);
    CHECK(parts->through_bezalel == c.through_bezalel);
    CHECK(parts->guarded_by_anacron == c.guarded);
  }
  CHECK_FALSE(run_parts_of("run-parts relative"));
  // These are not the scripts that run-parts' rule of names would give.
  CHECK_FALSE(run_parts_of("run-parts --regex=\".*\" /x"));
  CHECK_FALSE(run_parts_of("run-parts --report --regex '^a' /x"));
  CHECK_FALSE(run_parts_of("cd / && run-parts --lsbsysinit /x"));
  CHECK_FALSE(run_parts_of("run-parts --list /x"));
  CHECK_FALSE(run_parts_of("run-parts --test /x"));
  CHECK_FALSE(run_parts_of("/etc/cron.daily run-partsx"));
}

// What is found in a table that a daemon reads.
app::Inventory found_in(std::string text, crontab::Daemon daemon,
                        crontab::ProgramLookup program = {}) {
  app::CrontabFile file;
  file.path = "/etc/cron.d/x";
  file.kind = crontab::Kind::system;
  file.daemon = daemon;
  file.text = std::move(text);
  const auto uid_of = [](const std::string& name) {
    return name == "root" ? 0 : name == "www" ? 33 : app::kNoUser;
  };
  const crontab::Host host{
      [&](std::string_view user) { return user == "root"; },
      std::move(program)};
  app::Inventory found;
  add_jobs(file, host, uid_of, schedule::Zone::utc(), Timestamp{}, found);
  return found;
}

std::vector<app::Finding> findings_of(std::string text) {
  return found_in(std::move(text), crontab::Daemon::cronie).findings;
}

TEST_CASE("a line that records a job by itself is that job, and watched") {
  struct Case {
    const char* command;
    app::Watch plain, in_shell;  // without and with bezalel-sh
    core::JobKey key;
  };
  using enum app::Watch;
  const Case cases[] = {
      {"/bin/true && /opt/cron-heartbeat-write.sh db 60",
       command,
       shell,
       {0, "db"}},
      {"/bin/true && bezalel beat db --every 1d", command, shell, {0, "db"}},
      {"bezalel run db -- /bin/x", command, command, {0, "db"}},
      {"/bin/a; bezalel run db -- /bin/x", command, command, {0, "db"}},
      {"sudo -u www bezalel run db -- /bin/x", command, command, {33, "db"}},
      {"/bin/x # bezalel: job=db", none, shell, {0, "db"}},
      {"/bin/x || bezalel beat db --status fail",
       none,
       shell,
       {0, record::job_name("/bin/x || bezalel beat db --status fail")
               .name.str()}},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.command));
    const std::string line = "0 1 * * * root " + std::string(c.command) + "\n";
    const auto plain = found_in(line, crontab::Daemon::debian);
    REQUIRE(plain.jobs.size() == 1);
    CHECK(plain.jobs[0].key == c.key);
    CHECK(plain.jobs[0].record_user == (c.key.uid == 33 ? "www" : ""));
    CHECK(plain.jobs[0].watch == c.plain);
    const auto in_shell =
        found_in("SHELL=/usr/bin/bezalel-sh\n" + line, crontab::Daemon::debian);
    REQUIRE(in_shell.jobs.size() == 1);
    CHECK(in_shell.jobs[0].key == c.key);
    CHECK(in_shell.jobs[0].watch == c.in_shell);
  }
}

TEST_CASE("a line that records two jobs is the schedule of both") {
  const std::string line =
      "0 1 * * * root bezalel run a -- x; sudo -u www bezalel run b -- y\n";
  for (const char* shell : {"", "SHELL=/usr/bin/bezalel-sh\n"}) {
    const auto found = found_in(shell + line, crontab::Daemon::debian);
    REQUIRE(found.jobs.size() == 2);
    CHECK(found.jobs[0].key == core::JobKey{0, "a"});
    CHECK(found.jobs[1].key == core::JobKey{33, "b"});
    CHECK(found.jobs[1].record_user == "www");
    CHECK(found.jobs[1].watch == app::Watch::command);
    CHECK(found.jobs[0].start_record == record::StartRecord::at_once);
    CHECK(found.jobs[1].start_record == record::StartRecord::late);
    CHECK(found.jobs[1].line == found.jobs[0].line);
    REQUIRE(found.jobs[1].expectation.has_value());
    CHECK(found.jobs[1].next == found.jobs[0].next);
  }
  const auto off = found_in("#" + line, crontab::Daemon::debian);
  REQUIRE(off.commented_out.size() == 2);
  CHECK(off.commented_out[1].key == core::JobKey{33, "b"});
  const auto dropped =
      findings_of("0 25 * * * root bezalel beat a; bezalel beat b\n");
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].hides->jobs ==
        std::vector<core::JobKey>{{0, "a"}, {0, "b"}});
}

TEST_CASE("a line says its limits in its comment or as options") {
  const auto limits = [](const std::string& command) {
    std::vector<std::pair<std::optional<Duration>, std::optional<Duration>>>
        all;
    const auto found =
        found_in("0 1 * * * root " + command + "\n", crontab::Daemon::debian);
    for (const app::ScheduledJob& j : found.jobs) {
      REQUIRE(j.expectation);
      all.emplace_back(j.expectation->grace, j.expectation->max);
    }
    return all;
  };
  using Limits = decltype(limits(""));
  using std::chrono::hours;
  CHECK(limits("bezalel run a --grace 2h --max 3h -- x") ==
        Limits{{hours(2), hours(3)}});
  CHECK(limits("sleep 9 && bezalel beat a --every 1d --grace 2h") ==
        Limits{{hours(2), {}}});
  CHECK(limits("bezalel run a --grace 2h -- x # bezalel: grace=4h max=1h") ==
        Limits{{hours(4), hours(1)}});
  CHECK(limits("bezalel run a --grace 2h -- x; bezalel run b --max 1h -- y") ==
        Limits{{hours(2), {}}, {{}, hours(1)}});
  CHECK(limits("x # bezalel: grace=soon") == Limits{{{}, {}}});
}

TEST_CASE("a comment behind a line or above it lets its name be shared") {
  const auto may = [](const std::string& text) {
    const auto found = found_in(text, crontab::Daemon::debian);
    REQUIRE_FALSE(found.jobs.empty());
    return found.jobs.back().may_share_name;
  };
  const std::string line = "0 1 * * * root bezalel run a -- x";
  CHECK_FALSE(may(line + "\n"));
  CHECK(may(line + " # bezalel: allow=day-or,name-shared\n"));
  CHECK(may("# bezalel: allow=name-shared\n# more\n" + line + "\n"));
  CHECK_FALSE(may("# bezalel: allow=name-shared\n\n" + line + "\n"));
  CHECK_FALSE(may("# bezalel: allow=percent\n" + line + "\n"));
}

TEST_CASE("a line that the daemon drops says which job it hides") {
  const std::string name = record::job_name("/bin/backup").name.str();
  struct Case {
    const char* line;
    core::JobKey hidden;
  };
  const Case cases[] = {
      {"0 25 * * * root /bin/backup\n", {0, name}},
      {"\t@dayly\troot /bin/backup\n", {0, name}},
      {"0 1 * * x gone /bin/backup\n", {app::kNoUser, name}},
      {"0 1 * * * gone /bin/backup\n", {app::kNoUser, name}},
      {"0 1 * * * root /bin/backup", {0, name}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const auto findings =
        findings_of(std::string("0 1 * * * root /bin/twin\n") + c.line);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].id == "line-ignored");
    REQUIRE(findings[0].hides.has_value());
    CHECK(findings[0].hides->places.empty());
    CHECK(findings[0].hides->jobs == std::vector{c.hidden});
    CHECK(findings[0].hides->why == "the daemon drops /etc/cron.d/x:2");
  }
  const auto parts = findings_of("x 1 * * * root run-parts /etc/cron.daily\n");
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].hides->places == std::vector<std::string>{"/etc/cron.daily"});
  for (const char* line : {"x\n", "0 1 * *\n", "0 25 * * *\n"}) {
    CAPTURE(line);
    const auto findings = findings_of(line);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].hides->jobs.empty());
  }
}

TEST_CASE("a nickname that ends busybox crond is told") {
  const std::string text = "@daily x\n@reboot y\n0 1 * * * z\n";
  const auto found = found_in(text, crontab::Daemon::busybox);
  CHECK(found.jobs.size() == 3);
  REQUIRE(found.findings.size() == 2);
  CHECK(found.findings[0].id == "daemon-ends");
  CHECK(found.findings[0].line == 1);
  CHECK(found.findings[1].line == 2);
  CHECK(findings_of("@daily root x\n").empty());
}

TEST_CASE("what a table has recorded below a root is not watched") {
  for (const char* line : {"0 1 * * * root bezalel run db -- x\n",
                           "SHELL=/usr/bin/bezalel-sh\n0 1 * * * root x\n"}) {
    CAPTURE(line);
    const auto found = found_in(std::string("BEZALEL_ROOT=/r\n") + line,
                                crontab::Daemon::debian);
    REQUIRE(found.jobs.size() == 1);
    CHECK(found.jobs[0].watch == app::Watch::none);
  }
}

TEST_CASE("a wrapper that is not there watches nothing") {
  for (const auto state :
       {crontab::ProgramState::runs, crontab::ProgramState::missing}) {
    const auto found = found_in(
        "SHELL=/usr/local/bin/bezalel-sh\n0 1 * * * root x\n",
        crontab::Daemon::debian,
        [&](const std::string&) { return crontab::ProgramFacts{state, ""}; });
    const bool runs = state == crontab::ProgramState::runs;
    REQUIRE(found.jobs.size() == 1);
    CHECK(found.jobs[0].watch == (runs ? app::Watch::shell : app::Watch::none));
    CHECK(found.findings.size() == (runs ? 0 : 1));
  }
}

TEST_CASE("cronie alone reckons in the zone that a table names") {
  const std::string text = "CRON_TZ=Europe/Riga\n0 1 * * * root x\n";
  for (const auto daemon :
       {crontab::Daemon::cronie, crontab::Daemon::systemd_cron,
        crontab::Daemon::debian}) {
    const auto found = found_in(text, daemon);
    REQUIRE(found.jobs.size() == 1);
    CHECK((found.jobs[0].zone == "Europe/Riga") ==
          (daemon == crontab::Daemon::cronie));
  }
}

TEST_CASE("anacron is started by its program, not by a test for it") {
  CHECK(starts_anacron("/usr/sbin/anacron -s"));
  CHECK(
      starts_anacron("test -x /etc/init.d/anacron && "
                     "/usr/sbin/invoke-rc.d anacron start >/dev/null"));
  CHECK_FALSE(starts_anacron("test -x /usr/sbin/anacron || run-parts /x"));
}

}  // namespace
}  // namespace bezalel::discover
