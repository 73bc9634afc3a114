// A crontab as its bytes and as what a daemon makes of them. Lossless: the text
// is kept, and every line knows where it stands in it.
//
// What a daemon makes of a text differs (reference: crontab(5), observed runs):
//   debian   one bad line, an unknown user, or a job or setting without a final
//            newline: the WHOLE file is ignored
//   cronie   a bad line is dropped; a last line without newline is ignored
//   busybox  a bad line is dropped; no user column, no `%`; the last line runs
//   systemd  (systemd-cron) a bad line is dropped; `%` as in Debian
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/cron.h"

namespace bezalel::crontab {

// Of one user; with a user's name behind the schedule (/etc/crontab, cron.d);
// or anacron's own, see anacrontab.h.
enum class Kind { user, system, anacron };
std::string_view to_string(Kind kind);

enum class Daemon { debian, cronie, busybox, systemd_cron };
std::string_view to_string(Daemon daemon);
schedule::Dialect dialect_of(Daemon daemon);

// What is wrong, and where: from 1; column 0 where the line as a whole is
// meant.
struct Problem {
  int line = 0;
  int column = 0;
  // Fixed name of the rule ("bad-minute", "bad-user", "no-final-newline",
  // "empty-setting", "no-command", "too-long", "too-many-lines", ...).
  std::string rule;
  std::string message;  // one line, foreign text escaped; what was expected
};

enum class LineType { blank, comment, setting, job, bad };

struct Line {
  int number = 0;         // from 1
  std::size_t begin = 0;  // offset of its first byte in the text
  std::size_t end = 0;    // behind its newline, or the end of the text
  LineType type = LineType::blank;

  // setting: quotes taken off, as the daemon hands it on. Of anacron's jobs the
  // id.
  std::string name;
  std::string value;

  // job
  std::string schedule;  // as written, blanks between fields as one
  std::optional<schedule::CronExpr> expr;  // absent only where type is bad
  std::string user;                        // system tables only
  // Columns (from 1) of the fields: minute hour dom month dow, or the @name
  // first, or period and delay; then user; then command. 0: not there.
  std::vector<int> field_columns;
  int user_column = 0;
  int command_column = 0;
  std::string written;  // the command as it stands in the file
  std::string command;  // what the shell gets: cut at `%`, `\%` undone
  std::optional<std::string> input;  // after the first `%`, as standard input
  bool quiet = false;                // cronie: a leading `-`

  std::optional<Problem> problem;  // bad only
};

enum class ProgramState {
  runs,
  missing,
  not_executable,
  no_file,  // a directory, a device
  no_interpreter
};
struct ProgramFacts {
  ProgramState state = ProgramState::runs;
  std::string interpreter;  // that its first line names, where it is missing
};
// Of an absolute path; null: nothing is known of the host.
using ProgramLookup = std::function<ProgramFacts(const std::string& path)>;

// What the caller knows of the host; null: nothing is known, nothing refused.
struct Host {
  std::function<bool(std::string_view user)> user_exists;
  ProgramLookup program = {};
};

struct Crontab {
  std::string text;
  Kind kind = Kind::user;
  Daemon daemon = Daemon::debian;
  std::vector<Line> lines;
  // The whole file is ignored, and because of what.
  std::optional<Problem> refused;

  std::string_view bytes_of(const Line& line) const {
    return std::string_view(text).substr(line.begin, line.end - line.begin);
  }
};

// Whether a % ends the command, and what is behind it is input. systemd-cron
// (1.15.19, its generator) and busybox crond know no % at all.
bool cuts_at_percent(Daemon daemon);

// Never fails: what the daemon would not take is a bad line or `refused`. A
// text of more than 1 MiB is refused unread (rule "too-large").
Crontab parse(std::string text, Kind kind, Daemon daemon,
              const Host& host = {});

// The newest setting of that name above the line; null: none.
const Line* setting_line(const Crontab& tab, const Line& line,
                         std::string_view name);
// Its value.
std::optional<std::string> setting_at(const Crontab& tab, const Line& line,
                                      std::string_view name);

// One job as a daemon runs it: what must stay the same while a file is edited.
struct Entry {
  std::string schedule, user, command, input;
  friend auto operator<=>(const Entry&, const Entry&) = default;
};
// Of a refused file: none. In order of the file.
std::vector<Entry> entries_of(const Crontab& tab);

// The text of a system table without the users, as crontab(1) would take it.
std::string as_user_table(const Crontab& tab);

// crontab(1) says so of a user who has no table: Debian's and cronie's in these
// words, busybox's by the file that it can not open. `output` of `crontab -l`,
// which failed.
bool says_no_table(std::string_view output);

}  // namespace bezalel::crontab
