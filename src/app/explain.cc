#include "app/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "base/escape.h"
#include "schedule/words.h"

namespace bezalel::app {
namespace {

using schedule::Schedule;
using Form = TypedSchedule::Form;

// As far as daylight saving is told of.
constexpr Duration kAhead = std::chrono::hours(24) * 400;
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

std::size_t words_in(std::string_view text) {
  std::size_t count = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank && !inside) ++count;
    inside = !blank;
  }
  return count;
}

Error at_column(const Error& error, std::size_t column) {
  if (column == kNowhere) return error;
  return {error.kind,
          "column " + std::to_string(column + 1) + ": " + error.what};
}

Result<Schedule> read_interval(const std::string& text) {
  std::size_t column = kNowhere;
  const auto interval = parse_time_span(text, &column);
  if (!interval) return tl::unexpected(at_column(interval.error(), column));
  if (*interval <= Duration::zero()) {
    return err(Kind::invalid, "0 is no interval; expected more");
  }
  return Schedule(schedule::Every{*interval});
}

Result<Schedule> read_calendar(const std::string& text,
                               const schedule::Zone& zone) {
  std::size_t column = kNowhere;
  auto calendar = schedule::Calendar::parse(text, &column);
  if (!calendar) return tl::unexpected(at_column(calendar.error(), column));
  return Schedule(schedule::OnCalendar{*std::move(calendar), zone});
}

// The schedulers of some programs know it, and no cron.
bool begins_with_every(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  constexpr std::string_view kEvery = "@every";
  return text.starts_with(kEvery) &&
         (text.size() == kEvery.size() || text[kEvery.size()] == ' ' ||
          text[kEvery.size()] == '\t');
}

Result<Schedule> read_cron(const TypedSchedule& typed,
                           const schedule::Zone& zone) {
  std::size_t column = kNowhere;
  auto expr = read_expression(typed.text, typed.dialect, &column);
  if (!expr) return tl::unexpected(at_column(expr.error(), column));
  if (expr->is_reboot()) return Schedule(schedule::Reboot{});
  return Schedule(schedule::Cron{*std::move(expr), zone});
}

// Four words of numbers and stars were meant for a crontab.
bool looks_like_cron(const std::string& text) {
  return text.find(':') == std::string::npos &&
         text.find_first_not_of("0123456789*/,- \t") == std::string::npos;
}

// A calendar event that nothing follows.
void add_no_next(const Schedule& schedule, Timestamp from, Explanation& out) {
  if (!std::holds_alternative<schedule::OnCalendar>(schedule)) return;
  if (!out.next.empty() || !out.changes.empty()) return;
  const bool was = schedule::previous_before(schedule, from).has_value();
  schedule::Oddity odd;
  odd.end = out.text.size();
  odd.rule = was ? "past" : "never-runs";
  odd.message = was ? "its last time has passed" : "there is no such date";
  odd.why = was ? "A timer with this event alone does not elapse again."
                : "systemd accepts it, and the timer never elapses.";
  odd.weight = schedule::Oddity::Weight::never_runs;
  out.oddities.push_back(std::move(odd));
}

}  // namespace

Result<schedule::CronExpr> read_expression(std::string_view text,
                                           schedule::Dialect dialect,
                                           std::size_t* column) {
  if (begins_with_every(text)) {
    if (column != nullptr) *column = text.find('@');
    const bool six = dialect == schedule::Dialect::quartz;
    return err(Kind::invalid,
               fmt::format("cron has no @every; expected {}, or an interval, "
                           "as --every 5m",
                           six ? "six fields, as 0 */5 * * * ?"
                               : "five fields, as */5 * * * *"));
  }
  return schedule::CronExpr::parse(text, dialect, column);
}

Result<Schedule> read_schedule(const TypedSchedule& typed,
                               const schedule::Zone& zone) {
  if (typed.form == Form::interval) return read_interval(typed.text);
  if (typed.form == Form::calendar) return read_calendar(typed.text, zone);
  const std::size_t first = typed.text.find_first_not_of(" \t");
  const bool named = first != std::string::npos && typed.text[first] == '@';
  auto span = read_interval(typed.text);
  if (named || words_in(typed.text) >= 5) {
    auto cron = read_cron(typed, zone);
    // Nobody has an interval of five bare numbers.
    return cron || !span ? std::move(cron) : std::move(span);
  }
  if (span) return span;
  auto calendar = read_calendar(typed.text, zone);
  if (!calendar && looks_like_cron(typed.text)) return read_cron(typed, zone);
  return calendar;
}

Explanation explain(const TypedSchedule& typed, const Schedule& schedule,
                    Timestamp from, int count, const std::string& host_zone) {
  Explanation out;
  out.text = typed.text;
  out.zone = host_zone;
  out.words = schedule::in_words(schedule);
  out.scheduler = schedule::scheduler_name(schedule);
  if (std::holds_alternative<schedule::Every>(schedule)) {
    out.kind = "every";
  } else if (const auto* timer = std::get_if<schedule::OnCalendar>(&schedule)) {
    out.kind = "calendar";
    out.zone = timer->calendar.own_zone().value_or(timer->zone.name());
  } else {
    const auto* cron = std::get_if<schedule::Cron>(&schedule);
    out.kind = cron != nullptr ? "cron" : "reboot";
    if (cron != nullptr) out.zone = cron->zone.name();
    out.scheduler = schedule::daemon_name(typed.dialect);
    out.dialect = schedule::to_string(typed.dialect);
    out.oddities = schedule::oddities_of(typed.text, typed.dialect);
  }
  Timestamp at = from;
  for (int i = 0; i < count; ++i) {
    const auto next = schedule::next_after(schedule, at);
    if (!next) break;
    out.next.push_back(*next);
    at = *next;
  }
  for (const auto& change : schedule::clock_changes(schedule, from, kAhead)) {
    out.changes.push_back({change, schedule::in_words(schedule, change)});
  }
  add_no_next(schedule, from, out);
  return out;
}

}  // namespace bezalel::app
