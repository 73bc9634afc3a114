// Something wrong with a schedule, a file or the host.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/incident.h"

namespace bezalel::app {

enum class FindingSeverity { error, warning, info };
std::string_view to_string(FindingSeverity s);

// The state could not be opened or written: alarms go out uncommitted. What is
// told of these themselves is closed by nobody, so it goes to `local` alone. A
// disk that is all but full is seen before that, and told to all.
inline constexpr char kStateFull[] = "state-full";
inline constexpr char kStateReadOnly[] = "state-read-only";
inline constexpr char kStateUnusable[] = "state-unusable";  // owner, mode, kind
bool is_of_state(std::string_view id);
// Another process holds the state for longer than is waited for.
inline constexpr char kStateBusy[] = "state-busy";

// Runs cannot be recorded where they should be.
inline constexpr char kHeartbeatsFull[] = "heartbeats-full";

// No cron daemon runs: explains the silence of every job of cron.
inline constexpr char kCronDead[] = "cron-dead";
// What was not watched when the host was first looked at, as one.
inline constexpr char kUnwatchedBaseline[] = "unwatched-baseline";

// A fault in a settings or job file.
inline constexpr char kSettingsInvalid[] = "settings-invalid";

// A channel does not deliver: told over the others.
inline constexpr char kChannelDead[] = "channel-dead";
// The dead-man ping fails: told over the channels, while they can.
inline constexpr char kDeadManFailing[] = "dead-man-failing";
// One that its settings do not allow to be made; its source is the name.
inline constexpr char kChannelInvalid[] = "channel-invalid";

struct Finding {
  std::string id;  // fixed name: "settings-invalid", "dir-unreadable", ...
  FindingSeverity severity = FindingSeverity::error;
  std::string source;  // file or "host"
  std::optional<int> line;
  std::string message;  // one line, escaped where foreign
  std::string fix;      // what to do; may be empty
  // Set when it opens an incident of its own.
  std::optional<core::Severity> alarm;
  std::optional<Timestamp> since;
  std::optional<int> column;  // from 1; only with a line
  // What it keeps from being scheduled: those jobs are not gone, and open no
  // incident of their own.
  struct Hides {
    std::vector<std::string> places;  // sources, as lies_in() takes them
    std::vector<core::JobKey> jobs;   // under whatever source
    std::string why;                  // "the daemon ignores /etc/cron.d/x"
  };
  std::optional<Hides> hides;
  // The job it would be: one that is remembered, or was retired, is judged by
  // that, and of this nothing is told.
  std::optional<core::JobKey> unless_known;
  // The job that its source is: a silence of that one holds for it.
  std::optional<core::JobKey> about;
};

// The one job that all of them are about of which the incident is.
std::optional<core::JobKey> subject_of(const std::vector<Finding>& findings,
                                       const core::IncidentKey& incident);

// Which of them, and what to do. `what` cannot be done: "opened", "written".
Finding state_finding(const std::string& what, const Error& why);

}  // namespace bezalel::app
