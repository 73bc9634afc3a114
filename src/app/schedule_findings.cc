#include "app/schedule_findings.h"

#include <fmt/format.h>

#include <charconv>

#include "base/escape.h"

namespace bezalel::app {
namespace {

constexpr char kCorrectCommand[] =
    "correct the option or the comment of the job's command";

// "/etc/bezalel/jobs.d/db.toml:3"
void put_place(const std::string& where, Finding& f) {
  const std::size_t colon = where.rfind(':');
  int line = 0;
  if (colon != std::string::npos) {
    std::from_chars(where.data() + colon + 1, where.data() + where.size(),
                    line);
  }
  f.source = line > 0 ? where.substr(0, colon) : where;
  if (line > 0) f.line = line;
}

}  // namespace

Finding schedule_invalid(const core::JobKey& key, const std::string& why) {
  Finding f;
  f.id = kScheduleInvalid;
  f.source = key.job;
  f.about = key;
  f.message = why;
  f.fix = kCorrectCommand;
  f.alarm = core::Severity::p2;
  return f;
}

std::optional<Finding> option_invalid(const std::vector<RunRow>& runs,
                                      const std::string& shown,
                                      const ScheduledJob* scheduled) {
  if (runs.empty() || !runs.back().start) return std::nullopt;
  const std::string& problems = runs.back().start->problems;
  if (problems.empty()) return std::nullopt;
  Finding f;
  f.id = kOptionInvalid;
  f.source = shown;
  f.message = "passed over, so the job is not held to it: " +
              escape_line(problems, 400);
  // Its source is the job: a file has more than this one.
  if (scheduled && scheduled->line) {
    f.message += fmt::format(" ({}:{})", escape_line(scheduled->source),
                             *scheduled->line);
  }
  f.fix = kCorrectCommand;
  f.alarm = core::Severity::p2;
  return f;
}

std::optional<Finding> never_matches(const JudgedJob& judged, Timestamp now) {
  const auto* verdict = std::get_if<core::Undeclared>(&judged.verdict);
  if (!verdict || !verdict->never_matches) return std::nullopt;
  const core::Expectation& e = *judged.job.expectation;
  const bool was = schedule::previous_before(e.schedule, now).has_value();
  Finding f = schedule_invalid(
      judged.job.key, fmt::format("{} never matches{}",
                                  escape_line(schedule::describe(e.schedule)),
                                  was ? " again" : ""));
  if (!e.where.empty()) {
    put_place(e.where, f);
    f.about.reset();
    // The file may declare more than this one.
    f.message = escape_line(judged.job.key.job) + ": " + f.message;
    f.fix = "give it a schedule that has a next run, or remove it";
  }
  return f;
}

}  // namespace bezalel::app
