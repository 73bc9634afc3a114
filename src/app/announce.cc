#include "app/announce.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "app/host_name.h"
#include "app/make_notice.h"
#include "app/sight.h"
#include "app/storm.h"
#include "base/duration.h"

namespace bezalel::app {
namespace {

// From this many at once, and this share of all jobs, opens fold into one.
constexpr std::size_t kStormCount = 5;
constexpr double kStormShare = 0.2;

core::IncidentKey storm_key() {
  return core::IncidentKey::of_finding(kStorm, "host");
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

class Announcer {
 public:
  Announcer(World& world, const Moment& now, Txn& txn, CycleResult& result)
      : world_(world), now_(now), txn_(txn), result_(result) {}

  Result<void> reconcile_all() {
    BZ_TRY(note_host_name(txn_, world_.settings.host));
    core::Sight sight =
        sight_of(result_.look, result_.memory, &result_.coverage);
    BZ_TRY(keep_storm(sight));
    for (const core::Observation& o : sight.bad) {
      if (o.explained_by) {
        members_[*o.explained_by].push_back(member_line(o));
      }
    }
    list_baseline();
    const auto transitions = core::reconcile(result_.memory.open, sight,
                                             world_.settings.policy, now_.wall);
    for (const core::Transition& t : transitions) {
      BZ_TRY(std::visit([&](const auto& x) { return apply(x); }, t));
    }
    return {};
  }

  // Every open incident that is neither silenced nor folded has an `opened` on
  // each of its channels. So a silence that ends, a channel that was added and
  // an ordinary open are the same rule.
  Result<void> tell_untold() {
    BZ_ASSIGN(const auto open, txn_.open_incidents());
    std::vector<core::OpenIncident> untold;
    for (const core::OpenIncident& incident : open) {
      if (is_silenced(incident.key)) continue;
      BZ_ASSIGN(const auto folded, txn_.meta(folded_name(incident.id)));
      if (folded && *folded != std::to_string(incident.id)) continue;
      untold.push_back(incident);
    }
    BZ_TRY(fold_storm(untold));
    for (const core::OpenIncident& incident : untold) {
      BZ_TRY(tell(NoticeKind::opened, incident, {}, {}));
    }
    return {};
  }

 private:
  void list_baseline() {
    auto& members =
        members_[core::IncidentKey::of_finding(kUnwatchedBaseline, "host")];
    for (const CoveredJob& c : result_.coverage.jobs) {
      if (c.watched || !c.known.baseline) continue;
      std::string member = c.job.key.job + " " + c.job.source;
      if (c.job.line) member += fmt::format(":{}", *c.job.line);
      members.push_back(std::move(member));
    }
  }

  // A storm is bad while a member is, and well after the last one.
  Result<void> keep_storm(core::Sight& sight) {
    std::set<core::IncidentKey> still_bad;
    for (const auto& o : sight.bad) still_bad.insert(o.key);
    for (const core::OpenIncident& i : result_.memory.open) {
      if (i.key == storm_key()) storm_ = i;
    }
    if (!storm_) return {};
    int members = 0;
    bool all_seen = true;
    for (const core::OpenIncident& i : result_.memory.open) {
      BZ_ASSIGN(const auto folded, txn_.meta(folded_name(i.id)));
      const bool is_member = folded == std::to_string(storm_->id);
      if (!is_member || sight.well.contains(i.key)) continue;
      if (i.severity == core::Severity::p3) {
        // Reports alone carry it, until it is more than that.
        BZ_TRY(txn_.set_meta(folded_name(i.id), std::to_string(i.id)));
        continue;
      }
      ++members;
      all_seen = all_seen && i.acked;
      members_[storm_key()].push_back(member_line(i));
    }
    if (members > 0 && all_seen) BZ_TRY(see_storm());
    if (members > 0) {
      sight.well.erase(storm_key());
      sight.bad.push_back({storm_key(),
                           storm_->severity,
                           kStorm,
                           storm_->cause,
                           storm_->since,
                           {}});
    } else {
      sight.well.insert(storm_key());
    }
    return {};
  }

  // Whoever has seen each of its members has seen it.
  Result<void> see_storm() {
    if (storm_->acked) return {};
    storm_->acked = now_.wall;
    for (core::OpenIncident& i : result_.memory.open) {
      if (i.key == storm_key()) i.acked = storm_->acked;
    }
    return txn_.update_incident(*storm_);
  }

  Result<void> apply(const core::Opened& opened) {
    BZ_ASSIGN(core::OpenIncident incident, open(opened.observation));
    show("opened", incident, incident.cause);
    return {};
  }

  Result<core::OpenIncident> open(const core::Observation& o) {
    core::OpenIncident incident;
    incident.key = o.key;
    incident.severity = o.severity;
    incident.verdict = o.verdict;
    incident.cause = o.cause;
    incident.since = o.since;
    incident.opened =
        result_.look.clock_untrusted ? std::max(now_.wall, o.since) : now_.wall;
    incident.last_told = incident.opened;
    BZ_ASSIGN(const std::int64_t last, txn_.last_number(o.key));
    incident.number = last + 1;
    BZ_ASSIGN(incident.id, txn_.open_incident(incident));
    BZ_TRY(event("opened", incident.key, incident.id,
                 incident.verdict + ": " + incident.cause));
    return incident;
  }

  Result<void> apply(const core::Changed& changed) {
    const core::OpenIncident& before = changed.incident;
    const core::OpenIncident incident = *core::outcome_of(changed, now_.wall);
    // Empty: the same verdict for another fault.
    const std::string previous =
        before.verdict == incident.verdict ? "" : before.verdict;
    std::string was = previous.empty() ? before.cause : previous;
    if (was == incident.cause) {
      // Nothing but how much it weighs.
      was = core::to_string(before.severity);
    }
    BZ_TRY(txn_.update_incident(incident));
    BZ_TRY(event(
        "changed", incident.key, incident.id,
        fmt::format("{}, was {}: {}", incident.verdict, was, incident.cause)));
    show("changed", incident, fmt::format("was {}: {}", was, incident.cause));
    return tell(NoticeKind::changed, incident, previous, {});
  }

  Result<void> apply(const core::Reminded& reminded) {
    const core::OpenIncident incident = *core::outcome_of(reminded, now_.wall);
    BZ_TRY(txn_.update_incident(incident));
    if (is_silenced(incident.key)) return {};
    BZ_TRY(event("reminded", incident.key, incident.id,
                 "still " + incident.verdict));
    show("reminded", incident,
         "still, after " + format_age(now_.wall - incident.since));
    return tell(NoticeKind::reminder, incident, {}, {});
  }

  Result<void> apply(const core::Closed& closed) {
    const core::OpenIncident& incident = closed.incident;
    BZ_TRY(txn_.close_incident(incident.id, now_.wall, closed.reason));
    // As long as its notice says: to the success, not to this look.
    const Duration took = closed.reason == core::CloseReason::well_again
                              ? lasted(result_.look, incident)
                              : now_.wall - incident.since;
    const std::string text = fmt::format(
        "{} after {}", core::to_string(closed.reason), format_age(took));
    BZ_TRY(event("resolved", incident.key, incident.id, text));
    show("resolved", incident, text);
    return tell(NoticeKind::resolved, incident, {}, closed.reason);
  }

  Result<void> apply(const core::Held& held) {
    return txn_.update_incident(*core::outcome_of(held, now_.wall));
  }

  // Many at once have one cause: one notice that lists them. It has left by the
  // time of a second wave, and may have gone to others than those who are to
  // hear of that: so each of a second wave is told for itself.
  Result<void> fold_storm(std::vector<core::OpenIncident>& untold) {
    if (storm_) return {};
    std::vector<core::OpenIncident> fresh;
    for (const core::OpenIncident& i : untold) {
      // What no channel would hear of makes none of what they do hear of.
      const bool new_job = i.opened == now_.wall && i.key.name != kDrillJob &&
                           i.key.kind == core::IncidentKey::Kind::job &&
                           i.severity != core::Severity::p3;
      if (new_job) fresh.push_back(i);
    }
    const double share =
        static_cast<double>(fresh.size()) /
        static_cast<double>(std::max<std::size_t>(1, all_jobs()));
    if (fresh.size() < kStormCount || share < kStormShare) return {};
    core::Observation o;
    o.key = storm_key();
    o.severity = core::Severity::p2;
    for (const auto& i : fresh) o.severity = std::min(o.severity, i.severity);
    o.verdict = kStorm;
    o.cause = fmt::format("{} jobs went bad at once", fresh.size());
    o.since = now_.wall;
    for (const auto& i : fresh) o.since = std::min(o.since, i.since);
    BZ_ASSIGN(storm_, open(o));
    show("opened", *storm_, storm_->cause);
    // Before its members, as in its notice.
    auto& shown = result_.transitions;
    std::rotate(shown.begin(), shown.end() - 1, shown.end());
    for (const auto& i : fresh) {
      members_[storm_key()].push_back(member_line(i));
    }
    untold.push_back(*storm_);
    for (const core::OpenIncident& i : fresh) {
      BZ_TRY(txn_.set_meta(folded_name(i.id), std::to_string(storm_->id)));
      std::erase_if(untold, [&](const auto& u) { return u.id == i.id; });
    }
    return {};
  }

  std::size_t all_jobs() const {
    return result_.look.jobs.size() +
           static_cast<std::size_t>(result_.look.counted_ok +
                                    result_.look.counted_late);
  }

  // A silence of a job holds for what is found about it.
  bool is_silenced(const core::IncidentKey& key) const {
    const auto subject = subject_of(result_.look.findings, key);
    const Memory& memory = result_.memory;
    return memory.silence_of(key, now_.wall) ||
           (subject &&
            memory.silence_of(core::IncidentKey::of(*subject), now_.wall));
  }

  // Of an incident or an observation.
  std::string member_line(const auto& of) const {
    const std::string user = user_to_name(of.key);
    return (user.empty() ? "" : user + "/") + of.key.name + " " + of.verdict;
  }

  // Whose it is, where several users have a job of that name; else empty.
  std::string user_to_name(const core::IncidentKey& key) const {
    const bool shared = key.kind == core::IncidentKey::Kind::job &&
                        result_.look.shared_names.contains(key.name);
    return shared ? world_.users.name_of(key.uid) : "";
  }

  Result<void> tell(NoticeKind kind, const core::OpenIncident& incident,
                    const std::string& previous,
                    std::optional<core::CloseReason> reason) {
    NoticeContext context{world_.settings, result_.look, world_.users,
                          world_.new_id(now_.wall), world_.as_root};
    BZ_ASSIGN(context.opened_as, opened_as(txn_, incident.id));
    Notice notice = make_notice(kind, incident, context, previous, reason);
    const auto members = members_.find(incident.key);
    if (kind != NoticeKind::resolved && members != members_.end()) {
      notice.members = members->second;
    }
    auto routed = route(world_.settings, incident.key, incident.severity,
                        world_.channels);
    // Nobody will remember to close it; the dead man and `check` tell, too.
    if (is_uncommitted(incident.key)) {
      std::erase_if(routed, [](const auto& name) { return name != "local"; });
    }
    for (const std::string& name : names_for(kind)) {
      BZ_ASSIGN(const bool enqueued, is_enqueued(incident.id, name));
      const bool wanted = kind == NoticeKind::opened
                              ? !enqueued && contains(routed, name)
                              : enqueued;
      if (!wanted) continue;
      if (kind == NoticeKind::changed || kind == NoticeKind::reminder) {
        if (is_silenced(incident.key)) continue;
      }
      OutboxRow row;
      row.incident_id = incident.id;
      row.channel = name;
      row.notice = encode(notice);
      row.created = now_.wall;
      row.next_attempt = now_.wall;
      BZ_TRY(txn_.enqueue(row));
      if (waiting_) waiting_->emplace(incident.id, name);
    }
    return {};
  }

  // A cycle that cannot write its state is the one that is told of this.
  bool is_uncommitted(const core::IncidentKey& key) const {
    const auto& findings = world_.store_findings;
    return is_of_state(key.name) &&
           std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& f) { return f.id == key.name; });
  }

