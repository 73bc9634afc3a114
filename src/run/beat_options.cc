#include "run/beat_options.h"

#include <array>

#include "base/escape.h"
#include "run/run_options.h"

namespace bezalel::run {
namespace {

using Takes = OptionSpec::Takes;

constexpr auto kSpecs = std::to_array<OptionSpec>({
    {"--every", Takes::value},
    {"--cron", Takes::value},
    {"--calendar", Takes::value},
    {"--tz", Takes::value},
    {"--grace", Takes::value},
    {"--max", Takes::value},
    {"--status", Takes::value},
    {"--message", Takes::value},
    {"--unit", Takes::nothing},
    {"--root", Takes::value},
    {"--help", Takes::nothing},
    {"-h", Takes::nothing},
});

constexpr std::size_t kMaxMessage = 1000;

void take_option(const std::optional<UnitResult>& around,
                 const ParsedLine::Option& option, BeatLine& line) {
  const std::string_view name = option.spec->name;
  if (take_schedule_option(option, line.schedule, line.problems)) return;
  if (name == "--status") {
    if (option.value == "fail") {
      line.outcome = record::Outcome::fail;
    } else if (option.value != "ok") {
      line.problems.push_back(option_problem(
          name, "\"" + escape_line(option.value) + "\": expected ok or fail"));
    }
  } else if (name == "--message") {
    line.message = escape_line(option.value, kMaxMessage);
  } else if (name == "--unit") {
    line.unit = around;
    if (!line.unit) {
      line.problems.emplace_back(
          "--unit: no $SERVICE_RESULT; expected to be an ExecStopPost= of a "
          "service");
      line.useless = true;
    }
  } else if (name == "--root") {
    take_directory(option, line.root, line.problems);
    line.useless = line.useless || !line.root;
  } else {
    line.help = true;
  }
}

}  // namespace

BeatLine parse_beat_line(std::span<char* const> arguments,
                         const std::optional<UnitResult>& around) {
  const ParsedLine parsed = parse_line(arguments, kSpecs);
  BeatLine line;
  line.problems = parsed.problems;
  for (const ParsedLine::Option& option : parsed.options) {
    take_option(around, option, line);
  }
  if (parsed.words.size() != 1 || parsed.command) {
    line.problems.push_back("expected one job: bezalel beat JOB --every D");
    return line;
  }
  auto job = record::JobName::parse(parsed.words.front());
  if (job) {
    line.job = *std::move(job);
  } else {
    line.problems.push_back(job.error().what);
  }
  return line;
}

}  // namespace bezalel::run
