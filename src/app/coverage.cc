#include "app/coverage.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "app/doubles.h"
#include "record/job_name.h"

namespace bezalel::app {
namespace {

using Place = std::pair<core::JobKey, std::string>;  // key, source

// A day's grain is enough for "last seen"; it alone is not worth a write.
bool worth_a_write(const KnownSchedule& before, KnownSchedule after) {
  if (after.last_seen - before.last_seen >= std::chrono::days(1)) return true;
  after.last_seen = before.last_seen;
  return before != after;
}

class Coverer {
 public:
  Coverer(Inventory inventory, const std::vector<KnownSchedule>& remembered,
          const JobEvidence& evidence, Timestamp now)
      : inventory_(std::move(inventory)), evidence_(evidence), now_(now) {
    for (const KnownSchedule& k : remembered) {
      remembered_.emplace(Place{k.key, k.source}, &k);
      if (k.was_wrapped) once_wrapped_.insert(k.key);
    }
    out_.known = true;
    out_.first_sight = remembered.empty();
  }

  Coverage run() {
    std::set<Place> here;
    auto shared = shared_names(inventory_.jobs);
    std::move(shared.begin(), shared.end(),
              std::back_inserter(inventory_.findings));
    for (ScheduledJob& job : inventory_.jobs) {
      if (job.kind == SchedulerKind::at) continue;
      // Equal commands in one source are one entry; the first line stands for
      // it.
      if (!here.insert({job.key, job.source}).second) {
        note_equal(job);
        continue;
      }
      take(std::move(job));
    }
    for (ScheduledJob& line : inventory_.lines) {
      here.insert({line.key, line.source});
      take_line(std::move(line));
    }
    std::vector<const KnownSchedule*> missed;
    for (const auto& [place, known] : remembered_) {
      if (!here.contains(place)) missed.push_back(known);
    }
    find_edits(missed);
    for (const KnownSchedule* known : missed) miss(*known);
    std::sort(
        out_.gone.begin(), out_.gone.end(), [](const auto& a, const auto& b) {
          return std::tie(b.gone_since, a.key) < std::tie(a.gone_since, b.key);
        });
    auto twice = started_twice(out_.jobs);
    out_.twice.insert(out_.twice.end(), twice.begin(), twice.end());
    out_.findings = std::move(inventory_.findings);
    std::erase_if(out_.findings, [&](const Finding& f) {
      return f.unless_known && is_known(*f.unless_known);
    });
    out_.sources_unseen = std::move(inventory_.sources_unseen);
    return std::move(out_);
  }

 private:
  Proof proof_of(const ScheduledJob& job,
                 const std::optional<Timestamp>& unwrapped_since) const {
    const Proof proof = app::proof_of(job.watch);
    if (proof > Proof::heartbeat) return proof;
    const auto newest = evidence_.newest_proof(job.key);
    const bool own = newest && (!unwrapped_since || *newest > *unwrapped_since);
    return own ? Proof::heartbeat : proof;
  }

  void take(ScheduledJob job) {
    const auto found = remembered_.find({job.key, job.source});
    const KnownSchedule* before =
        found == remembered_.end() ? nullptr : found->second;
    KnownSchedule known = before ? *before : KnownSchedule{};
    // Moved here out of an adopted table: its old proof is of there.
    if (!before) known.was_wrapped = once_wrapped_.contains(job.key);
    CoveredJob covered;
    covered.newly_wrapped = before && !before->is_wrapped() &&
                            app::proof_of(job.watch) == Proof::wrapped;
    note_wrapper(job, known);
    covered.proof = proof_of(job, known.unwrapped_since);
    covered.watched = is_watched(job, covered.proof);
    covered.proof_is_old =
        covered.proof <= Proof::starts &&
        (known.unwrapped_since || evidence_.ran_in_shell(job.key));
    known.key = job.key;
    known.source = job.source;
    known.line = job.line.value_or(0);
    known.package = job.package;
    if (!before) known.first_seen = now_;
    known.last_seen = now_;
    if (before && before->schedule != job.schedule) {
      known.former_schedule = before->schedule;
      known.schedule_changed = now_;
    }
    known.schedule = job.schedule;
    known.gone_since.reset();
    known.commented_out = false;
    if (job.log_start)
      known.log_start = std::max(known.log_start, job.log_start);
    note_result(job, known);
    judge_watch(known, covered);
    if (!before || worth_a_write(*before, known)) out_.to_put.push_back(known);
    covered.known = std::move(known);
    covered.job = std::move(job);
    out_.jobs.push_back(std::move(covered));
  }

