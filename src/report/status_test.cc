#include "report/status.h"

#include "app/local_time.h"
#include "report/alerts.h"
#include "report/fixtures.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

using namespace fixture;

std::vector<app::RunView> three_runs() {
  return {
      *db_backup().last_run,
      run("01JD70QFBCDEFGHJKMNPQRSTVW", at(21, 1, 0), 6min + 11s, 0, "done\n"),
      run("01JD4E8XBCDEFGHJKMNPQRSTVW", at(20, 1, 0), 2min + 40s, 2, "",
          "disk full\n")};
}

TEST_CASE("one job with its runs") {
  auto h = bad_host();
  h.check_every = 15min;
  auto j = db_backup();
  j.tried = "nothing (no on_stale for this job)";
  const std::string text = status_job_text(h, j, three_runs(), {});
  check_golden("status-job.txt", text);
  check_clean(text);
}

TEST_CASE("runs of one second are told apart by their ids") {
  const std::vector<app::RunView> runs = {
      run("01JD70QFBCDEFGHJKMNPQRSTVW", at(21, 1, 0), 1s, 0, "b\n"),
      run("01JD70QFBCDXFGHJKMNPQRSTVW", at(21, 1, 0), 1s, 0, "a\n")};
  const std::string text = status_job_text(bad_host(), db_backup(), runs, {});
  CHECK(text.find("\n  RUN           STARTED ") != std::string::npos);
  CHECK(text.find("\n+ 01JD70QFBCDE  Sat 01:00 ") != std::string::npos);
  CHECK(text.find("\n+ 01JD70QFBCDX  Sat 01:00 ") != std::string::npos);
  CHECK(text.find("\n  last lines of 01JD70QFBCDE\n") != std::string::npos);
}

TEST_CASE("what is held open after its job is well says until when") {
  auto h = bad_host();
  h.close_hold = 30min;
  auto well = job("db", core::Ok{}, {}, {}, {}, {});
  core::OpenIncident i;
  i.key = core::IncidentKey::of(well.key);
  i.verdict = "stale";
  i.since = at(24, 1, 6);
  i.well_since = at(24, 3, 0);
  h.jobs = {well};
  const std::string said = "well since Tue 03:00, closes Tue 03:30\n";
  std::string text = alerts_text(h, {i});
  CHECK(text.find("\n+ db ") != std::string::npos);
  CHECK(text.find("; " + said) != std::string::npos);
  CHECK(text.find("next:") == std::string::npos);
  CHECK(alerts_json(h, {i}).find("\"closes\":\"2026-11-24T01:30:00Z\"") !=
        std::string::npos);
  well.closing = app::ClosingView{at(24, 3, 0), at(24, 3, 30)};
  text = status_job_text(h, well, {}, {});
  CHECK(text.find("  alarm         " + said) != std::string::npos);
  // Over, and nobody looked since.
  h.close_hold = 10min;
  CHECK(alerts_text(h, {i}).find("closes with the next check") !=
        std::string::npos);
  // Bad again since the last cycle.
  i.key = core::IncidentKey::of(db_backup().key);
  h.jobs = {db_backup()};
  CHECK(alerts_text(h, {i}).find("well since") == std::string::npos);
}

TEST_CASE("a job of another user is run as that user") {
  auto j = db_backup();
  j.user = "postgres";
  CHECK(status_job_text(bad_host(), j, {}, {})
            .find("next: sudo -u postgres bezalel run db_backup -- "
                  "/usr/local/bin/db-backup.sh --all\n") != std::string::npos);
}

TEST_CASE("a command with a secret in it is not one to type") {
  auto j = db_backup();
  j.last_run->start->cmd = "backup --password=hunter2";
  const std::string text = status_job_text(bad_host(), j, three_runs(), {});
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.ends_with("next: bezalel logs db_backup\n"));
}

TEST_CASE("a job that hangs is not started a second time") {
  auto j = runner_health();
  j.last_run = db_backup().last_run;
  CHECK(status_job_text(bad_host(), j, three_runs(), {})
            .ends_with("next: bezalel logs runner_health\n"));
}

