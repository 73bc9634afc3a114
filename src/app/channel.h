// Notices, and the port they leave by.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/incident.h"

namespace bezalel::app {

enum class NoticeKind {
  opened,
  changed,
  reminder,
  resolved,
  action,
  test,
  report
};
std::string_view to_string(NoticeKind k);
std::optional<NoticeKind> parse_notice_kind(std::string_view text);

// A row of the facts table of an issue: "Expected" | "every 1d; ...".
struct Fact {
  std::string name;
  std::string text;  // plain, not escaped
};

// Everything a channel needs to say about one incident, taken as a snapshot in
// the transaction that made the notice; it is stored as JSON in the outbox.
// All text is plain and may be hostile: the renderers escape it.
struct Notice {
  std::string event_id;  // ULID; webhook id, mail Message-ID, comment marker
  NoticeKind kind = NoticeKind::opened;
  std::string host;
  core::IncidentKey key;
  std::string marker;            // core::marker_key
  std::int64_t number = 1;       // `e`
  std::int64_t incident_id = 0;  // the store's
  std::string user;              // the job's user name; for screens
  core::Severity severity = core::Severity::p1;
  std::string verdict;
  std::string previous_verdict;  // changed only
  std::string cause;             // one sentence
  Timestamp since;               // when the bad state began
  Timestamp opened;              // when it was noticed
  Timestamp at;                  // of this event
  std::optional<Timestamp> last_success;
  std::optional<Duration> interval;
  std::optional<double> ratio;
  std::optional<Timestamp> deadline;
  std::optional<Duration> downtime;  // resolved: from since to the success
  std::string
      sentence;  // comments: "Still stale after 1d. No run has started."
  std::vector<Fact> facts;            // the table, in order
  std::string command;                // redacted; empty: not known
  std::vector<std::string> output;    // last lines, redacted, at most 20
  std::uint64_t output_lines = 0;     // lines in all
  std::vector<std::string> members;   // a storm's or cause's jobs
  std::vector<std::string> commands;  // to type, each a line; "# ..." comments
  std::string zone;                   // IANA name for local times
  bool possible_repeat = false;       // an earlier attempt's fate is unknown
  bool name_is_shared = false;        // another user has a job of this name
  // The addresses that have not had it yet; empty: all of the channel's.
  std::vector<std::string> only_to;
};

std::string encode(const Notice& notice);  // JSON
Result<Notice> decode_notice(std::string_view json);

// What became of one attempt. Success is checked: status and body.
struct Sent {
  // How the channel names what it made (issue number); kept for the incident.
  std::optional<std::string> remote_ref;
  // A tracker's issue was closed by a person while the incident is open: that
  // is an ack. It is never opened again by us.
  bool closed_by_human = false;
  // Delivered, but something about it should be told (one line, escaped): a
  // label that may not be set, a foreign issue with our marker. May be empty.
  std::string note;
  // Of several addresses those that could not take it now; it is tried again
  // for them alone.
  std::vector<std::string> not_yet = {};
};
struct RetryLater {
  std::string why;                // one line, no secret
  std::optional<Duration> after;  // Retry-After
  // The request may have been carried out: find before doing it again.
  bool unknown_fate = false;
  // Only this notice has to wait; the channel itself is well.
  bool only_this = false;
};
// Will not work until somebody changes something: the channel is dead, the
// row stays in the outbox and is tried again every 6 h and as soon as the
// channel's settings or token change.
struct GaveUp {
  std::string why;
};
using Delivery = std::variant<Sent, RetryLater, GaveUp>;

// Where a channel can deliver right now, for doctor and init.
struct Health {
  bool ok = false;
  std::string detail;  // "token valid, may write issues" or what is wrong
  std::string fix;     // what to do; empty: nothing
};

class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;

  virtual const std::string& name() const = 0;
  // Trackers keep one issue per incident and get no separate title per event.
  virtual bool is_tracker() const { return false; }
  // `remote_ref`: what an earlier Sent of this incident gave. Bounded in time
  // (15 s; a tracker that answers, but slowly, four times that); never throws.
  virtual Delivery deliver(const Notice& notice,
                           const std::optional<std::string>& remote_ref) = 0;
  // Of trackers: closes those of our own open issues that nobody remembers and
  // of whose marker and body `is_over` is true. How many there were.
  using IsOver =
      std::function<bool(const std::string& marker, std::string_view body)>;
  virtual Result<int> close_forgotten(const IsOver&) { return 0; }
  // Looks whether an alarm would get through; sends nothing a person sees.
  virtual Health probe() = 0;
};

}  // namespace bezalel::app
