// Which text `lint` judges, as what, and how it ends.
#include <doctest/doctest.h>

#include <map>

#include "cli/commands.h"

namespace bezalel::cli {
namespace {

// A host with one table of root's, one that its daemon passes over, and one of
// anacron's.
class FakeFiles final : public app::CrontabFiles {
 public:
  app::CrontabScan scan() override {
    app::CrontabScan scan;
    app::CrontabFile file;
    file.path = "/etc/cron.d/host";
    file.text = "0 22-2 * * * root /bin/x\n";
    scan.files.push_back(file);
    app::CrontabFile anacron;
    anacron.path = app::kAnacrontab;
    anacron.kind = crontab::Kind::anacron;
    anacron.text = "@daily 5 a true\n";
    scan.anacrontab = anacron;
    app::Finding ignored;
    ignored.id = "file-ignored";
    ignored.source = "/etc/cron.d/a.sh";
    ignored.message = "the name has a dot";
    app::Finding unread;
    unread.id = "unreadable";
    unread.source = "/var/spool/cron/crontabs";
    unread.message = "Permission denied";
    scan.findings = {ignored, unread};
    return scan;
  }
  crontab::Host host() override { return {}; }
  crontab::ProgramFacts program(const std::string&) override { return {}; }
};

Said lint(const LintOptions& options,
          const std::map<std::string, std::string>& texts = {}) {
  FakeFiles host;
  const LintSources sources{
      [&](const std::string& path) -> Result<std::string> {
        const auto found = texts.find(path);
        if (found != texts.end()) return found->second;
        return err(Kind::not_found, path + ": No such file or directory");
      },
      host,
      [] {
        app::Finding script;
        script.id = "script-ignored";
        script.source = "/etc/cron.daily/b.sh";
        return std::vector<app::Finding>{script};
      }};
  return run_lint(sources, from_unix_seconds(1795500000), "Europe/Riga",
                  options);
}

LintOptions of_files(std::vector<std::string> files) {
  LintOptions options;
  options.files = std::move(files);
  return options;
}

bool has(const Said& said, const std::string& text) {
  return said.out.find(text) != std::string::npos;
}

TEST_CASE("without a file the host's own tables are judged") {
  const Said said = lint({});
  CHECK(said.status == 1);
  CHECK(has(said, "/etc/cron.d/host:1:3: error"));
  CHECK(has(said, "/etc/anacrontab:1:1: warning: unknown period"));
  CHECK(has(said, "the name has a dot"));
  CHECK(has(said, "Permission denied"));
  CHECK(has(said, "/etc/cron.daily/b.sh: error: "));
  CHECK_FALSE(has(lint(of_files({"/etc/anacrontab"})), "cron.daily"));
}

TEST_CASE("a file is anacron's by its name or by --kind") {
  CHECK(has(lint(of_files({"/etc/anacrontab"})),
            "1 file, 1 job, 0 errors, 1 warning"));
  const std::string shared = "1 5 a true\n7 5 a true\n";
  CHECK(has(
      lint(of_files({"deploy/anacrontab"}), {{"deploy/anacrontab", shared}}),
      "deploy/anacrontab:2:5: error: "));
  LintOptions told = of_files({"x"});
  CHECK_FALSE(has(lint(told, {{"x", shared}}), "[stamp-shared]"));
  told.kind = "anacron";
  CHECK(has(lint(told, {{"x", shared}}), "[stamp-shared]"));
}

TEST_CASE("whose rules, without a file, is refused in one line") {
  LintOptions options;
  options.daemon = "cronie";
  const Said daemon = lint(options);
  CHECK(daemon.status == 2);
  CHECK(daemon.out.empty());
  CHECK(daemon.err ==
        "bezalel: lint: --daemon needs a FILE; this host's crontabs are read "
        "by its own cron\n");
  options = {};
  options.kind = "user";
  CHECK(lint(options).err.starts_with("bezalel: lint: --kind needs a FILE"));
}

TEST_CASE("a path of the host's is judged with what the host knows") {
  CHECK(has(lint(of_files({"/etc/cron.d/a.sh"})), "the name has a dot"));
  // As another daemon's, it is only a text.
  LintOptions options = of_files({"/etc/cron.d/a.sh"});
  options.daemon = "busybox";
  CHECK(lint(options).status == 2);
}

TEST_CASE("a file is a system table where it lies like one") {
  const std::string line = "0 3 * * * root /bin/true\n";
  CHECK(
      lint(of_files({"deploy/cron.d/a"}), {{"deploy/cron.d/a", line}}).status ==
      0);
  LintOptions user = of_files({"deploy/cron.d/a"});
  user.kind = "user";
  CHECK(has(lint(user, {{"deploy/cron.d/a", line}}), "root"));
  LintOptions system = of_files({"x"});
  system.kind = "system";
  CHECK(lint(system, {{"x", line}}).status == 0);
}

TEST_CASE("what is piped in has a name of its own") {
  CHECK(has(lint(of_files({"-"}), {{"-", "61 * * * * x\n"}}),
            "standard input:1:1: error"));
}

TEST_CASE("what cannot be read is said in one line, and nothing else") {
  const Said said = lint(of_files({"none"}));
  CHECK(said.status == 2);
  CHECK(said.out.empty());
  CHECK(said.err == "bezalel: none: No such file or directory\n");
}

TEST_CASE("as JSON it is listed, whether or not others were read") {
  for (const bool alone : {true, false}) {
    LintOptions options = of_files({"none"});
    if (!alone) options.files.emplace_back("a");
    options.format = "json";
    const Said said = lint(options, {{"a", "@daily true\n"}});
    CHECK(said.status == 2);
    CHECK(said.err == "bezalel: none: No such file or directory\n");
    CHECK(said.out.find(R"("unread":[{"source":"none",)"
                        R"("message":"No such file or directory"}])") !=
          std::string::npos);
  }
}

TEST_CASE("a zone that is not known is UTC, not the end") {
  FakeFiles host;
  const LintSources sources{
      [](const std::string&) -> Result<std::string> { return std::string(); },
      host};
  CHECK(run_lint(sources, from_unix_seconds(1795500000), "No/Where",
                 of_files({"x"}))
            .status == 0);
}

TEST_CASE("a file that is not there hides no other") {
  const Said said = lint(of_files({"a", "gone", "b"}),
                         {{"a", "61 * * * * true\n"}, {"b", "@daily true\n"}});
  CHECK(said.status == 2);
  CHECK(said.err == "bezalel: gone: No such file or directory\n");
  CHECK(said.out.find("a:1") != std::string::npos);
  CHECK(said.out.find("2 files") != std::string::npos);
}

}  // namespace
}  // namespace bezalel::cli
