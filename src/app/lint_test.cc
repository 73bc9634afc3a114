#include "app/lint.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace bezalel::app {
namespace {

LintContext context() {
  return {*schedule::Zone::load("UTC"), from_unix_seconds(1795500000)};
}

LintedFile linted(std::string text, crontab::Daemon daemon) {
  return lint_text(std::move(text), "a file", "", crontab::Kind::user, daemon,
                   context());
}

TEST_CASE("a path says which kind of table it would be") {
  for (const char* path : {"/etc/crontab", "etc/crontab", "/etc/cron.d/x",
                           "cron.d/x", "deploy/cron.d/x"}) {
    CHECK_MESSAGE(kind_of_path(path) == crontab::Kind::system, path);
  }
  for (const char* path : {"crontab", "x", "-", "cron.d", "mycron.d/x",
                           "/var/spool/cron/crontabs/ann", "home/crontab"}) {
    CHECK_MESSAGE(kind_of_path(path) == crontab::Kind::user, path);
  }
}

TEST_CASE("installed is where a daemon looks") {
  for (const char* path : {"/etc/crontab", "/etc/cron.d/x",
                           "/var/spool/cron/crontabs/ann", "/etc/crontabs/r"}) {
    CHECK_MESSAGE(is_installed(path), path);
  }
  for (const char* path : {"etc/crontab", "/etc/cron.daily/x", "/etc/crontab2",
                           "/srv/etc/cron.d/x"}) {
    CHECK_MESSAGE(!is_installed(path), path);
  }
}

TEST_CASE("a schedule that was put right comes with its next runs") {
  const LintedFile file =
      linted("0 22-2 * * * /bin/x\n", crontab::Daemon::debian);
  REQUIRE(file.findings.size() == 1);
  const auto& then = file.findings[0].then;
  REQUIRE(then.size() == 5);
  CHECK(format_rfc3339(then[0]) == "2026-11-24T22:00:00Z");
  for (std::size_t i = 1; i < then.size(); ++i) CHECK(then[i - 1] < then[i]);
}

TEST_CASE("a file that is refused loses all its jobs") {
  const LintedFile file = linted("0 1 * * * a\n61 * * * * b\n0 2 * * * c\n",
                                 crontab::Daemon::debian);
  CHECK(file.is_ignored());
  CHECK(file.lost() == file.jobs());
  CHECK(file.jobs() == 2);
  const LintedFile well = linted("0 1 * * * a\n", crontab::Daemon::debian);
  CHECK_FALSE(well.is_ignored());
  CHECK(well.lost() == 0);
  CHECK(well.jobs() == 1);
}

TEST_CASE("scripts of run-parts are judged beside the crontabs") {
  LintResult result;
  result.files.push_back(
      linted("0 1 * * * run-parts /gone\n", crontab::Daemon::debian));
  Finding gone;
  gone.id = "directory-missing";
  gone.source = "a file";
  gone.line = 1;
  Finding script;
  script.id = "script-ignored";
  script.source = "/etc/cron.daily/backup.sh";
  script.message = "run-parts passes it over";
  script.fix = "mv it";
  add_scripts({gone, script, script}, result);
  REQUIRE(result.files.size() == 2);
  REQUIRE(result.files[0].findings.size() == 1);
  CHECK(result.files[0].findings[0].remark.line == 1);
  CHECK(result.files[1].source == script.source);
  CHECK_FALSE(result.files[1].is_ignored());
  REQUIRE(result.files[1].findings.size() == 2);
  CHECK(result.files[1].findings[0].remark.fix == "mv it");
  CHECK(result.count(crontab::Weight::error) == 3);
}

class FakeFiles final : public CrontabFiles {
 public:
  void add(const std::string& path, const std::string& text,
           const std::string& user = "") {
    CrontabFile file;
    file.path = path;
    file.text = text;
    file.user = user;
    file.kind = user.empty() ? crontab::Kind::system : crontab::Kind::user;
    scan_.files.push_back(std::move(file));
  }
  void add(Finding finding) { scan_.findings.push_back(std::move(finding)); }
  CrontabScan scan() override { return scan_; }
  crontab::Host host() override { return {}; }
  crontab::ProgramFacts program(const std::string&) override { return {}; }

