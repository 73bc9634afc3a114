// Hand-made views for the tests: the host db7 in Europe/Riga on Tue 24 Nov 2026
// at 03:15, as the texts of the manual show it.
#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "app/order.h"
#include "app/view.h"

namespace bezalel::report::fixture {

using namespace std::chrono_literals;

// An instant of November 2026 by the clocks of Riga.
inline Timestamp at(int day, int hour, int minute) {
  using namespace std::chrono;
  return sys_days(year(2026) / 11 / day) + hours(hour - 2) + minutes(minute);
}

inline app::JobView job(const std::string& name, core::Verdict verdict,
                        std::optional<core::Severity> severity,
                        std::optional<Timestamp> since,
                        std::optional<Timestamp> last,
                        std::optional<Duration> interval,
                        Timestamp now = at(24, 3, 15)) {
  app::JobView j;
  j.key.job = name;
  j.user = "root";
  j.verdict = std::move(verdict);
  j.severity = severity;
  j.since = since;
  j.last_success = last;
  if (last) j.age = now - *last;
  j.interval = interval;
  if (last && interval) {
    j.ratio = static_cast<double>(j.age->count()) /
              static_cast<double>(interval->count());
    j.due = *last + *interval;
    j.deadline = *last + 2 * *interval;
  }
  if (interval) j.schedule = "every 1d";
  j.source = "job_file";
  j.evidence = "wrapped";
  j.declared = true;
  return j;
}

inline app::RunView run(const std::string& id, Timestamp started,
                        Duration duration, int exit_code,
                        const std::string& out, const std::string& err = "") {
  app::RunView r;
  r.run_id = id;
  r.start.emplace();
  r.start->at = started;
  r.start->cmd = "/usr/local/bin/db-backup.sh --all";
  r.end.emplace();
  r.end->started = started;
  r.end->at = started + duration;
  r.end->duration = duration;
  r.end->outcome = exit_code == 0 ? record::Outcome::ok : record::Outcome::fail;
  r.end->exit_code = exit_code;
  r.end->out = {out.size(), out, ""};
  r.end->err = {err.size(), err, ""};
  return r;
}

inline app::JobView runner_health() {
  const Timestamp started = at(23, 21, 40);
  auto j =
      job("runner_health", core::Hung{at(23, 21, 55), started, 15min, 48211},
          core::Severity::p1, at(23, 21, 55), at(23, 21, 36), 5min);
  j.last_output = at(23, 21, 41);
  j.cause = "still running beyond its limit of 15m (pid 48211)";
  return j;
}

inline app::JobView db_backup() {
  auto j = job("db_backup", core::Stale{at(24, 1, 6), core::Missing::start},
               core::Severity::p1, at(24, 1, 6), at(22, 1, 6), 24h);
  j.cause = "no run has started";
  j.where = "/etc/bezalel/jobs.d/db.toml:3";
  j.last_run = run("01JD9M2ABCDEFGHJKMNPQRSTVW", at(22, 1, 0), 6min + 4s, 0,
                   "dumping shop ... 4.1 GB\ndumping auth ... 212 MB\n"
                   "done, 9 databases\n");
  j.last_ok_run = j.last_run;
  j.incident = 119;
  return j;
}

inline app::JobView mempalace() {
  auto j = job("mempalace_nightly", core::Failed{at(24, 2, 34), 1, "exit 1"},
               core::Severity::p1, at(24, 2, 34), at(23, 2, 36), 24h);
  j.cause = "exit 1";
  j.last_run = run("01JDF0000000000000000000AA", at(24, 2, 30), 4min + 12s, 1,
                   "", "pg_dump: error: disk quota exceeded\n");
  j.last_ok_run =
      run("01JDC0000000000000000000AA", at(23, 2, 30), 6min + 31s, 0, "done\n");
  return j;
}

inline app::JobView nightly_watch() {
  return job("nightly_watch", core::Late{at(24, 2, 55), at(24, 3, 55)}, {},
             at(24, 2, 55), at(24, 1, 55), 60min);
}

inline app::JobView silenced_export() {
  auto j = job("old_export", core::Stale{at(23, 1, 0)}, core::Severity::p1,
               at(23, 1, 0), at(15, 3, 15), 24h);
  j.cause = "no run has succeeded";
  j.silenced = app::SilencedView{at(24, 9, 0), "ops", "moving disks"};
  return j;
}

inline void finish(app::HostView& h) {
  app::sort_worst_first(h.jobs);
  h.counts = app::count(h.jobs);
  h.exit = app::exit_status(h);
}

inline app::HostView empty_host() {
  app::HostView h;
  h.host = "db7";
  h.zone = "Europe/Riga";
  h.now = at(24, 3, 15);
  h.heartbeats_dir = "/var/lib/bezalel/heartbeats";
  h.jobs_dir = "/etc/bezalel/jobs.d/";
  h.settings_exist = true;
  h.as_root = true;
  h.last_cycle = at(24, 3, 1);
  finish(h);
  return h;
}

inline void tell(app::HostView& h, const app::JobView& j,
                 std::vector<std::string> channels) {
  h.told[app::key_of(j)] = std::move(channels);
}

// `n` jobs that are ok, one that runs.
inline app::HostView with_well(std::vector<app::JobView> bad, int n,
                               int running) {
  app::HostView h = empty_host();
  h.jobs = std::move(bad);
  for (int i = 0; i < n; ++i) {
    auto j = job("job" + std::to_string(100 + i), core::Ok{}, {}, {},
                 at(24, 2, 0), 24h);
    h.jobs.push_back(std::move(j));
  }
  for (int i = 0; i < running; ++i) {
    h.jobs.push_back(job("long_one", core::Running{at(24, 3, 0), at(24, 7, 0)},
                         {}, at(24, 3, 0), at(23, 3, 10), 24h));
  }
  h.channels = {{"forge", at(24, 2, 46), 0, {}, "", false},
                {"pager", at(24, 2, 46), 0, {}, "", false}};
  for (const app::JobView& j : h.jobs) {
    if (j.key.job == "runner_health") tell(h, j, {"forge #118", "pager"});
    if (j.key.job == "db_backup") tell(h, j, {"forge #119", "pager"});
    if (j.key.job == "mempalace_nightly") tell(h, j, {"forge #120"});
  }
  finish(h);
  return h;
}

inline app::HostView bad_host() {
  return with_well({runner_health(), db_backup(), mempalace(), nightly_watch(),
                    silenced_export()},
                   35, 1);
}

// Compares with tests/data/golden/NAME byte for byte. What differs is left as
// NAME.actual in the current directory, to be looked at and copied over.
inline void check_golden(const std::string& name, const std::string& text) {
  const std::string path =
      std::string(BEZALEL_SOURCE_DIR) + "/tests/data/golden/" + name;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream expected;
  expected << file.rdbuf();
  if (text != expected.str()) {
    std::ofstream(name + ".actual", std::ios::binary) << text;
  }
  CAPTURE(name);
  CHECK(text == expected.str());
}

// At most 80 columns of printable ASCII a line, no blank at the end, one
// newline at the end: what every text of ours keeps.
inline void check_clean(const std::string& text) {
  REQUIRE(!text.empty());
  CHECK(text.back() == '\n');
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
    CHECK((line.empty() || line.back() != ' '));
    for (const char c : line) CHECK((c >= ' ' && c <= '~'));
  }
}

