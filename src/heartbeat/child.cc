#include "heartbeat/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "sys/fd.h"
#include "sys/file.h"

namespace bezalel::heartbeat {

namespace {

constexpr std::size_t kMost = 64 << 20;

[[noreturn]] void be_child(int out, const std::function<std::string()>& f) {
  ::signal(SIGPIPE, SIG_IGN);
  const std::string bytes = f();
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(out, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(1);
    done += static_cast<std::size_t>(n);
  }
  ::_exit(0);
}

// Everything until the writer closes; false when time is up first.
bool read_all(int fd, Duration timeout, std::string& out) {
  // The poll time-outs are summed: no clock is read here.
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
  constexpr auto kStep = std::chrono::milliseconds(50);
  char buffer[65536];
  while (left.count() > 0 && out.size() < kMost) {
    struct pollfd ready = {fd, POLLIN, 0};
    const int n = ::poll(&ready, 1, static_cast<int>(kStep.count()));
    if (n == 0) left -= kStep;
    if (n <= 0) continue;
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got == 0) return true;
    if (got > 0) out.append(buffer, static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR && errno != EAGAIN) return true;
  }
  return false;
}

}  // namespace

Result<std::string> in_child(const std::function<std::string()>& f,
                             Duration timeout) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return sys::errno_error("pipe", errno);
  const sys::Fd from(ends[0]);
  sys::Fd to(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return err(Kind::unavailable, "no process could be made");
  if (pid == 0) be_child(to.get(), f);
  to.reset();
  std::string out;
  const bool whole = read_all(from.get(), timeout, out);
  if (!whole) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, WNOHANG);
    return err(Kind::unavailable, "did not answer in time");
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return err(Kind::io, "the reading process failed");
  }
  return out;
}

void put(std::string& out, std::uint64_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

void put(std::string& out, std::string_view text) {
  put(out, std::uint64_t{text.size()});
  out += text;
}

bool take(std::string_view& in, std::uint64_t& number) {
  if (in.size() < sizeof number) return false;
  std::memcpy(&number, in.data(), sizeof number);
  in.remove_prefix(sizeof number);
  return true;
}

bool take(std::string_view& in, std::string_view& text) {
  std::uint64_t size = 0;
  if (!take(in, size) || size > in.size()) return false;
  text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

}  // namespace bezalel::heartbeat
