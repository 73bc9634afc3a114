// How often a job should run, and who said so.
//
// An expectation comes from the first source that has one (DESIGN 2): a job
// file, the installed crontab line or timer, the newest run that gave any, the
// heartbeat file. The caller folds them with choose(), highest first.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "record/schedule_text.h"
#include "schedule/schedule.h"

namespace bezalel::core {

// Who said what is expected; the first that exists wins (DESIGN 2).
enum class ExpectationSource {
  job_file,        // jobs.d, or bezalel.toml
  crontab,         // the installed line
  timer,           // the installed unit
  run,             // comment or options of the newest run that gave any
  heartbeat_file,  // interval_seconds in the .last
};
std::string_view to_string(ExpectationSource s);

struct Expectation {
  schedule::Schedule schedule;
  std::optional<Duration> grace;
  std::optional<Duration> max;
  ExpectationSource source;
  std::string where;  // "jobs.d/db.toml:3"; empty where there is no place
  // By how much the scheduler itself may start a slot late: RandomizedDelaySec,
  // AccuracySec, anacron's delay. Part of the default grace only.
  Duration scheduler_delay{};
};

// Makes sense of what a writer wrote. `local_zone` is the host's, for cron
// and calendar schedules that name none. nullopt: no schedule is given (a grace
// or a max alone expect nothing). Kind::invalid: one line that names the field
// ("every: ..."); also when two schedules are given, and for an interval of
// zero. "@reboot" is the cron text of Reboot.
Result<std::optional<Expectation>> expectation_from(
    const record::ScheduleText& text, ExpectationSource source,
    const schedule::Zone& local_zone);

// The stronger of two expectations where both exist: `upper` (from the higher
// source), unless it is absent. A looser one from a lower source never wins,
// and nothing is mixed: grace and max come from where the schedule does.
std::optional<Expectation> choose(std::optional<Expectation> upper,
                                  std::optional<Expectation> lower);

}  // namespace bezalel::core
