// What `doctor` says of channels and the way to them, and to type next where it
// is none of its fixes.
#include "setup/doctor.h"

#include <doctest/doctest.h>

#include <sstream>

#include "app/fake_world.h"
#include "app/notify_cycle.h"

namespace bezalel::setup {
namespace {

std::string next_of(const Examination& e) {
  const std::string text = render(e);
  return text.substr(text.rfind("next: "));
}

TEST_CASE("the next thing to type works as it stands") {
  Examination e;
  e.host = "db7";
  e.arrives = true;
  CHECK(next_of(e) == "next: bezalel drill\n");

  // A channel that is refused, after its fix in words.
  e.lines.push_back({Mark::bad, "pager", "401: refused", "put the new key in"});
  e.dead_channel = "pager";
  CHECK(next_of(e) == "next: bezalel channel test pager\n");

  // What stands in words is done by hand: nothing can be typed for it, least of
  // all what was typed just now.
  e.dead_channel.clear();
  CHECK(render(e).find("next: ") == std::string::npos);

  // A command wins; one with words to be put in is none.
  e.lines.push_back({Mark::bad, "cron", "dead", "service cron start"});
  CHECK(next_of(e) == "next: service cron start\n");
  e.arrives = false;
  e.lines = {{Mark::bad, "channels", "none",
              "bezalel init --gitea URL OWNER/REPO --token-file FILE"}};
  CHECK(next_of(e) == "next: bezalel init --help\n");
}

TEST_CASE("words are folded at 80 columns, a command stands on one line") {
  const std::string root = "/srv/a-rather-long-name/of-a-root";
  Examination e;
  e.host = "db7";
  e.bezalel = "bezalel --root " + root;
  const std::string many = root + " is not there, and " + root + " is not";
  e.lines = {{Mark::bad, "a-channel-of-a-long-name", many, "correct " + many},
             {Mark::bad, "disk", many, e.bezalel + " setup --and " + many}};
  const std::string text = render(e);
  const std::string command = "    do:  " + e.lines[1].fix + "\n";
  const std::size_t at = text.find(command);
  REQUIRE(at != std::string::npos);
  std::istringstream lines(text.substr(0, at));
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  CHECK(next_of(e) == "next: " + e.lines[1].fix + "\n");
  e.lines.clear();
  CHECK(next_of(e) == "next: " + e.bezalel + " init --help\n");
}

// Declared by [report] to, as settings::load does it.
void want_report(app::fake::FakeHost& host) {
  host.settings.report_to = {"pager"};
  app::DeclaredJob job;
  job.name = app::kReportJob;
  job.expectation = core::Expectation{schedule::Every{app::kReportEvery},
                                      {},
                                      {},
                                      core::ExpectationSource::job_file,
                                      ""};
  job.file_mtime = host.clock.wall_now;
  host.settings.jobs.push_back(job);
}

TEST_CASE("a report that is wanted and not sent is named") {
  using namespace std::chrono_literals;
  app::fake::FakeHost host;
  const auto line = [&]() -> std::optional<Diagnosis> {
    record::Paths paths;
    paths.state_dir = "/tmp";
    for (Diagnosis& d : examine(host.world, paths, Scope::flat, true).lines) {
      if (d.what == "report") return d;
    }
    return std::nullopt;
  };
  CHECK(!line());
  want_report(host);
  CHECK(line()->mark == Mark::note);
  CHECK(line()->text == "none was sent yet; nothing of ours sends it");
  CHECK(line()->fix == "bezalel report --send");
  REQUIRE(app::check_and_notify(host.world));
  host.clock.wall_now += 49h;
  CHECK(line()->mark == Mark::bad);
  CHECK(line()->text.starts_with("none was ever sent; wanted since "));
  REQUIRE(host.store.transact([&](app::Txn& txn) {
    return txn.set_meta("report.last", format_unix(host.clock.wall_now));
  }));
  CHECK(line()->mark == Mark::well);
  host.clock.wall_now += 49h;
  CHECK(line()->mark == Mark::bad);
  CHECK(line()->text.starts_with("none was sent since "));
}

TEST_CASE("a report that goes to a tracker is sent nowhere") {
  app::fake::FakeHost host;
  want_report(host);
  for (auto& c : host.settings.channels) {
    if (c.name == "pager") c.type = "pagerduty";
  }
  record::Paths paths;
  paths.state_dir = "/tmp";
  bool said = false;
  for (Diagnosis& d : examine(host.world, paths, Scope::flat, true).lines) {
    if (d.what != "report") continue;
    said = true;
    CHECK(d.mark == Mark::bad);
    CHECK(d.text == "pager takes no reports: none goes there");
  }
  CHECK(said);
}

std::string channel_line(app::fake::FakeHost& host, const std::string& name) {
  record::Paths paths;
  paths.state_dir = "/tmp";
  const std::string text =
      render(examine(host.world, paths, Scope::flat, true));
  const std::size_t at = text.find(" " + name);
  return at == std::string::npos
             ? ""
             : text.substr(at - 1, text.find('\n', at) - at + 1);
}

TEST_CASE("a channel that took nothing last time is no way for an alarm") {
  app::fake::FakeHost host;
  CHECK(channel_line(host, "pager") == "+ pager      fake");
  app::ChannelState failing{
      "pager", {}, host.clock.wall_now, "ended with 1", false};
  REQUIRE(host.store.transact(
      [&](app::Txn& txn) { return txn.put_channel_state(failing); }));
  CHECK(channel_line(host, "pager").starts_with("- pager      fake; nothing"));
  record::Paths paths;
  paths.state_dir = "/tmp";
  const Examination e = examine(host.world, paths, Scope::flat, true);
  CHECK(e.channels == 2);
  CHECK(e.channels_ok == 1);
  CHECK(e.dead_channel == "pager");
}

TEST_CASE("a channel that was taken away is named by what waits for it") {
  app::fake::FakeHost host;
  app::OutboxRow row;
  row.channel = "old";
  row.created = row.next_attempt = host.clock.wall_now;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(host.store.transact([&](app::Txn& txn) -> Result<void> {
      BZ_TRY(txn.enqueue(row));
      return {};
    }));
  }
  CHECK(channel_line(host, "old")
            .starts_with("~ old        2 notices wait for it, and it is not in "
                         "the settings"));
}

TEST_CASE("a channel that could not be made counts among the channels") {
  app::fake::FakeHost host;
  app::Finding f;
  f.id = app::kChannelInvalid;
  f.source = "mail";
  f.message = "bezalel.toml:3: channel mail: to is missing";
  host.settings.findings.push_back(f);
  CHECK(channel_line(host, "mail")
            .starts_with(
                "- mail       bezalel.toml:3: channel mail: to is missing"));
  record::Paths paths;
  paths.state_dir = "/tmp";
  CHECK(examine(host.world, paths, Scope::flat, true).channels == 3);
}

Examination looked_at(app::fake::FakeHost& host) {
  record::Paths paths;
  paths.state_dir = "/tmp";
  // The checking is that of whoever made this root: it ran just now.
  return examine(host.world, paths, Scope::flat, true);
}
const Diagnosis* line_of(const Examination& e, const std::string& what) {
  for (const Diagnosis& d : e.lines) {
    if (d.what == what) return &d;
  }
  return nullptr;
}
std::string first_line(const Examination& e) {
  const std::string text = render(e);
  return text.substr(0, text.find('\n'));
}
void let_it_check(app::fake::FakeHost& host) {
  app::Cycle cycle;
  cycle.at = host.clock.wall_now;
  REQUIRE(
      host.store.transact([&](app::Txn& txn) { return txn.add_cycle(cycle); }));
}

TEST_CASE("only channels that an alarm is routed to carry it") {
  app::fake::FakeHost host;
  let_it_check(host);
  CHECK(first_line(looked_at(host)) ==
        "db7  an alarm would reach you tonight, by 2 of 2 channels");
  CHECK(exit_of(looked_at(host)) == 0);

  host.settings.routes["default"] = {"pager"};
  CHECK(first_line(looked_at(host)) ==
        "db7  an alarm would reach you tonight, by 1 of 1 channel");
  CHECK(channel_line(host, "forge")
            .starts_with("~ forge      fake; hears of no alarm"));
  host.settings.report_to = {"forge"};
  CHECK(channel_line(host, "forge") ==
        "+ forge      fake; gets reports, no alarm");
  host.settings.routes["P2"] = {"forge"};
  CHECK(channel_line(host, "forge") ==
        "+ forge      fake; hears of P2 alone, by [route]");

  // The one that is routed to is dead: the other is no help.
  app::ChannelState failing{
      "pager", {}, host.clock.wall_now, "ended with 1", false};
  REQUIRE(host.store.transact(
      [&](app::Txn& txn) { return txn.put_channel_state(failing); }));
  CHECK(first_line(looked_at(host)) == "db7  no alarm would reach you tonight");
}

TEST_CASE("a route that names no channel is no way for an alarm") {
  app::fake::FakeHost host;
  let_it_check(host);
  for (const bool of_p1 : {false, true}) {
    host.settings.routes.clear();
    host.settings.routes["default"] = {"local"};
    if (of_p1) {
      host.settings.routes["default"] = {"forge"};
      host.settings.routes["P1"] = {};
    }
    const Examination e = looked_at(host);
    CHECK(first_line(e) == "db7  no alarm would reach you tonight");
    CHECK(exit_of(e) == 1);
    const Diagnosis* route = line_of(e, "route");
    REQUIRE(route);
    CHECK(route->mark == Mark::bad);
    CHECK(route->text ==
          std::string("[route] ") + (of_p1 ? "P1" : "default") +
              " names no channel: alarms of P1 reach the local log only");
    CHECK(route->fix == std::string(of_p1 ? "P1" : "default") +
                            " = [\"forge\"]  in [route] of bezalel.toml");
  }
  // Of P2 alone it may be meant.
  host.settings.routes["P1"] = {"pager"};
  host.settings.routes["P2"] = {};
  const Examination e = looked_at(host);
  REQUIRE(line_of(e, "route"));
  CHECK(line_of(e, "route")->mark == Mark::note);
  CHECK(exit_of(e) == 0);
}

TEST_CASE("the dead man is as good as its last ping") {
  app::fake::FakeHost host;
  const auto line = [&] {
    const Examination e = looked_at(host);
    const Diagnosis* d = line_of(e, "dead man");
    REQUIRE(d);
    return *d;
  };
  CHECK(line().mark == Mark::note);
  host.settings.deadman_wanted = true;
  CHECK(line().mark == Mark::bad);
  CHECK(line().text == "[deadman] gives no address that can be pinged");
  host.settings.deadman_url = Secret("https://hc.example/x");
  CHECK(line().mark == Mark::note);
  CHECK(line().text.starts_with("never pinged"));
  host.ping_error = "dead-man ping: 404";
  REQUIRE(app::check_and_notify(host.world));
  CHECK(line().mark == Mark::bad);
  CHECK(line().text.find(": dead-man ping: 404; never pinged") !=
        std::string::npos);
  host.ping_error.clear();
  REQUIRE(app::check_and_notify(host.world));
  CHECK(line().mark == Mark::well);
  CHECK(line().text.starts_with("pinged after every committed cycle; last "));
}

TEST_CASE("lines of run logs that are no record are named for two weeks") {
  app::fake::FakeHost host;
  REQUIRE(app::check_and_notify(host.world));
  CHECK(line_of(looked_at(host), "run logs") == nullptr);
  for (int i = 0; i < 2; ++i) {
    host.runs.news.skipped_lines = 2;
    host.runs.news.skipped_in = "/hb/runs-20261124.jsonl";
    REQUIRE(app::check_and_notify(host.world));
  }
  host.runs.news = {};
  REQUIRE(app::check_and_notify(host.world));
  const Examination e = looked_at(host);
  const Diagnosis* line = line_of(e, "run logs");
  REQUIRE(line);
  CHECK(line->mark == Mark::note);
  CHECK(line->text.starts_with("4 lines are no record and not judged, the "));
  CHECK(line->text.ends_with(" in /hb/runs-20261124.jsonl"));
  host.clock.advance(std::chrono::hours(24 * 15));
  CHECK(line_of(looked_at(host), "run logs") == nullptr);
}

TEST_CASE("a long name of a host leaves room for what is said of it") {
  app::fake::FakeHost host;
  let_it_check(host);
  host.settings.host = std::string(70, 'h') + "end";
  const std::string line = first_line(looked_at(host));
  CHECK(line.size() <= 80);
  CHECK(
      line.ends_with("end  an alarm would reach you tonight, by 2 of 2 "
                     "channels"));
}

TEST_CASE("a silence of the whole host is no way for an alarm") {
  app::fake::FakeHost host;
  let_it_check(host);
  const auto now = host.clock.wall_now;
  app::Silence s{0,     core::IncidentKey::of({0, "job"}),
                 now,   now + std::chrono::hours(48),
                 "ann", "moving disks"};
  const auto put = [&] {
    REQUIRE(host.store.transact([&](app::Txn& txn) -> Result<void> {
      BZ_TRY(txn.put_silence(s));
      return {};
    }));
  };
  put();
  CHECK(line_of(looked_at(host), "silence") == nullptr);
  s.key.reset();
  put();
  const Examination e = looked_at(host);
  CHECK(first_line(e) == "db7  no alarm would reach you tonight");
  CHECK(exit_of(e) == 1);
  REQUIRE(line_of(e, "silence"));
  CHECK(line_of(e, "silence")
            ->text.starts_with("the whole host is silent until "));
  CHECK(line_of(e, "silence")->text.ends_with(", by ann: moving disks"));
  CHECK(next_of(e) == "next: bezalel silence --host --end\n");
}

TEST_CASE("a mistake in the settings is mended at its place, not by init") {
  app::fake::FakeHost host;
  host.channels.clear();
  app::Finding f;
  f.id = "settings-invalid";
  f.source = "/etc/bezalel/bezalel.toml";
  f.message = "no TOML: unclosed table";
  f.line = 1;
  f.column = 15;
  host.settings.findings.push_back(f);
  record::Paths paths;
  paths.state_dir = "/tmp";
  paths.settings = f.source;
  const Examination e = examine(host.world, paths, Scope::flat, true);
  REQUIRE(line_of(e, "settings"));
  CHECK(line_of(e, "settings")->fix ==
        "correct /etc/bezalel/bezalel.toml:1:15, then look again");
  REQUIRE(line_of(e, "channels"));
  CHECK(line_of(e, "channels")->fix == "correct the settings, as said above");
  CHECK(render(e).find("next: ") == std::string::npos);
}

TEST_CASE("settings are corrected before anything is typed") {
  Examination e;
  e.lines = {{Mark::bad, "settings", "wrong", "correct it"},
             {Mark::bad, "check", "nothing", "bezalel init"}};
  CHECK(render(e).find("next: ") == std::string::npos);
  e.lines[0].fix = "bezalel init --help";
  CHECK(next_of(e) == "next: bezalel init --help\n");
}

TEST_CASE("the headline counts what it does not say of the channels") {
  Examination e;
  e.host = "db7";
  e.arrives = true;
  e.channels = 3;
  e.channels_ok = 2;
  e.lines = {{Mark::bad, "pager", "401", "put the new key in"},
             {Mark::note, "dead man", "none", "[deadman] url"}};
  CHECK(first_line(e) ==
        "db7  an alarm would reach you tonight, by 2 of 3 channels");
  e.lines.push_back({Mark::bad, "disk", "full", "make room there"});
  CHECK(first_line(e) ==
        "db7  an alarm would reach you tonight, by 2 of 3 channels; 1 fault");
  e.lines.push_back({Mark::bad, "report", "not sent", "bezalel report --send"});
  CHECK(first_line(e) ==
        "db7  an alarm would reach you tonight, by 2 of 3 channels; 2 faults");
  CHECK(exit_of(e) == 1);
}

TEST_CASE("every line that is not well says what to do") {
  app::fake::FakeHost host;
  record::Paths paths;
  paths.state_dir = "/nonexistent";
  const auto all_say = [&](Scope scope) {
    const Examination e =
        examine(host.world, paths, scope, true, "/nonexistent/bezalel");
    for (const Diagnosis& d : e.lines) {
      CHECK_MESSAGE((d.mark == Mark::well || !d.fix.empty()), d.what, d.text);
    }
  };
  all_say(Scope::flat);
  all_say(Scope::system);
  let_it_check(host);
  want_report(host);
  host.settings.routes["default"] = {"pager"};
  host.world.store_findings.push_back({.id = "state-missing"});
  app::ChannelState failing{
      "pager", {}, host.clock.wall_now, "ended with 1", false};
  REQUIRE(host.store.transact(
      [&](app::Txn& txn) { return txn.put_channel_state(failing); }));
  all_say(Scope::flat);
  all_say(Scope::system);
}

}  // namespace
}  // namespace bezalel::setup
