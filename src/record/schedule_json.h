// Schedules and members of the records on disk, both ways. Inside of record.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_read.h"
#include "base/json_write.h"
#include "base/time.h"
#include "record/schedule_text.h"

namespace bezalel::record {

// True if any of the six is set.
bool has_any(const ScheduleText& schedule);

// One JSON object: every|cron|calendar, tz, grace, max, as far as set.
void write_schedule(JsonWriter& w, const ScheduleText& schedule);

// The strings of `value`; anything else in it is passed over. Of every, cron
// and calendar the first that is there.
ScheduleText read_schedule(const JsonValue& value);

// A wall clock time from 1970 to the end of the year 9999, given as a number
// of seconds; nullopt for anything else.
std::optional<Timestamp> read_timestamp(const JsonValue& value);
bool is_plausible(Timestamp t);

// A span of 0 up to 10 000 years, given as a number of seconds.
std::optional<Duration> read_span(const JsonValue& value);

// An integer within int.
std::optional<int> read_int(const JsonValue& value);

}  // namespace bezalel::record
