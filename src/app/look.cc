#include "app/look.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/gathering.h"
#include "app/host_findings.h"
#include "app/pace.h"
#include "app/proofs.h"
#include "app/reboot.h"
#include "app/schedule_findings.h"
#include "base/duration.h"

namespace bezalel::app {
namespace {

// More different schedules than a host has; beyond, they are read anew.
constexpr std::size_t kSchedulesKept = 256;

class Looker {
 public:
  explicit Looker(const LookInput& in) : in_(in) {
    look_.now = in.now;
    look_.gap =
        gap_since(in.memory.last_cycle, in.now, in.settings.longest_lapse());
    if (const auto& last = in.memory.last_cycle) {
      look_.step =
          clock_step({last->at, last->boottime, last->boot_id}, in.now);
    }
    look_.clock_untrusted = !clock_is_believable(in.memory.last_cycle, in.now);
    auto zone = schedule::Zone::load(in.settings.zone);
    zone_ = zone ? *zone : schedule::Zone::utc();
    for (const core::Gap& gap : in.memory.gaps) {
      gaps_.push_back({gap.from + look_.step, gap.to + look_.step, gap.asleep});
    }
    if (look_.gap) gaps_.push_back(look_.gap->gap);
    for (const core::OpenIncident& i : in.memory.open) open_.insert(i.key);
  }

  Look run() {
    look_.findings = in_.settings.findings;
    look_.findings.insert(look_.findings.end(), in_.scan.findings.begin(),
                          in_.scan.findings.end());
    gather_all();
    add_host_findings(in_, look_);
    for (const Finding& f : in_.scan.findings) {
      if (f.id == "home-unreadable" || f.id == "dir-unreadable") {
        look_.not_seen.push_back(f.message);
      } else if (f.id == "dir-flooded") {
        look_.not_seen.push_back(f.source + ": " + f.message);
      }
    }
    if (!in_.state_trouble.empty()) {
      look_.not_seen.push_back(in_.state_trouble);
    }
    return std::move(look_);
  }

 private:
  void gather_all() {
    const Gathering gathering(in_);
    gathering.each(
        [&](const core::JobKey& key, const Gathered& g) { take(key, g); });
    if (!gathering.has_several_users()) return;
    std::set<std::string> names;
    for (const JudgedJob& j : look_.jobs) names.insert(j.job.key.job);
    // The end of what was opened as USER/NAME is told under that name.
    for (const auto& [key, retired] : look_.retired) names.insert(key.name);
    look_.shared_names = gathering.shared_among(names);
  }

  // A retired job is gone until something runs it again.
  bool is_gone(const Gathered& g, const core::Facts& facts) const {
    if (!g.known || !g.known->retired) return false;
    const Timestamp retired = g.known->retired->at;
    // What is dated ahead was so when it was retired: nothing runs tomorrow.
    const auto newer = [&](const std::optional<Timestamp>& t) {
      return t && *t > retired && *t <= in_.now.wall;
    };
    if (g.scheduled && g.scheduled->known.first_seen > retired) return false;
    return !newer(facts.last_success) && !newer(facts.last_start) &&
           !newer(facts.row.last_end);
  }

  // Its command has another name since this look; the cycle retires it.
  bool was_edited(const core::JobKey& key) const {
    if (!in_.coverage) return false;
    const auto& edited = in_.coverage->edited;
    return std::any_of(edited.begin(), edited.end(),
                       [&](const KnownSchedule& s) { return s.key == key; });
  }

  // A flood must not silence the jobs that were read all the same.
  bool was_looked_for(const core::JobKey& key, const Gathered& g) const {
    const auto has = [&](const std::vector<std::uint32_t>& uids) {
      return std::find(uids.begin(), uids.end(), key.uid) != uids.end();
    };
    if (has(in_.scan.unseen_uids)) return false;
    return !has(in_.scan.flooded_uids) || g.declared || g.heartbeat;
  }

