#include <unistd.h>

#include <cstring>

#include "base/escape.h"
#include "record/job_name.h"
#include "run/commands.h"
#include "run/execute.h"
#include "run/spawn.h"

namespace bezalel::run {
namespace {

constexpr const char* kPlainShell = "/bin/sh";

// What cron's SHELL said before it said us.
std::string real_shell(const Host& host) {
  const char* shell = host.variable("BEZALEL_SHELL");
  if (shell == nullptr || *shell == '\0') return kPlainShell;
  // Set to ourselves it would never end.
  if (std::string_view(shell).ends_with("bezalel-sh")) return kPlainShell;
  return shell;
}

// Everything that is not a job of cron's: interactive, login, -s, other flags.
int hand_over(const Host& host, const std::string& shell,
              std::span<char* const> argv) {
  std::vector<char*> words(argv.begin(), argv.end());
  std::string name = shell;
  // A login shell is one by the dash in its name.
  if (*argv[0] == '-') name = "-" + shell.substr(shell.rfind('/') + 1);
  words[0] = name.data();
  words.push_back(nullptr);
  std::vector<std::string> variables = {"SHELL=" + shell};
  const std::vector<char*> environment =
      with_entries(host.environment, variables);
  ::execve(shell.c_str(), words.data(), environment.data());
  ::execve(kPlainShell, words.data(), environment.data());
  say(escape_line(shell) + ": cannot be executed");
  return 126;
}

struct Line {
  std::string text;  // what names the job
  bool is_job = false;
};

// `-c COMMAND ...`, or a script and its arguments, as systemd-cron has it.
Line job_line(std::span<char* const> argv) {
  if (argv.size() >= 3 && std::strcmp(argv[1], "-c") == 0) {
    return {argv[2], true};
  }
  if (argv.size() < 2 || *argv[1] == '-' || *argv[1] == '+' ||
      *argv[1] == '\0') {
    return {};
  }
  std::string text;
  for (const char* word : argv.subspan(1)) {
    if (!text.empty()) text += ' ';
    text += shell_quote(word);
  }
  return {std::move(text), true};
}

}  // namespace

int shell_command(const Host& host, std::span<char* const> argv) {
  std::string shell = real_shell(host);
  Line line = job_line(argv);
  if (!line.is_job || record::is_checking(line.text)) {
    return hand_over(host, shell, argv);
  }
  record::NamedCommand named = record::job_name(line.text);
  if (named.speaks_for_itself()) return hand_over(host, shell, argv);
  std::string problems = told(named.comment.problems);
  record::ScheduleText schedule = std::move(named.comment.schedule);
  if (named.own && schedule.empty()) schedule = std::move(named.own->schedule);

  Request request{.job = std::move(named.name),
                  .schedule = std::move(schedule),
                  .trigger = record::Trigger::sh,
                  .demands = {},
                  .argv = {argv.begin(), argv.end()},
                  .fallback_argv = {argv.begin(), argv.end()},
                  .shown = std::move(line.text),
                  .options = {},
                  .problems = std::move(problems),
                  .variables = {"SHELL=" + shell},
                  .header = {}};
  std::string plain = kPlainShell;
  request.argv[0] = shell.data();
  request.argv.push_back(nullptr);
  request.fallback_argv[0] = plain.data();
  request.fallback_argv.push_back(nullptr);
  leave(execute(host, std::move(request)));
}

}  // namespace bezalel::run
