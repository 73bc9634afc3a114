// The names of jobs, and the one function that names what nobody named.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/schedule_text.h"

namespace bezalel::record {

// [A-Za-z0-9][A-Za-z0-9._@-]{0,127}: safe as a file's stem, in a URL, in a
// title. Parsed once at the edge, then trusted.
class JobName {
 public:
  // Kind::invalid with the name escaped and what was expected.
  static Result<JobName> parse(std::string_view text);

  const std::string& str() const { return text_; }
  friend auto operator<=>(const JobName&, const JobName&) = default;

 private:
  friend JobName unit_job_name(std::string_view unit);
  explicit JobName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

bool is_job_name(std::string_view text);

// The name of the job that a systemd timer is: the unit's, with `-` for what no
// name may hold. Pure, as fixed as job_name().
JobName unit_job_name(std::string_view unit);

// What the trailing comment `# bezalel: job=NAME every=1d grace=2h max=30m` of
// a command says. Values are kept as written: the small program does not judge
// schedules.
struct CommandComment {
  std::optional<JobName> job;
  ScheduleText schedule;
  // One line a problem (unknown key, bad name): said, never fatal.
  std::vector<std::string> problems;
};

// What the record of a job shows of its start.
enum class StartRecord {
  none,     // nothing: a beat or the client shows how it ended
  late,     // when its turn came: what stands before it takes its time
  at_once,  // when its line was started
};

// The job that a command records by itself, anywhere in it: with `bezalel run
// JOB`, `bezalel beat JOB` (not where it beats for failures alone) or the shell
// client (cron-heartbeat-write.sh JOB SECONDS). Not with `--root` or a
// BEZALEL_ROOT in front: a record in another place is no proof for this host.
struct OwnRecord {
  JobName job;
  ScheduleText schedule;  // as told there
  std::string user;  // behind sudo, su and the like: whose record it is; empty:
                     // the caller's
  // A beat or the client, and the last command, behind `&&` or `;`: the whole
  // command ends with 0 exactly where that did. What else it did and how it
  // failed nobody records but who runs it.
  bool closes = false;
  StartRecord start = StartRecord::none;
};
struct NamedCommand {
  JobName name;
  CommandComment comment;
  // The command without that comment, trimmed: what identity is made of.
  std::string bare;
  std::optional<OwnRecord> own = {};

  // Nothing is left to record for who runs it.
  bool speaks_for_itself() const { return own && !own->closes; }
};

// Names a command: the bytes cron hands to `sh -c` (cut at `%`, `\%` undone).
// One that records a job by itself has that job's name, whatever runs it.
// Pure, never fails: the same bytes give the same name for ever, in bezalel-sh
// and in discovery alike. The rule is in job_name.cc and bezalel-sh(1).
NamedCommand job_name(std::string_view command);

// The other jobs that a command records in turn, where it is a line of several:
// `bezalel run a -- x; bezalel run b -- y`. Without what runs now and then
// alone (behind `||`, a test or in a branch).
std::vector<OwnRecord> further_records(const NamedCommand& named);

// The name that the command of a named job would have had without that: without
// the comment, the run or the beat that it was put into. Another one than it
// was called where that was put inside of other words of the line; nullopt:
// nobody named it, or it cannot be told.
std::optional<JobName> former_name(const NamedCommand& named);

// A call of `bezalel run` or `beat`, wherever it stands in a command: the words
// as written there, quotes taken off, nothing expanded.
struct OwnCall {
  std::string verb;
  std::vector<std::string> args;
};
std::vector<OwnCall> own_calls(std::string_view command);

// "db-backup" of "db-backup-28f0": the name without the four hex digits that
// job_name() sets behind the words of a command; the whole of any other.
std::string_view name_stem(std::string_view job);

// True when it is `bezalel check` or `bezalel report`: the checking itself,
// which is no job. Its exit status says how the jobs are, and it is watched by
// its own stamp.
bool is_checking(std::string_view command);

}  // namespace bezalel::record