TEST_CASE("a job that nothing watches shows its line, and what to type") {
  auto j = db_backup();
  j.verdict = core::Unwatched{at(23, 10, 2)};
  j.last_run = j.last_ok_run = {};
  j.where = "/etc/cron.d/db-backup:7";
  j.unwatched =
      app::UnwatchedView{"/opt/backup", "bezalel adopt --user postgres"};
  const std::string text = status_job_text(bad_host(), j, {}, {});
  CHECK(text.find("(/etc/cron.d/db-backup:7, root)\n") != std::string::npos);
  CHECK(text.find("\n  command       /opt/backup\n") != std::string::npos);
  CHECK(text.ends_with("\nnext: bezalel adopt --user postgres\n"));
}

TEST_CASE(
    "what failed last and is gone is one to retire, unless it is hidden") {
  auto h = bad_host();
  auto failed = db_backup();
  core::Failed verdict;
  verdict.since = at(23, 1, 0);
  failed.verdict = verdict;
  failed.because = "its schedule is gone from /etc/cron.d/x";
  std::string text = status_job_text(h, failed, three_runs(), {});
  CHECK(text.find("  cause         its schedule is gone from") !=
        std::string::npos);
  CHECK(text.ends_with("next: bezalel retire db_backup\n"));
  h.jobs = {failed};
  CHECK(check_text(h, {}).find("        gone: bezalel retire db_backup\n") !=
        std::string::npos);
  app::Finding hides;
  hides.id = "file-ignored";
  hides.source = "/etc/cron.d/x";
  hides.hides = app::Finding::Hides{{"/etc/cron.d/x"}, {}, failed.because};
  h.findings = {hides};
  text = status_job_text(h, failed, three_runs(), {});
  CHECK(text.find("retire") == std::string::npos);
}

TEST_CASE("a finding about a job is shown with it, and check leads there") {
  auto h = bad_host();
  h.jobs = {job("db", core::Ok{}, {}, {}, {}, {})};
  app::Finding f;
  f.id = "option-invalid";
  f.source = "db";
  f.message = "passed over: --every 1x";
  f.fix = "correct the option";
  f.alarm = core::Severity::p2;
  f.about = h.jobs[0].key;
  h.findings = {f};
  h.exit = 1;
  CHECK(check_text(h, {}).ends_with("next: bezalel status db\n"));
  CHECK(status_job_text(h, h.jobs[0], {}, {})
            .find("  finding       option-invalid: passed over: --every 1x") !=
        std::string::npos);
  h.findings[0].about.reset();
  h.findings[0].source = "/etc/cron.d/a b";
  CHECK(check_text(h, {}).ends_with("next: bezalel doctor\n"));
  h.findings[0].line = 3;
  CHECK(check_text(h, {}).ends_with("next: bezalel lint '/etc/cron.d/a b'\n"));
}

TEST_CASE("a job that is gone and left nothing is one to retire") {
  const auto gone = job("db", core::Vanished{at(24, 1, 0), {}}, {}, {}, {}, {});
  CHECK(status_job_text(bad_host(), gone, {}, {})
            .ends_with("next: bezalel retire db\n"));
}

TEST_CASE("the panel shows every job") {
  const std::string text = status_panel_text(bad_host(), {});
  check_golden("status-panel.txt", text);
  check_clean(text);
}

TEST_CASE("output that is not to be shown is not called none") {
  auto runs = three_runs();
  for (auto& r : runs) {
    r.end->out = r.end->err = {};
    r.output_hidden = true;
  }
  const std::string said = "what it prints is not shown: output = \"none\"\n";
  std::string text = status_job_text(bad_host(), db_backup(), runs, {});
  check_clean(text);
  CHECK(text.find("exit 0        not shown\n") != std::string::npos);
  CHECK(text.find("no output") == std::string::npos);
  CHECK(text.find(said) != std::string::npos);
  text = logs_text(bad_host(), db_backup(), runs);
  check_clean(text);
  CHECK(text.find(said) != std::string::npos);
}

TEST_CASE("the output of runs, each line behind its mark") {
  const std::string text = logs_text(bad_host(), db_backup(), three_runs());
  check_golden("logs.txt", text);
  CHECK(logs_text(bad_host(), db_backup(), {}) ==
        "db_backup@db7  no run is recorded\n");
}

