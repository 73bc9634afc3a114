// The small program: `run`, `beat`, `run-parts`, and cron's shell. Everything
// else is the full program's.
#include <fcntl.h>
#include <unistd.h>

#include <span>
#include <string_view>

#include "run/commands.h"
#include "run/host.h"
#include "sys/clock.h"

namespace {

using bezalel::run::Host;

// A closed standard descriptor must not become a pipe or a log of ours. The
// placeholder closes itself when the job is executed, which then finds it
// closed as it was.
void occupy_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) {
      static_cast<void>(::open("/dev/null", O_RDWR | O_CLOEXEC));
    }
  }
}

bool is_shell_name(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);
  return name == "bezalel-sh" || name == "-bezalel-sh" || name == "-sh" ||
         name == "sh";
}

// Takes what may stand in front of the subcommand: `--root DIR`, `--root=DIR`
// and `--mine`, which for a job is where it leaves proof anyway.
// An empty directory is none, and is told of.
std::span<char*> take_global(std::span<char*> words, Host& host,
                             bool& empty_root) {
  const auto take = [&](std::string_view directory) {
    empty_root = directory.empty();
    if (!empty_root) host.root = directory;
  };
  while (!words.empty()) {
    const std::string_view word = words[0];
    std::size_t taken = 1;
    if (word.starts_with("--root=")) {
      take(word.substr(7));
    } else if (word == "--root" && words.size() > 1) {
      take(words[1]);
      taken = 2;
    } else if (word != "--mine") {
      break;
    }
    words = words.subspan(taken);
  }
  return words;
}

bool records(std::string_view command) {
  return command == "run" || command == "beat" || command == "run-parts";
}

// `help` and `help COMMAND` are `--help` and `COMMAND --help`.
int help(Host& host, char* program, std::span<char*> words);

int dispatch(Host& host, std::span<char*> argv) {
  namespace run = bezalel::run;
  if (is_shell_name(argv[0])) return run::shell_command(host, argv);
  bool empty_root = false;
  const auto words = take_global(argv.subspan(1), host, empty_root);
  const std::string_view command = words.empty() ? "" : words[0];
  if (empty_root && records(command)) {
    // A job runs all the same, and leaves proof where it would without.
    run::say("--root: \"\": expected a directory");
    if (command == "beat") return 2;
  }
  if (command == "run") return run::run_command(host, words.subspan(1));
  if (command == "beat") return run::beat_command(host, words.subspan(1));
  if (command == "run-parts") {
    return run::parts_command(host, words.subspan(1));
  }
  if (command == "help") return help(host, argv[0], words.subspan(1));
  if (command == "--version") {
    constexpr std::string_view kVersion = "bezalel " BEZALEL_VERSION "\n";
    return ::write(1, kVersion.data(), kVersion.size()) < 0 ? 1 : 0;
  }
  return run::full_program(host, argv.data());
}

int help(Host& host, char* program, std::span<char*> words) {
  char option[] = "--help";
  char* first = words.empty() ? option : words[0];
  char* second = words.empty() ? nullptr : option;
  char* argv[] = {program, first, second, nullptr};
  return dispatch(host, {argv, words.empty() ? 2UL : 3UL});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 1) return 127;
  occupy_standard_descriptors();
  const bezalel::sys::SystemClock clock;
  Host host = bezalel::run::make_host(clock, environ);
  ::_exit(dispatch(host, {argv, static_cast<std::size_t>(argc)}));
}