  void take(const core::JobKey& key, const Gathered& g) {
    if (g.scheduled && g.scheduled->left_to_scripts && !g.declared) {
      look_.left_to_scripts.insert(core::IncidentKey::of(key));
      return;
    }
    if (!g.scheduled && !g.declared && was_edited(key)) return;
    JudgedJob judged;
    judged.job.key = key;
    judged.declared = g.declared;
    judged.scheduled = g.scheduled;
    judged.gone = g.scheduled ? nullptr : g.gone;
    if (judged.gone) {
      judged.hidden_by = what_hides(in_.coverage->findings, *judged.gone);
    }
    Evidence evidence{g.heartbeat,
                      g.known ? &*g.known : nullptr,
                      {},
                      g.scheduled,
                      look_.step};
    if (g.runs) judged.runs = *g.runs;
    if (g.known) judged.success_before = g.known->last_success;
    for (const RunRow& run : judged.runs) evidence.runs.push_back(&run);
    FoldedFacts folded = fold_facts(evidence, in_.now, in_.life_of);
    judged.facts = std::move(folded.facts);
    judged.heartbeat_identity = std::move(folded.heartbeat_identity);
    judged.distrusted = judged.facts.untrusted.has_value();
    if (is_gone(g, judged.facts)) {
      look_.retired.emplace(core::IncidentKey::of(key), *g.known->retired);
      return;
    }
    describe_job(g, judged);
    judged.declaration = newest_declaration(key, g);
    note_schedule(judged);
    judged.seen = was_looked_for(key, g);
    if (judged.seen) note_runs(judged);
    judged.facts.gap = core::gap_that_matters(judged.job, judged.facts, gaps_);
    judged.verdict = core::evaluate(judged.job, judged.facts, in_.now.wall);
    auto* undeclared = std::get_if<core::Undeclared>(&judged.verdict);
    if (undeclared && is_told_of_its_line(judged)) {
      undeclared->alarming = false;
      undeclared->next.reset();
    }
    if (auto f = never_matches(judged, in_.now.wall); f && judged.seen) {
      look_.findings.push_back(*std::move(f));
    }
    if (in_.each && !look_.clock_untrusted) in_.each(judged);
    if (int* count = only_counts(judged)) {
      ++*count;
    } else {
      look_.jobs.push_back(std::move(judged));
    }
  }

  // That nothing can be expected of it alarms as what its line is: one that
  // never matches, or that anacron runs whenever it is started.
  bool is_told_of_its_line(const JudgedJob& judged) const {
    if (!judged.scheduled || judged.declared || !in_.coverage) return false;
    const ScheduledJob& line = judged.scheduled->job;
    const auto& findings = in_.coverage->findings;
    return std::any_of(findings.begin(), findings.end(), [&](const auto& f) {
      return (f.id == "never-runs" || f.id == "line-misread") &&
             f.source == line.source && f.line == line.line;
    });
  }

  void note_runs(const JudgedJob& judged) {
    // What the runs of a line said that is no more is no fault of any.
    if (judged.gone) return;
    const core::JobKey& key = judged.job.key;
    const std::string shown =
        key.uid == 0       ? key.job
        : judged.scheduled ? key.job + " of " + judged.scheduled->job.user
                           : fmt::format("{} of uid {}", key.job, key.uid);
    const ScheduledJob* line =
        judged.scheduled ? &judged.scheduled->job : nullptr;
    const auto note = [&](std::optional<Finding> f) {
      if (!f) return;
      f->about = key;
      look_.findings.push_back(*std::move(f));
    };
    note(option_invalid(judged.runs, shown, line));
    note(reboot_missed(judged.job, judged.runs, in_.now, shown));
    if (judged.job.paused) return;
    note(out_of_pace(key, judged.runs, shown, in_.settings.bezalel));
  }

  // Where a job that need not be kept is counted; null: it is kept.
  int* only_counts(const JudgedJob& judged) {
    if (in_.keep == Keep::all || !judged.seen) return nullptr;
    const core::Status status = core::status_of(judged.verdict);
    const bool is_late = in_.keep == Keep::bad && status == core::Status::late;
    if (!is_late && status != core::Status::ok) return nullptr;
    if (!in_.memory.silences.empty() || !open_.empty()) {
      const auto key = core::IncidentKey::of(judged.job.key);
      if (in_.memory.silence_of(key, in_.now.wall) || open_.contains(key)) {
        return nullptr;
      }
    }
    return is_late ? &look_.counted_late : &look_.counted_ok;
  }

