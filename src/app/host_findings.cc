#include "app/host_findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/dead_man.h"
#include "base/duration.h"

namespace bezalel::app {
namespace {

// A wall clock before this was never set: no build of ours is older.
const Timestamp kOldestBelievable = from_unix_seconds(1735689600);  // 2025

Finding host_finding(const char* id, std::string message,
                     std::optional<core::Severity> alarm) {
  Finding f;
  f.id = id;
  f.source = "host";
  f.message = std::move(message);
  f.alarm = alarm;
  return f;
}

std::optional<Finding> clock_was_set(const Look& look) {
  if (look.step == Duration::zero()) return std::nullopt;
  const bool back = look.step < Duration::zero();
  Finding f = host_finding(
      "clock-step",
      fmt::format("the wall clock was set {} by {} since the last cycle; jobs "
                  "are judged by the boot clock",
                  back ? "back" : "forward",
                  format_age(back ? -look.step : look.step)),
      std::nullopt);
  f.severity = FindingSeverity::warning;
  return f;
}

std::optional<Finding> clock_untrusted(const Look& look,
                                       const std::optional<Cycle>& last) {
  if (!look.clock_untrusted) return std::nullopt;
  const bool never_set = look.now.wall < kOldestBelievable;
  Finding f = host_finding(
      "clock-untrusted",
      fmt::format("the clock reads {}, {}", format_rfc3339(look.now.wall),
                  never_set ? "before this program was made"
                            : "earlier than the last check"),
      core::Severity::p2);
  f.fix = never_set ? "set the clock (timedatectl); then check again"
                    : "set the clock (timedatectl); one that a time server "
                      "sets, or that is left so for a day, is believed";
  if (last) f.since = last->at;
  return f;
}

std::optional<Finding> gap_of_checks(const Look& look) {
  if (!look.gap || !look.gap->long_enough_to_tell) return std::nullopt;
  const core::Gap& gap = look.gap->gap;
  Finding f = host_finding(
      "gap",
      fmt::format("nobody checked this host for {}: {}",
                  format_age(gap.to - gap.from), why_nobody_checked(*look.gap)),
      core::Severity::p3);
  f.severity = FindingSeverity::warning;
  f.since = gap.from;
  return f;
}

// Jobs that are known to have left proof, and no place left where they do:
// they are judged by what was seen before, and this is said at once.
std::optional<Finding> store_missing(const LookInput& in) {
  if (!in.scan.store_missing) return std::nullopt;
  const std::size_t proven = in.memory.known.proven();
  if (proven == 0) return std::nullopt;
  Finding f = host_finding(
      "store-missing",
      fmt::format("the heartbeat directory is gone; {} known {} judged by what "
                  "was seen before",
                  proven, proven == 1 ? "job is" : "jobs are"),
      core::Severity::p1);
  f.fix = "mount or restore it, or have setup make a new one";
  return f;
}

// A channel that cannot deliver is itself an incident, told by the others.
std::optional<Finding> channel_dead(const LookInput& in,
                                    const ChannelState& c) {
  const auto& channels = in.settings.channels;
  const bool configured =
      std::any_of(channels.begin(), channels.end(),
                  [&](const auto& s) { return s.name == c.channel; });
  if (!configured ||
      !cannot_deliver(c.dead, c.failing_since, in.settings, in.now.wall)) {
    return std::nullopt;
  }
  Finding f = host_finding(
      kChannelDead,
      fmt::format("channel {} does not deliver: {}", c.channel, c.last_error),
      core::Severity::p2);
  f.source = c.channel;
  f.fix = in.settings.bezalel + " channel test " + c.channel;
  f.since = c.failing_since;
  return f;
}

// A command that has something to do for them.
std::string watch_baseline(const Coverage& coverage,
                           const std::string& bezalel) {
  bool packaged = false;
  for (const CoveredJob& c : coverage.jobs) {
    if (c.watched || !c.known.baseline) continue;
    const ScheduledJob& job = c.job;
    // No table that can be adopted: the audit says of each what to do.
    const bool by_itself = job.by_hand || job.kind == SchedulerKind::timer ||
                           job.watch == Watch::trigger;
    if (by_itself) continue;
    const std::string& package = job.caller ? job.caller->package : job.package;
    if (package.empty()) return bezalel + " adopt --all --dry-run";
    packaged = true;
  }
  return bezalel + (packaged ? " adopt --all --packaged --dry-run" : " audit");
}

std::optional<Finding> unwatched_baseline(const Coverage& coverage,
                                          const std::string& bezalel) {
  const int baseline = coverage.unwatched_baseline();
  if (baseline == 0) return std::nullopt;
  Finding f = host_finding(kUnwatchedBaseline,
                           fmt::format("{} {} never watched", baseline,
                                       baseline == 1 ? "job was" : "jobs were"),
                           core::Severity::p3);
  f.severity = FindingSeverity::info;
  f.fix = watch_baseline(coverage, bezalel);
  for (const CoveredJob& c : coverage.jobs) {
    if (c.watched || !c.known.baseline) continue;
    const auto since = c.known.unwatched_since;
    if (since && (!f.since || *since < *f.since)) f.since = since;
  }
  return f;
}

}  // namespace

bool clock_is_believable(const std::optional<Cycle>& last, const Moment& now) {
  if (now.wall < kOldestBelievable) return false;
  if (!last || last->boot_id == now.boot_id) return true;
  return now.wall + kBootClockSlack >= last->at || now.synchronized ||
         now.boot.time_since_epoch() >= kClockDoubted;
}

bool cannot_deliver(bool is_dead, const std::optional<Timestamp>& failing_since,
                    const Settings& settings, Timestamp now) {
  return is_dead ||
         (failing_since && now - *failing_since > settings.longest_lapse());
}

void add_host_findings(const LookInput& in, Look& look) {
  const auto add = [&](std::optional<Finding> f) {
    if (f) look.findings.push_back(*std::move(f));
    return f.has_value();
  };
  add(clock_was_set(look));
  if (add(clock_untrusted(look, in.memory.last_cycle))) {
    look.not_seen.push_back("no job can be judged by such a clock");
  }
  add(gap_of_checks(look));
  if (add(store_missing(in))) {
    look.not_seen.push_back("the heartbeat directory is gone");
  }
  for (const ChannelState& c : in.memory.channels) add(channel_dead(in, c));
  add(dead_man_finding(in.memory.dead_man, in.settings, in.now.wall));
  if (!in.coverage) return;
  look.findings.insert(look.findings.end(), in.coverage->findings.begin(),
                       in.coverage->findings.end());
  add(unwatched_baseline(*in.coverage, in.settings.bezalel));
}

}  // namespace bezalel::app
