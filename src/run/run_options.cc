#include "run/run_options.h"

#include <array>
#include <charconv>

#include "base/duration.h"
#include "base/escape.h"

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
    {"--timeout", Takes::value},
    {"--kill-after", Takes::value},
    {"--no-overlap", Takes::nothing},
    {"--quiet", Takes::nothing},
    {"--no-output", Takes::nothing},
    {"--expect-output", Takes::value},
    {"--fail-output", Takes::value},
    {"--expect-file", Takes::value},
    {"--ok-exit", Takes::value},
    {"--root", Takes::value},
    {"--help", Takes::nothing},
    {"-h", Takes::nothing},
});

// Values are small; a longer one is a mistake, and the record has limits.
constexpr std::size_t kMaxScheduleText = 512;

template <class T, class U>
void keep(Result<T> parsed, U& target, const ParsedLine::Option& option,
          std::vector<std::string>& problems) {
  if (parsed) {
    target = *std::move(parsed);
  } else {
    problems.push_back(option_problem(option.spec->name, parsed.error().what));
  }
}

// A limit of no time would end every job before it began.
Result<Duration> parse_some_time(std::string_view text) {
  auto span = parse_time_span(text);
  if (!span || *span > Duration::zero()) return span;
  return err(Kind::invalid, "\"" + escape_line(text, 40) +
                                "\": no time; expected more than zero");
}

template <class T>
void keep_also(Result<T> parsed, std::vector<T>& target,
               const ParsedLine::Option& option,
               std::vector<std::string>& problems) {
  if (parsed) {
    target.push_back(*std::move(parsed));
  } else {
    problems.push_back(option_problem(option.spec->name, parsed.error().what));
  }
}

// Those of a run that is to be typed again: its output may then be seen.
void note_option(const ParsedLine::Option& option, std::string& options) {
  const std::string_view name = option.spec->name;
  for (const std::string_view other :
       {"--quiet", "--no-output", "--root", "--help", "-h"}) {
    if (name == other) return;
  }
  if (!options.empty()) options += ' ';
  options += name;
  if (option.spec->takes == Takes::value) {
    options += ' ' + shell_quote(option.value);
  }
}

void take_option(const ParsedLine::Option& option, RunLine& line) {
  const std::string_view name = option.spec->name;
  Demands& demands = line.demands;
  auto& problems = line.problems;
  if (take_schedule_option(option, line.schedule, problems)) return;
  note_option(option, line.options);
  if (name == "--timeout") {
    keep(parse_some_time(option.value), demands.timeout, option, problems);
  } else if (name == "--kill-after") {
    keep(parse_time_span(option.value), demands.kill_after, option, problems);
  } else if (name == "--no-overlap") {
    demands.overlap = Overlap::refused;
  } else if (name == "--quiet") {
    demands.output = Output::hold;
  } else if (name == "--no-output") {
    demands.output = Output::untouched;
  } else if (name == "--expect-output") {
    keep_also(Pattern::compile(option.value), demands.expect_output, option,
              problems);
  } else if (name == "--fail-output") {
    keep_also(Pattern::compile(option.value), demands.fail_output, option,
              problems);
  } else if (name == "--expect-file") {
    keep_also(FileExpectation::parse(option.value), demands.expect_files,
              option, problems);
  } else if (name == "--ok-exit") {
    keep(parse_exit_codes(option.value), demands.ok_exits, option, problems);
  } else if (name == "--root") {
    take_directory(option, line.root, problems);
  } else {
    line.help = true;
  }
}

void take_words(const ParsedLine& parsed, RunLine& line) {
  if (parsed.words.empty()) {
    line.problems.push_back("no job; expected bezalel run JOB -- COMMAND");
    return;
  }
  if (parsed.words.size() > 1) {
    line.problems.push_back("unexpected " + escape_line(parsed.words[1]) +
                            "; expected -- before the command");
  }
  auto job = record::JobName::parse(parsed.words.front());
  if (job) {
    line.job = *std::move(job);
  } else {
    line.problems.push_back(job.error().what);
  }
}

}  // namespace