TEST_CASE("how a run ended is below its start where that line is full") {
  auto run = three_runs()[2];
  run.end->err = {};
  run.end->outcome = record::Outcome::assertion;
  run.end->detail = "/tmp/nofile* is smaller than 1024 bytes";
  const std::string text = logs_text(bad_host(), db_backup(), {run});
  check_clean(text);
  CHECK(text.find("  2m 40s\n    assertion: /tmp/nofile* is smaller than 1024 "
                  "bytes\n") != std::string::npos);
}

TEST_CASE("open incidents, worst first") {
  core::OpenIncident stale;
  stale.id = 119;
  stale.key = core::IncidentKey::of({0, "db_backup"});
  stale.verdict = "stale";
  stale.cause = "no run has started";
  stale.since = at(24, 1, 6);
  core::OpenIncident dead;
  dead.id = 120;
  dead.severity = core::Severity::p2;
  dead.key = core::IncidentKey::of_finding("channel-dead", "pager");
  dead.verdict = "channel-dead";
  dead.cause = "401: the routing key was refused";
  dead.since = at(23, 1, 6);
  dead.acked = at(23, 9, 0);
  auto host = bad_host();
  host.told[dead.key] = {"forge #121"};
  const std::string text = alerts_text(host, {dead, stale});
  check_golden("alerts.txt", text);
  check_clean(text);
  check_golden("alerts.json", alerts_json(host, {dead, stale}));
  check_golden("alerts-none.txt", alerts_text(bad_host(), {}));
  host.outbox_waiting = 17;
  host.outbox_absent = {{"pager", 17}};
  CHECK(alerts_text(host, {}).find(
            "17 notices in the outbox\n- pager: is not in the settings; 17 "
            "waiting, dropped when a week old\n") != std::string::npos);
}

TEST_CASE("silences in force, the one that ends first on top") {
  auto host = bad_host();
  host.silences.clear();
  CHECK(silences_text(host) ==
        "db7  Tue 24 Nov 2026 03:15 +0200  nothing is silenced\n");
  app::Silence whole;
  whole.until = at(25, 9, 0);
  whole.who = "ops";
  whole.why = "new kernel";
  app::Silence one = whole;
  one.key = core::IncidentKey::of({0, "db_backup"});
  one.until = at(24, 9, 0);
  one.why = "a\nb";
  host.silences = {whole, one};
  CHECK(silences_text(host) ==
        "db7  Tue 24 Nov 2026 03:15 +0200  2 silences\n\n"
        ". db_backup                until Tue 09:00 by ops: a\\nb\n"
        ". the whole host           until Wed 09:00 by ops: new kernel\n");
  // A finding stands there as it is typed.
  whole.key = core::IncidentKey::of_finding("channel-dead", "pager");
  one.key = core::IncidentKey::of_finding("never-runs", "/etc/cron.d/clean");
  host.silences = {whole, one};
  CHECK(silences_text(host) ==
        "db7  Tue 24 Nov 2026 03:15 +0200  2 silences\n\n"
        ". never-runs:/etc/cron.d/clean\n"
        "                           until Tue 09:00 by ops: a\\nb\n"
        ". channel-dead:pager       until Wed 09:00 by ops: new kernel\n");
}

TEST_CASE("of findings of one name, the one to ack is named by its source") {
  core::OpenIncident dead;
  dead.key = core::IncidentKey::of_finding("channel-dead", "pager");
  dead.verdict = "channel-dead";
  dead.since = at(23, 1, 6);
  CHECK(alerts_text(bad_host(), {dead})
            .ends_with("next: bezalel ack channel-dead\n"));
  auto other = dead;
  other.key.source = "mail";
  CHECK(alerts_text(bad_host(), {dead, other})
            .ends_with("next: bezalel ack channel-dead:mail\n"));
}

