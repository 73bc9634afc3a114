#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/escape.h"
#include "run/commands.h"

namespace bezalel::run {

int full_program(const Host& host, char* const* argv) {
  std::array<char, 4096> self;
  const ssize_t n = ::readlink("/proc/self/exe", self.data(), self.size());
  if (n <= 0) {
    say("/proc is not there; only run, beat and run-parts work without it");
    return 127;
  }
  std::string path(self.data(), static_cast<std::size_t>(n));
  path.resize(path.rfind('/') + 1);
  path += "../libexec/bezalel/bezalel";
  ::execve(path.c_str(), argv, host.environment);
  say(escape_line(path) + ": not found; is the package complete?");
  return 127;
}

}  // namespace bezalel::run
