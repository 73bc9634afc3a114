// ack, silence, pause, resume, retire: what people tell the state.
#include "app/upkeep.h"

#include "app/cycle.h"
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

Result<std::string> silence(app::World& world, const Place& place,
                            const SilenceOptions& options) {
  std::optional<app::NamedJob> key;
  if (options.host && !options.job.empty()) {
    return err(Kind::usage, "silence: expected JOB or --host, not both");
  }
  if (!options.host) {
    if (options.job.empty()) {
      return err(Kind::usage, "silence: expected JOB or --host");
    }
    BZ_ASSIGN(key, find(world, options.job));
  }
  if (options.end) return app::end_silence(world, key, place.who);
  if (options.until.empty() || options.reason.empty()) {
    return err(Kind::usage,
               "silence: expected --until TIME and --reason TEXT; a silence "
               "without an end or a reason is how alarms are lost");
  }
  const auto until =
      app::parse_until(options.until, world.clock.wall(), world.settings.zone);
  if (!until) return err(until.error().kind, "--until: " + until.error().what);
  return app::silence(world, key, *until, options.reason, place.who);
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
