// What cron's own log says: which jobs were started, and what it could not do.
// Inside of discover; pure. All of it is foreign text.
//
// Debian's cron, cronie   (USER) CMD (COMMAND)
// busybox                 USER USER pid NUMBER cmd COMMAND
//
// COMMAND is what cron hands to the shell, with control bytes as ^X and bytes
// above 126 as \ooo. A syslog daemon may cut a line short: then its beginning
// stands for it. A start is no success, and nobody tells how it ended.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "schedule/zone.h"

namespace bezalel::discover {

// More different jobs, or lines cut short, are not remembered.
inline constexpr std::size_t kMostStarts = 20000;

struct LogLine {
  Timestamp at;
  std::string_view program;  // "CRON" of "CRON[12]:"
  std::string_view text;
};

// One line of a syslog file, stamped "Nov 26 12:50:01" (in `zone`, of the
// newest year that does not lie ahead of `now`) or "2026-11-26T12:50:01+00:00".
std::optional<LogLine> parse_log_line(std::string_view line, Timestamp now,
                                      const schedule::Zone& zone);

// Whether a program of this name is a cron daemon.
bool is_cron(std::string_view program);

class CronLog {
 public:
  // In any order; what no cron daemon says is passed over.
  void add(const LogLine& line);

  bool shows_starts() const { return newest_start_.has_value(); }
  // Of any job; of anything that cron said.
  std::optional<Timestamp> newest_start() const { return newest_start_; }
  std::optional<Timestamp> newest_line() const { return newest_line_; }
  // Of one job. The command with its secrets removed.
  std::optional<Timestamp> newest_start(const std::string& user,
                                        std::string_view command) const;

  // The last time that it could not start a process at all.
  std::optional<Timestamp> cannot_fork() const { return cannot_fork_; }
  // Runs whose output went nowhere, as there is no mail program.
  int outputs_lost() const { return outputs_lost_; }
  struct Refused {
    Timestamp at;
    std::string why;  // as logged
  };
  // Users whose jobs the host's login rules refuse, and no job of theirs was
  // started since.
  std::map<std::string, Refused> refused() const;

 private:
  void start(Timestamp at, std::string_view user, std::string_view command);
  void cut_short(Timestamp at, std::string_view user, std::string_view begin);
  bool trouble(Timestamp at, std::string_view text);
  void refuse(Timestamp at, std::string_view user, std::string_view why);

  struct Cut {
    std::string user, begin;
    Timestamp at;
  };
  std::map<std::string, std::string> redacted_;            // by what is logged
  std::map<std::string, Timestamp, std::less<>> started_;  // secrets removed
  std::map<std::string, Timestamp, std::less<>> users_;    // newest start
  std::vector<Cut> cut_;
  std::map<std::string, Refused, std::less<>> refused_;
  std::optional<Timestamp> newest_start_, newest_line_, cannot_fork_;
  int outputs_lost_ = 0;
};

}  // namespace bezalel::discover
