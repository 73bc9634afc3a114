#include "sys/syslog.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "sys/fd.h"

namespace bezalel::sys {
namespace {

constexpr int kFacilityDaemon = 3 << 3;
// Longer datagrams are cut or refused by some daemons.
constexpr std::size_t kMaxText = 2000;

const char* log_socket() {
#ifdef BEZALEL_TEST_CLOCK
  if (const char* path = std::getenv("BEZALEL_TEST_SYSLOG")) return path;
#endif
  return "/dev/log";
}

}  // namespace

bool syslog_line(SyslogPriority priority, std::string_view tag,
                 std::string_view text) {
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const char* path = log_socket();
  if (std::strlen(path) >= sizeof address.sun_path) return false;
  std::strcpy(address.sun_path, path);

  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return false;
  std::string line = "<";
  line += std::to_string(kFacilityDaemon | static_cast<int>(priority));
  line += '>';
  line += tag;
  line += '[';
  line += std::to_string(::getpid());
  line += "]: ";
  line += text.substr(0, kMaxText);
  const ssize_t sent =
      ::sendto(fd.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<struct sockaddr*>(&address), sizeof address);
  return sent == static_cast<ssize_t>(line.size());
}

}  // namespace bezalel::sys
