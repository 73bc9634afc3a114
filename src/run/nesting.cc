#include "run/nesting.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include "record/job_name.h"
#include "record/ulid.h"
#include "sys/fd.h"
#include "sys/process.h"

namespace bezalel::run {
namespace {

constexpr int kMaxDepth = 128;

struct Process {
  bool ours = false;
  pid_t parent = 0;
};

// From "PID (NAME) STATE PPID ...".
std::optional<Process> look_at(pid_t pid) {
  std::array<char, 32> path;
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const sys::Fd fd(::open(path.data(), O_RDONLY | O_CLOEXEC));
  std::array<char, 512> buffer;
  const ssize_t n = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
  if (n <= 0) return {};
  const std::string_view text(buffer.data(), static_cast<std::size_t>(n));
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos ||
      close + 4 >= text.size()) {
    return {};
  }
  Process process;
  process.ours = text.substr(open + 1).starts_with("bezalel");
  std::from_chars(text.data() + close + 4, text.data() + text.size(),
                  process.parent);
  return process;
}

bool has_ancestor_of_ours() {
  pid_t pid = ::getppid();
  for (int depth = 0; pid > 0 && depth < kMaxDepth; ++depth) {
    const auto process = look_at(pid);
    if (!process) return depth == 0 && !sys::proc_is_readable();
    if (process->ours) return true;
    pid = process->parent;
  }
  return false;
}

}  // namespace

std::string enclosing_run(const Host& host) {
  const char* text = host.variable(kRunIdVariable);
  if (text == nullptr) return {};
  const std::string_view run = text;
  const std::string_view job = job_of(run);
  if (!record::is_job_name(job) || run.size() <= job.size() ||
      !record::is_ulid(run.substr(job.size() + 1))) {
    return {};
  }
  return has_ancestor_of_ours() ? std::string(run) : std::string();
}

std::string_view job_of(std::string_view enclosing) {
  return enclosing.substr(0, enclosing.find('/'));
}

}  // namespace bezalel::run