// What foreign text may try: lines, escapes, pipes, quotes, Markdown.
inline const std::string& hostile() {
  static const std::string text =
      "a\nb\r\x1b[31m|c`d``` \"q\" <b> [x](http://e) {y} | \\ \x80\xff"
      "\xe2\x80\xae @all #1 -->";
  return text;
}

inline app::HostView hostile_host() {
  app::HostView h = empty_host();
  h.host = hostile();
  h.heartbeats_dir = h.jobs_dir = hostile();
  h.not_seen = {hostile()};
  const core::Verdict verdicts[] = {
      core::Stale{at(24, 1, 0)},
      core::Failed{at(24, 1, 0), 2, hostile()},
      core::Distrusted{at(24, 1, 0), core::Distrust::forged, hostile()},
      core::Never{at(24, 1, 0)},
      core::Undeclared{at(24, 1, 0), false},
      core::Lost{at(24, 1, 0), hostile(), core::Life::gone},
      core::Hung{at(24, 1, 0), at(24, 1, 0), 1min, -1}};
  for (const core::Verdict& v : verdicts) {
    auto j =
        job(hostile(), v, core::Severity::p1, at(24, 1, 0), at(23, 1, 0), 24h);
    j.user = j.cause = j.where = j.source = j.schedule = j.evidence = hostile();
    j.last_run = run(hostile(), at(24, 0, 0), 1min, 1, hostile(), hostile());
    j.last_run->start->cmd = hostile();
    j.last_run->end->detail = hostile();
    j.acked = at(24, 2, 0);
    j.acked_by = hostile();
    h.jobs.push_back(j);
    tell(h, j, {hostile()});
    j.silenced = app::SilencedView{at(25, 1, 0), hostile(), hostile()};
    j.paused = core::Pause{at(24, 1, 0), hostile(), hostile()};
    h.jobs.push_back(j);
  }
  app::Finding f;
  f.id = f.source = f.message = f.fix = hostile();
  f.alarm = core::Severity::p2;
  h.findings = {f};
  h.told[app::key_of(f)] = {hostile()};
  h.channels = {{hostile(), {}, 3, at(24, 0, 0), hostile(), true}};
  finish(h);
  return h;
}

}  // namespace bezalel::report::fixture
