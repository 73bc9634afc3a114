// What a schedule means, when it runs next, and what is odd about it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "schedule/clock_changes.h"
#include "schedule/schedule.h"
#include "schedule/suspect.h"

namespace bezalel::app {

// A schedule as somebody typed it.
struct TypedSchedule {
  enum class Form {
    by_shape,  // five words or an @name: cron; a span of time: an interval;
               // else a calendar event
    calendar,
    interval,
  };

  std::string text;
  Form form = Form::by_shape;
  schedule::Dialect dialect = schedule::Dialect::debian;
};

// An error says what was expected and, where that is known, the column (from
// 1): column 3: hour "25": out of range; expected 0-23
Result<schedule::Schedule> read_schedule(const TypedSchedule& typed,
                                         const schedule::Zone& zone);

// A cron expression that somebody typed, as CronExpr::parse() reads it; what
// other schedulers alone know is refused with what to write.
Result<schedule::CronExpr> read_expression(std::string_view text,
                                           schedule::Dialect dialect,
                                           std::size_t* column = nullptr);

struct ExplainedChange {
  schedule::ClockChange change;
  std::string words;
};

struct Explanation {
  std::string text;       // as typed; foreign
  std::string kind;       // "cron", "calendar", "every", "reboot" or "anacron"
  std::string scheduler;  // "Debian cron"; empty for an interval
  std::string dialect;    // as options name it; empty but for cron, anacron
  std::string own_dialect = "debian";  // which is taken where none is named
  std::string zone;                    // where wall times are reckoned
  std::string words;
  std::vector<Timestamp> next;
  std::vector<schedule::Oddity> oddities;
  std::vector<ExplainedChange> changes;  // of the next 400 days
};

// `count` runs strictly after `from`. `host_zone` names the zone of a schedule
// that has none.
Explanation explain(const TypedSchedule& typed,
                    const schedule::Schedule& schedule, Timestamp from,
                    int count, const std::string& host_zone);

// "PERIOD DELAY" of an anacrontab, or a whole line of one: without next runs,
// which hang on when the job ran last. An error says what was expected.
Result<Explanation> explain_anacron(const std::string& text,
                                    const std::string& host_zone);

}  // namespace bezalel::app
