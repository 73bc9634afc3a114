#include "settings/load.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "settings/users.h"

namespace bezalel::settings {
namespace {

namespace fs = std::filesystem;

struct Root {
  Root() {
    char name[] = "/tmp/bezalel-set-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
    fs::create_directory(path + "/jobs.d");
    context.paths = record::flat_paths(path, ::geteuid());
  }
  ~Root() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text,
             mode_t mode = 0600) const {
    std::ofstream(path + "/" + name) << text;
    ::chmod((path + "/" + name).c_str(), mode);
  }
  app::Settings load() const {
    SystemUsers users;
    auto settings = settings::load(context, users);
    REQUIRE_MESSAGE(settings, (settings ? "" : settings.error().what));
    return *settings;
  }
  std::string path;
  Context context;
};

TEST_CASE("a mistake is told with its place and hides nothing else") {
  const Root root;
  root.write("jobs.d/db.toml",
             "\n[job.bad]\nevery = \"1 dya\"\n\n[job.good]\nevery = \"1d\"\n"
             "garce = \"2h\"\n");
  root.write("jobs.d/torn.toml", "[job.x\n");
  const auto settings = root.load();
  REQUIRE(settings.jobs.size() == 1);
  CHECK(settings.jobs[0].name == "good");
  REQUIRE(settings.findings.size() == 3);
  CHECK(text_of(settings.findings[0])
            .find(root.path + "/jobs.d/db.toml:3:9: every = \"1 dya\": "
                              "unknown unit; expected") == 0);
  CHECK(text_of(settings.findings[1])
            .find("db.toml:7:1: unknown key garce in [job.good]; did you mean "
                  "grace?") != std::string::npos);
  CHECK(settings.findings[2].line == 1);
}

TEST_CASE("what TOML has no place for is told with its place") {
  struct Row {
    std::string text;
    const char* told;
  };
  const Row rows[] = {
      {std::string("[job.a]\n[\0x\n", 12),
       ":2:2: no TOML: a control character; expected text"},
      {"[job.a]\n# \xC3\xA9\nx = \"\xC3\xA9\"\n\xC3\xA9 = 1\n",
       ":4:1: no TOML: not ASCII; expected quotes around it"},
      {"a = \"\\\"\xC3\xA9\"\n\xC3\xA9", ":2:1: no TOML: not ASCII"},
      {"a = \"\"\"x\n\xC3\xA9\"\"\"\nb = '''\xC3\xA9'''\n\xC3\xA9",
       ":4:1: no TOML: not ASCII"},
  };
  for (const Row& row : rows) {
    const Root root;
    root.write("jobs.d/odd.toml", row.text);
    const auto settings = root.load();
    REQUIRE(!settings.findings.empty());
    CHECK(text_of(settings.findings[0]).find(row.told) != std::string::npos);
  }
}

TEST_CASE("a table whose name begins with a sign is a mistake, not the end") {
  const Root root;
  root.write("jobs.d/sign.toml", "[/job[jo");
  const auto settings = root.load();
  REQUIRE(settings.findings.size() == 1);
  CHECK(text_of(settings.findings[0]).find("sign.toml:1:2: no TOML: ") !=
        std::string::npos);
}

TEST_CASE("a program that others may write is run by nobody") {
  const Root root;
  fs::create_directory(root.path + "/bin");
  root.write("bin/mend", "", 0755);
  const std::string run = "[\"" + root.path + "/bin/mend\"]\n";
  root.write("bezalel.toml", "[channel.x]\ntype = \"exec\"\nargv = " + run +
                                 "[job.a]\nevery = \"1d\"\n[job.a.on_failed]\n"
                                 "run = " +
                                 run);
  const auto chmod = [&](const char* name, mode_t mode) {
    REQUIRE(::chmod((root.path + name).c_str(), mode) == 0);
  };
  const auto expect = [&](bool usable) {
    const auto settings = root.load();
    REQUIRE(settings.jobs.size() == 1);
    CHECK(settings.jobs[0].on_failed.has_value() == usable);
    CHECK(settings.channels.size() == (usable ? 1 : 0));
    REQUIRE(settings.findings.size() == (usable ? 0 : 2));
    for (const app::Finding& f : settings.findings) {
      CHECK(f.message.find("may be written by anybody") != std::string::npos);
    }
  };
  expect(true);
  chmod("/bin/mend", 0777);
  expect(false);
  chmod("/bin/mend", 0755);
  chmod("/bin", 0777);
  expect(false);
  // As in /tmp: what is there stays there.
  chmod("/bin", 01777);
  expect(true);
  // A link counts as what it leads to.
  chmod("/bin", 0755);
  fs::rename(root.path + "/bin/mend", root.path + "/real");
  fs::create_symlink("../real", root.path + "/bin/mend");
  expect(true);
  chmod("/real", 0777);
  expect(false);
}

TEST_CASE("the whole of a settings file is taken") {
  const Root root;
  root.write("t", "s3cret\n");
  root.write("bezalel.toml",
             "[host]\nname = \"db7\"\n[check]\nevery = \"5min\"\n"
             "[channel.forge]\ntype = \"gitea\"\nurl = \"https://f\"\n"
             "repo = \"a/b\"\ntoken_file = \"" +
                 root.path +
                 "/t\"\n"
                 "[route]\ndefault = [\"forge\"]\nP1 = [\"forge\", \"gone\"]\n"
                 "[deadman]\nurl = \"https://d\"\n[report]\nto = [\"file\"]\n"
                 "[job.a]\ncron = \"0 3 * * *\"\ntz = \"Europe/Riga\"\n"
                 "on_stale = { restart = \"a.service\", limit = \"2/1h\" }\n"
                 "[job.b]\nmanual = true\n");
  const auto settings = root.load();
  CHECK(settings.host == "db7");
  CHECK(settings.check_every == std::chrono::minutes(5));
  REQUIRE(settings.channels.size() == 1);
  CHECK(settings.channels[0].token.reveal() == "s3cret");
  CHECK(settings.routes.at("P1") == std::vector<std::string>{"forge"});
  CHECK(settings.deadman_url.reveal() == "https://d");
  REQUIRE(settings.jobs.size() == 3);  // and the report
  REQUIRE(settings.jobs[0].on_stale);
  CHECK(settings.jobs[0].on_stale->limit_count == 2);
  CHECK(settings.jobs[0].expectation);
  CHECK(settings.jobs[1].expectation);
  REQUIRE(settings.findings.size() == 1);  // the channel that is not there
}

TEST_CASE("a dead man that cannot be pinged is a mistake, told without it") {
  struct Row {
    const char* text;
    const char* told;
  };
  const Row rows[] = {
      {"url = \"ftp://s3cret\"", ":2:7: [deadman] url: no address to ping"},
      {"url = \"not a url\"", ":2:7: [deadman] url: no address to ping"},
      {"url = \"https://\"", ":2:7: [deadman] url: no address to ping"},
      {"url = \"\"", ":2:7: [deadman] url: is empty"},
      {"", ":1:1: [deadman]: expected url or url_file"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Root root;
    root.write("bezalel.toml", std::string("[deadman]\n") + row.text + "\n");
    const auto settings = root.load();
    CHECK(settings.deadman_url.empty());
    CHECK(settings.deadman_wanted);
    REQUIRE(settings.findings.size() == 1);
    const std::string told = text_of(settings.findings[0]);
    CHECK(told.find(row.told) != std::string::npos);
    CHECK(told.find("s3cret") == std::string::npos);
  }
  const Root root;
  root.write("url", "https://hc-ping.com/s3cret\n");
  root.write("bezalel.toml", "[deadman]\nurl = \"https://d\"\nurl_file = \"" +
                                 root.path + "/url\"\n");
  const auto both = root.load();
  REQUIRE(both.findings.size() == 1);
  CHECK(both.findings[0].line == 2);
  CHECK(both.findings[0].message ==
        "[deadman] url: url_file is given as well; expected one of them");
  root.write("url", "hc-ping.com/s3cret\n");
  root.write("bezalel.toml",
             "[deadman]\nurl_file = \"" + root.path + "/url\"\n");
  const auto settings = root.load();
  REQUIRE(settings.findings.size() == 1);
  CHECK(text_of(settings.findings[0]).find("[deadman] url_file: no address") !=
        std::string::npos);
}

TEST_CASE("a token that others can read is refused and never printed") {
  const Root root;
  root.write("t", "s3cret\n", 0644);
  root.write("bezalel.toml", "[channel.f]\ntype = \"ntfy\"\ntoken_file = \"" +
                                 root.path + "/t\"\n");
  const auto settings = root.load();
  REQUIRE(settings.channels.size() == 1);
  CHECK(settings.channels[0].token.empty());
  CHECK(settings.findings.empty());
  REQUIRE(settings.channels[0].unread.size() == 1);
  const app::Finding& unread = settings.channels[0].unread[0];
  CHECK(unread.message.find("mode is 0644") != std::string::npos);
  CHECK(unread.message.find("s3cret") == std::string::npos);
  CHECK(unread.line == 3);
  CHECK(unread.fix == "chmod 600 " + root.path + "/t");
}

TEST_CASE("no other channel takes the name of the system log") {
  const Root root;
  root.write("bezalel.toml",
             "[channel.local]\ntype = \"ntfy\"\nurl = \"https://n\"\n"
             "topic = \"t\"\n");
  const auto settings = root.load();
  CHECK(settings.channels.empty());
  REQUIRE(settings.findings.size() == 1);
  CHECK(settings.findings[0].line == 2);
  CHECK(settings.findings[0].message ==
        "type = \"ntfy\": local is the system log; expected another name for "
        "this channel");
  root.write("bezalel.toml", "[channel.local]\ntype = \"local\"\n");
  CHECK(root.load().findings.empty());
}

TEST_CASE("a report to a tracker or a pager is a mistake, at its line") {
  const Root root;
  root.write("bezalel.toml",
             "[report]\nto = [\"forge\", \"mail\", \"pager\"]\n"
             "[channel.forge]\ntype = \"gitea\"\n"
             "[channel.mail]\ntype = \"smtp\"\n"
             "[channel.pager]\ntype = \"pagerduty\"\n");
  const auto settings = root.load();
  REQUIRE(settings.findings.size() == 2);
  CHECK(settings.findings[0].id == app::kSettingsInvalid);
  CHECK(text_of(settings.findings[0])
            .ends_with("bezalel.toml:2:6: [report] to: forge is of type gitea, "
                       "which takes no reports; expected mail, ntfy, webhook "
                       "or exec"));
  CHECK(settings.findings[1].message.find("pager is of type pagerduty") !=
        std::string::npos);
}

TEST_CASE("a route for P3 is a mistake: nobody would follow it") {
  const Root root;
  root.write("bezalel.toml",
             "[channel.n]\ntype = \"ntfy\"\nurl = \"https://n.example/t\"\n"
             "[route]\nP3 = [\"n\"]\n");
  const auto settings = root.load();
  CHECK(settings.routes.empty());
  REQUIRE_FALSE(settings.findings.empty());
  CHECK(text_of(settings.findings.back()).find(":5:6: [route] P3: reports") !=
        std::string::npos);
}

TEST_CASE("whom the report should go to and nobody knows is a mistake") {
  const Root root;
  root.write("bezalel.toml",
             "[channel.f]\ntype = \"ntfy\"\n"
             "[report]\nto = [\"f\", \"local\", \"file\", \"nope\"]\n");
  const auto settings = root.load();
  CHECK(settings.report_to.size() == 4);
  REQUIRE(settings.findings.size() == 1);
  CHECK(settings.findings[0].message ==
        "[report] to: no channel is named nope");
  CHECK(settings.findings[0].line == 4);
  // One that is wanted is expected, of whoever sends it.
  REQUIRE(settings.jobs.size() == 1);
  CHECK(settings.jobs[0].name == app::kReportJob);
  CHECK(settings.jobs[0].expectation->schedule ==
        schedule::Schedule(schedule::Every{std::chrono::hours(24)}));
  CHECK(settings.findings[0].alarm == core::Severity::p2);
}

TEST_CASE("actions of a file that others can write do not count") {
  const Root root;
  root.write("jobs.d/a.toml",
             "[job.a]\nevery = 60\non_stale = { run = [\"/bin/x\"] }\n", 0666);
  const auto settings = root.load();
  REQUIRE(settings.jobs.size() == 1);
  CHECK_FALSE(settings.jobs[0].on_stale);
  REQUIRE(settings.jobs[0].refused_actions.size() == 1);
  CHECK(settings.jobs[0].refused_actions[0].second.starts_with(
      "on_stale: passed over"));
  // One cause is one finding.
  REQUIRE(settings.findings.size() == 1);
  CHECK(settings.findings[0].message.find("passed over") != std::string::npos);
  CHECK(settings.findings[0].id == "settings-writable");
  CHECK(settings.findings[0].alarm == core::Severity::p1);
}

TEST_CASE("no program is run that anybody could have named") {
  const Root root;
  root.write("bezalel.toml",
             "[channel.x]\ntype = \"exec\"\nargv = [\"/bin/x\"]\n"
             "[channel.n]\ntype = \"ntfy\"\nurl = \"https://n/t\"\n",
             0666);
  auto settings = root.load();
  REQUIRE(settings.channels.size() == 1);
  CHECK(settings.channels[0].name == "n");
  REQUIRE(settings.findings.size() == 1);
  CHECK(settings.findings[0].message.starts_with("may be written by anybody"));
  // The owner's own group is as good as the owner.
  ::chmod((root.path + "/bezalel.toml").c_str(), 0660);
  settings = root.load();
  CHECK(settings.channels.size() == 2);
  CHECK(settings.findings.empty());
}

TEST_CASE("a channel that can reach nobody is a mistake, at its key") {
  const Root root;
  struct Case {
    const char* keys;
    const char* says;
  };
  const Case cases[] = {
      {"type = \"ntfy\"\nurl = \"ftp://x\"", ":3:7: url = \"ftp://x\": "},
      {"type = \"webhook\"\nurl = \"http://h:99999/\"", ":3:7: url"},
      {"type = \"smtp\"\nurl = \"smtp://h\"\nto = [\"me\"]",
       ":4:6: to: \"me\""},
      {"type = \"exec\"\nargv = [\"/x\"]\ntimeout = \"0\"", ":4:11: timeout"},
      {"type = \"exec\"\nargv = [\"/x\"]\ntimeout = \"2min\"",
       ":4:11: timeout: expected 1s to 1min"},
      {"type = \"exec\"\nargv = [\"x\"]", ":3:8: argv: \"x\": expected an abs"},
      {"type = \"gitea\"\nrepo = \"ops\"", ":3:8: repo = \"ops\": expected"},
      {"type = \"smtp\"\nfrom = \"me\"", ":3:8: from = \"me\": expected"},
      {"type = \"smtp\"\nurl = \"http://h\"", ":3:7: url = \"http://h\": "},
      {"type = \"smtp\"\nurl = \"smtps://h\"\ntls = \"none\"",
       ":4:7: tls = \"none\": smtps:// is TLS"},
      {"type = \"smtp\"\nurl = \"smtps://h\"\ntls = \"starttls\"",
       ":4:7: tls = \"starttls\": smtps:// is TLS from the start"},
      {"type = \"smtp\"\nurl = \"smtp://h\"\ntls = \"none\"",
       ":4:7: tls = \"none\" to another host needs insecure"},
      {"type = \"ntfy\"\nurl = \"https://h\"\nallow_private = [\"10/8\"]",
       ":4:17: allow_private: \"10/8\": expected a network"},
      {"type = \"smtp\"\nusername = \"u\"",
       ":3:12: username: there is no password_file"},
      {"type = \"smtp\"\npassword_file = \"/p\"",
       ":3:17: password_file: there is no username"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.keys);
    root.write("bezalel.toml", std::string("[channel.x]\n") + c.keys + "\n");
    const auto settings = root.load();
    REQUIRE(settings.findings.size() == 1);
    CAPTURE(text_of(settings.findings[0]));
    CHECK(text_of(settings.findings[0]).find(c.says) != std::string::npos);
    CHECK(settings.channels.empty());
  }
}

TEST_CASE("a mail server on this host takes a mailbox by its bare name") {
  const Root root;
  const auto load = [&](const char* host) {
    root.write("bezalel.toml",
               fmt::format("[channel.x]\ntype = \"smtp\"\n"
                           "url = \"smtp://{}\"\ntls = \"none\"\n"
                           "insecure = true\nto = [\"root\"]\n"
                           "from = \"root\"\n",
                           host));
    return root.load();
  };
  for (const char* here : {"localhost", "127.0.0.1:25", "[::1]:25"}) {
    CAPTURE(here);
    CHECK(load(here).findings.empty());
    CHECK(load(here).channels.size() == 1);
  }
  const auto settings = load("mail.example");
  CHECK(settings.channels.empty());
  REQUIRE(settings.findings.size() == 2);
  CHECK(settings.findings[0].message ==
        "to: \"root\": expected an address such as ops@example, or a url on "
        "localhost for a mailbox of this host");
}

TEST_CASE("who names a channel with a mistake hears of one mistake") {
  const Root root;
  root.write("bezalel.toml",
             "[channel.c]\ntype = \"ntfy\"\nurl = \"ftp://x\"\n"
             "[route]\ndefault = [\"c\"]\n[report]\nto = [\"c\"]\n");
  const auto settings = root.load();
  REQUIRE(settings.findings.size() == 1);
  CHECK(settings.findings[0].line == 3);
  CHECK(settings.routes.at("default").empty());
}

TEST_CASE("a key that the channel's type does not take is told of") {
  const Root root;
  root.write("bezalel.toml",
             "[channel.w]\ntype = \"webhook\"\nurl = \"https://w\"\n"
             "topic = \"t\"\n[channel.l]\ntype = \"local\"\n"
             "ca_file = \"/x\"\n");
  const auto settings = root.load();
  CHECK(settings.channels.size() == 2);
  REQUIRE(settings.findings.size() == 2);
  CHECK(text_of(settings.findings[1])
            .find(":4:1: topic: webhook takes no such key; expected of url, "
                  "secret_file") != std::string::npos);
  CHECK(text_of(settings.findings[0])
            .ends_with(":7:1: ca_file: local takes no such key"));
}

TEST_CASE("reminders are spans or seconds, and none is 0") {
  const Root root;
  const auto load = [&](const char* list) {
    root.write("bezalel.toml", fmt::format("[check]\nreminders = {}\n", list));
    return root.load();
  };
  auto settings = load("[60, \"1h\"]");
  CHECK(settings.findings.empty());
  CHECK(settings.policy.reminders ==
        std::vector<Duration>{std::chrono::minutes(1), std::chrono::hours(1)});
  settings = load("[60, \"0\"]");
  REQUIRE(settings.findings.size() == 1);
  CHECK(text_of(settings.findings[0]).find(":2:18: reminders: 0 is no time") !=
        std::string::npos);
  settings = load("[\"x\"]");
  REQUIRE(settings.findings.size() == 1);
  CHECK(settings.findings[0].message ==
        "reminders: \"x\": expected time spans");
  settings = load("[90.5]");
  REQUIRE(settings.findings.size() == 1);
  CHECK(text_of(settings.findings[0])
            .ends_with(":2:14: reminders: 90.5: expected time spans"));
}

TEST_CASE("settings behind a link to nothing are missed") {
  const Root root;
  fs::create_symlink("/nonexistent/x", root.path + "/bezalel.toml");
  const auto settings = root.load();
  REQUIRE(settings.findings.size() == 1);
  CHECK(settings.findings[0].id == "settings-unreadable");
  CHECK(settings.findings[0].message == "a link to nothing");
}

TEST_CASE("what other systems put before a text is no mistake") {
  const Root root;
  root.write("bezalel.toml", "\xEF\xBB\xBF[host]\r\nname = \"a\"\r\n");
  const auto settings = root.load();
  CHECK(settings.findings.empty());
  CHECK(settings.host == "a");
}

TEST_CASE("a host is named by what every title and path can bear") {
  const Root root;
  for (const char* name :
       {"", "a b", "a\\nb", "\\u001b[31m", "a/b", "..", "a\\u0000b"}) {
    CAPTURE(name);
    root.write("bezalel.toml", fmt::format("[host]\nname = \"{}\"\n", name));
    const auto settings = root.load();
    REQUIRE(settings.findings.size() == 1);
    CHECK(text_of(settings.findings[0]).find(":2:8: [host] name") !=
          std::string::npos);
    CHECK(settings.host == root.context.host);
  }
}

TEST_CASE("an action that may take longer than a check is refused") {
  const Root root;
  for (const char* timeout : {"0", "6min", "1d"}) {
    root.write("jobs.d/a.toml",
               fmt::format("[job.a]\nevery = 60\non_stale = {{ restart = "
                           "\"a.service\", timeout = \"{}\" }}\n",
                           timeout));
    const auto settings = root.load();
    REQUIRE(settings.findings.size() == 1);
    CHECK(settings.findings[0].message ==
          "on_stale: timeout: expected 1s to 5min");
    CHECK_FALSE(settings.jobs.at(0).on_stale);
  }
}

TEST_CASE("adding tables keeps every byte, whole or not at all") {
  const Root root;
  const std::string file = root.path + "/bezalel.toml";
  const std::string before = "# mine  \r\n[host]\nname='x'   # kept";
  root.write("bezalel.toml", before);
  REQUIRE(append_settings(file, {"[route]\ndefault = [\"f\"]\n"}));
  std::ifstream in(file);
  const std::string after{std::istreambuf_iterator<char>(in), {}};
  CHECK(after == before + "\n\n[route]\ndefault = [\"f\"]\n");
  const auto again = append_settings(file, {"[route]\n"});
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == Kind::conflict);
  CHECK(fs::file_size(file) == after.size());
}

}  // namespace
}  // namespace bezalel::settings
