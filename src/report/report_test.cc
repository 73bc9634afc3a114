#include "report/report.h"

#include <algorithm>
#include <boost/json.hpp>

#include "report/check.h"
#include "report/fixtures.h"

namespace bezalel::report {
namespace {

using namespace fixture;

app::ReportView night(app::HostView host) {
  app::ReportView v;
  v.host = std::move(host);
  v.since = at(23, 6, 0);
  v.version = "1.0.0";
  v.runs = 412;
  v.runs_ok = 407;
  v.runs_failed = 5;
  v.cycles = v.cycles_expected = 96;
  v.longest_gap = 15min;
  for (const app::JobView& j : v.host.jobs) {
    if (app::rank_of(j) <= app::Rank::p2) v.blocking_jobs.push_back(j);
  }
  return v;
}

app::ReportView bad_night() {
  auto v = night(bad_host());
  v.incidents_opened = 5;
  v.incidents_closed = 1;
  v.host.dead_man_ping = at(24, 3, 1);
  app::ClosedIncident closed;
  closed.incident.key = core::IncidentKey::of({0, "disk_scrub"});
  closed.incident.verdict = "hung";
  closed.incident.since = at(23, 21, 55);
  closed.closed = at(24, 3, 10);
  v.closed = {closed};
  app::Event retired;
  retired.at = at(23, 10, 2);
  retired.kind = "retired";
  retired.key = core::IncidentKey::of({0, "old_sync"});
  retired.text = "by root: moved to db9";  // as app/upkeep.cc has it
  v.events = {retired};
  app::Silence silence;
  silence.key = core::IncidentKey::of({0, "old_export"});
  silence.since = at(22, 10, 0);
  silence.until = at(24, 9, 0);
  silence.who = "ops";
  silence.why = "moving disks";
  v.host.silences = {silence};
  v.long_silences = {silence};
  v.dead_channels = {{"pager", at(23, 2, 0), 4, at(24, 0, 30),
                      "401: the routing key was refused", true}};
  v.gaps = {{at(23, 12, 0), at(23, 13, 30)},
            {at(23, 20, 0), at(24, 0, 30), 4h + 10min}};
  v.slowest_job = "db_backup";
  v.slowest = 48h + 15min;
  return v;
}

app::ReportView quiet_night() {
  return night(with_well({}, 40, 1));
}

TEST_CASE("a bad night in every format and style") {
  const auto v = bad_night();
  const auto nightly = Style::nightly;
  check_golden("report-nightly.md", report_markdown(v, nightly, Section::all));
  check_golden("report-nightly.txt", report_text(v, nightly, Section::all));
  check_golden("report-morning.md",
               report_markdown(v, Style::morning, Section::all));
  check_golden("report-panel.md", report_markdown(v, nightly, Section::panel));
  check_golden("report-blockers.md",
               report_markdown(v, nightly, Section::blockers));
  check_golden("report.json", report_json(v));
}

TEST_CASE("what is wrong with the host itself is a blocker, too") {
  auto v = quiet_night();
  app::Finding dead;
  dead.id = app::kCronDead;
  dead.source = "host";
  dead.message = "the cron daemon is dead";
  dead.alarm = core::Severity::p1;
  dead.since = at(24, 1, 12);
  v.host.findings = v.blocking_findings = {dead};
  const auto blockers = [&] {
    return report_text(v, Style::nightly, Section::blockers);
  };
  CHECK(blockers().find("1. host cron-dead (P1) since Tue 01:12: the cron "
                        "daemon is dead. Seen by\n   nobody.\n") !=
        std::string::npos);
  CHECK(report_text(v, Style::nightly, Section::all)
            .find("1 blocker. All 41 "
                  "jobs are well.") != std::string::npos);
  v.host.told[app::key_of(dead)] = {"forge #121"};
  core::OpenIncident open;
  open.key = app::key_of(dead);
  open.acked = at(24, 2, 0);
  v.open = {open};
  CHECK(blockers().find("Told: forge\n   #121; acked.\n") != std::string::npos);
}

TEST_CASE("the subject of the mail says what its headline says") {
  auto v = bad_night();
  // A silenced job that is well is well.
  for (app::JobView& j : v.host.jobs) {
    if (core::status_of(j.verdict) != core::Status::ok) continue;
    j.silenced = app::SilencedView{at(24, 9, 0), "ops", "moving disks"};
    break;
  }
  v.host.counts = app::count(v.host.jobs);
  const std::string subject = report_subject(v);
  CHECK(subject == "db7: 7 blockers, 36 of 41 jobs are well");
  CHECK(report_text(v, Style::nightly, Section::all)
            .find("7 blockers. 36 of 41 jobs are well.") != std::string::npos);
}

TEST_CASE("how long a silence lasted is what its notice said") {
  auto v = bad_night();
  v.closed[0].incident.id = 7;
  app::Event resolved;
  resolved.at = v.closed[0].closed;
  resolved.kind = "resolved";
  resolved.incident_id = 7;
  resolved.text = "well again after 6h 15m";  // from the success before
  v.events.push_back(resolved);
  CHECK(report_text(v, Style::nightly, Section::all)
            .find("- Mon 21:55 disk_scrub hung; well again after 6h 15m, Tue "
                  "03:10.\n") != std::string::npos);
}

TEST_CASE("the blockers stand worst first, jobs and the host's alike") {
  auto v = night(with_well(
      {job("slow", core::Distrusted{at(24, 1, 0), core::Distrust::clock, "x"},
           core::Severity::p2, at(24, 1, 0), at(23, 1, 0), 24h)},
      3, 0));
  app::Finding dead;
  dead.id = app::kCronDead;
  dead.source = "host";
  dead.message = "no cron daemon runs";
  dead.alarm = core::Severity::p1;
  v.host.findings = v.blocking_findings = {dead};
  const auto text = report_text(v, Style::nightly, Section::blockers);
  CHECK(text.find("1. host cron-dead (P1)") != std::string::npos);
  CHECK(text.find("2. slow clock (P2)") != std::string::npos);
}

TEST_CASE("runs that neither succeeded nor failed are named") {
  auto v = quiet_night();
  v.runs = 415;
  v.runs_skipped = 1;
  v.runs_without_end = 2;
  std::string text = report_markdown(v, Style::nightly, Section::all);
  std::replace(text.begin(), text.end(), '\n', ' ');
  CHECK(text.find("415 runs, 407 succeeded, 5 failed, 1 skipped, 2 without") !=
        std::string::npos);
}

TEST_CASE("a job without a success has no ratio in the morning") {
  auto v = night(empty_host());
  v.host.jobs = {job("fresh", core::Never{at(24, 1, 0)}, {}, {}, {}, {})};
  v.host.jobs[0].interval = 24h;
  const std::string text = report_markdown(v, Style::morning, Section::panel);
  CHECK(text.find("- fresh never, no success yet (every 1d)\n") !=
        std::string::npos);
}

TEST_CASE("a ratio of less than the interval is not one of the interval") {
  auto v = night(empty_host());
  // At 02:58, shortly before it was due again.
  v.host.jobs = {job("hourly", core::Late{at(24, 3, 0)}, {}, at(24, 3, 0),
                     at(24, 2, 58), 1h)};
  v.host.jobs[0].due = at(24, 3, 0);
  v.host.jobs[0].ratio = 8.5;
  const auto shown = [&] {
    return report_markdown(v, Style::morning, Section::panel);
  };
  CHECK(shown().find("- hourly late 17m (every 1h, due 15m ago)\n") !=
        std::string::npos);
  v.host.jobs[0].due = at(24, 4, 0);
  CHECK(shown().find("- hourly late 17m (every 1h)\n") != std::string::npos);
}

TEST_CASE("an action and its result are one line") {
  auto v = quiet_night();
  app::Event started;
  started.at = at(24, 2, 0);
  started.kind = "action";
  started.key = core::IncidentKey::of({0, "db_backup"});
  started.incident_id = 7;
  started.text = "action started";
  app::Event ended = started;
  ended.kind = "action_result";
  ended.text = "systemctl restart x.service, exit 0, 1 of 3 allowed";
  app::Event other = ended;
  other.incident_id = 8;
  const auto shown = [&](std::vector<app::Event> events) {
    v.events = std::move(events);
    return report_text(v, Style::nightly, Section::all);
  };
  const std::string line = "db_backup action started";
  std::string text = shown({started, other, ended});
  CHECK(text.find(line) == std::string::npos);
  CHECK(text.find("systemctl restart x.service") != std::string::npos);
  // Killed before it was known.
  CHECK(shown({started, other}).find(line) != std::string::npos);
  text = shown({started, started, ended});
  CHECK(text.find(line) != std::string::npos);
  CHECK(text.find(line) == text.rfind(line));
}

TEST_CASE("a quiet night drops no section") {
  const std::string text =
      report_markdown(quiet_night(), Style::nightly, Section::all);
  check_golden("report-quiet.md", text);
  for (const char* heading :
       {"## Blockers\n\nNone.\n", "## Heartbeat Panel\n",
        "## Since the last report\n", "## Watching the watcher\n"}) {
    CAPTURE(heading);
    CHECK(text.find(heading) != std::string::npos);
  }
}

TEST_CASE("what could not be seen is said before anything is called well") {
  auto v = quiet_night();
  v.host.not_seen = {"/var/lib/bezalel/state.db: Permission denied"};
  CHECK(report_text(v, Style::morning, Section::all)
            .find("\n\nNot seen: /var/lib/bezalel/state.db: Permission denied."
                  "\n\n") != std::string::npos);
}

TEST_CASE("nothing watched is said, not left out") {
  const std::string text =
      report_markdown(night(empty_host()), Style::nightly, Section::all);
  CHECK(text.find("**Nothing is watched here.**") != std::string::npos);
  CHECK(text.find("All 0") == std::string::npos);
}

TEST_CASE("nothing foreign breaks the report") {
  auto v = night(hostile_host());
  app::Event e;
  e.kind = e.text = hostile();
  e.key = core::IncidentKey::of_finding(hostile(), hostile());
  v.events = {e};
  v.dead_channels = v.host.channels;
  v.version = v.slowest_job = hostile();
  v.slowest = 1min;
  for (const Style style : {Style::nightly, Style::morning}) {
    for (const std::string& page : {report_markdown(v, style, Section::all),
                                    report_text(v, style, Section::all)}) {
      CHECK(page.find('\x1b') == std::string::npos);
      CHECK(page.find('\r') == std::string::npos);
      CHECK(page.find("\xe2\x80\xae") == std::string::npos);
      CHECK(page.find("a\nb") == std::string::npos);
    }
  }
  boost::json::error_code wrong;
  boost::json::parse(report_json(v), wrong);
  CHECK(!wrong);
}

TEST_CASE("a text for people keeps to 80 columns, whatever the names") {
  auto v = bad_night();
  v.host.host = std::string(60, 'h') + ".example.org";
  for (app::JobView& j : v.host.jobs) j.key.job = std::string(90, 'j') + "end";
  for (const Style style : {Style::morning, Style::nightly}) {
    std::string text = report_text(v, style, Section::all);
    if (style == Style::nightly) text.resize(text.find('\n'));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      CAPTURE(text.substr(at, end - at));
      CHECK(end - at <= 80);
      at = end + 1;
    }
  }
  CHECK(report_text(v, Style::morning, Section::all).find("end ok") !=
        std::string::npos);
}

TEST_CASE("a channel that is gone is named by what waits for it") {
  auto v = bad_night();
  v.host.outbox_absent = {{"old_forge", 17}};
  CHECK(report_text(v, Style::nightly, Section::all)
            .find("old_forge      not in the settings, 17 waiting") !=
        std::string::npos);
}

TEST_CASE("many hosts are one page; a bad file costs only itself") {
  auto other = with_well({}, 2, 0);
  other.host = "web1";
  const std::vector<MergeInput> inputs = {
      {"web1.json", check_json(other)},
      {"torn.json", check_json(other).substr(0, 100)},
      {"db7.json", check_json(with_well({db_backup()}, 1, 0))},
      {"other.json", "{\"v\":1}"}};
  const Merged page = merge(inputs, at(24, 3, 15), "markdown");
  CHECK(page.troubles.size() == 2);
  check_golden("merge.md", page.text);
  check_golden("merge.txt", merge(inputs, at(24, 3, 15), "text").text);
  const auto all =
      boost::json::parse(merge(inputs, at(24, 3, 15), "json").text);
  CHECK(all.at("hosts").as_array().size() == 2);
}

TEST_CASE("what is wrong with a host itself is on the page of many, too") {
  auto view = with_well({}, 1, 0);
  app::Finding dead;
  dead.id = "cron-dead";
  dead.source = "/etc/crontab";
  dead.line = 3;
  dead.message = "no cron daemon runs";
  dead.alarm = core::Severity::p1;
  app::Finding quiet = dead;
  quiet.source = "quiet";
  app::Finding note = dead;
  note.source = "note";
  note.alarm = core::Severity::p3;
  view.findings = {dead, quiet, note};
  view.silences.push_back(
      {0, app::key_of(quiet), view.now, at(25, 0, 0), "ops", "x"});
  finish(view);
  const auto shown = [](const std::string& json) {
    return merge({{"db7.json", json}}, at(24, 3, 15), "text").text;
  };
  const std::string text = shown(check_json(view));
  CHECK(text.find("all well. 1 finding needs you.\n") != std::string::npos);
  CHECK(text.find("\n1. /etc/crontab:3 on db7 cron-dead (P1): no cron daemon "
                  "runs.\n") != std::string::npos);
  CHECK(text.find("\n2. ") == std::string::npos);
  // A check that did not say yet what alarms.
  const std::string old =
      R"({"v":1,"host":"a","as_of":"2026-11-24T01:15:00Z","exit":1,"jobs":[],)"
      R"("findings":[{"id":"x","severity":"error","source":"s","line":null,)"
      R"("message":"m"},{"id":"y","severity":"info"}]})";
  CHECK(shown(old).find("\n1. s on a x: m.\n\n") != std::string::npos);
}

TEST_CASE("two users of one name are told apart among many hosts") {
  auto one = db_backup();
  auto two = db_backup();
  two.key.uid = 1001;
  two.user = "deploy";
  auto other = with_well({db_backup()}, 0, 0);
  other.host = "web1";
  const std::string text =
      merge({{"a", check_json(with_well({one, two}, 0, 0))},
             {"b", check_json(other)}},
            at(24, 3, 15), "text")
          .text;
  CHECK(text.find("\n-  root/db_backup    db7 ") != std::string::npos);
  CHECK(text.find("\n-  deploy/db_backup  db7 ") != std::string::npos);
  CHECK(text.find("\n-  db_backup         web1") != std::string::npos);
}

TEST_CASE("a page of no host reads as nothing else") {
  const std::vector<MergeInput> gone = {
      {"/a.json", err(Kind::not_found, "/a.json: No such file or directory")}};
  const Merged page = merge(gone, at(24, 3, 15), "text");
  CHECK(page.troubles ==
        std::vector<std::string>{"/a.json: No such file or directory"});
  CHECK(page.text ==
        "0 hosts\n\nNo host could be seen. 1 file could not be read.\n\n"
        "As of 2026-11-24T01:15:00Z.\n\n"
        "- /a.json: No such file or directory\n\n"
        "Blockers\n\nNo host could be seen.\n\nHosts\n\nNone.\n\n"
        "Heartbeat Panel\n\nNo host could be seen.\n");
}

// What check printed on `host`, all well, at `when`.
std::string well_at(const std::string& host, Timestamp when) {
  auto view = with_well({}, 1, 0);
  view.host = host;
  view.now = when;
  return check_json(view);
}

TEST_CASE("a host that no longer reports is not shown as well") {
  const auto now = at(24, 3, 15);
  const auto shown = [&](const std::string& text) {
    return merge({{"web1.json", text}}, now, "text");
  };
  const Merged fresh = shown(well_at("web1", now - 45min));
  CHECK(fresh.doubts.empty());
  CHECK(fresh.text.find("1 of 1 host is all well.\n") != std::string::npos);
  CHECK(fresh.text.find("As of 2026-11-24T01:15:00Z.") != std::string::npos);
  const Merged ahead = shown(well_at("web1", now + 5s));
  CHECK(ahead.doubts.empty());

  const Merged dead = shown(well_at("web1", now - 24h * 60));
  CHECK(dead.doubts == std::vector<std::string>{
                           "web1: last seen 60d ago, 2026-09-25T01:15:00Z"});
  CHECK(dead.text.find("0 of 1 host is all well. 1 is not seen now.") !=
        std::string::npos);
  CHECK(dead.text.find("\n- web1: last seen 60d ago") != std::string::npos);
  CHECK(dead.text.find("\n-  web1 ") != std::string::npos);
  CHECK(dead.text.find("\n~  job100  web1  was ok    -") != std::string::npos);
  CHECK(shown(well_at("web1", now - 45min - 1s)).doubts.size() == 1);
  CHECK(shown(well_at("web1", now + 2h)).doubts ==
        std::vector<std::string>{"web1: as of 2026-11-24T03:15:00Z, 2h from "
                                 "now: a clock is wrong"});
  const std::string torn = R"({"v":1,"host":"a","exit":0,"jobs":[])";
  CHECK(shown(torn + "}").doubts ==
        std::vector<std::string>{
            "a: no \"as_of\": nobody can tell when that was"});
  CHECK(shown(torn + R"(,"as_of":"soon"})").doubts ==
        std::vector<std::string>{"a: \"as_of\" is no time: soon"});
  const auto json = boost::json::parse(
      merge({{"f", well_at("web1", now - 2h)}}, now, "json").text);
  CHECK(json.at("not_seen_now").at(0).at("host").as_string() == "web1");
}

TEST_CASE("of a host given twice the newer counts, in either order") {
  const auto now = at(24, 3, 15);
  const MergeInput newer{"new.json", well_at("web1", now)};
  const MergeInput older{"old.json", well_at("web1", now - 24h * 60)};
  for (const auto& both : {std::vector{newer, older}, {older, newer}}) {
    const Merged m = merge(both, now, "text");
    CHECK(m.hosts == 1);
    CHECK(m.doubts.empty());
    CHECK(m.twice == std::vector<std::string>{
                         "web1: given twice; new.json counts, not old.json"});
    CHECK(m.text.find("- web1: given twice") != std::string::npos);
    CHECK(m.text.find("1 of 1 host is all well.") != std::string::npos);
  }
  // A clock that runs ahead does not win by that.
  const MergeInput ahead{"ahead.json", well_at("web1", now + 24h)};
  CHECK(merge({ahead, newer}, now, "text").doubts.empty());
}

TEST_CASE("the report's JSON says how much is watched") {
  auto v = night(bad_host());
  CHECK(report_json(v).find("\"coverage\":null") != std::string::npos);
  v.host.coverage = app::CoverageView{41, 43, {{"logwatch", "new"}, {"a", ""}}};
  CHECK(report_json(v).find(
            "\"coverage\":{\"watched\":41,\"of\":43,\"not_watched\":["
            "{\"job\":\"logwatch\",\"why\":\"new\"},"
            "{\"job\":\"a\",\"why\":null}]}") != std::string::npos);
}

TEST_CASE("files of other shapes are refused in one line each") {
  const char* const bad[] = {"",
                             "[]",
                             "null",
                             "{",
                             "{\"host\":1,\"jobs\":[]}",
                             "{\"v\":2,\"host\":\"a\",\"jobs\":[]}",
                             "{\"host\":\"a\",\"jobs\":{}}"};
  for (const char* text : bad) {
    CAPTURE(text);
    const Merged m = merge({{hostile(), text}}, at(24, 3, 15), "markdown");
    REQUIRE(m.troubles.size() == 1);
    CHECK(m.troubles[0].find('\n') == std::string::npos);
  }
  // Odd members inside a good document are read as absent.
  const Merged odd =
      merge({{"f",
              "{\"v\":1,\"host\":\"a\",\"jobs\":[1,{\"job\":2,\"ratio\":1e300,"
              "\"age_seconds\":1e200}]}"}},
            at(24, 3, 15), "text");
  CHECK(odd.troubles.empty());
}

}  // namespace
}  // namespace bezalel::report