  void note_result(const ScheduledJob& job, KnownSchedule& known) const {
    if (app::proof_of(job.watch) != Proof::systemd || !job.timer) return;
    auto& failure = known.failure;
    if (auto fresh = failure_of(*job.timer)) failure = std::move(fresh);
    if (!failure) return;
    // A clock that was ahead then must not outdate every success.
    failure->at = std::min(failure->at, now_);
    if (success_of(*job.timer) > failure->at) failure.reset();
  }

  void note_wrapper(const ScheduledJob& job, KnownSchedule& known) const {
    if (app::proof_of(job.watch) == Proof::wrapped) {
      known.was_wrapped = true;
      known.unwrapped_since.reset();
    } else if (known.was_wrapped && !known.unwrapped_since) {
      known.unwrapped_since = now_;
    }
  }

  void take_line(ScheduledJob line) {
    const auto found = remembered_.find({line.key, line.source});
    if (found != remembered_.end()) out_.to_drop.push_back(*found->second);
    CoveredJob covered;
    covered.proof = proof_of(line, {});
    const bool ran = evidence_.ran_in_shell(line.key);
    if (covered.proof < Proof::heartbeat && !ran) return;
    covered.left_to_scripts = covered.proof <= Proof::heartbeat;
    covered.watched = true;
    covered.known.key = line.key;
    covered.known.source = line.source;
    covered.known.line = line.line.value_or(0);
    covered.known.schedule = line.schedule;
    covered.job = std::move(line);
    out_.lines.push_back(std::move(covered));
  }

  void judge_watch(KnownSchedule& known, CoveredJob& covered) const {
    if (covered.watched) {
      known.was_watched = true;
      known.unwatched_since.reset();
      known.baseline = false;
      return;
    }
    covered.lost_wrapper = known.was_watched;
    if (known.unwatched_since) return;
    known.unwatched_since = now_;
    known.baseline = out_.first_sight || was_hidden(known.source);
  }

  bool was_hidden(const std::string& source) const {
    const auto& hidden = evidence_.unseen_before;
    return std::any_of(hidden.begin(), hidden.end(), [&](const auto& place) {
      return lies_in(source, place);
    });
  }

  void note_equal(const ScheduledJob& job) {
    for (std::size_t i = out_.jobs.size(); i-- > 0;) {
      const ScheduledJob& first = out_.jobs[i].job;
      if (first.key != job.key || first.source != job.source) continue;
      // Twice at the same times is a mistake; other times are more schedules.
      const bool same = same_work(first.command, job.command);
      if (same && first.schedule == job.schedule) out_.twice.push_back({i, i});
      return;
    }
  }

  bool could_be_seen(const std::string& source) const {
    const auto& unseen = inventory_.sources_unseen;
    return std::none_of(unseen.begin(), unseen.end(), [&](const auto& place) {
      return lies_in(source, place);
    });
  }

  bool is_known(const core::JobKey& key) const {
    return evidence_.retired(key) ||
           std::any_of(remembered_.begin(), remembered_.end(),
                       [&](const auto& r) { return r.first.first == key; });
  }

  // The same command, now in another source.
  bool has_moved(const KnownSchedule& known) const {
    return std::any_of(out_.jobs.begin(), out_.jobs.end(),
                       [&](const auto& c) { return c.job.key == known.key; });
  }

  bool is_commented_out(const KnownSchedule& known) const {
    const auto& lines = inventory_.commented_out;
    return std::any_of(lines.begin(), lines.end(), [&](const CommentedOut& c) {
      return c.key == known.key && c.source == known.source;
    });
  }

  // A line of the same source that is new and does the same kind of work: maybe
  // under a name that it was given now. One given before is never taken away.
  bool may_be_edit(const KnownSchedule& gone, const CoveredJob& fresh) const {
    if (fresh.job.source != gone.source || fresh.job.key.uid != gone.key.uid ||
        remembered_.contains({fresh.job.key, fresh.job.source})) {
      return false;
    }
    const std::string_view stem = record::name_stem(gone.key.job);
    const bool was_named = stem == gone.key.job;
    return stem == record::name_stem(fresh.job.key.job) ||
           (!was_named && stem == fresh.job.former_stem);
  }

  bool may_be_gone(const KnownSchedule& known) const {
    return !known.gone_since && !is_commented_out(known) &&
           could_be_seen(known.source) && !has_moved(known) &&
           !retired_since(known);
  }

