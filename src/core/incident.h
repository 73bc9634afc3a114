// Incidents: one stretch of bad verdicts of one job, or one finding.
//
//   reconcile(open incidents, observations, policy) -> transitions
//
// opens once and closes once. Whatever order verdicts change in, an incident
// that is open stays the same incident until its cause is gone.
//
//   none --observed--> open --another verdict--> open (changed)
//                      open --reminder due-----> open (reminded)
//                      open --well for the hold-> closed
//                      open --out of sight----> open (nothing is said)
//
// A verdict that is neither bad nor well (bearing_of(): running, paused) is put
// into neither set, like a job out of sight: the incident of a paused job stays
// open, is not reminded of, and closes or goes on when the job is resumed. It
// does not close by the pause: nobody has seen the job well.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/verdict.h"

namespace bezalel::core {

// What an incident is about; at most one is open per key. For a job: uid and
// name. For a finding: its id and where it was found (file, "host", channel).
struct IncidentKey {
  enum class Kind { job, finding };
  Kind kind = Kind::job;
  std::uint32_t uid = 0;  // job only
  std::string name;       // job name, or finding id
  std::string source;     // finding only

  static IncidentKey of(const JobKey& job) {
    return {Kind::job, job.uid, job.job, {}};
  }
  static IncidentKey of_finding(std::string id, std::string source) {
    return {Kind::finding, 0, std::move(id), std::move(source)};
  }
  friend auto operator<=>(const IncidentKey&, const IncidentKey&) = default;
};

// Something bad, seen in this cycle: made from a bad verdict and from a
// finding alike.
struct Observation {
  IncidentKey key;
  Severity severity = Severity::p1;
  std::string verdict;  // status text, or finding id
  std::string cause;    // one sentence
  Timestamp since;
  // Set when another incident explains this one (cron daemon dead): it is
  // listed there and gets no incident of its own while that one is open or
  // opens in this cycle; one that is open already closes as `explained`. An
  // explanation that is neither, or that goes round in a circle, is none.
  std::optional<IncidentKey> explained_by = std::nullopt;
  // The cause says which fault it is, and not merely how large or how old: with
  // another one it is told again.
  bool cause_tells_apart = false;
};

struct OpenIncident {
  std::int64_t id = 0;      // the store's
  std::int64_t number = 1;  // the key's n-th incident, from 1: `e` in markers
  IncidentKey key;
  Severity severity = Severity::p1;
  std::string verdict;
  std::string cause;
  Timestamp since;   // when the bad state began
  Timestamp opened;  // when it was noticed
  std::optional<Timestamp> acked;
  // First instant of the present well stretch, for the closing hysteresis.
  std::optional<Timestamp> well_since;
  int reminders = 0;
  Timestamp last_told;  // opened, changed or reminded
};

struct Policy {
  // Reminders 1 h after the opening, 4 h after that, then every 24 h: each
  // counted from the last thing that was told. Empty, or zero: none.
  std::vector<Duration> reminders = {
      std::chrono::hours(1), std::chrono::hours(4), std::chrono::hours(24)};
  // How long a key must be well before its incident closes. Zero: at once.
  Duration close_hold{};
};

// What this cycle saw. A key that is neither bad nor well was out of sight
// (a source that could not be read, a job that is paused or running): its
// incident stays as it is.
struct Sight {
  // One per key; of several the worst counts, and bad outweighs well.
  std::vector<Observation> bad;
  std::set<IncidentKey> well;  // looked at and found well
  // Of a job that a success made well its newest one: by then it was.
  std::map<IncidentKey, Timestamp> successes;
  // Sources that were wholly seen: an absent finding of one is well.
  std::set<std::string> sources_seen;
  // Jobs that were retired: their incidents close, with this reason, whatever
  // else was seen of them, and none opens.
  std::set<IncidentKey> retired;
};

struct Opened {
  Observation observation;
};
struct Changed {
  OpenIncident incident;
  Observation observation;
};
struct Reminded {
  OpenIncident incident;
  Observation observation;
};
enum class CloseReason { well_again, retired, explained };
// "well again", "retired", "explained": the words that the state keeps, and
// that reports and `check --quiet` show.
std::string_view to_string(CloseReason r);
std::optional<CloseReason> parse_close_reason(std::string_view text);
struct Closed {
  OpenIncident incident;
  CloseReason reason;
};
// Bookkeeping without a notice: a well stretch began or ended, or the words of
// a finding are others ("8 jobs" that were 15).
struct Held {
  OpenIncident incident;
  std::optional<Timestamp> well_since;
};

using Transition = std::variant<Opened, Changed, Reminded, Closed, Held>;

// Order: closes first, then changes (with reminders and bookkeeping), then
// opens, worst first; each by key. The same input gives the same output;
// running it again on its own result gives nothing.
//
// A change is another verdict or another severity; a cause or a `since` alone
// is none. An acked incident is told of changes and of its end, and is not
// reminded of. A clock that was put back neither silences reminders nor closes
// anything early.
std::vector<Transition> reconcile(const std::vector<OpenIncident>& open,
                                  const Sight& sight, const Policy& policy,
                                  Timestamp now);

// What a transition makes of its incident: the row to store. nullopt: it is no
// longer open. For Opened, id and number are the store's to fill in.
std::optional<OpenIncident> outcome_of(const Transition& transition,
                                       Timestamp now);

// 32 hex of SHA-256(host \0 uid \0 job), the marker's `k`. For a finding: uid
// is "-", job is id + "\0" + source. A user's own checking puts "~" and the
// name of the user before the host: it closes nothing that the host's opened.
std::string marker_key(std::string_view host, const IncidentKey& key,
                       std::string_view own_of = {});

}  // namespace bezalel::core
