#include "app/host_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/action_limit.h"
#include "app/order.h"
#include "app/remedy.h"
#include "app/sight.h"
#include "base/duration.h"

namespace bezalel::app {
namespace {

using OpenByKey = std::map<core::IncidentKey, const core::OpenIncident*>;

OpenByKey by_key(const std::vector<core::OpenIncident>& open) {
  OpenByKey map;
  for (const core::OpenIncident& i : open) map.emplace(i.key, &i);
  return map;
}

OutputPolicy output_policy(const JudgedJob& judged) {
  return judged.declared ? judged.declared->output : OutputPolicy::notice;
}

RunView run_view(const RunRow& run, OutputPolicy policy) {
  RunView view;
  view.run_id = run.run_id;
  view.start = run.start;
  view.end = run.end;
  if (policy == OutputPolicy::none) forget_output(view);
  return view;
}

void fill_runs(const JudgedJob& judged, JobView& view) {
  const OutputPolicy policy = output_policy(judged);
  view.output_stays = policy != OutputPolicy::notice;
  for (auto i = judged.runs.rbegin(); i != judged.runs.rend(); ++i) {
    if (!view.last_run) view.last_run = run_view(*i, policy);
    if (i->end && i->end->outcome == record::Outcome::ok) {
      view.last_ok_run = run_view(*i, policy);
      break;
    }
  }
}

void fill_expectation(const JudgedJob& judged, JobView& view) {
  const auto& expectation = judged.job.expectation;
  if (!expectation) {
    // Of what nothing watches the line is all that is known.
    if (judged.scheduled && judged.scheduled->job.expectation) {
      view.schedule =
          schedule::describe(judged.scheduled->job.expectation->schedule);
    }
    return;
  }
  view.source = core::to_string(expectation->source);
  view.where = expectation->where;
  view.schedule = schedule::describe(expectation->schedule);
}

void fill_unwatched(const ScheduledJob& job, const std::string& bezalel,
                    JobView& view) {
  view.unwatched = UnwatchedView{job.command, remedy(job, bezalel)};
  if (!view.where.empty()) return;
  view.where = job.source;
  if (job.line) view.where += fmt::format(":{}", *job.line);
}

JobView view_of(const JudgedJob& judged, Timestamp now,
                const ViewContext& context, const OpenByKey& incidents) {
  const core::Job& job = judged.job;
  const core::Facts& facts = judged.facts;
  JobView view;
  view.key = job.key;
  view.verdict = judged.verdict;
  view.user = context.users.name_of(job.key.uid);
  view.severity = core::severity_of(job, judged.verdict);
  view.since = core::since_of(judged.verdict);
  view.last_success = facts.last_success;
  if (facts.last_success) view.age = now - *facts.last_success;
  view.interval = core::interval_of(job, facts, now);
  view.ratio = core::ratio_of(job, facts, now);
  if (const auto window = core::window_of(job, facts)) {
    view.due = window->due;
    view.deadline = window->deadline;
  }
  const core::Status status = core::status_of(judged.verdict);
  if (status != core::Status::ok) view.cause = cause_of(judged);
  if (judged.gone) {
    view.because = gone_text(*judged.gone, judged.hidden_by);
  }
  view.evidence = evidence_of(judged);
  view.declared = job.declared;
  if (view.where.empty() && judged.declared)
    view.where = judged.declared->where;
  fill_expectation(judged, view);
  if (status == core::Status::unwatched && judged.scheduled) {
    fill_unwatched(judged.scheduled->job, context.settings.bezalel, view);
  }
  fill_runs(judged, view);
  if (job.paused) view.paused = *job.paused;
  const auto key = core::IncidentKey::of(job.key);
  if (const Silence* s = context.memory.silence_of(key, now)) {
    view.silenced = SilencedView{s->until, s->who, s->why};
  }
  if (const auto found = incidents.find(key); found != incidents.end()) {
    const core::OpenIncident* open = found->second;
    view.incident = open->id;
    view.acked = open->acked;
    const auto closing = closing_of(*open, context.settings.policy.close_hold);
    // Bad again since the last cycle, it is not about to close.
    if (closing && !is_bad(view)) view.closing = *closing;
    if (!action_key(open->verdict).empty()) {
      view.tried = why_untried(judged.declared, open->verdict);
      if (view.tried.empty()) view.tried = "nothing yet";
    }
  }
  return view;
}

// Declared jobs that cannot be judged and left no trace: nothing else counts
// them.
int refused_and_unknown(const ViewContext& context, const Look& look) {
  int count = 0;
  if (!context.only.empty()) return 0;
  for (const core::JobKey& key : context.settings.refused_jobs) {
    if (!context.memory.known.find(key) && !find_job(look, key)) ++count;
  }
  return count;
}

CoverageView coverage_view(const Coverage& coverage) {
  CoverageView view;
  view.watched = coverage.watched();
  view.of = coverage.of();
  for (const CoveredJob& c : coverage.jobs) {
    if (c.watched) continue;
    view.not_watched.push_back({c.job.key.job, c.lost_wrapper
                                                   ? "lost its wrapper"
                                               : c.known.baseline ? ""
                                                                  : "new"});
  }
  return view;
}

void fill_channels(const ViewContext& context, HostView& view) {
  for (const ChannelSettings& settings : context.settings.channels) {
    ChannelView channel;
    channel.name = settings.name;
    for (const ChannelState& state : context.memory.channels) {
      if (state.channel != settings.name) continue;
      channel.last_sent = state.last_sent;
      channel.failing_since = state.failing_since;
      channel.last_error = state.last_error;
      channel.dead = state.dead;
    }
    for (const OutboxRow& row : context.memory.outbox) {
      if (row.channel == settings.name) ++channel.waiting;
    }
    view.channels.push_back(std::move(channel));
  }
  view.outbox_absent = waiting_for_absent(context.memory, context.settings);
  view.outbox_waiting = static_cast<int>(context.memory.outbox.size());
}

// What is wrong with the host is so for each of its jobs.
bool concerns(const Finding& f, const std::vector<JobView>& jobs) {
  if (f.source == "host") return true;
  return std::any_of(jobs.begin(), jobs.end(), [&](const JobView& j) {
    const std::string place =
        f.line ? f.source + ":" + std::to_string(*f.line) : f.source;
    return f.source == j.key.job || j.where == place;
  });
}

}  // namespace

HostView make_host_view(const Look& look, const ViewContext& context) {
  HostView view;
  const Timestamp now = look.now.wall;
  view.host = context.settings.host;
  view.zone = context.settings.zone;
  view.bezalel = context.settings.bezalel;
  view.now = now;
  view.heartbeats_dir = context.heartbeats_dir;
  view.jobs_dir = context.jobs_dir;
  view.owner = context.owner;
  view.findings = look.findings;
  view.not_seen = look.not_seen;
  view.settings_exist = context.settings_exist;
  view.check_every = context.settings.check_every;
  view.as_root = context.as_root;
  view.dead_man_ping = context.memory.dead_man.last;
  view.dead_man_failing = context.memory.dead_man.failing_since;
  view.told = context.told;
  view.shared_names = look.shared_names;
  const OpenByKey incidents = by_key(context.memory.open);
  int unseen = 0;
  for (const JudgedJob& judged : look.jobs) {
    const auto& only = context.only;
    if (!only.empty() &&
        std::find(only.begin(), only.end(), judged.job.key) == only.end()) {
      continue;
    }
    if (!judged.seen) {
      ++unseen;
      continue;
    }
    view.jobs.push_back(view_of(judged, now, context, incidents));
    if (auto cause = explained_by(judged, look.findings)) {
      view.jobs.back().explained_by = *std::move(cause);
    }
  }
  if (context.coverage && context.coverage->known) {
    view.coverage = coverage_view(*context.coverage);
  }
  if (!context.only.empty()) {
    std::erase_if(view.findings,
                  [&](const Finding& f) { return !concerns(f, view.jobs); });
  }
  sort_worst_first(view.jobs);
  sort_worst_first(view.findings);
  view.counts = count(view.jobs);
  view.counted_ok = look.counted_ok;
  view.counts.ok += look.counted_ok;
  view.counts.late += look.counted_late;
  view.counts.evaluated += look.counted_ok + look.counted_late;
  view.counts.of += look.counted_ok + look.counted_late + unseen;
  const int refused = refused_and_unknown(context, look);
  view.counts.of += refused;
  view.complete = look.not_seen.empty() && unseen == 0 && refused == 0;
  fill_channels(context, view);
  view.close_hold = context.settings.policy.close_hold;
  if (context.memory.last_cycle)
    view.last_cycle = context.memory.last_cycle->at;
  for (const Silence& s : context.memory.silences) {
    if (s.since <= now && s.until > now) view.silences.push_back(s);
  }
  view.exit = exit_status(view);
  return view;
}

void forget_output(RunView& run) {
  if (run.end) run.end->out = run.end->err = {};
  run.output_hidden = true;
}

std::vector<RunView> run_views(const JudgedJob& judged, const LifeOf& life_of) {
  std::vector<RunView> views;
  for (auto i = judged.runs.rbegin(); i != judged.runs.rend(); ++i) {
    RunView view = run_view(*i, output_policy(judged));
    if (!i->end && i->start) view.life = life_of(*i->start);
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace bezalel::app