TEST_CASE("what is silenced comes last, and is not what to ack") {
  auto host = bad_host();
  core::OpenIncident quiet;
  quiet.id = 1;
  quiet.key = core::IncidentKey::of(host.jobs.at(0).key);
  quiet.verdict = "stale";
  quiet.since = at(1, 0, 0);
  core::OpenIncident loud = quiet;
  loud.id = 2;
  loud.key = core::IncidentKey::of(host.jobs.at(1).key);
  loud.severity = core::Severity::p2;
  loud.since = at(24, 0, 0);
  host.jobs[0].silenced = app::SilencedView{at(25, 9, 0), "ops", "disks"};
  const std::string text = alerts_text(host, {quiet, loud});
  CHECK(text.find("\n- " + host.jobs[1].key.job) <
        text.find("\n. " + host.jobs[0].key.job));
  CHECK(text.ends_with("next: bezalel ack " + host.jobs[1].key.job + "\n"));
  CHECK(alerts_text(host, {quiet}).find("next:") == std::string::npos);
  const std::string silence = "    silenced until Wed 09:00 by ops: disks\n";
  CHECK(text.find(silence) != std::string::npos);
  CHECK(text.find(silence, text.find(silence) + 1) == std::string::npos);
}

TEST_CASE("a finding's silence is told, and its cause is one block") {
  app::HostView host = bad_host();
  core::OpenIncident i;
  i.key = core::IncidentKey::of_finding("disk-odd", "host");
  i.since = at(24, 0, 0);
  for (int n = 0; n < 30; ++n) i.cause += "word ";
  CHECK(alerts_text(host, {i}).find("silenced") == std::string::npos);
  host.silences = {{1, i.key, at(23, 9, 0), at(25, 9, 0), "ops", "disks"}};
  const std::string text = alerts_text(host, {i});
  CHECK(text.find("\n    silenced until Wed 09:00 by ops: disks\n") !=
        std::string::npos);
  CHECK(text.find("\n    word word") != text.rfind("\n    word word"));
}

TEST_CASE("what is paused is no news, and a finding ends with how to see it") {
  app::HostView host = bad_host();
  core::OpenIncident of_job;
  of_job.key = core::IncidentKey::of(host.jobs.at(0).key);
  of_job.severity = core::Severity::p1;
  of_job.since = at(24, 0, 0);
  host.jobs[0].paused = core::Pause{at(24, 1, 0), "ops", ""};
  core::OpenIncident of_file;
  of_file.key = core::IncidentKey::of_finding("settings-invalid", "/etc/x");
  of_file.since = at(24, 0, 0);
  const std::string text = alerts_text(host, {of_job, of_file});
  CHECK(text.find("\n. " + host.jobs[0].key.job) != std::string::npos);
  CHECK(text.find("\n- /etc/x") != std::string::npos);
  CHECK(text.ends_with("next: bezalel ack settings-invalid\n"));
  host.silences.push_back({1, {}, at(24, 0, 0), host.now + 1h, "ops", ""});
  const std::string silenced = alerts_text(host, {of_file});
  CHECK(silenced.find("\n. /etc/x") != std::string::npos);
  CHECK(silenced.find("next:") == std::string::npos);
}

TEST_CASE("what a job prints breaks neither its page nor a terminal") {
  const auto h = hostile_host();
  std::vector<app::RunView> runs = {*h.jobs[0].last_run};
  for (const app::JobView& j : h.jobs) {
    for (const std::string& page :
         {status_job_text(h, j, runs, {}), logs_text(h, j, runs)}) {
      CHECK(page.find('\x1b') == std::string::npos);
      CHECK(page.find('\r') == std::string::npos);
      CHECK(page.find("\xe2\x80\xae") == std::string::npos);
    }
  }
  core::OpenIncident i;
  i.key = core::IncidentKey::of_finding(hostile(), hostile());
  i.verdict = i.cause = hostile();
  CHECK(alerts_text(h, {i}).find('\x1b') == std::string::npos);
}

TEST_CASE("a page begins on one line where that has room, else on two") {
  const Timestamp now = from_unix_seconds(1795500000);
  CHECK(page_title("db7", now, "UTC", "all well") ==
        "db7  " + app::local_long(now, "UTC") + "  all well\n\n");
  const std::string host = "ip-10-120-130-140.eu-central-1.internal";
  CHECK(page_title(host, now, "UTC", "12 of 240 jobs need you") ==
        host + "\n" + app::local_long(now, "UTC") +
            "  12 of 240 jobs need you\n\n");
}

}  // namespace
}  // namespace bezalel::report
