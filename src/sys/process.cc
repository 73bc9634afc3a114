#include "sys/process.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "sys/fd.h"

namespace bezalel::sys {
namespace {

// The text after the command name, which is in parentheses and may itself
// hold blanks and parentheses: only the last ')' ends it. Begins at field 3.
std::optional<std::string_view> fields_after_name(std::string_view stat) {
  const std::size_t end = stat.rfind(')');
  if (end == std::string_view::npos || end + 2 >= stat.size()) return {};
  return stat.substr(end + 2);
}

std::string_view next_field(std::string_view& rest) {
  const std::size_t blank = rest.find(' ');
  const std::string_view field = rest.substr(0, blank);
  rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
  return field;
}

std::optional<std::uint64_t> start_of(std::string_view stat) {
  auto rest = fields_after_name(stat);
  if (!rest) return {};
  const std::string_view state = next_field(*rest);
  if (state == "Z" || state == "X" || state == "x") return {};
  for (int field = 4; field < 22; ++field) next_field(*rest);
  const std::string_view text = next_field(*rest);
  std::uint64_t ticks = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), ticks);
  if (error != std::errc() || end == text.data()) return {};
  return ticks;
}

using StatText = std::array<char, 1024>;

// /proc/PID/stat; empty when there is no such process.
std::string_view read_stat(pid_t pid, StatText& buffer) {
  if (pid <= 0) return {};
  std::array<char, 32> path;
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const Fd fd(::open(path.data(), O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  return {buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

}  // namespace

std::uint64_t pid_namespace() {
  struct stat status = {};
  if (::stat("/proc/self/ns/pid", &status) != 0) return 0;
  return status.st_ino;
}

std::optional<std::uint64_t> process_start(pid_t pid) {
  StatText buffer;
  return start_of(read_stat(pid, buffer));
}

char process_state(pid_t pid) {
  StatText buffer;
  const auto fields = fields_after_name(read_stat(pid, buffer));
  return fields ? fields->front() : '?';
}

bool stays_with_cron_job(std::string_view argv0) {
  const std::string_view name = argv0.substr(argv0.rfind('/') + 1);
  return name == "CRON" || name == "CROND";
}

bool proc_is_readable() {
  // With the mount option hidepid (proc(5)) one's own processes are there, and
  // all others look as if they were gone.
  return ::access("/proc/self/stat", R_OK) == 0 &&
         ::access("/proc/1/stat", R_OK) == 0;
}

}  // namespace bezalel::sys
