#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/escape.h"
#include "run/commands.h"
#include "run/execute.h"
#include "run/options.h"
#include "run/parts.h"
#include "run/run_options.h"

namespace bezalel::run {
namespace {

using Takes = OptionSpec::Takes;

constexpr auto kSpecs = std::to_array<OptionSpec>({
    {"--report", Takes::nothing},
    {"--test", Takes::nothing},
    {"--arg", Takes::value},
    {"-a", Takes::value},
    {"--every", Takes::value},
    {"--cron", Takes::value},
    {"--calendar", Takes::value},
    {"--tz", Takes::value},
    {"--grace", Takes::value},
    {"--max", Takes::value},
    {"--root", Takes::value},
    {"--help", Takes::nothing},
    {"-h", Takes::nothing},
});

constexpr std::string_view kHelp =
    "usage: bezalel run-parts [--report] [--test] [--arg A]... DIR\n"
    "\n"
    "Runs the scripts of DIR in the order of their names, as run-parts(8)\n"
    "does, and records each as a job of its own.\n"
    "  bezalel run-parts --report --every 1d /etc/cron.daily\n"
    "\n"
    "  --report             print a script's name before its output\n"
    "  --test               only print what would run\n"
    "  --every D, --cron E, --calendar E, --tz ZONE, --grace D, --max D\n"
    "                       when each is expected to run\n"
    "Exit status 1 when a script failed.\n";

struct PartsLine {
  bool report = false;
  bool test = false;
  bool help = false;
  std::vector<std::string> arguments;
  record::ScheduleText schedule;
};

void take_option(const ParsedLine::Option& option, PartsLine& line, Host& host,
                 std::vector<std::string>& problems) {
  const std::string_view name = option.spec->name;
  if (take_schedule_option(option, line.schedule, problems)) return;
  if (name == "--report") line.report = true;
  if (name == "--test") line.test = true;
  if (name == "--arg" || name == "-a") line.arguments.push_back(option.value);
  if (name == "--root") {
    std::optional<std::string> root;
    take_directory(option, root, problems);
    if (root) host.root = *root;
  }
  if (name == "--help" || name == "-h") line.help = true;
}

void print(std::string_view text) {
  [[maybe_unused]] const ssize_t n =
      ::write(STDOUT_FILENO, text.data(), text.size());
}

// True of an option that the real run-parts does not know.
bool is_ours(const OptionSpec& spec) {
  const std::string_view name = spec.name;
  return spec.takes == Takes::value && name != "--arg" && name != "-a";
}

// What we do not know the real one may: the scripts must run.
int real_run_parts(const Host& host, std::span<char* const> arguments) {
  char name[] = "run-parts";
  std::vector<char*> words = {name};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    const auto ours =
        std::find_if(kSpecs.begin(), kSpecs.end(), [&](const OptionSpec& spec) {
          return is_ours(spec) && word.substr(0, word.find('=')) == spec.name;
        });
    if (ours == kSpecs.end()) {
      words.push_back(arguments[i]);
    } else if (word.find('=') == std::string_view::npos) {
      ++i;  // its value
    }
  }
  words.push_back(nullptr);
  ::execvpe("run-parts", words.data(), host.environment);
  say("run-parts: not found, nothing was run");
  return 127;
}

// True if the script ended well; `interrupted` when we were told to end.
Ending run_script(const Host& host, const PartsLine& line,
                  const std::string& path) {
  std::vector<std::string> words = {path};
  words.insert(words.end(), line.arguments.begin(), line.arguments.end());
  Request request{.job = record::job_name(shell_quote(path)).name,
                  .schedule = line.schedule,
                  .trigger = record::Trigger::parts,
                  .demands = {},
                  .argv = {},
                  .fallback_argv = {},
                  .shown = {},
                  .options = {},
                  .variables = {},
                  .header = line.report ? path + ":\n" : std::string()};
  for (std::string& word : words) {
    if (!request.shown.empty()) request.shown += ' ';
    request.shown += shell_quote(word);
    request.argv.push_back(word.data());
  }
  request.argv.push_back(nullptr);
  return execute(host, std::move(request));
}

}  // namespace

int parts_command(Host& host, std::span<char* const> arguments) {
  ParsedLine parsed = parse_line(arguments, kSpecs);
  PartsLine line;
  for (const ParsedLine::Option& option : parsed.options) {
    take_option(option, line, host, parsed.problems);
  }
  if (line.help) return print(kHelp), 0;
  if (parsed.command) parsed.words.emplace_back(arguments[*parsed.command]);
  for (const std::string& problem : parsed.problems) {
    say("run-parts: " + problem);
  }
  if (!parsed.problems.empty()) return real_run_parts(host, arguments);
  if (parsed.words.size() != 1) {
    say("run-parts: expected one directory");
    return 2;
  }
  const auto parts = list_parts(parsed.words.front());
  if (!parts) {
    say("run-parts: " + parts.error().what);
    return 1;
  }
  int status = 0;
  for (const std::string& path : *parts) {
    if (line.test) {
      print(path + "\n");
      continue;
    }
    const Ending ending = run_script(host, line, path);
    if (ending.signal != 0) {
      say(path + " exited because of uncaught signal " +
          std::to_string(ending.signal));
    } else if (ending.exit_code != 0) {
      say(path + " exited with return code " +
          std::to_string(ending.exit_code));
    }
    if (ending.signal != 0 || ending.exit_code != 0) status = 1;
    if (ending.interrupted) leave(ending);
  }
  return status;
}

}  // namespace bezalel::run
