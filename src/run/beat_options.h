// The options of `beat`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/job_name.h"
#include "record/run_log.h"
#include "run/options.h"
#include "run/unit_result.h"

namespace bezalel::run {

struct BeatLine {
  std::optional<record::JobName> job;
  record::ScheduleText schedule;
  record::Outcome outcome = record::Outcome::ok;
  std::string message;
  std::optional<UnitResult> unit;  // --unit
  std::optional<std::string> root;
  bool help = false;
  bool useless = false;  // there is nothing to record
  std::vector<std::string> problems;
};

// `around`: what systemd says of the service whose ExecStopPost= we are;
// absent: we are none.
BeatLine parse_beat_line(std::span<char* const> arguments,
                         const std::optional<UnitResult>& around);

}  // namespace bezalel::run
