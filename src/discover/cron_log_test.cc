#include "discover/cron_log.h"

#include <doctest/doctest.h>

#include "record/redact.h"

namespace bezalel::discover {
namespace {

const Timestamp kNow = *parse_rfc3339("2026-11-26T13:00:00Z");

CronLog log_of(std::initializer_list<const char*> lines) {
  CronLog log;
  for (const char* line : lines) {
    const auto parsed = parse_log_line(line, kNow, schedule::Zone::utc());
    REQUIRE_MESSAGE(parsed, line);
    log.add(*parsed);
  }
  return log;
}

std::string at(std::optional<Timestamp> t) {
  return t ? format_rfc3339(*t) : "-";
}

std::string stamp_of(const char* line, const char* zone = "UTC") {
  const auto parsed = parse_log_line(line, kNow, *schedule::Zone::load(zone));
  return parsed ? format_rfc3339(parsed->at) : "-";
}

TEST_CASE("both stamps of syslog files are read") {
  CHECK(stamp_of("Nov 26 12:50:01 vm CRON[7]: x") == "2026-11-26T12:50:01Z");
  CHECK(stamp_of("Nov  6 12:50:01 vm CRON[7]: x") == "2026-11-06T12:50:01Z");
  CHECK(stamp_of("2026-11-26T14:50:01.646969+02:00 vm CRON[7]: x")
            .starts_with("2026-11-26T12:50:01"));
  CHECK(stamp_of("Nov 26 12:50:01 vm CRON[7]: x", "Europe/Riga") ==
        "2026-11-26T10:50:01Z");
}

TEST_CASE("a stamp without a year is of the newest that is not ahead") {
  CHECK(stamp_of("Dec 31 23:59:01 vm CRON[7]: x") == "2025-12-31T23:59:01Z");
  CHECK(stamp_of("Nov 27 12:00:00 vm CRON[7]: x") == "2026-11-27T12:00:00Z");
  CHECK(stamp_of("Feb 29 12:00:00 vm CRON[7]: x") == "-");
}

TEST_CASE("what is no line of a log is none") {
  for (const char* line :
       {"", "x", "Nov", "Nov 26", "Nov 26 12:50", "Nov 32 12:50:01 vm a: b",
        "Nov 26 25:50:01 vm a: b", "2026-11-26 vm a: b", "Foo 1 1 1 1:",
        "Nov 26 12:50:01 vm", "Nov 26 12:50:01 vm no tag here at all"}) {
    CHECK_MESSAGE(stamp_of(line) == "-", line);
  }
}

TEST_CASE("the newest start of a job is remembered, by user and command") {
  const CronLog log = log_of(
      {"Nov 26 12:50:01 vm CRON[7]: (root) CMD (true   two  blanks # c )",
       "Nov 26 12:40:01 vm CRON[7]: (root) CMD (true   two  blanks # c )",
       "Nov 26 12:55:01 vm CRON[7]: (ann) CMD (/bin/sync)",
       "Nov 26 12:56:01 vm sshd[7]: (root) CMD (/bin/sync)"});
  CHECK(at(log.newest_start("root", "true   two  blanks # c")) ==
        "2026-11-26T12:50:01Z");
  CHECK(at(log.newest_start("root", "/bin/sync")) == "-");
  CHECK(at(log.newest_start("ann", "/bin/sync")) == "2026-11-26T12:55:01Z");
  CHECK(at(log.newest_line()) == "2026-11-26T12:55:01Z");
}

TEST_CASE("bytes that do not print are met as cron writes them") {
  const CronLog log = log_of(
      {R"(Nov 26 12:50:01 vm CRON[7]: (root) CMD (echo caf\303\251 ^I x\y))"});
  CHECK(log.newest_start("root", "echo caf\xc3\xa9 \t x\\y"));
}

TEST_CASE("secrets in a command do not hide its start") {
  const CronLog log = log_of(
      {"Nov 26 12:50:01 vm CRON[7]: (root) CMD (mysqldump --password=tiger)"});
  CHECK(log.newest_start("root", record::redact("mysqldump --password=tiger")));
}

TEST_CASE("cronie, busybox and cron with its pids say it in their words") {
  const CronLog log = log_of(
      {"Nov 26 12:50:01 vm CROND[7]: (root) CMD (/bin/a)",
       "Nov 26 12:50:01 vm CROND[7]: (root) CMDEND (/bin/never)",
       "Nov 26 12:50:00 vm cron.info crond[9]: USER ann pid  12 cmd /bin/b  x",
       "Nov 26 12:50:01 vm CRON[7]: (root) CMD ([123] [ -e /a ] && /bin/c)",
       "Nov 26 12:50:01 vm CRON[7]: (root) CMD ([ -e /a ] && /bin/d)"});
  CHECK(log.newest_start("root", "/bin/a"));
  CHECK_FALSE(log.newest_start("root", "/bin/never"));
  CHECK(log.newest_start("ann", "/bin/b  x"));
  CHECK(log.newest_start("root", "[ -e /a ] && /bin/c"));
  CHECK(log.newest_start("root", "[ -e /a ] && /bin/d"));
}

TEST_CASE("a line that syslog cut short stands for what begins so") {
  const CronLog log =
      log_of({"Nov 26 12:50:01 vm CRON[7]: (root) CMD (echo aaaaaaaaaaaaaaaa"});
  CHECK(log.shows_starts());
  CHECK(log.newest_start("root", "echo aaaaaaaaaaaaaaaaaaaaaaaa"));
  CHECK_FALSE(log.newest_start("root", "echo aaab"));
}

TEST_CASE("a refused user is one until a job of his is started") {
  CronLog log = log_of(
      {"Nov 26 12:50:01 vm CRON[7]: pam_unix(cron:account): account ann has "
       "expired (account expired)",
       "Nov 26 12:50:01 vm crond[7]: (bob) FAILED to authorize user with PAM "
       "(Permission denied)",
       "Nov 26 12:50:01 vm CRON[7]: pam_unix(cron:account): expired password "
       "for user eve (password aged)"});
  CHECK(log.refused().size() == 3);
  CHECK(log.refused().at("bob").why ==
        "FAILED to authorize user with PAM (Permission denied)");
  log.add(*parse_log_line("Nov 26 12:51:01 vm CRON[7]: (ann) CMD (true)", kNow,
                          schedule::Zone::utc()));
  CHECK_FALSE(log.refused().contains("ann"));
  CHECK(log.refused().contains("eve"));
}

TEST_CASE("what cron could not do is told apart from what it did") {
  const CronLog log = log_of(
      {"Nov 26 12:50:01 vm CRON[7]: (CRON) info (No MTA installed, discarding "
       "output)",
       "Nov 26 12:52:01 vm CRON[7]: (CRON) error (can't fork)"});
  CHECK(log.outputs_lost() == 1);
  CHECK(at(log.cannot_fork()) == "2026-11-26T12:52:01Z");
  CHECK_FALSE(log.shows_starts());
}

TEST_CASE("more jobs than any host has are not remembered without end") {
  CronLog log;
  for (std::size_t i = 0; i < kMostStarts + 10; ++i) {
    const std::string text = "(root) CMD (" + std::to_string(i) + ")";
    log.add({kNow, "CRON", text});
  }
  CHECK(log.newest_start("root", "0"));
  CHECK_FALSE(log.newest_start("root", std::to_string(kMostStarts + 5)));
}

}  // namespace
}  // namespace bezalel::discover
