// One run as it was asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "record/job_name.h"
#include "record/run_log.h"
#include "record/schedule_text.h"
#include "run/file_expectation.h"
#include "run/line_matcher.h"

namespace bezalel::run {

enum class Overlap { allowed, refused };
enum class Output { pass, hold, untouched };
enum class Recording { yes, no };

// What is asked of a run beyond being recorded.
struct Demands {
  std::optional<Duration> timeout;
  std::optional<Duration> kill_after;
  Overlap overlap = Overlap::allowed;
  Output output = Output::pass;
  std::vector<Pattern> expect_output;  // each must match some line
  std::vector<Pattern> fail_output;    // none may match any line
  std::vector<FileExpectation> expect_files;
  std::vector<std::uint8_t> ok_exits;  // besides 0

  // True if the run must be watched even when it is not recorded.
  bool any() const {
    return timeout || kill_after || overlap == Overlap::refused ||
           output == Output::hold || !expect_output.empty() ||
           !fail_output.empty() || !expect_files.empty() || !ok_exits.empty();
  }
};

struct Request {
  record::JobName job;
  record::ScheduleText schedule;
  record::Trigger trigger = record::Trigger::run;
  Demands demands;
  // The command, executed as given; ends with nullptr.
  std::vector<char*> argv;
  // Executed when `argv` cannot be; empty or ends with nullptr.
  std::vector<char*> fallback_argv;
  // The command and its demands for the record, not yet redacted.
  std::string shown, options;
  // What was passed over of its options or comment: told by a check, since
  // nobody may read what we say here.
  std::string problems = {};
  // More of the environment, "NAME=VALUE".
  std::vector<std::string> variables;
  // Printed before the first output of a stream (run-parts --report).
  std::string header;
};

}  // namespace bezalel::run
