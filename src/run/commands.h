// The commands of the small program. Each gets the words after its own name
// and returns the exit status, where it does not end the process itself.
#pragma once

#include <span>

#include "run/host.h"

namespace bezalel::run {

// bezalel run JOB [options] -- COMMAND...
int run_command(Host& host, std::span<char* const> arguments);

// bezalel beat JOB --every D [--status ok|fail] [--message TEXT]
int beat_command(Host& host, std::span<char* const> arguments);

// bezalel run-parts [--report] [--test] DIR
int parts_command(Host& host, std::span<char* const> arguments);

// bezalel-sh: cron's shell. All of argv; the name in argv[0] is the login
// shell's when it begins with '-'.
int shell_command(const Host& host, std::span<char* const> argv);

// Any other subcommand: the full program takes over with all of argv. Returns
// 127 when there is none.
int full_program(const Host& host, char* const* argv);

}  // namespace bezalel::run
