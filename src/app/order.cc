#include "app/order.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace bezalel::app {
namespace {

using core::Severity;
using core::Status;

Rank alarm_rank(Severity severity) {
  switch (severity) {
    case Severity::p1:
      return Rank::p1;
    case Severity::p2:
      return Rank::p2;
    case Severity::p3:
      return Rank::p3;
  }
  return Rank::p1;
}

// The rank if nobody had silenced the job.
Rank loud_rank(const JobView& job) {
  switch (core::status_of(job.verdict)) {
    case Status::paused:
      return Rank::quiet;
    case Status::ok:
    case Status::running:
      return Rank::well;
    case Status::late:
      return Rank::waiting;
    case Status::undeclared:
    case Status::forged:
    case Status::corrupt:
    case Status::clock:
      return job.severity ? alarm_rank(*job.severity) : Rank::waiting;
    case Status::lost:
    case Status::hung:
    case Status::failed:
    case Status::never:
    case Status::stale:
    case Status::vanished:
    case Status::unwatched:
      break;
  }
  // A bad verdict without a severity would be a bug; never show it as well.
  return alarm_rank(job.severity.value_or(Severity::p1));
}

// Comparable whatever the ratio is: unknown is least, endless is greatest.
double worth(const std::optional<double>& ratio) {
  if (!ratio) return -1;
  return std::isnan(*ratio) ? std::numeric_limits<double>::infinity() : *ratio;
}

// What decides where a job stands, without its name.
using Standing = std::tuple<Rank, Rank, bool, double>;

Standing standing_of(const JobView& job) {
  return {rank_of(job), loud_rank(job), job.last_success.has_value(),
          -worth(job.ratio)};
}

// Nobody said how often it should run, or its evidence cannot be read yet.
bool is_judged(const JobView& job) {
  const Status status = core::status_of(job.verdict);
  return status != Status::undeclared &&
         (status == Status::late || loud_rank(job) != Rank::waiting);
}

bool has_silence(const HostView& host, const core::IncidentKey& key) {
  return std::any_of(host.silences.begin(), host.silences.end(),
                     [&](const Silence& s) {
                       return s.until > host.now && (!s.key || *s.key == key);
                     });
}

bool is_alarm(Severity severity) {
  return severity != Severity::p3;
}

}  // namespace

Rank rank_of(const JobView& job) {
  return job.silenced ? Rank::quiet : loud_rank(job);
}

bool is_bad(const JobView& job) {
  return loud_rank(job) <= Rank::p3;
}

bool is_silenced(const HostView& host, const Finding& finding) {
  return has_silence(host, key_of(finding)) ||
         (finding.about &&
          has_silence(host, core::IncidentKey::of(*finding.about)));
}

bool is_silenced(const HostView& host, const core::IncidentKey& key) {
  if (has_silence(host, key)) return true;
  const auto subject = subject_of(host.findings, key);
  return subject && has_silence(host, core::IncidentKey::of(*subject));
}

const std::vector<std::string>& told_of(const HostView& host,
                                        const core::IncidentKey& key) {
  static const std::vector<std::string> kNobody;
  const auto found = host.told.find(key);
  return found == host.told.end() ? kNobody : found->second;
}

core::IncidentKey key_of(const JobView& job) {
  return core::IncidentKey::of(job.key);
}

core::IncidentKey key_of(const Finding& finding) {
  return core::IncidentKey::of_finding(finding.id, finding.source);
}

std::optional<ClosingView> closing_of(const core::OpenIncident& incident,
                                      Duration close_hold) {
  if (!incident.well_since || close_hold <= Duration::zero()) return {};
  return ClosingView{*incident.well_since, *incident.well_since + close_hold};
}

std::string finding_name(const core::IncidentKey& key) {
  return key.source.empty() ? key.name : key.name + ":" + key.source;
}

void sort_worst_first(std::vector<JobView>& jobs) {
  // A view is heavy, and is moved once.
  std::vector<std::pair<Standing, JobView*>> order;
  order.reserve(jobs.size());
  for (JobView& job : jobs) order.emplace_back(standing_of(job), &job);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const core::JobKey &left = a.second->key, &right = b.second->key;
    return std::tie(left.job, left.uid) < std::tie(right.job, right.uid);
  });
  std::vector<JobView> sorted;
  sorted.reserve(jobs.size());
  for (const auto& [standing, job] : order) sorted.push_back(std::move(*job));
  jobs = std::move(sorted);
}

void sort_worst_first(std::vector<Finding>& findings) {
  const auto standing = [](const Finding& f) {
    if (f.alarm) return static_cast<int>(*f.alarm);
    return f.severity == FindingSeverity::info ? 101 : 100;
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const Finding& a, const Finding& b) {
                     return standing(a) < standing(b);
                   });
}

Counts count(const std::vector<JobView>& jobs) {
  Counts c;
  for (const JobView& job : jobs) {
    const Status status = core::status_of(job.verdict);
    if (status == Status::unwatched) continue;  // counted in coverage alone
    ++c.of;
    if (!is_judged(job)) continue;
    ++c.evaluated;
    switch (rank_of(job)) {
      case Rank::p1:
      case Rank::p2:
        ++c.bad;
        break;
      case Rank::p3:
        ++c.p3;
        break;
      case Rank::waiting:
        ++c.late;
        break;
      case Rank::well:
        ++(status == Status::running ? c.running : c.ok);
        break;
      case Rank::quiet:
        ++(status == Status::paused ? c.paused : c.silenced);
        break;
    }
  }
  return c;
}

int exit_status(const HostView& host) {
  const bool alarm =
      std::any_of(host.jobs.begin(), host.jobs.end(),
                  [](const JobView& j) { return rank_of(j) <= Rank::p2; }) ||
      std::any_of(
          host.findings.begin(), host.findings.end(), [&](const Finding& f) {
            return f.alarm && is_alarm(*f.alarm) && !is_silenced(host, f);
          });
  if (alarm) return 1;
  const bool error = std::any_of(
      host.findings.begin(), host.findings.end(), [](const Finding& f) {
        return f.severity == FindingSeverity::error && !f.alarm;
      });
  const Counts& c = host.counts;
  const bool all_judged = host.complete && host.not_seen.empty() && !error &&
                          c.of > 0 && c.evaluated == c.of;
  return all_judged ? 0 : 3;
}

}  // namespace bezalel::app