  void describe_job(const Gathered& g, JudgedJob& judged) {
    core::Job& job = judged.job;
    job.declared = g.declared != nullptr;
    job.scheduled = g.scheduled != nullptr;
    job.declared_since = declared_since(g);
    if (const DeclaredJob* d = g.declared) {
      job.expectation = d->expectation;
      job.factor = d->factor;
      job.confirm = d->confirm;
      job.severity = d->severity;
    }
    // Also of one that went with its package.
    if (judged.gone && !g.declared && !judged.gone->package.empty()) {
      job.severity = core::Severity::p3;
    }
    if (job.key.job == kDrillJob) job.severity = core::Severity::p3;
    const auto pause = in_.memory.pauses.find(job.key);
    if (pause != in_.memory.pauses.end()) job.paused = pause->second;
    if (g.scheduled) {
      // What a package brought is for reports, and systemd tells of the last
      // run alone: there is no row of failures to wait for.
      if (!g.declared && !g.scheduled->job.package.empty()) {
        job.severity = core::Severity::p3;
      }
      if (g.scheduled->proof == Proof::systemd && !job.confirm) job.confirm = 1;
      if (g.scheduled->proof > Proof::none) {
        job.expectation = core::choose(std::move(job.expectation),
                                       g.scheduled->job.expectation);
      }
    }
    // What a wrapper said of its runs is nothing to wait for without it.
    if (g.scheduled && g.scheduled->proof_is_old) return;
    job.expectation = core::choose(
        std::move(job.expectation),
        core::choose(from_runs(g, judged), from_heartbeat(g, judged)));
  }

  // What only the inventory can know, or the declaration that once was.
  static void note_schedule(JudgedJob& judged) {
    if (judged.gone) judged.facts.vanished_since = judged.gone->gone_since;
    // What is expected by other means is watched on.
    const bool unexpected =
        !judged.scheduled && !judged.gone && !judged.job.expectation;
    if (unexpected && judged.declaration) {
      judged.facts.vanished_since = judged.declaration->gone_since;
    }
    if (const CoveredJob* c = judged.scheduled; c && !c->watched) {
      if (!c->known.baseline) {
        judged.facts.unwatched_since = c->known.unwatched_since;
      }
    }
  }

  Boxed<Declaration> newest_declaration(const core::JobKey& key,
                                        const Gathered& g) const {
    // To send no reports any more is what somebody decided.
    if (key.job == kReportJob) return {};
    if (g.declared) {
      const std::string& where = g.declared->where;
      return Declaration{where.substr(0, where.rfind(':')), {}};
    }
    if (!g.known || !g.known->declaration) return {};
    Declaration declaration = *g.known->declaration;
    if (declaration.gone_since || may_still_be_in(declaration.file, key)) {
      return declaration;
    }
    declaration.gone_since = in_.now.wall;
    return declaration;
  }

  bool may_still_be_in(const std::string& file, const core::JobKey& key) const {
    const auto& unread = in_.settings.unread;
    const auto& refused = in_.settings.refused_jobs;
    return std::any_of(
               unread.begin(), unread.end(),
               [&](const auto& place) { return lies_in(file, place); }) ||
           std::any_of(refused.begin(), refused.end(),
                       [&](const auto& job) { return job.job == key.job; });
  }

  Timestamp declared_since(const Gathered& g) const {
    // What nobody recorded so far owes its first record from now on.
    if (g.scheduled && g.scheduled->newly_wrapped) return in_.now.wall;
    std::optional<Timestamp> earliest;
    const auto consider = [&](Timestamp t) {
      if (!earliest || t < *earliest) earliest = t;
    };
    if (g.known) consider(g.known->first_seen + look_.step);
    if (!g.known && g.declared) consider(g.declared->file_mtime);
    return std::min(earliest.value_or(in_.now.wall), in_.now.wall);
  }

  std::optional<core::Expectation> from_runs(const Gathered& g,
                                             const JudgedJob& judged) {
    for (auto i = judged.runs.rbegin(); i != judged.runs.rend(); ++i) {
      if (i->start && !i->start->schedule.empty()) {
        return told(make(i->start->schedule, core::ExpectationSource::run),
                    judged.job.key);
      }
    }
    if (!g.known) return std::nullopt;
    return sense(g.known->schedule, core::ExpectationSource::run,
                 judged.job.key);
  }

