// A schedule as somebody wrote it, not yet judged.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bezalel::record {

// At most one of every, cron and calendar is set. All values are the writer's
// own text; core/expectation.h makes sense of them.
struct ScheduleText {
  std::optional<std::string> every;
  std::optional<std::string> cron;
  std::optional<std::string> calendar;
  std::optional<std::string> tz;
  std::optional<std::string> grace;
  std::optional<std::string> max;

  // By its name; null: there is none of that name.
  std::optional<std::string>* field(std::string_view name) {
    if (name == "every") return &every;
    if (name == "cron") return &cron;
    if (name == "calendar") return &calendar;
    if (name == "tz") return &tz;
    if (name == "grace") return &grace;
    return name == "max" ? &max : nullptr;
  }
  bool empty() const { return !every && !cron && !calendar; }
  friend bool operator==(const ScheduleText&, const ScheduleText&) = default;
};

// Of a record that is kept by the hundred thousand, where few texts differ;
// null: none was given.
using SharedSchedule = std::shared_ptr<const ScheduleText>;

// The same schedule, wherever it is held; none is an empty one.
inline bool same(const SharedSchedule& a, const SharedSchedule& b) {
  if (a == b) return true;
  return a && b ? *a == *b : (a ? *a : *b) == ScheduleText();
}

}  // namespace bezalel::record
