#include "discover/cron_start.h"

#include <doctest/doctest.h>

namespace bezalel::discover {
namespace {

class TwoTables final : public app::CrontabFiles {
 public:
  app::CrontabScan scan() override {
    app::CrontabScan scan;
    app::CrontabFile system;
    system.path = "/etc/cron.d/x";
    system.text =
        "A=1\nB=first\nB=second\n"
        "0 1 * * * ann job one%two%\n"
        "B=third\n"
        "0 2 * * * root cd / && run-parts --report /etc/cron.daily/\n"
        "0 3 * * * root run-parts /etc/cron.hourly\n"
        "0 4 * * * root test -x /x || { cd /a && cd b && nice run-parts "
        "/a; cd /c; }\n";
    scan.files.push_back(system);
    app::CrontabFile own;
    own.kind = crontab::Kind::user;
    own.daemon = crontab::Daemon::cronie;
    own.path = "/var/spool/cron/ann";
    own.user = "ann";
    own.text = "61 * * * * bad\n@daily own\n";
    scan.files.push_back(own);
    app::CrontabFile refused;
    refused.path = "/etc/cron.d/y";
    refused.text = "61 * * * * root bad\n@daily root lost\n";
    scan.files.push_back(refused);
    return scan;
  }
  crontab::Host host() override { return {}; }
  crontab::ProgramFacts program(const std::string&) override { return {}; }
};

Result<app::CronStart> start(const char* source, std::optional<int> line) {
  TwoTables files;
  app::ScheduledJob job;
  job.key.job = "j";
  job.source = source;
  job.line = line;
  return cron_start_of(files, job);
}

TEST_CASE("a line starts with its user, its input and what is set above it") {
  const auto out = start("/etc/cron.d/x", 4);
  REQUIRE(out.has_value());
  CHECK(out->source == "/etc/cron.d/x:4");
  CHECK(out->user == "ann");
  CHECK(out->command == "job one");
  CHECK(out->input == "two\n");
  CHECK(out->settings == app::Variables{{"A", "1"}, {"B", "second"}});
  CHECK(out->daemon == crontab::Daemon::debian);
}

TEST_CASE("a user's own table names its user and its daemon") {
  const auto out = start("crontab of ann", 2);
  REQUIRE(out.has_value());
  CHECK(out->user == "ann");
  CHECK(out->command == "own");
  CHECK(out->daemon == crontab::Daemon::cronie);
}

TEST_CASE("a script is started alone, with what its line would give it") {
  const auto out = start("/etc/cron.daily/tidy", std::nullopt);
  REQUIRE(out.has_value());
  CHECK(out->source == "/etc/cron.d/x:6");
  CHECK(out->command == "cd / && /etc/cron.daily/tidy");
  CHECK(out->user == "root");
  CHECK(out->settings.back().second == "third");
}

TEST_CASE("a script is started in the directory where its line would be") {
  CHECK(start("/etc/cron.hourly/tidy", std::nullopt)->command ==
        "/etc/cron.hourly/tidy");
  CHECK(start("/a/tidy", std::nullopt)->command == "cd /a && cd b && /a/tidy");
}

TEST_CASE("what no line starts is not found") {
  for (const auto& [source, line] :
       {std::pair("/etc/cron.d/x", std::optional(5)),
        std::pair("/etc/cron.d/z", std::optional(4)),
        std::pair("crontab of ann", std::optional(1)),
        std::pair("/etc/cron.d/y", std::optional(2)),
        std::pair("/etc/cron.weekly/tidy", std::optional<int>())}) {
    CAPTURE(source);
    const auto out = start(source, line);
    REQUIRE_FALSE(out.has_value());
    CHECK(out.error().kind == bezalel::Kind::not_found);
  }
}

TEST_CASE("who starts anacron, where systemd runs the host and where not") {
  const auto job = [](app::SchedulerKind kind, const char* source,
                      const char* command) {
    app::ScheduledJob j;
    j.kind = kind;
    j.source = source;
    j.command = command;
    return j;
  };
  using Kind = app::SchedulerKind;
  app::Inventory host;
  CHECK(starter_of_anacron(host, false) == nullptr);
  host.jobs = {
      job(Kind::anacron, "/etc/cron.daily/anacron", "/usr/sbin/anacron"),
      job(Kind::run_parts, "/etc/cron.daily/0anacron", "x"),
      job(Kind::cron, "/etc/cron.d/anacron",
          "[ -x /x ] && if [ ! -d /run/systemd/system ]; then "
          "/usr/sbin/invoke-rc.d anacron start >/dev/null; fi"),
      job(Kind::timer, "anacron.timer", "anacron.service"),
      job(Kind::run_parts, "/etc/cron.hourly/0anacron", "x")};
  host.jobs[3].timer.emplace();
  CHECK(starter_of_anacron(host, false) == &host.jobs[2]);
  CHECK(starter_of_anacron(host, true) == &host.jobs[3]);
  host.jobs[3].timer->timer_state = "dead";
  CHECK(starter_of_anacron(host, true) == &host.jobs[4]);
}

}  // namespace
}  // namespace bezalel::discover