 private:
  CrontabScan scan_;
};

TEST_CASE("one name for two commands is told, in one table or in two") {
  const auto told = [](FakeFiles files) {
    std::string out;
    for (const LintedFile& file : lint_host(files, {}, context()).files) {
      for (const LintFinding& f : file.findings) {
        const crontab::Remark& r = f.remark;
        if (r.rule != "name-shared") continue;
        CHECK(r.weight == crontab::Weight::warning);
        out += file.source + ":" + std::to_string(r.line) + ":" +
               std::to_string(r.column) + " " + r.message + " | " + r.effect +
               " | " + r.fix + "\n";
      }
    }
    return out;
  };
  const std::string shared = " # bezalel: job=shared\n";
  FakeFiles two;
  two.add("/etc/cron.d/a", "0 1 * * * root /bin/true k" + shared);
  two.add("/etc/cron.d/b", "0 2 * * * ann /bin/x" + shared +
                               "* * * * * root /bin/false" + shared);
  CHECK(told(two) ==
        "/etc/cron.d/b:2:16 \"shared\" is the name of another command, too | "
        "That of /etc/cron.d/a:1 is taken for the same job: where one goes "
        "well, nobody learns that the other is silent. | * * * * * root "
        "/bin/false "
        "# bezalel: job=shared-2\n");
  FakeFiles one;
  one.add(
      "/var/spool/cron/crontabs/ann",
      "0 1 * * * /bin/true" + shared + "0 2 * * * bezalel run shared -- x\n",
      "ann");
  CHECK(told(one).find("crontab of ann:2:11 ") == 0);
  // Another schedule for one command, wrapped or not; another user.
  FakeFiles well;
  well.add("/etc/cron.d/a",
           "0 1 * * * root /bin/x" + shared +
               "0 2 * * * root /usr/bin/bezalel run shared -- /bin/sh -c "
               "'/bin/x'" +
               shared + "0 2 * * * bob /bin/y" + shared +
               "0 1 * * * root a\n0 1 * * * root b\n");
  well.add("/var/spool/cron/crontabs/ann", "0 1 * * * /bin/z" + shared, "ann");
  well.add("/etc/cron.d/b",
           "0 5 * * * root /bin/z # bezalel: job=shared allow=name-shared\n");
  CHECK(told(well) == "");
  CHECK(linted("0 1 * * * a" + shared + "0 1 * * * b" + shared,
               crontab::Daemon::debian)
            .findings.size() == 1);
}

TEST_CASE("a table that no daemon reads is none that could not be read") {
  Finding unread;
  unread.id = "spool-unread";
  unread.source = "/etc/crontab";
  unread.alarm = core::Severity::p3;  // a package's
  FakeFiles files;
  files.add(unread);
  const LintResult of_package = lint_host(files, {}, context());
  CHECK(of_package.unread.empty());
  CHECK(of_package.files.empty());
  unread.alarm = core::Severity::p2;
  files.add(unread);
  const LintResult own = lint_host(files, {}, context());
  CHECK(own.unread.empty());
  REQUIRE(own.files.size() == 1);
  CHECK(own.count(crontab::Weight::error) == 1);
}

TEST_CASE("a comment of ours that is wrong is told before the job runs") {
  const auto told = [](const std::string& comment) {
    std::string out;
    for (const LintFinding& f :
         linted("0 3 * * * /bin/x # bezalel: " + comment + "\n",
                crontab::Daemon::debian)
             .findings) {
      out += f.remark.rule + ':' + std::to_string(f.remark.column) + ' ' +
             f.remark.message + " | " + f.remark.fix + '\n';
    }
    return out;
  };
  const std::string correct =
      " | correct the comment at the end of the command\n";
  CHECK(told("evry=1d") ==
        "comment-invalid:29 \"evry\": unknown key; expected job every cron "
        "calendar tz grace max | 0 3 * * * /bin/x # bezalel: every=1d\n");
  CHECK(told("job=x every=1x").starts_with("comment-invalid:41 every: \"1x\""));
  CHECK(told("job=-x grace=2 max=0s") != "");
  CHECK(told("grace=2x").starts_with("comment-invalid:35 grace: \"2x\""));
  CHECK(told("tz=No/Where").starts_with("comment-invalid:32 tz: "));
  CHECK(told("cron=\"61 * * * *\"").starts_with("comment-invalid:35 cron: "));
  CHECK(told("calendar=Mnday").starts_with("comment-invalid:38 calendar: "));
  CHECK(told("job=a job=b") ==
        "comment-invalid:35 \"job\": given twice" + correct);
  CHECK(told("daily").starts_with(
      "comment-invalid:29 \"daily\": expected key=value"));
  CHECK(told("job=a\x1b=b").starts_with("comment-invalid:20 "));
  CHECK(told("evry=1d allow=comment-invalid") == "");
  for (const char* well :
       {"job=x every=1d grace=2h max=30m allow=percent", "every='1 day'",
        "cron=\"0 3 * * *\" tz=Europe/Berlin", "calendar=daily", "allow=x"}) {
    CAPTURE(well);
    CHECK(told(well).find("comment-invalid") == std::string::npos);
  }
  const auto missed = [](const std::string& comment) {
    std::string out;
    for (const LintFinding& f :
         linted("0 3 * * * /bin/x " + comment + "\n", crontab::Daemon::debian)
             .findings) {
      CHECK(f.remark.rule == "comment-invalid");
      out += std::to_string(f.remark.column) + '+' +
             std::to_string(f.remark.width) + ' ' + f.remark.fix;
    }
    return out;
  };
  const std::string put_right = " 0 3 * * * /bin/x # bezalel: job=x";
  CHECK(missed("# nightly # bezalel: job=x") == "30+8" + put_right);
  CHECK(missed("# by x # bezalel: job=bezalel-x") ==
        "27+8 0 3 * * * /bin/x # bezalel: job=bezalel-x");
  CHECK(missed("# Bezalel: job=x") == "20+8" + put_right);
  CHECK(missed("# bezalel job=x") == "20+7" + put_right);
  CHECK(missed("# bezalel : job=x") == "20+9" + put_right);
  for (const char* well :
       {"# bezalel: job=x", "#bezalel: job=x", "# by bezalel",
        "# see Bezalel: x", "'# Bezalel: job=x'",
        "# nightly # bezalel: allow=percent"}) {
    CAPTURE(well);
    CHECK(missed(well) == "");
  }
  // No more than are read.
  std::string many;
  for (int i = 0; i < 50; ++i) many += "k=v ";
  const std::string all = told(many);
  CHECK(std::count(all.begin(), all.end(), '\n') == 20);
}

TEST_CASE("what a call of ours in a line gets wrong is told at its word") {
  const auto faults = [](const std::string& command) {
    LintContext with_calls = context();
    with_calls.call_problems = [](const record::OwnCall& call) {
      std::vector<std::string> problems;
      for (const std::string& arg : call.args) {
        if (arg.find("bad") == std::string::npos) continue;
        problems.push_back(call.verb + ": \"" + arg + "\": no");
      }
      return problems;
    };
    std::vector<crontab::Remark> out;
    for (LintFinding& f :
         lint_text("0 3 * * * " + command + "\n", "a file", "",
                   crontab::Kind::user, crontab::Daemon::debian, with_calls)
             .findings) {
      if (f.remark.rule == "option-invalid") out.push_back(std::move(f.remark));
    }
    return out;
  };
  const auto told = [&](const std::string& command) {
    std::string out;
    for (const crontab::Remark& r : faults(command)) {
      out += std::to_string(r.column) + " " + r.message + ". ";
    }
    return out;
  };
  const auto weight_of = [&](const std::string& command) {
    return faults(command).at(0).weight;
  };
  CHECK(told("bezalel run bad/name -- x") == "23 run: \"bad/name\": no. ");
  CHECK(told("x; bezalel beat a --max bad") == "35 beat: \"bad\": no. ");
  // Nothing behind the dashes: no job at all.
  CHECK(weight_of("bezalel run bad -- x") == crontab::Weight::warning);
  CHECK(weight_of("bezalel run bad x") == crontab::Weight::error);
  CHECK(weight_of("bezalel run bad --") == crontab::Weight::error);
  CHECK(weight_of("bezalel beat bad") == crontab::Weight::warning);
  // The expression is judged here.
  CHECK(
      told("bezalel run a --cron '61 * * * *' -- x").starts_with("33 cron: "));
  CHECK(told("bezalel run a --every bad --cron '1 * * * *' -- x") ==
        "33 run: \"bad\": no. ");
  for (const char* well :
       {"bezalel run \"$bad\" -- x", "bezalel run a --every 1d -- bezalel-x",
        "bezalel check --bad", "echo bezalel run bad", "/opt/bad",
        "bezalel run bad # bezalel: allow=option-invalid"}) {
    CAPTURE(well);
    CHECK(told(well) == "");
  }
}

}  // namespace
}  // namespace bezalel::app
