// The options of `run`: one table for the parser, the help and the values.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "run/options.h"
#include "run/request.h"

namespace bezalel::run {

struct RunLine {
  std::optional<record::JobName> job;
  record::ScheduleText schedule;
  Demands demands;
  std::string options;  // those that `demands` are made of, to be typed
  std::optional<std::string> root;
  bool help = false;
  std::optional<std::size_t> command;
  // What is wrong, one line each. With a command all the same.
  std::vector<std::string> problems;
};

RunLine parse_run_line(std::span<char* const> arguments);

// "0,1,24" or "1 24".
Result<std::vector<std::uint8_t>> parse_exit_codes(std::string_view text);

// Puts one of --every --cron --calendar --tz --grace --max into `schedule`;
// false when the option is none of them. Durations are looked at (`problems`
// tells), but kept as written.
bool take_schedule_option(const ParsedLine::Option& option,
                          record::ScheduleText& schedule,
                          std::vector<std::string>& problems);

std::string run_help();

}  // namespace bezalel::run
