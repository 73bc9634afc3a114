#include "run/drain.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace bezalel::run {
namespace {

struct Channel {
  int from;
  int to;  // -1: thrown away
};

// False at the end, or when nobody wants it any more.
bool pass_on(const Channel& channel) {
  std::array<char, 16384> buffer;
  const ssize_t n = ::read(channel.from, buffer.data(), buffer.size());
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  const char* at = buffer.data();
  const char* const end = at + n;
  while (channel.to >= 0 && at < end) {
    const ssize_t written =
        ::write(channel.to, at, static_cast<std::size_t>(end - at));
    if (written >= 0) {
      at += written;
    } else if (errno == EAGAIN) {
      struct pollfd room = {channel.to, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return false;
    } else if (errno != EINTR) {
      break;  // full: swallowed, as while the job ran
    }
  }
  return true;
}

void pump(std::array<Channel, 2> channels) {
  for (;;) {
    std::array<struct pollfd, 2> ready = {};
    bool any = false;
    for (std::size_t i = 0; i < 2; ++i) {
      ready[i] = {channels[i].from, POLLIN, 0};
      any = any || channels[i].from >= 0;
    }
    if (!any) return;
    if (::poll(ready.data(), ready.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    for (std::size_t i = 0; i < 2; ++i) {
      if (ready[i].revents == 0 || pass_on(channels[i])) continue;
      ::close(channels[i].from);
      channels[i].from = -1;
    }
  }
}

// Descriptors 0 to 3 are all this process keeps; the rest is closed, so that
// no lock and no pipe of somebody else lives on in it.
std::array<Channel, 2> keep_only(const std::array<Channel, 2>& channels) {
  std::array<Channel, 2> kept = channels;
  constexpr int kSafe = 8;  // out of the way of 0 to 3
  for (Channel& channel : kept) {
    for (int* fd : {&channel.from, &channel.to}) {
      if (*fd < 0) continue;
      *fd = ::fcntl(*fd, F_DUPFD, kSafe);
      if (*fd < 0) return channels;  // no room: then nothing is closed
    }
  }
  int next = 0;
  for (Channel& channel : kept) {
    if (channel.from >= 0) channel.from = ::dup2(channel.from, next++);
    if (channel.to >= 0) channel.to = ::dup2(channel.to, next++);
  }
  ::close_range(static_cast<unsigned>(next), ~0U, 0);
  return kept;
}

Channel channel_of(const Stream& stream) {
  if (stream.at_end()) return {-1, -1};
  return {stream.read_end(),
          stream.pass() == Stream::Pass::on ? stream.destination() : -1};
}

}  // namespace

void leave_drain(Stream& out, Stream& err) {
  const std::array<Channel, 2> channels = {channel_of(out), channel_of(err)};
  if (channels[0].from < 0 && channels[1].from < 0) return;
  const pid_t pid = ::fork();
  if (pid > 0) return;
  if (pid < 0) return pump(channels);
  ::prctl(PR_SET_NAME, "bezalel-drain");
  ::setsid();
  if (::chdir("/") != 0) { /* a busy mount is all it could cost */
  }
  pump(keep_only(channels));
  ::_exit(0);
}

}  // namespace bezalel::run
