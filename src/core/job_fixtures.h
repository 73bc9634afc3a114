// Jobs, facts and instants for the tests of this folder, said shortly.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "core/job.h"

namespace bezalel::core::fixtures {

using namespace std::chrono_literals;

// "2026-11-24 03:00" or "2026-11-24 03:00:05", UTC. Works before main, where
// doctest does not; a text that is no time stops the program.
inline Timestamp at(const std::string& text) {
  const auto t = parse_rfc3339(text);
  if (!t) std::abort();
  return *t;
}

constexpr Duration kTick = Duration(1);

inline schedule::Zone zone(const std::string& name) {
  auto loaded = schedule::Zone::load(name);
  REQUIRE_MESSAGE(loaded.has_value(), name);
  return *loaded;
}

inline schedule::Schedule every(Duration interval) {
  return schedule::Every{interval};
}

inline schedule::Schedule cron(const std::string& text,
                               const std::string& zone_name = "UTC") {
  auto expr = schedule::CronExpr::parse(text);
  REQUIRE_MESSAGE(expr.has_value(), text);
  return schedule::Cron{*std::move(expr), zone(zone_name)};
}

inline schedule::Schedule calendar(const std::string& text,
                                   const std::string& zone_name = "UTC") {
  auto calendar = schedule::Calendar::parse(text);
  REQUIRE_MESSAGE(calendar.has_value(), text);
  return schedule::OnCalendar{*std::move(calendar), zone(zone_name)};
}

inline Expectation expecting(schedule::Schedule schedule) {
  return Expectation{std::move(schedule),         std::nullopt, std::nullopt,
                     ExpectationSource::job_file, "",           Duration{}};
}

// A job of root's, declared on 1 November 2026.
inline Job undeclared_job() {
  Job job;
  job.key = {0, "db_backup"};
  job.declared_since = at("2026-11-01 00:00");
  return job;
}

inline Job job_with(schedule::Schedule schedule) {
  Job job = undeclared_job();
  job.expectation = expecting(std::move(schedule));
  return job;
}

inline Job daily() {
  return job_with(every(24h));
}

inline Facts succeeded(Timestamp t) {
  Facts facts;
  facts.last_success = t;
  facts.file_time = t;
  return facts;
}

// A run that started, and ended well at once.
inline Facts ran(Timestamp start) {
  Facts facts = succeeded(start + 1s);
  facts.has_runs = true;
  facts.last_start = start;
  return facts;
}

inline OpenRun open_run(Timestamp started, Life life) {
  OpenRun run;
  run.run_id = "01JD9M2A";
  run.started = started;
  run.life = life;
  run.pid = 48211;
  return run;
}

// Facts of a run that has started and not ended.
inline Facts in_flight(Timestamp started, Life life,
                       std::optional<Timestamp> last_success = {}) {
  Facts facts;
  facts.has_runs = true;
  facts.last_start = started;
  facts.last_success = last_success;
  facts.open_runs.push_back(open_run(started, life));
  return facts;
}

inline Row failures(int n, Timestamp first, std::string detail = "exit 1") {
  return Row{n, 0, first, std::move(detail), std::nullopt};
}

inline Row skips(int n, Timestamp first) {
  return Row{0, n, first, "skipped", std::nullopt};
}

}  // namespace bezalel::core::fixtures
