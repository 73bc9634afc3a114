#include <unistd.h>

#include "base/escape.h"
#include "run/commands.h"
#include "run/execute.h"
#include "run/run_options.h"

namespace bezalel::run {
namespace {

constexpr int kUsage = 2;

std::string joined(std::span<char* const> words) {
  std::string text;
  for (const char* word : words) {
    if (!text.empty()) text += ' ';
    text += shell_quote(word);
    // The record keeps 1 KiB; a million arguments need no copy.
    if (text.size() > 16384) break;
  }
  return text;
}

int print(std::string_view text) {
  const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
  return n == static_cast<ssize_t>(text.size()) ? 0 : 1;
}

}  // namespace

int run_command(Host& host, std::span<char* const> arguments) {
  RunLine line = parse_run_line(arguments);
  if (line.help) return print(run_help());
  if (line.root) host.root = *line.root;
  const std::string problems = told(line.problems, "run: ");
  if (!line.command) return kUsage;

  const auto words = arguments.subspan(*line.command);
  std::string shown = joined(words);
  if (!line.job) {
    // A nameless run would be a silent one: it gets the name that the same
    // command would have under cron.
    line.job = record::job_name(shown).name;
    say("run: recorded as " + line.job->str());
  }
  Request request{.job = *std::move(line.job),
                  .schedule = std::move(line.schedule),
                  .trigger = record::Trigger::run,
                  .demands = std::move(line.demands),
                  .argv = {words.begin(), words.end()},
                  .fallback_argv = {},
                  .shown = std::move(shown),
                  .options = std::move(line.options),
                  .problems = problems,
                  .variables = {},
                  .header = {}};
  request.argv.push_back(nullptr);
  leave(execute(host, std::move(request)));
}

}  // namespace bezalel::run
