#include "notify/local/channel.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/notice_text.h"
#include "base/escape.h"
#include "sys/fd.h"

namespace bezalel::notify {
namespace {

constexpr std::size_t kMaxLine = 1000;

sys::SyslogPriority priority(const app::Notice& n) {
  if (n.kind == app::NoticeKind::resolved || n.kind == app::NoticeKind::test ||
      n.kind == app::NoticeKind::report) {
    return sys::SyslogPriority::notice;
  }
  return n.severity == core::Severity::p1 ? sys::SyslogPriority::alert
                                          : sys::SyslogPriority::warning;
}

std::string line_of(const app::Notice& n) {
  std::string line = app::subject(n);
  // What its action did is news, and not the opening once more.
  if (n.kind == app::NoticeKind::action && !n.sentence.empty()) {
    return std::string(
        utf8_prefix(line + ": " + escape_line(n.sentence, 300), kMaxLine));
  }
  // The subject of a finding is its cause.
  const bool job = n.key.kind == core::IncidentKey::Kind::job;
  const bool bad = n.kind != app::NoticeKind::resolved;
  if (job && bad && !n.cause.empty()) line += ": " + escape_line(n.cause, 300);
  if (n.possible_repeat) line += " (possible repeat)";
  return std::string(utf8_prefix(line, kMaxLine));
}

// Never waits: a FIFO without a reader or a full pipe is a failure.
bool write_line(const std::string& path, const std::string& line) {
  const sys::Fd fd(::open(
      path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return false;
  return ::write(fd.get(), line.data(), line.size()) ==
         static_cast<ssize_t>(line.size());
}

}  // namespace

LocalSinks LocalSinks::real() {
  LocalSinks sinks;
  sinks.syslog = [](sys::SyslogPriority p, std::string_view text) {
    return sys::syslog_line(p, "bezalel", text);
  };
  // Cron mails it, a unit's journal keeps it, a terminal shows it.
  sinks.own = [](std::string_view text) {
    const std::string line = "bezalel: " + std::string(text) + "\n";
    return ::write(STDERR_FILENO, line.data(), line.size()) ==
           static_cast<ssize_t>(line.size());
  };
  return sinks;
}

Result<std::unique_ptr<app::Channel>> LocalChannel::make(
    const app::ChannelSettings& settings, LocalSinks sinks) {
  return std::unique_ptr<app::Channel>(new LocalChannel(
      settings.name.empty() ? "local" : settings.name, std::move(sinks)));
}

app::Delivery LocalChannel::deliver(const app::Notice& notice,
                                    const std::optional<std::string>&) {
  const std::string line = line_of(notice);
  if (sinks_.syslog(priority(notice), line)) return app::Sent{};
  if (write_line(sinks_.last_resort, "bezalel: " + line + "\n")) {
    return app::Sent{};
  }
  if (sinks_.own && sinks_.own(line)) return app::Sent{};
  return app::RetryLater{"no syslog, and no stderr can be written",
                         std::nullopt, false};
}

app::Health LocalChannel::probe() {
  if (::access("/dev/log", W_OK) == 0) return {true, "syslog listens", ""};
  if (::access(sinks_.last_resort.c_str(), W_OK) == 0) {
    return {true, "no syslog; PID 1's stderr can be written", ""};
  }
  return {false, "no syslog: alarms go to the stderr of `check` only",
          "start journald or a syslog daemon"};
}

}  // namespace bezalel::notify
