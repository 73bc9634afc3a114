#include "run/check_stamp.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <array>
#include <optional>

#include "record/heartbeat_file.h"
#include "run/recorder.h"
#include "sys/file.h"
#include "sys/syslog.h"

namespace bezalel::run {
namespace {

constexpr int kIntervals = 3;
constexpr const char* kToldFile = "/.bezalel-unchecked";

std::optional<record::Heartbeat> read_stamp(const std::string& path) {
  const sys::Fd fd(::open(
      path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY));
  struct stat status = {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return {};
  }
  std::array<char, record::kMaxHeartbeatBytes> bytes;
  const ssize_t n = ::read(fd.get(), bytes.data(), bytes.size());
  if (n < 0) return {};
  const auto stamp = record::decode_heartbeat(
      {bytes.data(), static_cast<std::size_t>(n)}, sys::modified(status));
  if (!stamp) return {};
  return *stamp;
}

// As people read it: "Mon 21:46", older than six days "14 Nov 21:46".
std::string local_time(Timestamp at, Timestamp now) {
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  const time_t when = static_cast<time_t>(seconds);
  struct tm parts = {};
  if (::localtime_r(&when, &parts) == nullptr) return format_rfc3339(at);
  const bool recent = now - at < std::chrono::days(6);
  std::array<char, 64> text;
  const std::size_t n = ::strftime(text.data(), text.size(),
                                   recent ? "%a %H:%M" : "%e %b %H:%M", &parts);
  const std::size_t blank = text[0] == ' ' ? 1 : 0;
  return {text.data() + blank, n - blank};
}

// True once a day: the file remembers when it was said.
bool may_tell(const std::string& dir, Timestamp now) {
  const std::string path = dir + kToldFile;
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0 &&
      now - sys::modified(status) < std::chrono::days(1) &&
      now >= sys::modified(status)) {
    return false;
  }
  const auto written =
      sys::write_file(path, format_unix(now) + "\n", 0600, sys::Durable::no);
  return written.has_value();
}

}  // namespace

void mind_the_checker(const Host& host, const std::string& dir) {
  const auto stamp = read_stamp(paths_of(host).check_stamp);
  if (!stamp || !stamp->interval) return;
  const Timestamp now = host.clock.wall();
  if (now - stamp->at <= kIntervals * *stamp->interval) return;
  const std::string text = "nobody has checked this host's jobs since " +
                           local_time(stamp->at, now) + "; see bezalel doctor";
  sys::syslog_line(sys::SyslogPriority::err, "bezalel", text);
  if (may_tell(dir, now)) say(text);
}

}  // namespace bezalel::run
