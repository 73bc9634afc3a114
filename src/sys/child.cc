#include "sys/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "sys/fd.h"
#include "sys/file.h"

namespace bezalel::sys {

namespace {

constexpr std::size_t kMost = 64 << 20;

bool write_whole(int fd, const void* from, std::size_t size) {
  const auto* bytes = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t n = ::write(fd, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

// Each answer behind its size.
[[noreturn]] void be_child(int out, std::size_t first, std::size_t count,
                           const std::function<std::string(std::size_t)>& f) {
  ::signal(SIGPIPE, SIG_IGN);
  for (std::size_t i = first; i < count; ++i) {
    const std::string bytes = f(i);
    const std::uint64_t size = bytes.size();
    if (!write_whole(out, &size, sizeof size) ||
        !write_whole(out, bytes.data(), bytes.size())) {
      ::_exit(1);
    }
  }
  ::_exit(0);
}

struct Child {
  pid_t pid;
  Fd from;
};

Result<Child> start_child(std::size_t first, std::size_t count,
                          const std::function<std::string(std::size_t)>& f) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error("pipe", errno);
  Fd from(ends[0]);
  const Fd to(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return err(Kind::unavailable, "no process could be made");
  if (pid == 0) be_child(to.get(), first, count, f);
  return Child{pid, std::move(from)};
}

void end_child(const Child& child, bool answered) {
  if (!answered) {
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, WNOHANG);
    return;
  }
  while (::waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Fills `out`. The poll time-outs are summed off `left`: no clock is read here.
Result<void> read_whole(int fd, Milliseconds& left, char* out,
                        std::size_t size) {
  constexpr auto kStep = Milliseconds(50);
  while (size > 0) {
    if (left.count() <= 0) {
      return err(Kind::unavailable, "did not answer in time");
    }
    struct pollfd ready = {fd, POLLIN, 0};
    const int n = ::poll(&ready, 1, static_cast<int>(kStep.count()));
    if (n == 0) left -= kStep;
    if (n <= 0) continue;
    const ssize_t got = ::read(fd, out, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return err(Kind::io, "the reading process failed");
    out += got;
    size -= static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::string> receive(int fd, Milliseconds left) {
  std::uint64_t size = 0;
  BZ_TRY(read_whole(fd, left, reinterpret_cast<char*>(&size), sizeof size));
  if (size > kMost) return err(Kind::unavailable, "too much to be read");
  std::string out(size, '\0');
  BZ_TRY(read_whole(fd, left, out.data(), out.size()));
  return out;
}

}  // namespace

void each_in_child(
    std::size_t count, const std::function<std::string(std::size_t)>& f,
    Duration timeout,
    const std::function<void(std::size_t, const Result<std::string>&)>& got) {
  Patience patience(timeout);
  each_in_child(count, f, patience, got);
}

void each_in_child(
    std::size_t count, const std::function<std::string(std::size_t)>& f,
    Patience& patience,
    const std::function<void(std::size_t, const Result<std::string>&)>& got) {
  std::size_t i = 0;
  while (i < count) {
    const auto child = start_child(i, count, f);
    if (!child) {
      got(i++, child.error());
      continue;
    }
    bool answered = true;
    for (; answered && i < count; ++i) {
      const auto answer = receive(child->from.get(), patience.for_next());
      answered = answer.has_value();
      if (!answered && answer.error().kind == Kind::unavailable) {
        patience.use_up();
      }
      got(i, answer);
    }
    end_child(*child, answered);
  }
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

}  // namespace bezalel::sys
