#include "core/incident.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/sha256.h"

namespace bezalel::core {
namespace {

constexpr std::size_t kMarkerDigits = 32;

bool worse(const Observation& a, const Observation& b) {
  return std::tie(a.severity, a.verdict, a.cause, a.since) <
         std::tie(b.severity, b.verdict, b.cause, b.since);
}

// One cycle: what is open, what was seen, and the transitions between them.
class Cycle {
 public:
  Cycle(const std::vector<OpenIncident>& open, const Sight& sight,
        const Policy& policy, Timestamp now)
      : sight_(sight), policy_(policy), now_(now) {
    for (const OpenIncident& incident : open) open_.push_back(&incident);
    std::sort(open_.begin(), open_.end(), [](const auto* a, const auto* b) {
      return std::tie(a->key, a->id) < std::tie(b->key, b->id);
    });
    for (const Observation& seen : sight.bad) note(seen);
  }

  std::vector<Transition> run() {
    // What is well closes first: an explanation must know what stays open.
    for (const OpenIncident* incident : open_) {
      if (!bad_.contains(incident->key)) not_bad(*incident);
    }
    for (const OpenIncident* incident : open_) {
      const auto seen = bad_.find(incident->key);
      if (seen != bad_.end()) still_bad(*incident, *seen->second);
    }
    open_new();
    return assembled();
  }

 private:
  void note(const Observation& seen) {
    if (sight_.retired.contains(seen.key)) return;
    const auto [at, fresh] = bad_.emplace(seen.key, &seen);
    if (!fresh && worse(seen, *at->second)) at->second = &seen;
  }

  bool is_well(const IncidentKey& key) const {
    return sight_.well.contains(key) ||
           (key.kind == IncidentKey::Kind::finding &&
            sight_.sources_seen.contains(key.source));
  }

  void close(const OpenIncident& incident, CloseReason reason) {
    closes_.push_back(Closed{incident, reason});
  }

  void not_bad(const OpenIncident& incident) {
    if (sight_.retired.contains(incident.key)) {
      close(incident, CloseReason::retired);
    } else if (is_well(incident.key) && held_long_enough(incident)) {
      close(incident, CloseReason::well_again);
    } else {
      staying_.insert(incident.key);
    }
  }

  bool held_long_enough(const OpenIncident& incident) {
    if (policy_.close_hold <= Duration::zero()) return true;
    // A stretch from the future was timed by a clock that has been put back.
    const bool counted = incident.well_since && *incident.well_since <= now_;
    const Timestamp from = counted ? *incident.well_since : well_from(incident);
    if (now_ - from >= policy_.close_hold) return true;
    if (!counted) changes_.push_back(Held{incident, from});
    return false;
  }

  // The success that made it well, where one is known; else this look.
  Timestamp well_from(const OpenIncident& incident) const {
    const auto success = sight_.successes.find(incident.key);
    const bool ended_it = success != sight_.successes.end() &&
                          success->second > incident.since &&
                          success->second <= now_;
    return ended_it ? success->second : now_;
  }

  // Follows the explanations to their end: what is bad by itself, or stays
  // open. Nothing may be explained by itself, however long the way round.
  bool is_explained(const Observation& seen) const {
    std::set<IncidentKey> passed = {seen.key};
    const Observation* at = &seen;
    while (at->explained_by) {
      const IncidentKey& by = *at->explained_by;
      if (!passed.insert(by).second) return false;
      const auto explaining = bad_.find(by);
      if (explaining == bad_.end()) return staying_.contains(by);
      at = explaining->second;
    }
    return at != &seen;
  }

  void still_bad(OpenIncident incident, const Observation& seen) {
    if (is_explained(seen)) return close(incident, CloseReason::explained);
    if (incident.well_since) {
      changes_.push_back(Held{incident, std::nullopt});
      incident.well_since.reset();
    }
    const bool another_fault =
        seen.cause_tells_apart && incident.cause != seen.cause;
    if (incident.verdict != seen.verdict ||
        incident.severity != seen.severity || another_fault) {
      changes_.push_back(Changed{incident, seen});
    } else if (reminder_due(incident)) {
      changes_.push_back(Reminded{incident, seen});
    } else if (incident.key.kind == IncidentKey::Kind::finding &&
               incident.cause != seen.cause) {
      // "15 jobs were never watched", of which 8 are left: no news, but what a
      // list of the open ones says has to be true.
      incident.cause = seen.cause;
      changes_.push_back(Held{incident, incident.well_since});
    }
  }

  bool reminder_due(const OpenIncident& incident) const {
    if (incident.acked || policy_.reminders.empty()) return false;
    // It is for reports, which go on to say it.
    if (incident.severity == Severity::p3) return false;
    const std::size_t told =
        static_cast<std::size_t>(std::max(incident.reminders, 0));
    const Duration wait =
        policy_.reminders[std::min(told, policy_.reminders.size() - 1)];
    if (wait <= Duration::zero()) return false;
    // Either way: a clock put back must not silence reminders for years.
    return now_ - incident.last_told >= wait ||
           incident.last_told - now_ >= wait;
  }