  std::optional<core::Expectation> from_heartbeat(const Gathered& g,
                                                  JudgedJob& judged) {
    if (!g.heartbeat || !g.heartbeat->beat) return std::nullopt;
    const Beat& h = *g.heartbeat->beat;
    const auto source = core::ExpectationSource::heartbeat_file;
    judged.heartbeat_schedule = h.schedule;
    if (auto said = sense(h.schedule, source, judged.job.key)) return said;
    if (!h.interval || *h.interval <= Duration::zero()) return std::nullopt;
    auto text = h.schedule ? *h.schedule : record::ScheduleText();
    // The one that stood beside it makes no sense.
    text.cron.reset();
    text.calendar.reset();
    text.every = format_seconds(*h.interval);
    judged.heartbeat_schedule = intervals_.of(std::move(text));
    return core::Expectation{
        schedule::Every{*h.interval}, {}, {}, source, {}, {}};
  }

  using Sensed = Result<std::optional<core::Expectation>>;

  Sensed make(const record::ScheduleText& text,
              core::ExpectationSource source) const {
    return core::expectation_from(text, source, zone_);
  }

  std::optional<core::Expectation> sense(const record::SharedSchedule& text,
                                         core::ExpectationSource source,
                                         const core::JobKey& key) {
    if (!text) return std::nullopt;
    // Their places stay taken as long as the input does.
    const std::pair place(text.get(), source);
    const auto found = sensed_.find(place);
    if (found != sensed_.end()) return told(found->second, key);
    Sensed made = make(*text, source);
    if (sensed_.size() < kSchedulesKept) sensed_.emplace(place, made);
    return told(made, key);
  }

  // What came of a schedule; a finding where it makes no sense.
  std::optional<core::Expectation> told(const Sensed& made,
                                        const core::JobKey& key) {
    if (made) return *made;
    Finding f = schedule_invalid(key, made.error().what);
    // A job's runs and its heartbeat say the same; once is enough.
    const bool said = std::any_of(
        look_.findings.begin(), look_.findings.end(), [&](const Finding& g) {
          return g.id == f.id && g.source == f.source && g.message == f.message;
        });
    if (!said) look_.findings.push_back(std::move(f));
    return std::nullopt;
  }

  const LookInput& in_;
  schedule::Zone zone_ = schedule::Zone::utc();
  std::vector<core::Gap> gaps_;
  std::set<core::IncidentKey> open_;
  std::map<std::pair<const record::ScheduleText*, core::ExpectationSource>,
           Sensed>
      sensed_;
  Interner<record::ScheduleText> intervals_;
  Look look_;
};

}  // namespace

Coverage coverage_of(const std::optional<Inventory>& inventory,
                     const Settings& settings, const HeartbeatScan& scan,
                     const Memory& memory, const Moment& now) {
  if (!inventory) return {};
  const auto proofs = proofs_of(*inventory, settings, scan, memory);
  const auto retired =
      [&](const core::JobKey& key) -> std::optional<Timestamp> {
    const auto known = memory.known.find(key);
    if (!known || !known->retired) return std::nullopt;
    return known->retired->at;
  };
  return cover(
      *inventory, memory.inventory,
      {[&](const core::JobKey& key) { return proofs.at(key).newest; },
       [&](const core::JobKey& key) { return proofs.at(key).by_shell; },
       retired, memory.unseen_sources},
      now.wall);
}

Look look(const LookInput& input) {
  return Looker(input).run();
}

const JudgedJob* find_job(const Look& look, const core::JobKey& key) {
  const auto found = std::lower_bound(
      look.jobs.begin(), look.jobs.end(), key,
      [](const JudgedJob& j, const core::JobKey& k) { return j.job.key < k; });
  return found != look.jobs.end() && found->job.key == key ? &*found : nullptr;
}

const JudgedJob* find_job(const Look& look, const core::IncidentKey& key) {
  if (key.kind != core::IncidentKey::Kind::job) return nullptr;
  return find_job(look, core::JobKey{key.uid, key.name});
}

}  // namespace bezalel::app
