// ack, silence, pause, resume, retire: what people tell the state.
#include "app/upkeep.h"

#include <set>

#include "app/cycle.h"
#include "app/order.h"
#include "app/resolve.h"
#include "app/until.h"
#include "cli/commands.h"
#include "report/alerts.h"

namespace bezalel::cli {
namespace {

Said sentence(const Result<std::string>& done) {
  if (!done) return failure(done.error());
  return {*done + "\n", "", 0};
}

Result<app::NamedJob> find(app::World& world, const std::string& name) {
  BZ_ASSIGN(const app::CycleResult looked, app::only_look(world));
  BZ_ASSIGN(const core::JobKey key,
            app::resolve(name, keys_of(looked.look), world.users,
                         world.settings.bezalel + " status"));
  if (!looked.look.shared_names.contains(key.job)) return app::NamedJob(key);
  return app::NamedJob(key, world.users.name_of(key.uid) + "/" + key.job);
}

// What is open or seen of the findings that go by that name.
Result<std::vector<core::IncidentKey>> find_findings(app::World& world,
                                                     const std::string& name) {
  BZ_ASSIGN(const app::CycleResult looked, app::only_look(world));
  std::set<core::IncidentKey> keys;
  for (const core::OpenIncident& i : looked.memory.open) {
    if (app::is_called(i.key, name)) keys.insert(i.key);
  }
  for (const app::Finding& f : looked.look.findings) {
    const auto key = app::key_of(f);
    if (f.alarm && app::is_called(key, name)) keys.insert(key);
  }
  return std::vector<core::IncidentKey>(keys.begin(), keys.end());
}

// What JOB stands for.
struct Meant {
  std::optional<app::NamedJob> job;  // none, and no findings: the whole host
  std::vector<core::IncidentKey> findings;
};

Result<Meant> what_is_meant(app::World& world, const SilenceOptions& options) {
  if (options.host) return Meant{};
  auto job = find(world, options.job);
  if (job) return Meant{*std::move(job), {}};
  // Not the name of a job; what is wrong with the host has names, too.
  BZ_ASSIGN(auto findings, find_findings(world, options.job));
  if (findings.empty()) return job.error();
  return Meant{{}, std::move(findings)};
}

Result<std::string> end_silence(app::World& world, const Place& place,
                                const SilenceOptions& options) {
  if (options.host) return app::end_silence(world, {}, place.who);
  const auto job = find(world, options.job);
  if (job) return app::end_silence(world, *job, place.who);
  // Of one that is over, nothing but its silence is left.
  auto ended = app::end_silence_of_findings(world, options.job, place.who);
  if (ended || ended.error().kind != Kind::not_found) return ended;
  BZ_ASSIGN(const auto there, find_findings(world, options.job));
  return there.empty() ? job.error() : ended.error();
}

Result<std::string> silence(app::World& world, const Place& place,
                            const SilenceOptions& options) {
  if (options.host && !options.job.empty()) {
    return err(Kind::usage, "silence: expected JOB or --host, not both");
  }
  if (!options.host && options.job.empty()) {
    return err(Kind::usage, "silence: expected JOB or --host");
  }
  if (options.end) return end_silence(world, place, options);
  BZ_ASSIGN(const Meant meant, what_is_meant(world, options));
  if (options.until.empty() || options.reason.empty()) {
    return err(Kind::usage,
               "silence: expected --until TIME and --reason TEXT; a silence "
               "without an end or a reason is how alarms are lost");
  }
  const auto until =
      app::parse_until(options.until, world.clock.wall(), world.settings.zone);
  if (!until) return err(until.error().kind, "--until: " + until.error().what);
  if (!meant.findings.empty()) {
    return app::silence_findings(world, options.job, meant.findings, *until,
                                 options.reason, place.who);
  }
  return app::silence(world, meant.job, *until, options.reason, place.who);
}

bool asks_for_list(const SilenceOptions& o) {
  return o.job.empty() && !o.host && !o.end && o.until.empty() &&
         o.reason.empty();
}

Said list_silences(app::World& world, const Place& place) {
  auto looked = app::only_look(world);
  if (!looked) return failure(looked.error());
  return {report::silences_text(view_of(world, place, *looked, {})), "", 0};
}

}  // namespace

Said run_ack(app::World& world, const Place& place, const AckOptions& options) {
  const auto key = find(world, options.job);
  if (key) return sentence(app::acknowledge(world, *key, place.who));
  // Not the name of a job; what is wrong with the host has names, too.
  const auto seen = app::acknowledge_finding(world, options.job, place.who);
  return seen ? sentence(seen) : failure(key.error());
}

Said run_silence(app::World& world, const Place& place,
                 const SilenceOptions& options) {
  if (asks_for_list(options)) return list_silences(world, place);
  return sentence(silence(world, place, options));
}

Said run_pause(app::World& world, const Place& place,
               const PauseOptions& options) {
  auto key = find(world, options.job);
  if (!key) return failure(key.error());
  return sentence(app::pause(world, *key, options.reason, place.who));
}

Said run_resume(app::World& world, const Place& place,
                const ResumeOptions& options) {
  auto key = find(world, options.job);
  if (!key) return failure(key.error());
  return sentence(app::resume(world, *key, place.who));
}

Said run_retire(app::World& world, const Place& place,
                const RetireOptions& options) {
  auto key = find(world, options.job);
  if (!key) return failure(key.error());
  return sentence(app::retire(world, *key, options.reason, place.who));
}

Said run_alerts(app::World& world, const Place& place,
                const AlertsOptions& options) {
  auto looked = app::only_look(world);
  if (!looked) return failure(looked.error());
  // "No open incident" is not to be said of what could not be read.
  if (!world.state_trouble.empty()) {
    return {"", "bezalel: " + world.state_trouble + "\n", 2};
  }
  const app::HostView view = view_of(world, place, *looked, {});
  if (options.format == "json") {
    return {report::alerts_json(view, looked->memory.open), "", 0};
  }
  return {report::alerts_text(view, looked->memory.open), "", 0};
}

}  // namespace bezalel::cli
