#include "core/expectation.h"

#include "core/job_fixtures.h"

using namespace bezalel;
using namespace bezalel::core;
using namespace bezalel::core::fixtures;
using record::ScheduleText;

namespace {

Result<std::optional<Expectation>> make(const ScheduleText& text) {
  return expectation_from(text, ExpectationSource::run, zone("Europe/Riga"));
}

Expectation made(const ScheduleText& text) {
  auto result = make(text);
  REQUIRE_MESSAGE(result.has_value(),
                  (result ? std::string() : result.error().what));
  REQUIRE(result->has_value());
  return **result;
}

std::string error_of(const ScheduleText& text) {
  auto result = make(text);
  REQUIRE(!result.has_value());
  CHECK(result.error().kind == Kind::invalid);
  return result.error().what;
}

ScheduleText text_every(const std::string& text) {
  ScheduleText t;
  t.every = text;
  return t;
}

ScheduleText text_cron(const std::string& text) {
  ScheduleText t;
  t.cron = text;
  return t;
}

}  // namespace

TEST_CASE("an interval is read with its grace and its limit") {
  ScheduleText text = text_every("1d");
  text.grace = "2h";
  text.max = "30min";
  const Expectation e = made(text);
  CHECK(std::get<schedule::Every>(e.schedule).interval == 24h);
  CHECK(e.grace == std::optional<Duration>(2h));
  CHECK(e.max == std::optional<Duration>(30min));
  CHECK(e.source == ExpectationSource::run);
  CHECK(e.scheduler_delay == 0s);
}

TEST_CASE("a cron line without a zone is in the host's, with one in that") {
  ScheduleText text = text_cron("0 3 * * *");
  CHECK(std::get<schedule::Cron>(made(text).schedule).zone ==
        zone("Europe/Riga"));
  text.tz = "America/New_York";
  CHECK(std::get<schedule::Cron>(made(text).schedule).zone ==
        zone("America/New_York"));
}

TEST_CASE("a calendar is read in the host's zone") {
  ScheduleText text;
  text.calendar = "Mon..Fri 03:00";
  const Expectation e = made(text);
  CHECK(std::get<schedule::OnCalendar>(e.schedule).zone == zone("Europe/Riga"));
  CHECK(schedule::next_after(e.schedule, at("2026-11-21 00:00")) ==
        at("2026-11-23 01:00"));
}

TEST_CASE("@reboot has no slots") {
  const Expectation e = made(text_cron("@reboot"));
  CHECK(std::holds_alternative<schedule::Reboot>(e.schedule));
}

TEST_CASE("no schedule is no expectation, whatever else is said") {
  ScheduleText text;
  CHECK(!make(text)->has_value());
  text.grace = "1h";
  text.max = "1h";
  text.tz = "Europe/Riga";
  CHECK(!make(text)->has_value());
}

TEST_CASE("an error names the field that is wrong") {
  struct Row {
    const char* begins;
    ScheduleText text;
  };
  ScheduleText zone_wrong = text_cron("0 3 * * *");
  zone_wrong.tz = "Europe/Rigga";
  ScheduleText grace_wrong = text_every("1d");
  grace_wrong.grace = "soon";
  ScheduleText max_wrong = text_every("1d");
  max_wrong.max = "-1";
  ScheduleText calendar_wrong;
  calendar_wrong.calendar = "Mox 03:00";
  ScheduleText two = text_every("1d");
  two.cron = "0 3 * * *";
  const Row rows[] = {
      {"every: ", text_every("1 dya")},
      {"every: ", text_every("0")},
      {"every: ", text_every("")},
      {"cron: ", text_cron("61 3 * * *")},
      {"tz: ", zone_wrong},
      {"grace: ", grace_wrong},
      {"max: ", max_wrong},
      {"calendar: ", calendar_wrong},
      {"schedule: more than one is", two},
  };
  for (const Row& row : rows) {
    const std::string what = error_of(row.text);
    CHECK_MESSAGE(what.starts_with(row.begins), what);
    CHECK(what.find('\n') == std::string::npos);
  }
}

TEST_CASE("the higher source wins, whole, looser or not") {
  const Expectation strict = expecting(every(1h));
  Expectation loose = expecting(every(24h));
  loose.grace = 3h;
  CHECK(choose(strict, loose)->schedule == strict.schedule);
  CHECK(choose(strict, loose)->grace == std::nullopt);
  CHECK(choose(loose, strict)->schedule == loose.schedule);
  CHECK(choose(std::nullopt, loose)->schedule == loose.schedule);
  CHECK(choose(strict, std::nullopt)->schedule == strict.schedule);
  CHECK(!choose(std::nullopt, std::nullopt));
}

TEST_CASE("every source has a text of its own") {
  CHECK(to_string(ExpectationSource::job_file) == "job_file");
  CHECK(to_string(ExpectationSource::crontab) == "crontab");
  CHECK(to_string(ExpectationSource::timer) == "timer");
  CHECK(to_string(ExpectationSource::run) == "run");
  CHECK(to_string(ExpectationSource::heartbeat_file) == "heartbeat_file");
}