  // Of the channels that are set now; and for `resolved` of all that were ever
  // used, since settings that cannot be read today are mended tomorrow.
  std::set<std::string> names_for(NoticeKind kind) const {
    std::set<std::string> names;
    for (const auto& channel : world_.channels) names.insert(channel->name());
    if (kind != NoticeKind::resolved) return names;
    for (const ChannelState& c : result_.memory.channels) {
      names.insert(c.channel);
    }
    return names;
  }

  // `resolved` goes where `opened` went or will go, and nowhere else.
  Result<bool> is_enqueued(std::int64_t incident, const std::string& channel) {
    BZ_ASSIGN(const bool told, txn_.was_told(incident, channel));
    if (told) return true;
    if (!waiting_) {
      BZ_ASSIGN(const auto rows, txn_.outbox());
      waiting_.emplace();
      for (const auto& row : rows) {
        waiting_->emplace(row.incident_id, row.channel);
      }
    }
    return waiting_->contains({incident, channel});
  }

  Result<void> event(const char* kind, std::optional<core::IncidentKey> key,
                     std::int64_t incident, std::string text) {
    return txn_.add_event(
        {0, now_.wall, kind, std::move(key), incident, std::move(text)});
  }

  void show(const char* what, const core::OpenIncident& incident,
            std::string text) {
    result_.transitions.push_back({what,
                                   incident.severity,
                                   incident.key,
                                   incident.verdict,
                                   std::move(text),
                                   {},
                                   incident.id,
                                   user_to_name(incident.key)});
  }