bool take_schedule_option(const ParsedLine::Option& option,
                          record::ScheduleText& schedule,
                          std::vector<std::string>& problems) {
  struct Field {
    std::string_view name;
    std::optional<std::string>& text;
    bool is_duration;
    bool is_schedule;
    bool may_be_zero;
  };
  const auto fields = std::to_array<Field>({
      {"--every", schedule.every, true, true, false},
      {"--cron", schedule.cron, false, true, false},
      {"--calendar", schedule.calendar, false, true, false},
      {"--tz", schedule.tz, false, false, false},
      {"--grace", schedule.grace, true, false, true},
      {"--max", schedule.max, true, false, false},
  });
  for (const Field& field : fields) {
    if (field.name != option.spec->name) continue;
    if (option.value.empty() || option.value.size() > kMaxScheduleText) {
      problems.push_back(
          option_problem(field.name, "expected text of at most 512 bytes"));
    } else if (field.is_schedule && !schedule.empty()) {
      problems.push_back(option_problem(
          field.name, "expected only one of --every, --cron, --calendar"));
    } else if (field.is_duration) {
      const auto span = field.may_be_zero ? parse_time_span(option.value)
                                          : parse_some_time(option.value);
      if (!span) {
        problems.push_back(option_problem(field.name, span.error().what));
      } else {
        field.text = option.value;
      }
    } else {
      field.text = option.value;
    }
    return true;
  }
  return false;
}

Result<std::vector<std::uint8_t>> parse_exit_codes(std::string_view text) {
  std::vector<std::uint8_t> codes;
  const char* at = text.data();
  const char* const end = at + text.size();
  const Error wrong =
      err(Kind::invalid, "\"" + escape_line(text) +
                             "\": expected exit codes as 1,24 (0 to 255)");
  while (at < end) {
    std::uint8_t code = 0;
    const auto [next, error] = std::from_chars(at, end, code);
    if (error != std::errc()) return wrong;
    codes.push_back(code);
    at = next;
    if (at == end) break;
    if ((*at != ',' && *at != ' ') || at + 1 == end) return wrong;
    ++at;
  }
  if (codes.empty()) return wrong;
  return codes;
}

RunLine parse_run_line(std::span<char* const> arguments) {
  const ParsedLine parsed = parse_line(arguments, kSpecs);
  RunLine line;
  line.command = parsed.command;
  line.problems = parsed.problems;
  for (const ParsedLine::Option& option : parsed.options) {
    take_option(option, line);
  }
  if (line.help) return line;
  take_words(parsed, line);
  // Whatever else is wrong has been said, and is the line to mend first.
  if (!line.command && line.problems.empty()) {
    line.problems.push_back("no command; expected -- COMMAND at the end");
  }
  return line;
}

std::string run_help() {
  return "usage: bezalel run JOB [options] -- COMMAND...\n"
         "\n"
         "Runs COMMAND as if it stood there alone and records how it went.\n"
         "  bezalel run db_backup --every 1d -- /usr/local/bin/backup.sh\n"
         "\n"
         "how often it should succeed (at most one; kept with the record)\n"
         "  --every D            an interval: 15min, 1d, 1h 30min\n"
         "  --cron E             a cron expression: '0 3 * * *'\n"
         "  --calendar E         a systemd calendar: 'Mon..Fri 03:00'\n"
         "  --tz ZONE            the zone of --cron or --calendar\n"
         "  --grace D            how late is late\n"
         "  --max D              how long a run may take\n"
         "limits\n"
         "  --timeout D          end it after D (SIGTERM; exit status 124)\n"
         "  --kill-after D       SIGKILL that long after a SIGTERM\n"
         "  --no-overlap         skip while another run of JOB goes on\n"
         "output\n"
         "  --quiet              print it only when the run fails\n"
         "  --no-output          hand it on untouched, keep nothing\n"
         "what else makes a run good\n"
         "  --expect-output RE   a line of output must match (may repeat)\n"
         "  --fail-output RE     no line of output may match (may repeat)\n"
         "  --expect-file 'GLOB,newer,min=SIZE'   a file it must leave\n"
         "  --ok-exit CODES      exit codes that are a success besides 0\n"
         "  --root DIR           keep everything below DIR\n"
         "\n"
         "The exit status is the command's. See bezalel-run(1).\n";
}

}  // namespace bezalel::run
