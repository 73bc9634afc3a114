#include "record/heartbeat_file.h"

#include "base/duration.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "record/job_name.h"
#include "record/object_reader.h"
#include "record/schedule_json.h"

namespace bezalel::record {

namespace {

constexpr Duration kMaxInterval = std::chrono::hours(24) * 36525;  // a century

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Error corrupt(std::string_view reason) {
  return err(Kind::corrupt, std::string(reason));
}

// Null: a writer that knows the member and not its value.
bool is_null(const JsonValue& v) {
  return v.type() == JsonValue::Type::null;
}

// A number of seconds, or text: a number or a date again.
std::optional<Timestamp> read_time(const JsonValue& value) {
  if (const auto text = value.as_string()) {
    const std::string_view trimmed = trim(*text);
    if (const auto t = parse_unix(trimmed)) {
      return is_plausible(*t) ? t : std::nullopt;
    }
    const auto t = parse_rfc3339(trimmed);
    if (t && is_plausible(*t)) return *t;
    return std::nullopt;
  }
  return read_timestamp(value);
}

std::optional<Duration> read_interval(const JsonValue& value) {
  std::optional<Duration> d = value.as_seconds();
  if (const auto text = value.as_string()) {
    if (const auto span = parse_time_span(*text)) d = *span;
  }
  if (!d || d->count() <= 0 || *d > kMaxInterval) return std::nullopt;
  return d;
}

// Of several spellings in one object the one that comes first here counts.
int time_rank(std::string_view name) {
  if (name == "timestamp") return 4;
  if (name == "ts") return 3;
  if (name == "time") return 2;
  if (name == "last_run") return 1;
  return 0;
}

int interval_rank(std::string_view name) {
  if (name == "interval_seconds") return 2;
  if (name == "interval") return 1;
  return 0;
}

// What is only told along; a wrong type there does not undo the proof.
void read_detail(const Member& m, Heartbeat& h) {
  const std::string_view n = m.name;
  if (n == "job") {
    h.job = m.value.as_string().value_or("");
    if (!is_job_name(h.job)) h.job.clear();
  } else if (n == "boottime") {
    h.boottime.reset();
    if (const auto d = read_span(m.value)) h.boottime = BootTime(*d);
  } else if (n == "boot_id") {
    h.boot_id = m.value.as_string().value_or("");
  } else if (n == "schedule") {
    h.schedule = read_schedule(m.value);
  } else if (n == "host") {
    h.host = m.value.as_string().value_or("");
  } else if (n == "run_id") {
    h.run_id = m.value.as_string().value_or("");
  } else if (n == "started") {
    h.started = read_timestamp(m.value);
  } else if (n == "duration_seconds") {
    h.duration = read_span(m.value);
  } else if (n == "exit_code") {
    h.exit_code = read_int(m.value);
  }
}

// A member that several spellings can give; the one of the highest rank, and
// of equals the last, counts.
struct Spelt {
  int rank = 0;
  std::optional<JsonValue> value;

  void offer(int of, const JsonValue& v) {
    if (of < rank) return;
    rank = of;
    value = v;
  }
};

Result<Heartbeat> decode_json(std::string_view text) {
  const auto object = JsonValue::parse(text);
  if (!object || object->type() != JsonValue::Type::object) {
    return corrupt("not whole JSON");
  }
  Heartbeat h;
  Spelt time, interval;
  object->for_each_member([&](std::string_view name, const JsonValue& value) {
    if (const int rank = time_rank(name)) {
      time.offer(rank, value);
    } else if (const int span = interval_rank(name)) {
      if (!is_null(value)) interval.offer(span, value);
    } else {
      read_detail({name, value}, h);
    }
  });
  if (!time.value) return corrupt("JSON without a timestamp");
  const auto at = read_time(*time.value);
  if (!at) return corrupt("timestamp is no time from 1970 to 9999");
  h.at = *at;
  if (interval.value) {
    h.interval = read_interval(*interval.value);
    if (!h.interval) return corrupt("interval is no span from 1us to 100y");
  }
  return h;
}

Result<Heartbeat> decode_line(std::string_view line) {
  std::optional<Timestamp> at = parse_unix(line);
  if (!at) {
    const auto date = parse_rfc3339(line);
    if (!date) return corrupt("not JSON, a number or a time");
    at = *date;
  }
  if (!is_plausible(*at)) return corrupt("not a time from 1970 to 9999");
  Heartbeat h;
  h.at = *at;
  return h;
}

std::string encode_with(const Heartbeat& h, const ScheduleText& schedule) {
  std::string out;
  out.reserve(384);
  JsonWriter w(out);
  w.begin_object().key("v").value(1).key("job").value(h.job);
  w.key("timestamp").raw(format_unix(h.at));
  if (h.boottime) {
    w.key("boottime").raw(format_seconds(h.boottime->time_since_epoch()));
  }
  if (!h.boot_id.empty()) w.key("boot_id").value(h.boot_id);
  if (h.interval) w.key("interval_seconds").raw(format_seconds(*h.interval));
  if (has_any(schedule)) {
    w.key("schedule");
    write_schedule(w, schedule);
  }
  if (!h.host.empty()) w.key("host").value(h.host);
  if (!h.run_id.empty()) w.key("run_id").value(h.run_id);
  if (h.started) w.key("started").raw(format_unix(*h.started));
  if (h.duration) w.key("duration_seconds").raw(format_seconds(*h.duration));
  if (h.exit_code) w.key("exit_code").value(*h.exit_code);
  w.end_object();
  out += '\n';
  return out;
}

}  // namespace

std::string encode(const Heartbeat& heartbeat) {
  std::string out = encode_with(heartbeat, heartbeat.schedule);
  if (out.size() <= kMaxHeartbeatBytes) return out;
  out = encode_with(heartbeat, {});
  if (out.size() <= kMaxHeartbeatBytes) return out;
  // Only a caller's bug gets here; the time alone is still proof.
  Heartbeat bare;
  bare.job = is_job_name(heartbeat.job) ? heartbeat.job : "";
  bare.at = heartbeat.at;
  bare.interval = heartbeat.interval;
  return encode_with(bare, {});
}

Result<Heartbeat> decode_heartbeat(std::string_view bytes, Timestamp mtime) {
  if (bytes.size() > kMaxHeartbeatBytes) return corrupt("over 4096 bytes");
  if (bytes.find('\0') != std::string_view::npos) {
    return corrupt("NUL bytes");
  }
  const std::string_view text = trim(bytes);
  if (text.empty()) {
    Heartbeat h;
    h.at = mtime;
    return h;
  }
  if (text == "{}") return corrupt("empty object");
  if (text.front() == '{') return decode_json(text);
  return decode_line(text);
}

}  // namespace bezalel::record
