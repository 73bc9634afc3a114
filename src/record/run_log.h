// The bytes of the run log: one line a start, one line an end (DESIGN 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"
#include "record/schedule_text.h"

namespace bezalel::record {

// A line never exceeds this; kept output is cut until it fits.
inline constexpr std::size_t kMaxRunLogLine = 64 * 1024;

enum class Trigger { run, sh, beat, parts, unit };
enum class Outcome {
  ok,
  fail,
  signal,
  timeout,
  exec_failed,
  assertion,
  skipped
};

std::string_view to_string(Trigger t);
std::string_view to_string(Outcome o);
std::optional<Trigger> parse_trigger(std::string_view text);
std::optional<Outcome> parse_outcome(std::string_view text);

struct RunStart {
  std::string job;
  std::string run_id;
  std::uint32_t uid = 0;
  std::string host;
  std::string boot_id;
  std::uint64_t pid_ns = 0;  // inode of /proc/self/ns/pid; 0: not known
  std::int64_t pid = 0;      // of the job's process
  // Field 22 of /proc/PID/stat (clock ticks since boot); 0: not known.
  std::uint64_t pid_start = 0;
  Timestamp at;
  BootTime boottime;
  Trigger trigger = Trigger::run;
  std::string cmd;  // redacted, at most 1 KiB
  // What else was asked of it, as typed ("--expect-output done"); like `cmd`.
  std::string options;
  // What of its options or comment made no sense, and was passed over; "; "
  // between them; like `cmd`.
  std::string problems;
  ScheduleText schedule;
  std::string parent;  // "job/run_id" of an enclosing run of another job

  friend bool operator==(const RunStart&, const RunStart&) = default;
};

// Head and tail of one stream, valid UTF-8, and how many bytes passed in all.
struct KeptOutput {
  std::uint64_t bytes = 0;
  std::string head;
  std::string tail;  // empty when the head holds everything

  friend bool operator==(const KeptOutput&, const KeptOutput&) = default;
};

struct RunEnd {
  std::string job;
  std::string run_id;
  Timestamp at;
  BootTime boottime;
  Timestamp started;
  Duration duration{};  // by the boot clock
  Outcome outcome = Outcome::ok;
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::string detail;  // one line: errno text, which assertion, who terminated
  Duration cpu{};
  std::int64_t max_rss_kib = 0;
  KeptOutput out;
  KeptOutput err;
  bool merged = false;  // 1 and 2 were one file; all is in `out`
  std::optional<std::int64_t> clock_step_ms;
  int lingering = 0;  // children that outlived the job

  friend bool operator==(const RunEnd&, const RunEnd&) = default;
};

using RunRecord = std::variant<RunStart, RunEnd>;

// One line with its newline, at most kMaxRunLogLine bytes: tails, then heads
// are cut until it fits.
std::string encode(const RunStart& start);
std::string encode(const RunEnd& end);

// One line without its newline. Kind::corrupt if it is not a whole record of
// a known version and kind; unknown members are passed over.
Result<RunRecord> decode_run_record(std::string_view line);

// "runs-20261124.jsonl" for the UTC day of a write; and back (nullopt for any
// other name): the day as a Timestamp at 00:00 UTC.
std::string run_log_name(Timestamp t);
std::optional<Timestamp> run_log_day(std::string_view file_name);

}  // namespace bezalel::record