  World& world_;
  const Moment& now_;
  Txn& txn_;
  CycleResult& result_;
  std::optional<core::OpenIncident> storm_;
  // What a storm holds and a cause explains, in this look.
  std::map<core::IncidentKey, std::vector<std::string>> members_;
  // Incident and channel of what the outbox holds, once it was read.
  std::optional<std::set<std::pair<std::int64_t, std::string>>> waiting_;
};

}  // namespace

const Route* route_of(const Settings& settings, core::Severity severity) {
  auto found = settings.routes.find(std::string(to_string(severity)));
  if (found == settings.routes.end()) found = settings.routes.find("default");
  return found == settings.routes.end() ? nullptr : &*found;
}

std::vector<std::string> route(
    const Settings& settings, const core::IncidentKey& key,
    core::Severity severity, const std::vector<std::unique_ptr<Channel>>& all) {
  std::vector<std::string> names;
  const bool drill =
      key.kind == core::IncidentKey::Kind::job && key.name == kDrillJob;
  const Route* by = route_of(settings, severity);
  for (const auto& channel : all) {
    const std::string& name = channel->name();
    bool wanted = drill || name == "local";
    if (!drill && severity == core::Severity::p3) {
      // Reports carry it; a finding goes to trackers besides.
      wanted =
          channel->is_tracker() && key.kind == core::IncidentKey::Kind::finding;
    } else {
      wanted = wanted || by == nullptr || contains(by->second, name);
    }
    if (wanted) names.push_back(name);
  }
  return names;
}

Result<void> announce(World& world, const Moment& now, Txn& txn,
                      CycleResult& result) {
  Announcer announcer(world, now, txn, result);
  BZ_TRY(announcer.reconcile_all());
  return announcer.tell_untold();
}

}  // namespace bezalel::app
