#include "record/schedule_json.h"

#include <limits>

namespace bezalel::record {

namespace {

constexpr std::int64_t kEndOfTime = 253'402'300'800;  // 10000-01-01

void write_text(JsonWriter& w, std::string_view name,
                const std::optional<std::string>& text) {
  if (text) w.key(name).value(*text);
}

}  // namespace

bool has_any(const ScheduleText& s) {
  return !s.empty() || s.tz || s.grace || s.max;
}

void write_schedule(JsonWriter& w, const ScheduleText& s) {
  w.begin_object();
  write_text(w, "every", s.every);
  write_text(w, "cron", s.cron);
  write_text(w, "calendar", s.calendar);
  write_text(w, "tz", s.tz);
  write_text(w, "grace", s.grace);
  write_text(w, "max", s.max);
  w.end_object();
}

ScheduleText read_schedule(const JsonValue& value) {
  ScheduleText s;
  value.for_each_member([&](std::string_view name, const JsonValue& text) {
    if (name == "every") s.every = text.as_string();
    if (name == "cron") s.cron = text.as_string();
    if (name == "calendar") s.calendar = text.as_string();
    if (name == "tz") s.tz = text.as_string();
    if (name == "grace") s.grace = text.as_string();
    if (name == "max") s.max = text.as_string();
  });
  if (s.every) s.cron.reset();
  if (s.every || s.cron) s.calendar.reset();
  return s;
}

bool is_plausible(Timestamp t) {
  return t.time_since_epoch().count() >= 0 && t < from_unix_seconds(kEndOfTime);
}

std::optional<Timestamp> read_timestamp(const JsonValue& value) {
  const auto t = value.as_unix();
  return t && is_plausible(*t) ? t : std::nullopt;
}

std::optional<Duration> read_span(const JsonValue& value) {
  const auto d = value.as_seconds();
  if (!d || d->count() < 0 || *d >= std::chrono::seconds(kEndOfTime)) {
    return std::nullopt;
  }
  return d;
}

std::optional<int> read_int(const JsonValue& value) {
  const auto n = value.as_int();
  if (!n || *n < std::numeric_limits<int>::min() ||
      *n > std::numeric_limits<int>::max()) {
    return std::nullopt;
  }
  return static_cast<int>(*n);
}

}  // namespace bezalel::record
