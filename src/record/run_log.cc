#include "record/run_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/escape.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "record/job_name.h"
#include "record/object_reader.h"
#include "record/schedule_json.h"

namespace bezalel::record {

namespace {

constexpr std::size_t kMaxCommand = 1024;
constexpr std::size_t kMaxDetail = 1024;
constexpr std::size_t kMaxRunId = 64;

using namespace std::string_view_literals;

constexpr std::array kTriggers = {
    std::pair{Trigger::run, "run"sv},   std::pair{Trigger::sh, "sh"sv},
    std::pair{Trigger::beat, "beat"sv}, std::pair{Trigger::parts, "parts"sv},
    std::pair{Trigger::unit, "unit"sv},
};

constexpr std::array kOutcomes = {
    std::pair{Outcome::ok, "ok"sv},
    std::pair{Outcome::fail, "fail"sv},
    std::pair{Outcome::signal, "signal"sv},
    std::pair{Outcome::timeout, "timeout"sv},
    std::pair{Outcome::exec_failed, "exec_failed"sv},
    std::pair{Outcome::assertion, "assertion"sv},
    std::pair{Outcome::skipped, "skipped"sv},
};

template <class Table, class E>
std::string_view name_in(const Table& table, E e) {
  for (const auto& [value, name] : table) {
    if (value == e) return name;
  }
  return "";
}

template <class E, class Table>
std::optional<E> value_in(const Table& table, std::string_view text) {
  for (const auto& [value, name] : table) {
    if (name == text) return value;
  }
  return std::nullopt;
}

// --- writing ---------------------------------------------------------------

std::string encode_start(const RunStart& s, std::string_view cmd,
                         const ScheduleText& schedule) {
  std::string out;
  out.reserve(512 + cmd.size());
  JsonWriter w(out);
  w.begin_object().key("v").value(1).key("e").value("start");
  w.key("job").value(s.job).key("run_id").value(s.run_id);
  w.key("uid").value(std::uint64_t{s.uid});
  w.key("host").value(s.host).key("boot_id").value(s.boot_id);
  w.key("pid_ns").value(std::uint64_t{s.pid_ns});
  w.key("pid").value(std::int64_t{s.pid});
  w.key("pid_start").value(std::uint64_t{s.pid_start});
  w.key("timestamp").raw(format_unix(s.at));
  w.key("boottime").raw(format_seconds(s.boottime.time_since_epoch()));
  w.key("trigger").value(to_string(s.trigger));
  w.key("cmd").value(cmd);
  if (!s.options.empty()) {
    w.key("options").value(utf8_prefix(s.options, kMaxCommand));
  }
  if (!s.problems.empty()) {
    w.key("problems").value(utf8_prefix(s.problems, kMaxCommand));
  }
  if (has_any(schedule)) {
    w.key("schedule");
    write_schedule(w, schedule);
  }
  if (!s.parent.empty()) w.key("parent").value(s.parent);
  w.end_object();
  out += '\n';
  return out;
}

struct Kept {
  std::string_view out_head, out_tail, err_head, err_tail;
};

std::string encode_end(const RunEnd& e, const Kept& kept) {
  std::string out;
  out.reserve(1024 + kept.out_head.size() + kept.out_tail.size() +
              kept.err_head.size() + kept.err_tail.size());
  JsonWriter w(out);
  w.begin_object().key("v").value(1).key("e").value("end");
  w.key("job").value(e.job).key("run_id").value(e.run_id);
  w.key("timestamp").raw(format_unix(e.at));
  w.key("boottime").raw(format_seconds(e.boottime.time_since_epoch()));
  w.key("started").raw(format_unix(e.started));
  w.key("duration_seconds").raw(format_seconds(e.duration));
  w.key("outcome").value(to_string(e.outcome));
  if (e.exit_code) w.key("exit_code").value(*e.exit_code);
  if (e.signal) w.key("signal").value(*e.signal);
  if (!e.detail.empty()) {
    w.key("detail").value(utf8_prefix(e.detail, kMaxDetail));
  }
  w.key("cpu_seconds").raw(format_seconds(e.cpu));
  w.key("max_rss_kib").value(std::int64_t{e.max_rss_kib});
  w.key("out_bytes").value(std::uint64_t{e.out.bytes});
  w.key("err_bytes").value(std::uint64_t{e.err.bytes});
  w.key("out_head").value(kept.out_head).key("out_tail").value(kept.out_tail);
  if (!kept.err_head.empty()) w.key("err_head").value(kept.err_head);
  if (!kept.err_tail.empty()) w.key("err_tail").value(kept.err_tail);
  if (e.merged) w.key("merged").value(true);
  if (e.clock_step_ms) {
    w.key("clock_step_ms").value(std::int64_t{*e.clock_step_ms});
  }
  if (e.lingering != 0) w.key("lingering").value(e.lingering);
  w.end_object();
  out += '\n';
  return out;
}

// Takes `n` bytes off the longer of two, at the side away from the edge that
// matters: a head keeps its beginning, a tail its end.
bool cut_longer_tail(Kept& kept, std::size_t n) {
  auto& tail = kept.out_tail.size() >= kept.err_tail.size() ? kept.out_tail
                                                            : kept.err_tail;
  if (tail.empty()) return false;
  tail = utf8_suffix(tail, tail.size() - std::min(n, tail.size() / 2 + 1));
  return true;
}

bool cut_longer_head(Kept& kept, std::size_t n) {
  auto& head = kept.out_head.size() >= kept.err_head.size() ? kept.out_head
                                                            : kept.err_head;
  if (head.empty()) return false;
  head = utf8_prefix(head, head.size() - std::min(n, head.size() / 2 + 1));
  return true;
}

// --- reading ---------------------------------------------------------------

// Sets `target` if `value` is one; false if it is not, or does not fit.
template <class T, class U>
bool set(T& target, const std::optional<U>& value) {
  if (!value) return false;
  target = static_cast<T>(*value);
  return true;
}

template <class T>
bool set_count(T& target, const JsonValue& value) {
  const auto n = value.as_int();
  if (!n || *n < 0 || !std::in_range<T>(*n)) return false;
  target = static_cast<T>(*n);
  return true;
}

bool set_boottime(BootTime& target, const JsonValue& value) {
  const auto d = read_span(value);
  if (d) target = BootTime(*d);
  return d.has_value();
}

bool set_name(std::string& target, const JsonValue& value) {
  return set(target, value.as_string()) && is_job_name(target);
}

// Printable ASCII: it is a key of the state, where a NUL would end it.
bool set_run_id(std::string& target, const JsonValue& value) {
  return set(target, value.as_string()) && !target.empty() &&
         target.size() <= kMaxRunId &&
         std::all_of(target.begin(), target.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

// What was seen of the members that a record cannot do without.
enum Seen : unsigned {
  seen_job = 1,
  seen_run_id = 2,
  seen_at = 4,
  seen_boottime = 8,
  seen_kind = 16,  // trigger or outcome
  seen_pid = 32,   // of a start
  seen_uid = 64,
  seen_started = 32,  // of an end
  seen_duration = 64,
  seen_all = 127,
};

// Both return false for a member of ours whose value cannot be.
bool read_start(const Member& m, RunStart& s, unsigned& seen) {
  const std::string_view n = m.name;
  const JsonValue& v = m.value;
  if (n == "job") return seen |= seen_job, set_name(s.job, v);
  if (n == "run_id") return seen |= seen_run_id, set_run_id(s.run_id, v);
  if (n == "uid") return seen |= seen_uid, set_count(s.uid, v);
  if (n == "host") return set(s.host, v.as_string());
  if (n == "boot_id") return set(s.boot_id, v.as_string());
  if (n == "pid_ns") return set_count(s.pid_ns, v);
  if (n == "pid") return seen |= seen_pid, set_count(s.pid, v);
  if (n == "pid_start") return set_count(s.pid_start, v);
  if (n == "timestamp") return seen |= seen_at, set(s.at, read_timestamp(v));
  if (n == "boottime") {
    return seen |= seen_boottime, set_boottime(s.boottime, v);
  }
  if (n == "trigger") {
    seen |= seen_kind;
    return set(s.trigger, parse_trigger(v.as_string().value_or("")));
  }
  if (n == "cmd") return set(s.cmd, v.as_string());
  if (n == "options") return set(s.options, v.as_string());
  if (n == "problems") return set(s.problems, v.as_string());
  if (n == "schedule") s.schedule = read_schedule(v);
  if (n == "parent") return set(s.parent, v.as_string());
  return true;
}

bool read_end_output(const Member& m, RunEnd& e) {
  const std::string_view n = m.name;
  const JsonValue& v = m.value;
  if (n == "out_bytes") return set_count(e.out.bytes, v);
  if (n == "err_bytes") return set_count(e.err.bytes, v);
  if (n == "out_head") return set(e.out.head, v.as_string());
  if (n == "out_tail") return set(e.out.tail, v.as_string());
  if (n == "err_head") return set(e.err.head, v.as_string());
  if (n == "err_tail") return set(e.err.tail, v.as_string());
  if (n == "merged") return set(e.merged, v.as_bool());
  return true;
}

bool read_end(const Member& m, RunEnd& e, unsigned& seen) {
  const std::string_view n = m.name;
  const JsonValue& v = m.value;
  if (n == "job") return seen |= seen_job, set_name(e.job, v);
  if (n == "run_id") return seen |= seen_run_id, set_run_id(e.run_id, v);
  if (n == "timestamp") return seen |= seen_at, set(e.at, read_timestamp(v));
  if (n == "boottime") {
    return seen |= seen_boottime, set_boottime(e.boottime, v);
  }
  if (n == "started") {
    return seen |= seen_started, set(e.started, read_timestamp(v));
  }
  if (n == "duration_seconds") {
    return seen |= seen_duration, set(e.duration, read_span(v));
  }
  if (n == "outcome") {
    seen |= seen_kind;
    return set(e.outcome, parse_outcome(v.as_string().value_or("")));
  }
  if (n == "exit_code") return (e.exit_code = read_int(v)).has_value();
  if (n == "signal") return (e.signal = read_int(v)).has_value();
  if (n == "detail") return set(e.detail, v.as_string());
  if (n == "cpu_seconds") return set(e.cpu, read_span(v));
  if (n == "max_rss_kib") return set_count(e.max_rss_kib, v);
  if (n == "clock_step_ms") return (e.clock_step_ms = v.as_int()).has_value();
  if (n == "lingering") return set_count(e.lingering, v);
  return read_end_output(m, e);
}

template <class Record>
Result<RunRecord> read_members(std::string_view line,
                               bool (*read)(const Member&, Record&,
                                            unsigned&)) {
  Record record;
  unsigned seen = 0;
  ObjectReader members(line);
  while (const auto m = members.next()) {
    if (!read(*m, record, seen)) {
      return err(Kind::corrupt,
                 "\"" + escape_line(m->name, 40) + "\" cannot be that");
    }
  }
  if (!members.whole()) return err(Kind::corrupt, "not whole JSON");
  if (seen != seen_all) return err(Kind::corrupt, "a member is missing");
  return RunRecord(std::move(record));
}

}  // namespace

std::string_view to_string(Trigger t) {
  return name_in(kTriggers, t);
}

std::string_view to_string(Outcome o) {
  return name_in(kOutcomes, o);
}

std::optional<Trigger> parse_trigger(std::string_view text) {
  return value_in<Trigger>(kTriggers, text);
}

std::optional<Outcome> parse_outcome(std::string_view text) {
  return value_in<Outcome>(kOutcomes, text);
}

std::string encode(const RunStart& start) {
  const std::string_view cmd = utf8_prefix(start.cmd, kMaxCommand);
  std::string line = encode_start(start, cmd, start.schedule);
  // Only a schedule of absurd length gets a start record here.
  if (line.size() > kMaxRunLogLine) line = encode_start(start, cmd, {});
  return line;
}

std::string encode(const RunEnd& end) {
  Kept kept{end.out.head, end.out.tail, end.err.head, end.err.tail};
  std::string line = encode_end(end, kept);
  while (line.size() > kMaxRunLogLine) {
    // A byte of output may take six in JSON, so less than needed at a time.
    const std::size_t excess = line.size() - kMaxRunLogLine;
    const std::size_t step = excess / 8 + 16;
    if (!cut_longer_tail(kept, step) && !cut_longer_head(kept, step)) break;
    line = encode_end(end, kept);
  }
  return line;
}

Result<RunRecord> decode_run_record(std::string_view line) {
  if (line.size() > kMaxRunLogLine) return err(Kind::corrupt, "over 64 KiB");
  std::optional<JsonValue> version;
  std::optional<JsonValue> kind;
  // Our writers put both first; the rest is checked by the pass that follows.
  ObjectReader members(line);
  while (!version || !kind) {
    const auto m = members.next();
    if (!m) break;
    if (m->name == "v") version = m->value;
    if (m->name == "e") kind = m->value;
  }
  if (!version || !kind) return err(Kind::corrupt, "not a run record");
  if (version->as_int() != 1) return err(Kind::corrupt, "unknown version");
  if (kind->raw() == R"("start")") return read_members(line, read_start);
  if (kind->raw() == R"("end")") return read_members(line, read_end);
  return err(Kind::corrupt, "neither start nor end");
}

std::string run_log_name(Timestamp t) {
  return "runs-" + format_utc_day(t) + ".jsonl";
}

std::optional<Timestamp> run_log_day(std::string_view file_name) {
  constexpr std::string_view kShape = "runs-00000000.jsonl";
  if (file_name.size() != kShape.size() || !file_name.starts_with("runs-") ||
      !file_name.ends_with(".jsonl")) {
    return std::nullopt;
  }
  int digits = 0;
  for (const char c : file_name.substr(5, 8)) {
    if (c < '0' || c > '9') return std::nullopt;
    digits = digits * 10 + (c - '0');
  }
  using namespace std::chrono;
  const year_month_day day(
      year(digits / 10000), month(static_cast<unsigned>(digits / 100 % 100)),
      std::chrono::day(static_cast<unsigned>(digits % 100)));
  if (!day.ok()) return std::nullopt;
  return Timestamp(sys_days(day));
}

}  // namespace bezalel::record