  bool is_open(const IncidentKey& key) const {
    const auto at = std::lower_bound(
        open_.begin(), open_.end(), key,
        [](const OpenIncident* i, const IncidentKey& k) { return i->key < k; });
    return at != open_.end() && (*at)->key == key;
  }

  void open_new() {
    std::vector<const Observation*> fresh;
    for (const auto& [key, seen] : bad_) {
      if (!is_open(key) && !is_explained(*seen)) fresh.push_back(seen);
    }
    std::stable_sort(fresh.begin(), fresh.end(), [](auto* a, auto* b) {
      return a->severity < b->severity;
    });
    for (const Observation* seen : fresh) opens_.push_back(Opened{*seen});
  }

  static const IncidentKey& key_of(const Transition& t) {
    if (const auto* opened = std::get_if<Opened>(&t)) {
      return opened->observation.key;
    }
    if (const auto* changed = std::get_if<Changed>(&t)) {
      return changed->incident.key;
    }
    if (const auto* reminded = std::get_if<Reminded>(&t)) {
      return reminded->incident.key;
    }
    if (const auto* closed = std::get_if<Closed>(&t)) {
      return closed->incident.key;
    }
    return std::get<Held>(t).incident.key;
  }

  std::vector<Transition> assembled() {
    const auto by_key = [](const Transition& a, const Transition& b) {
      return key_of(a) < key_of(b);
    };
    // The two passes each went by key; together they have to be sorted. Stable:
    // the bookkeeping of an incident comes before its change.
    std::stable_sort(closes_.begin(), closes_.end(), by_key);
    std::stable_sort(changes_.begin(), changes_.end(), by_key);
    std::vector<Transition> all = std::move(closes_);
    std::move(changes_.begin(), changes_.end(), std::back_inserter(all));
    std::move(opens_.begin(), opens_.end(), std::back_inserter(all));
    return all;
  }

  const Sight& sight_;
  const Policy& policy_;
  const Timestamp now_;
  std::vector<const OpenIncident*> open_;  // by key
  std::map<IncidentKey, const Observation*> bad_;
  std::set<IncidentKey> staying_;  // open and not bad, and not closing
  std::vector<Transition> closes_, changes_, opens_;
};

OpenIncident told(OpenIncident incident, const Observation& seen,
                  Timestamp now) {
  incident.severity = seen.severity;
  incident.verdict = seen.verdict;
  incident.cause = seen.cause;
  incident.well_since.reset();
  incident.last_told = now;
  return incident;
}

}  // namespace

std::string_view to_string(CloseReason r) {
  switch (r) {
    case CloseReason::well_again:
      return "well again";
    case CloseReason::retired:
      return "retired";
    case CloseReason::explained:
      return "explained";
  }
  return "";
}

std::optional<CloseReason> parse_close_reason(std::string_view text) {
  for (const CloseReason r : {CloseReason::well_again, CloseReason::retired,
                              CloseReason::explained}) {
    if (text == to_string(r)) return r;
  }
  return std::nullopt;
}

std::vector<Transition> reconcile(const std::vector<OpenIncident>& open,
                                  const Sight& sight, const Policy& policy,
                                  Timestamp now) {
  return Cycle(open, sight, policy, now).run();
}

std::optional<OpenIncident> outcome_of(const Transition& transition,
                                       Timestamp now) {
  if (const auto* opened = std::get_if<Opened>(&transition)) {
    OpenIncident incident;
    incident.key = opened->observation.key;
    incident.since = opened->observation.since;
    incident.opened = now;
    return told(std::move(incident), opened->observation, now);
  }
  if (const auto* changed = std::get_if<Changed>(&transition)) {
    return told(changed->incident, changed->observation, now);
  }
  if (const auto* reminded = std::get_if<Reminded>(&transition)) {
    OpenIncident incident =
        told(reminded->incident, reminded->observation, now);
    ++incident.reminders;
    return incident;
  }
  if (const auto* held = std::get_if<Held>(&transition)) {
    OpenIncident incident = held->incident;
    incident.well_since = held->well_since;
    return incident;
  }
  return std::nullopt;
}

std::string marker_key(std::string_view host, const IncidentKey& key,
                       std::string_view own_of) {
  std::string text;
  if (!own_of.empty()) text = "~" + std::string(own_of) + '\0';
  text += host;
  text += '\0';
  if (key.kind == IncidentKey::Kind::job) {
    text += std::to_string(key.uid);
    text += '\0';
    text += key.name;
  } else {
    text += '-';
    text += '\0';
    text += key.name;
    text += '\0';
    text += key.source;
  }
  return to_hex(sha256(text)).substr(0, kMarkerDigits);
}

}  // namespace bezalel::core
