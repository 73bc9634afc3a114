#include "core/expectation.h"

#include <utility>

#include "base/duration.h"

namespace bezalel::core {
namespace {

using record::ScheduleText;
using schedule::Schedule;
using schedule::Zone;

Error in_field(std::string_view field, const Error& error) {
  return err(Kind::invalid, std::string(field) + ": " + error.what);
}

Result<std::optional<Duration>> span_of(
    std::string_view field, const std::optional<std::string>& text) {
  if (!text) return std::optional<Duration>();
  auto span = parse_time_span(*text);
  if (!span) return in_field(field, span.error());
  return std::optional<Duration>(*span);
}

Result<Zone> zone_of(const ScheduleText& text, const Zone& local_zone) {
  if (!text.tz) return local_zone;
  auto zone = Zone::load(*text.tz);
  if (!zone) return in_field("tz", zone.error());
  return zone;
}

Result<Schedule> every_of(const std::string& text) {
  auto interval = parse_time_span(text);
  if (!interval) return in_field("every", interval.error());
  if (*interval <= Duration::zero()) {
    return err(Kind::invalid,
               "every: \"" + text + "\": no interval; expected more than zero");
  }
  return Schedule(schedule::Every{*interval});
}

Result<Schedule> cron_of(const std::string& text, const Zone& zone) {
  auto expr = schedule::CronExpr::parse(text);
  if (!expr) return in_field("cron", expr.error());
  if (expr->is_reboot()) return Schedule(schedule::Reboot{});
  return Schedule(schedule::Cron{*std::move(expr), zone});
}

Result<Schedule> calendar_of(const std::string& text, const Zone& zone) {
  auto calendar = schedule::Calendar::parse(text);
  if (!calendar) return in_field("calendar", calendar.error());
  return Schedule(schedule::OnCalendar{*std::move(calendar), zone});
}

Result<Schedule> schedule_of(const ScheduleText& text, const Zone& zone) {
  if (text.every) return every_of(*text.every);
  if (text.cron) return cron_of(*text.cron, zone);
  return calendar_of(*text.calendar, zone);
}

}  // namespace

std::string_view to_string(ExpectationSource s) {
  switch (s) {
    case ExpectationSource::job_file:
      return "job_file";
    case ExpectationSource::crontab:
      return "crontab";
    case ExpectationSource::timer:
      return "timer";
    case ExpectationSource::run:
      return "run";
    case ExpectationSource::heartbeat_file:
      return "heartbeat_file";
  }
  return "";
}

Result<std::optional<Expectation>> expectation_from(const ScheduleText& text,
                                                    ExpectationSource source,
                                                    const Zone& local_zone) {
  if (text.empty()) return std::optional<Expectation>();
  const int given = int{text.every.has_value()} + int{text.cron.has_value()} +
                    int{text.calendar.has_value()};
  if (given > 1) {
    return err(Kind::invalid,
               "schedule: more than one is given; expected one of every, "
               "cron, calendar");
  }
  BZ_ASSIGN(const Zone zone, zone_of(text, local_zone));
  BZ_ASSIGN(Schedule schedule, schedule_of(text, zone));
  BZ_ASSIGN(const auto grace, span_of("grace", text.grace));
  BZ_ASSIGN(const auto max, span_of("max", text.max));
  if (max && *max <= Duration::zero()) {
    return err(Kind::invalid,
               "max: \"" + *text.max + "\": no time; expected more than zero");
  }
  return std::optional<Expectation>(
      Expectation{std::move(schedule), grace, max, source, {}, {}});
}

std::optional<Expectation> choose(std::optional<Expectation> upper,
                                  std::optional<Expectation> lower) {
  return upper ? std::move(upper) : std::move(lower);
}

}  // namespace bezalel::core
