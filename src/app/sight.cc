#include "app/sight.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/cron_findings.h"
#include "base/duration.h"
#include "base/escape.h"
#include "crontab/deciding_guard.h"

namespace bezalel::app {
namespace {

core::Observation observe(const Finding& f, Timestamp now) {
  core::Observation o;
  o.key = core::IncidentKey::of_finding(f.id, f.source);
  o.severity = *f.alarm;
  o.verdict = f.id;
  o.cause = f.message;
  o.since = f.since.value_or(now);
  // Of a file's lines another may be at fault after one was mended; and whoever
  // works through a list, by its issue, wants to see it get shorter.
  o.cause_tells_apart = f.id == kSettingsInvalid || f.line.has_value() ||
                        f.id == kUnwatchedBaseline;
  return o;
}

bool keeps_from_starting(const Finding& f, const ScheduledJob& job) {
  if (job.kind == SchedulerKind::at) return false;
  if (job.kind == SchedulerKind::timer) {
    return f.source == job.source && stops_timer(f.id);
  }
  const bool refuses =
      f.id == kAccountRefused &&
      (f.source == account_of(job.user) || f.source == account_of(kEverybody));
  return stops_cron(f.id) || refuses;
}

// A run in flight says nothing of its own end, and takes nothing from the
// success of another.
bool is_over(const JudgedJob& j, const core::IncidentKey& key,
             const Memory& memory, Timestamp now) {
  if (core::status_of(j.verdict) != core::Status::running) return false;
  return std::any_of(
      memory.open.begin(), memory.open.end(), [&](const core::OpenIncident& i) {
        return i.key == key &&
               core::well_besides_flight(j.job, j.facts, i.since, now);
      });
}

bool lies_unseen(const core::IncidentKey& key, const Coverage* coverage) {
  if (!coverage) return false;
  const auto& unseen = coverage->sources_unseen;
  return std::any_of(unseen.begin(), unseen.end(), [&](const auto& place) {
    return lies_in(key.source, place);
  });
}

// `[ .. ] && work` ends so where the test says no; so may the work.
bool may_be_test(const JudgedJob& job) {
  if (!job.scheduled || job.runs.empty() || !job.runs.back().end) return false;
  const record::RunEnd& end = *job.runs.back().end;
  if (end.exit_code != 1 || end.out.bytes > 0 || end.err.bytes > 0) {
    return false;
  }
  const std::string& command = job.scheduled->job.command;
  const auto shell = crontab::read_shell(command);
  return crontab::deciding_test(shell, command).has_value();
}

}  // namespace

std::optional<core::IncidentKey> explained_by(
    const JudgedJob& j, const std::vector<Finding>& findings) {
  const core::Status status = core::status_of(j.verdict);
  const bool silent =
      status == core::Status::stale || status == core::Status::never;
  if (j.hidden_by && j.hidden_by->alarm &&
      (silent || status == core::Status::vanished)) {
    return core::IncidentKey::of_finding(j.hidden_by->id, j.hidden_by->source);
  }
  if (!silent || !j.scheduled) return std::nullopt;
  for (const Finding& f : findings) {
    if (f.alarm && keeps_from_starting(f, j.scheduled->job)) {
      return core::IncidentKey::of_finding(f.id, f.source);
    }
  }
  return std::nullopt;
}

std::string gone_text(const KnownSchedule& gone, const Finding* hidden_by) {
  if (hidden_by) return hidden_by->hides->why;
  const std::string source = escape_line(gone.source);
  if (gone.commented_out) {
    return fmt::format("its line was commented out, {}:{}", source, gone.line);
  }
  return fmt::format(
      "its schedule is gone from {}{}", source,
      gone.package.empty()
          ? ""
          : fmt::format(", which the package {} brought", gone.package));
}

std::string cause_of(const JudgedJob& job) {
  std::string cause = core::cause_of(job.verdict);
  const core::Status status = core::status_of(job.verdict);
  if (status == core::Status::failed && may_be_test(job)) {
    cause += ", no output: the test in its line may have said no";
  }
  const bool silent = status == core::Status::late ||
                      status == core::Status::stale ||
                      status == core::Status::never;
  if (silent && job.facts.gap && job.facts.gap->asleep > Duration::zero()) {
    cause += fmt::format("; the host was asleep for {} when it was due",
                         format_age(job.facts.gap->asleep));
  }
  // It runs, and not well; too few times, so far, to be called failed.
  const core::Row& row = job.facts.row;
  const bool is_over = silent && status != core::Status::late;
  if (is_over && row.failures > 0 && !row.last_detail.empty()) {
    cause += "; last run failed: " + row.last_detail;
  }
  if (!job.gone && status == core::Status::vanished && job.declaration) {
    return "its table is gone from " + escape_line(job.declaration->file);
  }
  if (!job.gone) return cause;
  const std::string gone = gone_text(*job.gone, job.hidden_by);
  if (status == core::Status::vanished) return gone;
  return cause + "; " + gone;
}

std::string_view evidence_of(const JudgedJob& job) {
  const Proof proof = job.scheduled ? job.scheduled->proof : Proof::none;
  if (proof == Proof::systemd) return "systemd";
  if (proof == Proof::starts) {
    return job.scheduled->job.watch == Watch::trigger ? "trigger" : "log";
  }
  if (job.scheduled && job.scheduled->proof_is_old) return "none";
  if (job.facts.has_runs) return "wrapped";
  const core::Facts& facts = job.facts;
  const bool has_beat = facts.last_success || facts.row.last_end;
  return has_beat || facts.untrusted ? "heartbeat" : "none";
}

bool ends_by_success(const core::OpenIncident& i) {
  if (i.key.kind != core::IncidentKey::Kind::job) return false;
  const auto status = core::parse_status(i.verdict);
  return status == core::Status::stale || status == core::Status::never ||
         status == core::Status::failed || status == core::Status::lost ||
         status == core::Status::hung;
}

bool looked_for(const core::IncidentKey& finding, const Look& look,
                const Coverage* coverage) {
  // Every look sees all findings it can make, except those of sources that
  // could not be read.
  return look.not_seen.empty() && !lies_unseen(finding, coverage);
}

core::Sight sight_of(const Look& look, const Memory& memory,
                     const Coverage* coverage) {
  core::Sight sight;
  const Timestamp now = look.now.wall;
  std::set<core::IncidentKey> bad;
  // A cause is as bad as the worst that it explains.
  std::map<core::IncidentKey, core::Severity> explained;
  std::map<core::IncidentKey, int> more;  // of one name in one place
  std::set<core::IncidentKey> open;
  for (const core::OpenIncident& i : memory.open) {
    if (ends_by_success(i)) open.insert(i.key);
  }
  for (const JudgedJob& j : look.jobs) {
    const auto key = core::IncidentKey::of(j.job.key);
    if (!j.seen || j.job.paused || look.clock_untrusted) continue;
    const auto severity = core::severity_of(j.job, j.verdict);
    const core::Bearing bearing = core::bearing_of(j.job, j.facts, j.verdict);
    if (bearing == core::Bearing::well || is_over(j, key, memory, now)) {
      sight.well.insert(key);
      if (open.contains(key) && j.facts.last_success) {
        sight.successes.emplace(key, *j.facts.last_success);
      }
    }
    if (bearing != core::Bearing::bad || !severity) continue;
    core::Observation o;
    o.key = key;
    o.severity = *severity;
    o.verdict = core::to_string(core::status_of(j.verdict));
    o.cause = cause_of(j);
    o.since = core::since_of(j.verdict).value_or(now);
    o.explained_by = explained_by(j, look.findings);
    if (o.explained_by) {
      const auto [worst, first] =
          explained.emplace(*o.explained_by, o.severity);
      worst->second = std::min(worst->second, o.severity);
    }
    sight.bad.push_back(std::move(o));
  }
  for (const Finding& f : look.findings) {
    if (!f.alarm) continue;
    const auto key = core::IncidentKey::of_finding(f.id, f.source);
    if (!bad.insert(key).second) {
      ++more[key];
    } else {
      sight.bad.push_back(observe(f, now));
      core::Severity& severity = sight.bad.back().severity;
      const auto worst = explained.find(sight.bad.back().key);
      if (worst != explained.end()) {
        severity = std::min(severity, worst->second);
      }
    }
  }
  for (core::Observation& o : sight.bad) {
    const auto others = more.find(o.key);
    if (others != more.end()) {
      o.cause += fmt::format(" (and {} more)", others->second);
    }
  }
  for (const core::OpenIncident& i : memory.open) {
    if (i.key.kind == core::IncidentKey::Kind::finding &&
        !bad.contains(i.key) && looked_for(i.key, look, coverage)) {
      sight.well.insert(i.key);
    }
  }
  sight.well.insert(look.left_to_scripts.begin(), look.left_to_scripts.end());
  for (const auto& [key, retirement] : look.retired) sight.retired.insert(key);
  return sight;
}

}  // namespace bezalel::app