  // Commands that were edited, and whose names changed with them. Each new line
  // stands for one former at most, at the same times, the nearest first: of
  // three that went while one came, two are gone. The only one of its kind may
  // have been given other times as well, where it stands.
  void find_edits(const std::vector<const KnownSchedule*>& missed) {
    struct Pair {
      int apart;
      const KnownSchedule* gone;
      const CoveredJob* fresh;
    };
    std::vector<Pair> pairs;
    std::map<const KnownSchedule*, int> choices;
    std::map<const CoveredJob*, int> rivals;
    for (const KnownSchedule* gone : missed) {
      if (!may_be_gone(*gone)) continue;
      for (const CoveredJob& fresh : out_.jobs) {
        if (!may_be_edit(*gone, fresh)) continue;
        const int apart = std::abs(fresh.known.line - gone->line);
        pairs.push_back({apart, gone, &fresh});
        ++choices[gone];
        ++rivals[&fresh];
      }
    }
    std::stable_sort(
        pairs.begin(), pairs.end(),
        [](const Pair& x, const Pair& y) { return x.apart < y.apart; });
    std::set<const CoveredJob*> taken;
    for (const auto& [apart, gone, fresh] : pairs) {
      const bool same_times = fresh->job.schedule == gone->schedule;
      const bool only = apart == 0 && choices[gone] == 1 && rivals[fresh] == 1;
      if (!same_times && !only) continue;
      if (edited_.contains(gone) || taken.contains(fresh)) continue;
      edited_.insert(gone);
      taken.insert(fresh);
    }
  }

  bool retired_since(const KnownSchedule& known) const {
    const auto at = evidence_.retired(known.key);
    return at && *at >= known.first_seen;
  }

  // Remembered, and not there.
  void miss(const KnownSchedule& before) {
    if (!could_be_seen(before.source)) return;
    if (has_moved(before) || retired_since(before)) {
      out_.to_drop.push_back(before);
      return;
    }
    if (edited_.contains(&before)) {
      out_.edited.push_back(before);
      out_.to_drop.push_back(before);
      return;
    }
    KnownSchedule known = before;
    if (!known.gone_since) known.gone_since = now_;
    known.commented_out = false;
    for (const CommentedOut& c : inventory_.commented_out) {
      if (c.key != known.key || c.source != known.source) continue;
      known.commented_out = true;
      known.line = c.line;
    }
    if (worth_a_write(before, known)) out_.to_put.push_back(known);
    out_.gone.push_back(std::move(known));
  }

  Inventory inventory_;
  const JobEvidence& evidence_;
  const Timestamp now_;
  std::map<Place, const KnownSchedule*> remembered_;
  std::set<core::JobKey> once_wrapped_;  // in any place
  std::set<const KnownSchedule*> edited_;
  Coverage out_;
};

}  // namespace

std::string_view to_string(Proof proof) {
  switch (proof) {
    case Proof::none:
      return "none";
    case Proof::starts:
      return "starts only";
    case Proof::heartbeat:
      return "heartbeat";
    case Proof::wrapped:
      return "wrapped";
    case Proof::systemd:
      return "systemd's own result";
  }
  return "";
}

Proof proof_of(Watch watch) {
  switch (watch) {
    case Watch::shell:
    case Watch::command:
    case Watch::per_script:
    case Watch::within:
      return Proof::wrapped;
    case Watch::systemd:
      return Proof::systemd;
    case Watch::log:
    case Watch::trigger:
      return Proof::starts;
    case Watch::heartbeat:
      return Proof::heartbeat;
    case Watch::none:
      break;
  }
  return Proof::none;
}

bool is_watched(const ScheduledJob& job, Proof proof) {
  return proof > Proof::starts ||
         (proof == Proof::starts && !job.package.empty());
}

int Coverage::watched() const {
  return static_cast<int>(std::count_if(
      jobs.begin(), jobs.end(), [](const auto& c) { return c.watched; }));
}

int Coverage::unwatched_baseline() const {
  return static_cast<int>(std::count_if(
      jobs.begin(), jobs.end(),
      [](const auto& c) { return !c.watched && c.known.baseline; }));
}

const Finding* what_hides(const std::vector<Finding>& findings,
                          const KnownSchedule& gone) {
  for (const Finding& f : findings) {
    if (!f.hides) continue;
    const auto& [places, jobs, why] = *f.hides;
    const bool hidden =
        std::any_of(jobs.begin(), jobs.end(),
                    [&](const core::JobKey& key) {
                      // Its user is gone, too: who it was is known of the place
                      // alone.
                      const bool same =
                          key.uid == gone.key.uid ||
                          (key.uid == kNoUser && gone.source == f.source);
                      return same && key.job == gone.key.job;
                    }) ||
        std::any_of(places.begin(), places.end(), [&](const auto& place) {
          return lies_in(gone.source, place);
        });
    if (hidden) return &f;
  }
  return nullptr;
}

Coverage cover(Inventory inventory,
               const std::vector<KnownSchedule>& remembered,
               const JobEvidence& evidence, Timestamp now) {
  return Coverer(std::move(inventory), remembered, evidence, now).run();
}

}  // namespace bezalel::app
