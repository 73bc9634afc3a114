#include "settings/parse_job.h"

#include <doctest/doctest.h>

#include "settings/load.h"
#include "settings/users.h"

namespace bezalel::settings {
namespace {

app::Settings parsed(const std::string& text) {
  app::Settings out;
  SystemUsers users;
  Source source;
  source.path = "j.toml";
  source.kind = File::jobs;
  Context context;
  parse(text, source, context, users, out);
  return out;
}

// What is wrong in one job, as the command line prints it, and whether the job
// is watched all the same.
struct Said {
  std::string text;
  bool watched;
};
Said said(const std::string& keys) {
  const auto out = parsed("[job.a]\n" + keys + "\n");
  return {out.findings.empty() ? "" : text_of(out.findings[0]),
          out.jobs.size() == 1 && out.refused_jobs.empty()};
}

TEST_CASE("a user that is not there makes no other key unknown") {
  const auto out = parsed(
      "[job.a]\nevery = \"1d\"\ngrace = \"1h\"\nmax = \"1h\"\n"
      "user = \"no-such-user\"\n");
  REQUIRE(out.findings.size() == 1);
  CHECK(out.findings[0].message.find("no such user") != std::string::npos);
  CHECK(out.jobs.empty());
}

TEST_CASE("a wrong schedule costs the job, another wrong key does not") {
  struct Case {
    const char* keys;
    const char* says;
    bool watched;
  };
  const Case cases[] = {
      {"every = \"1d\"", "", true},
      {"every = 60", "", true},
      {"manual = true", "", true},
      {"every = \"1d\"\nmanual = true", "every: the job is manual as well",
       false},
      {"every = \"1d\"\ncron = \"@daily\"", "every", false},
      {"cron = \"61 * * * *\"", "minute", false},
      {"cron = \"@daily\"\ntz = \"Mars/Olympus\"", "j.toml:3:6: tz", false},
      {"every = 0", "every", false},
      {"every = true", "every: expected a time span", false},
      {"every = \"1d\"\nuser = \"no-such-user\"", "no such user", false},
      {"every = \"1d\"\nuser = \"\"", "user = \"\": no such user", false},
      {"every = \"1d\"\ntz = \"UTC\"", "j.toml:3:6: tz: means nothing", true},
      {"manual = true\ntz = \"UTC\"", "tz: means nothing beside manual", true},
      {"cron = \"@daily\"\nfactor = 3", "factor: means nothing beside cron",
       true},
      {"every = \"1d\"\nfactor = 3", "", true},
      {"every = \"1d\"\ngrace = \"2 hourz\"", "j.toml:3:9: grace", true},
      {"every = \"1d\"\nmax = \"0\"", "j.toml:3:7: max", true},
      {"every = \"1d\"\nfactor = 0.5", "factor: expected a number", true},
      {"every = \"1d\"\nconfirm = 1.5", "confirm: expected a number", true},
      {"every = \"1d\"\nseverity = \"P4\"", "expected P1, P2 or P3", true},
      {"every = \"1d\"\noutput = \"all\"", "expected notice, local or none",
       true},
      {"every = \"1d\"\ntags = [\"a\", 1]", "tags: expected a list of texts",
       true},
      {"every = \"1d\"\non_stale = 7", "on_stale: expected {", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.keys);
    const Said is = said(c.keys);
    CAPTURE(is.text);
    CHECK(is.watched == c.watched);
    CHECK(is.text.empty() == (*c.says == '\0'));
    CHECK(is.text.find(c.says) != std::string::npos);
  }
}

TEST_CASE("an action is one thing, in bounds, or none") {
  struct Case {
    const char* action;
    const char* says;
  };
  const Case cases[] = {
      {"restart = \"a.service\"", ""},
      {"run = [\"/bin/x\", \"y\"], timeout = \"1m\", limit = \"3/6h\"", ""},
      {"", "expected either restart or run"},
      {"restart = \"a\", run = [\"/x\"]", "expected either restart or run"},
      {"run = [\"x\"]", "run: expected an absolute path first"},
      {"restart = \"-a\"", "restart = \"-a\": expected a unit"},
      {"restart = \"../x.service\"", "expected a unit such as x.service"},
      {"restart = \".x\"", "expected a unit"},
      {"restart = \"a b\"", "expected a unit"},
      {"restart = \"getty@tty1.service\"", ""},
      {"restart = \"a.service\", user = \"root\"",
       "user: means nothing beside restart"},
      {"run = [\"/x\"], user = \"\"", "user = \"\": no such user"},
      {"run = [\"/x\"], user = \"no-such-user\"", "no such user"},
      {"run = [\"/x\"], timeout = \"0\"", "timeout: expected 1s to 5min"},
      {"run = [\"/x\"], limit = \"3\"", "limit = \"3\": expected COUNT/SPAN"},
      {"run = [\"/x\"], limit = \"0/6h\"", "expected COUNT/SPAN"},
      {"run = [\"/x\"], limit = \"3x/6h\"", "expected COUNT/SPAN"},
      {"run = [\"/x\"], limit = \"3/0\"", "expected COUNT/SPAN"},
      {"run = [\"/x\"], limit = \"99999999999/6h\"", "expected COUNT/SPAN"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.action);
    const auto out = parsed("[job.a]\nevery = 60\non_stale = { " +
                            std::string(c.action) + " }\n");
    REQUIRE(out.jobs.size() == 1);
    const bool good = *c.says == '\0';
    CHECK(out.jobs[0].on_stale.has_value() == good);
    REQUIRE(out.jobs[0].refused_actions.empty() == good);
    if (!good) {
      const auto& [key, why] = out.jobs[0].refused_actions[0];
      CHECK(key == "on_stale");
      CHECK(why.find(c.says) != std::string::npos);
    }
    CHECK(out.findings.empty() == good);
    if (!good) {
      CHECK(text_of(out.findings[0]).find(c.says) != std::string::npos);
    }
  }
}

TEST_CASE("of two jobs of one name the first counts") {
  const auto out = parsed("[job.a]\nevery = 60\n[job.\"a b\"]\nevery = 60\n");
  CHECK(out.jobs.size() == 1);
  REQUIRE(out.findings.size() == 1);
  CHECK(out.findings[0].line == 3);
  app::Settings both;
  SystemUsers users;
  Source source;
  for (const char* path : {"a.toml", "b.toml"}) {
    source.path = path;
    source.kind = File::jobs;
    parse("[job.a]\nevery = 60\n", source, {}, users, both);
  }
  CHECK(both.jobs.size() == 1);
  REQUIRE(both.findings.size() == 1);
  CHECK(
      text_of(both.findings[0]).find("job a is declared already at a.toml:1") !=
      std::string::npos);
}

}  // namespace
}  // namespace bezalel::settings
