#include "report/check.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "base/escape.h"
#include "report/fixtures.h"

namespace bezalel::report {
namespace {

using namespace fixture;

TEST_CASE("something is wrong") {
  const auto h = bad_host();
  CHECK(h.exit == 1);
  check_golden("check-bad.txt", check_text(h, {}));
  check_clean(check_text(h, {}));
  check_golden("check-bad.md", check_markdown(h));
  check_golden("check-bad.json", check_json(h));
  check_golden("check-bad.nagios.txt", check_nagios(h));
  check_golden("check-bad.prom", check_prometheus(h));
}

TEST_CASE("commands to type are for the root of this call") {
  auto h = bad_host();
  h.bezalel = "bezalel --root /srv/a-rather-long-name/of-a-root";
  app::Finding f;
  f.id = "run-too-slow";
  h.findings.push_back(f);
  h.silences.push_back({.key = core::IncidentKey::of_finding(f.id, f.source),
                        .until = h.now + std::chrono::hours(1)});
  const std::string text = check_text(h, {});
  check_clean(text);
  const std::string next = text.substr(text.rfind("next: "));
  CHECK(next.starts_with("next: " + h.bezalel + " status "));
  // Once more for each of them, so none is without it.
  std::size_t all = 0, right = 0;
  for (auto at = text.find("bezalel "); at != std::string::npos;
       at = text.find("bezalel ", at + 1)) {
    ++all;
    if (text.compare(at + 8, 6, "--root") == 0) ++right;
  }
  CHECK(all >= 2);
  CHECK(right == all);
}

TEST_CASE("all is well") {
  auto silenced = silenced_export();
  silenced.verdict = core::Ok{};
  silenced.severity.reset();
  const auto h = with_well({silenced}, 39, 1);
  CHECK(h.exit == 0);
  check_golden("check-well.txt", check_text(h, {}));
  check_clean(check_text(h, {}));
  check_golden("check-well.nagios.txt", check_nagios(h));
}

TEST_CASE("a silenced job that is bad is not called well") {
  const auto h = with_well({silenced_export()}, 39, 1);
  CHECK(h.exit == 0);
  const std::string text = check_text(h, {});
  CHECK(text.find("40 of 41 jobs are well, 1 quiet") != std::string::npos);
}

TEST_CASE("nothing to judge is never all well") {
  auto h = empty_host();
  h.settings_exist = false;
  CHECK(h.exit == 3);
  check_golden("check-empty.txt", check_text(h, {}));
  check_clean(check_text(h, {}));
  check_golden("check-empty.json", check_json(h));
  CHECK(check_nagios(h) == "BEZALEL UNKNOWN - nothing is watched here|bad=0\n");
  CHECK(nagios_exit(h) == 3);
}

TEST_CASE("not everything could be seen") {
  auto undeclared =
      job("rotate_keys", core::Undeclared{at(24, 0, 10), false, at(25, 0, 10)},
          {}, at(24, 0, 10), at(24, 0, 10), {});
  undeclared.cause = core::cause_of(undeclared.verdict);
  auto h = with_well({undeclared}, 39, 0);
  h.not_seen = {"/home/deploy/.bezalel/heartbeats: no answer in 5s (1 job)"};
  h.counts.of = 41;
  h.complete = false;
  h.exit = app::exit_status(h);
  CHECK(h.exit == 3);
  check_golden("check-unseen.txt", check_text(h, {}));
  check_clean(check_text(h, {}));
}

TEST_CASE("a job of another user is declared as his") {
  auto theirs = job("poll", core::Undeclared{at(24, 0, 10), true}, {},
                    at(24, 0, 10), at(24, 0, 10), {});
  theirs.key.uid = 1000;
  theirs.user = "ann";
  auto h = with_well({theirs}, 1, 0);
  CHECK(check_text(h, {}).find("add:  [job.poll]  user = \"ann\"  every =") !=
        std::string::npos);
  h.owner = 1000;
  CHECK(check_text(h, {}).find("add:  [job.poll]  every =") !=
        std::string::npos);
}

TEST_CASE("what never matches is not to be declared once more") {
  core::Undeclared never{at(24, 0, 10), true};
  never.never_matches = true;
  auto feb30 = job("feb30", never, core::Severity::p2, {}, {}, {});
  feb30.cause = "its schedule never matches; it can never go stale";
  const std::string page = check_text(with_well({feb30}, 1, 0), {});
  CHECK(page.find(
            "    P2  its schedule never matches; it can never go stale\n") !=
        std::string::npos);
  CHECK(page.find("add:") == std::string::npos);
}

TEST_CASE("a failed row says which assertion failed, within 80 columns") {
  auto j = job("y", core::Failed{at(24, 1, 0), 1, "x"}, core::Severity::p1,
               at(23, 1, 0), {}, 24h);
  j.last_run = run("01JD", at(24, 1, 0), 1min, 0, "");
  j.last_run->end->outcome = record::Outcome::assertion;
  j.last_run->end->detail = "no line of output matches \"done\"";
  const std::string page = check_text(with_well({j}, 1, 0), {});
  CHECK(page.find(": no line of output matches \"done\"\n") !=
        std::string::npos);
  check_clean(page);
}

TEST_CASE("a finding that alarms needs somebody too") {
  auto h = with_well({}, 18, 0);
  app::Finding f;
  f.id = "channel-dead";
  f.source = "forge";
  f.message = "cannot deliver: 401, the token was refused";
  f.fix = "put a new token into /etc/bezalel/forge.token";
  f.alarm = core::Severity::p2;
  f.since = at(24, 1, 12);
  h.findings = {f};
  h.outbox_waiting = 2;
  h.exit = app::exit_status(h);
  check_golden("check-finding.txt", check_text(h, {}));
  check_clean(check_text(h, {}));
  CHECK(nagios_exit(h) == 1);
  h.outbox_absent = {{"pager", 2}};
  CHECK(
      check_text(h, {}).find("told: nobody yet; 2 notices in the outbox, 2 "
                             "for pager, which is not in the\n  settings\n") !=
      std::string::npos);
  // Silenced it is not shown, but it is not nothing either.
  app::Silence silence;
  silence.key = core::IncidentKey::of_finding(f.id, f.source);
  silence.until = at(25, 9, 0);
  h.silences = {silence};
  h.exit = app::exit_status(h);
  CHECK(check_text(h, {}).find("1 finding silenced (bezalel check --all)\n") !=
        std::string::npos);
}

TEST_CASE("a finding says who was told, and its path is whole") {
  auto h = with_well({}, 3, 0);
  app::Finding f;
  f.id = "never-runs";
  f.source = "/etc/cron.d/nightly-transfer-to-the-other-site";
  f.line = 12;
  f.message = "\"0 22-2 * * *\" never matches";
  f.fix = "bezalel lint " + f.source;
  f.alarm = core::Severity::p2;
  h.findings = {f};
  finish(h);
  CHECK(check_text(h, {}).find("told: nobody yet; outbox empty\n") !=
        std::string::npos);
  h.told[app::key_of(f)] = {"local", "forge #7"};
  const std::string text = check_text(h, {});
  CHECK(text.find("- " + f.source + ":12\n" + std::string(27, ' ') +
                  "never-runs  P2\n") != std::string::npos);
  CHECK(text.find("told: local; forge #7; outbox empty\n") !=
        std::string::npos);
  CHECK(text.ends_with("\nnext: " + f.fix + "\n"));
}

TEST_CASE("a finding says line and column, and is escaped once") {
  auto h = with_well({}, 18, 0);
  app::Finding f;
  f.id = "settings-invalid";
  f.source = "/e/a.toml";
  f.line = 3;
  f.column = 9;
  f.message = "\"" + escape_line("a\nb") + "\" is not a job name";
  f.alarm = core::Severity::p2;
  h.findings = {f};
  h.exit = app::exit_status(h);
  const std::string text = check_text(h, {});
  CHECK(text.find("- /e/a.toml:3:9 ") != std::string::npos);
  CHECK(text.find("    \"a\\nb\" is not a job name\n") != std::string::npos);
  CHECK(check_json(h).find("\"line\":3,\"column\":9,") != std::string::npos);
}

TEST_CASE("one job is singular, several are plural") {
  auto h = with_well({db_backup()}, 40, 0);
  CHECK(check_text(h, {}).find("  1 of 41 jobs needs you\n") !=
        std::string::npos);
  h = with_well({db_backup()}, 0, 0);
  CHECK(check_text(h, {}).find("  1 of 1 job needs you\n") !=
        std::string::npos);
  h = with_well({}, 1, 0);
  CHECK(check_text(h, {}).find("  the only job is well\n") !=
        std::string::npos);
}

TEST_CASE("only a look at all shows rows that are well") {
  const auto h = bad_host();
  TextOptions all;
  all.all = All::yes;
  CHECK(check_text(h, {}).find("+ job100") == std::string::npos);
  CHECK(check_text(h, all).find("+ job100") != std::string::npos);
  CHECK(check_text(h, all).find(". old_export") != std::string::npos);
  check_clean(check_text(h, all));
}

TEST_CASE("every bad row is shown, however many there are") {
  std::vector<app::JobView> bad;
  for (int i = 0; i < 500; ++i) {
    auto j = db_backup();
    j.key.job = "bad" + std::to_string(1000 + i);
    bad.push_back(std::move(j));
  }
  const std::string text = check_text(with_well(std::move(bad), 1, 0), {});
  CHECK(text.find("- bad1000") != std::string::npos);
  CHECK(text.find("- bad1499") != std::string::npos);
  CHECK(text.find("  500 of 501 jobs need you\n") != std::string::npos);
  check_clean(text);
}

TEST_CASE(
    "jobs that nothing watches are among those that they are counted of") {
  std::vector<app::JobView> unwatched;
  for (const char* name : {"a", "b", "c"}) {
    auto j = db_backup();
    j.key.job = name;
    j.verdict = core::Unwatched{};
    unwatched.push_back(std::move(j));
  }
  CHECK(check_text(with_well(unwatched, 0, 0), {})
            .find("  3 of 3 jobs need you\n") != std::string::npos);
  CHECK(check_text(with_well(std::move(unwatched), 2, 0), {})
            .find("  3 of 5 jobs need you\n") != std::string::npos);
}

TEST_CASE("a job whose line is the trouble says what to type") {
  auto j = db_backup();
  j.verdict = core::Unwatched{at(23, 10, 2)};
  j.unwatched = app::UnwatchedView{
      "/opt/x", "bezalel adopt --file /etc/cron.d/db-backup"};
  const std::string text = check_text(with_well({j}, 1, 0), {});
  CHECK(text.find(
            "\n        do:  bezalel adopt --file /etc/cron.d/db-backup\n") !=
        std::string::npos);
  CHECK(text.find("retire") == std::string::npos);
  auto gone = db_backup();
  gone.verdict = core::Vanished{at(23, 10, 2)};
  CHECK(check_text(with_well({gone}, 1, 0), {})
            .find("\n        gone: bezalel retire db_backup\n") !=
        std::string::npos);
}

TEST_CASE("told is of the rows that need somebody, not of others") {
  auto j = db_backup();
  auto h = with_well({j}, 1, 0);
  app::Finding baseline;
  baseline.id = "unwatched-baseline";
  baseline.source = "host";
  baseline.severity = app::FindingSeverity::info;
  baseline.alarm = core::Severity::p3;
  h.findings = {baseline};
  h.told.clear();
  h.told[app::key_of(baseline)] = {"forge #3"};
  CHECK(check_text(h, {}).find("\ntold: nobody yet; outbox empty\n") !=
        std::string::npos);
  tell(h, j, {"pager"});
  CHECK(check_text(h, {}).find("\ntold: pager; outbox empty\n") !=
        std::string::npos);
}

TEST_CASE("what is worse than every job stands above them, and is next") {
  auto slow = db_backup();
  slow.severity = core::Severity::p2;
  auto h = with_well({slow, nightly_watch()}, 1, 0);
  app::Finding dead;
  dead.id = "cron-dead";
  dead.source = "host";
  dead.message = "no cron daemon runs";
  dead.fix = "systemctl start cron";
  dead.alarm = core::Severity::p1;
  h.findings = {dead};
  const auto stands_above = [&] {
    const std::string text = check_text(h, {});
    const std::size_t at = text.find("cron-dead");
    REQUIRE(at != std::string::npos);
    return at < text.find("db_backup");
  };
  CHECK(stands_above());
  CHECK(check_text(h, {}).ends_with("next: bezalel doctor\n"));
  h.jobs[0].severity = core::Severity::p1;
  CHECK(stands_above());  // a row of the table is better than it
  CHECK(check_text(h, {}).ends_with("next: bezalel doctor\n"));
  h.findings[0].alarm = core::Severity::p2;
  CHECK_FALSE(stands_above());
  CHECK(check_text(h, {}).ends_with("next: bezalel status db_backup\n"));
}

TEST_CASE("a full disk, on which no run is recorded, stands above its equals") {
  auto h = with_well({db_backup()}, 1, 0);
  app::Finding full;
  full.id = app::kStateFull;
  full.source = "host";
  full.message = "the file system is full";
  full.alarm = core::Severity::p1;
  h.findings = {full};
  const std::string text = check_text(h, {});
  CHECK(text.find("state-full") < text.find("db_backup  "));
  CHECK(text.ends_with("next: bezalel doctor\n"));
}

TEST_CASE("one cause stands in the place of the jobs that wait for it") {
  app::Finding dead;
  dead.id = "cron-dead";
  dead.source = "host";
  dead.message = "no cron daemon runs: nothing of cron is started";
  dead.fix = "systemctl start cron";
  dead.alarm = core::Severity::p1;
  dead.since = at(24, 1, 12);
  std::vector<app::JobView> jobs;
  for (const char* name : {"a", "b", "c", "d"}) {
    auto j = db_backup();
    j.key.job = name;
    j.explained_by = app::key_of(dead);
    jobs.push_back(std::move(j));
  }
  auto h = with_well(jobs, 2, 0);
  h.findings = {dead};
  const std::string text = check_text(h, {});
  check_golden("check-cause.txt", text);
  check_clean(text);
  TextOptions all;
  all.all = All::yes;
  CHECK(check_text(h, all).find("\n- a  ") != std::string::npos);
  CHECK(check_text(h, all).find("explains") == std::string::npos);

  // What is bad for another reason stands for itself.
  jobs.push_back(runner_health());
  h = with_well(jobs, 2, 0);
  h.findings = {dead};
  const std::string mixed = check_text(h, {});
  CHECK(mixed.find("\n- runner_health ") != std::string::npos);
  CHECK(mixed.find("  5 of 7 jobs and 1 finding need you\n") !=
        std::string::npos);
  CHECK(mixed.find(": 5 bad (4 by 1 cause), 2 ok\n") != std::string::npos);
  CHECK(mixed.ends_with("next: bezalel status runner_health\n"));
}

TEST_CASE("a wide terminal widens the names and nothing else") {
  auto j = db_backup();
  j.key.job = std::string(60, 'x') + "_end";
  const auto h = with_well({j}, 1, 0);
  CHECK(check_text(h, {}).find("..") != std::string::npos);
  TextOptions wide;
  wide.columns = 130;
  CHECK(check_text(h, wide).find(j.key.job + "  ") != std::string::npos);
  TextOptions narrow;
  narrow.columns = 20;
  CHECK(check_text(h, narrow) == check_text(h, {}));
}

TEST_CASE("colour is on the mark and the status only, and only when asked") {
  const auto h = bad_host();
  TextOptions colour;
  colour.colour = Colour::yes;
  std::string text = check_text(h, colour);
  CHECK(text.find("\x1b[31m-\x1b[0m db_backup") != std::string::npos);
  CHECK(text.find("\x1b[31mstale\x1b[0m") != std::string::npos);
  for (const char* code : {"\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[0m"}) {
    for (auto p = text.find(code); p != std::string::npos;
         p = text.find(code)) {
      text.erase(p, std::string_view(code).size());
    }
  }
  CHECK(text == check_text(h, {}));
}

TEST_CASE("a job that never ran has no age, in no format") {
  auto j = job("new_one", core::Never{at(24, 1, 0)}, core::Severity::p1,
               at(24, 1, 0), {}, 24h);
  j.cause = "it has never run";
  const auto h = with_well({db_backup(), j}, 1, 0);
  CHECK(h.jobs.front().key.job == "new_one");
  const std::string text = check_text(h, {});
  CHECK(text.find("never           -        1d      -  Tue 01:00") !=
        std::string::npos);
  CHECK(check_json(h).find(
            "\"age_seconds\":null,\"interval_seconds\":86400,\"ratio\":null,"
            "\"last_success\":null") != std::string::npos);
  CHECK(check_prometheus(h).find(
            "last_success_timestamp_seconds{job=\"new_one\"") ==
        std::string::npos);
}

TEST_CASE("--quiet is one line a transition and nothing otherwise") {
  app::TransitionView opened;
  opened.what = "opened";
  opened.key.name = "db_backup";
  opened.verdict = "stale";
  opened.text = "no success since Sun 01:06";
  opened.told = {"forge #119"};
  app::TransitionView resolved = opened;
  resolved.what = "resolved";
  resolved.key.name = "runner_health";
  resolved.verdict = "hung";
  resolved.text = "well again after 5h 25m";
  resolved.told = {"forge #118"};
  check_golden("check-quiet.txt", check_quiet({opened, resolved}, "db7"));
  CHECK(check_quiet({}, "db7").empty());
  opened.user = "deploy";
  CHECK(check_quiet({opened}, "db7").find("P1 deploy/db_backup@db7 stale") !=
        std::string::npos);

  opened.key.name = opened.verdict = opened.text = hostile();
  opened.told = {hostile()};
  const std::string text = check_quiet({opened}, hostile());
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("the exit status of the plugin contract") {
  struct Case {
    const char* what;
    std::vector<app::JobView> jobs;
    int exit;
  };
  auto p2 = db_backup();
  p2.severity = core::Severity::p2;
  auto p3 = db_backup();
  p3.severity = core::Severity::p3;
  const auto day =
      job("x", core::Undeclared{at(24, 0, 10), false}, {}, {}, {}, {});
  const Case cases[] = {{"P1", {db_backup(), p2}, 2},
                        {"P2", {p2, nightly_watch()}, 1},
                        {"P3", {p3}, 0},
                        {"late", {nightly_watch()}, 1},
                        {"not all judged", {nightly_watch(), day}, 3},
                        {"silenced", {silenced_export()}, 0},
                        {"well", {}, 0}};
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(nagios_exit(with_well(c.jobs, 1, 0)) == c.exit);
  }
}

TEST_CASE("nothing foreign breaks a line, a label or a terminal") {
  const auto h = hostile_host();
  TextOptions all;
  all.all = All::yes;
  const std::string pages[] = {check_text(h, {}), check_text(h, all),
                               check_markdown(h), check_nagios(h),
                               check_prometheus(h)};
  for (const std::string& page : pages) {
    CHECK(page.find('\x1b') == std::string::npos);
    CHECK(page.find('\r') == std::string::npos);
    CHECK(is_utf8(page));
    CHECK(page.find("\xe2\x80\xae") == std::string::npos);
    CHECK(page.find("a\nb") == std::string::npos);
  }
  const std::string nagios = check_nagios(h);
  CHECK(std::count(nagios.begin(), nagios.end(), '\n') == 1);
  CHECK(std::count(nagios.begin(), nagios.end(), '|') == 1);
}

TEST_CASE("hostile JSON is whole JSON and keeps the name") {
  const std::string text = check_json(hostile_host());
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  boost::json::error_code wrong;
  const auto value = boost::json::parse(text, wrong);
  REQUIRE(!wrong);
  CHECK(value.at("jobs").as_array().size() == 14);
  CHECK(value.at("exit").as_int64() == 1);
}

TEST_CASE("an endless ratio is null, not a broken document") {
  auto j = db_backup();
  j.ratio = HUGE_VAL;
  const auto h = with_well({j}, 0, 0);
  CHECK(check_json(h).find("\"ratio\":null") != std::string::npos);
}

TEST_CASE("two users of one name are told apart") {
  auto a = db_backup();
  auto b = db_backup();
  b.key.uid = 1001;
  b.user = "ann";
  auto h = with_well({a, b}, 0, 0);
  h.shared_names = {"db_backup"};
  const std::string page = check_text(h, {});
  CHECK(page.find("- root/db_backup  ") != std::string::npos);
  CHECK(page.find("- ann/db_backup  ") != std::string::npos);
  CHECK(check_nagios(h).find("ann/db_backup stale") != std::string::npos);
  CHECK(check_markdown(h).find("ann/db\\_backup") == std::string::npos);
}

TEST_CASE("two users of one name are two series") {
  auto a = db_backup();
  auto b = db_backup();
  b.key.uid = 1001;
  const std::string page = check_prometheus(with_well({a, b}, 0, 0));
  CHECK(page.find("bezalel_job_status{job=\"db_backup\",user=\"root\"} 3") !=
        std::string::npos);
  CHECK(page.find("user=\"root#1001\"} 3") != std::string::npos);
}

}  // namespace
}  // namespace bezalel::report
