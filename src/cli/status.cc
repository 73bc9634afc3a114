// `bezalel status` and `bezalel logs`: the panel, and one job's runs.
#include "report/status.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/action_limit.h"
#include "app/cycle.h"
#include "app/local_time.h"
#include "app/order.h"
#include "app/resolve.h"
#include "base/duration.h"
#include "base/escape.h"
#include "cli/commands.h"
#include "report/check.h"

namespace bezalel::cli {
namespace {

struct OneJob {
  app::HostView view;
  std::vector<app::RunView> runs;  // newest first
};

// Why no action was taken that the job asks for: its limit is used up.
std::string used_up(const app::Action& action, const core::IncidentKey& key,
                    const std::vector<app::Event>& events, Timestamp now) {
  std::vector<Timestamp> attempts;
  for (const app::Event& e : events) {
    if (e.kind == "action" && e.key == key) attempts.push_back(e.at);
  }
  if (app::allowed(action, attempts, now)) return {};
  return fmt::format("nothing: all {} of {} are used", action.limit_count,
                     format_time_span(action.limit_window));
}

// The newest action of the job's open incident, or why there was none.
Result<void> fill_tried(app::World& world, const app::CycleResult& looked,
                        app::HostView& host) {
  app::JobView& job = host.jobs.front();
  const app::Memory& memory = looked.memory;
  const auto open = std::find_if(
      memory.open.begin(), memory.open.end(),
      [&](const core::OpenIncident& i) { return job.incident == i.id; });
  if (open == memory.open.end()) return {};
  return world.store.read([&](app::StoreReader& reader) -> Result<void> {
    const app::JudgedJob* judged = app::find_job(looked.look, open->key);
    if (judged && judged->declared) {
      const auto& action = app::wanted_action(*judged->declared, open->verdict);
      if (action) {
        BZ_ASSIGN(const auto events,
                  reader.events_since(host.now - action->limit_window));
        auto why = used_up(*action, open->key, events, host.now);
        if (!why.empty()) job.tried = std::move(why);
      }
    }
    BZ_ASSIGN(const auto events, reader.events_since(open->opened));
    for (const app::Event& e : events) {
      if (e.kind != "action_result" || e.incident_id != *job.incident) continue;
      job.tried = app::local_short(e.at, host.now, host.zone) + " " + e.text;
    }
    return {};
  });
}

// Of a job that is not judged any more, who said so.
Result<core::JobKey> find(app::World& world, const app::Look& look,
                          const std::string& name) {
  const std::string listing = world.settings.bezalel + " status";
  auto key = app::resolve(name, keys_of(look), world.users, listing);
  // Of several that are judged one is meant, and none that is retired.
  if (key || key.error().kind == Kind::conflict) return key;
  std::vector<core::JobKey> retired;
  for (const auto& [gone, how] : look.retired) {
    retired.push_back({gone.uid, gone.name});
  }
  const auto gone = app::resolve(name, retired, world.users, listing);
  if (!gone) return key;
  const app::Retirement& how = look.retired.at(core::IncidentKey::of(*gone));
  std::string why = how.why.empty() ? "" : " (" + escape_line(how.why) + ")";
  return err(
      Kind::not_found,
      fmt::format("{}: retired {} by {}{}; it is back as soon as "
                  "something runs it",
                  escape_line(name, 140),
                  app::local_short(how.at, look.now.wall, world.settings.zone),
                  escape_line(how.by, 40), why));
}

Result<OneJob> look_at(app::World& world, const Place& place,
                       const std::string& name) {
  BZ_ASSIGN(app::CycleResult looked, app::only_look(world));
  BZ_ASSIGN(const core::JobKey key, find(world, looked.look, name));
  OneJob one{view_of(world, place, looked, {key}), {}};
  for (const app::JudgedJob& j : looked.look.jobs) {
    if (j.job.key != key) continue;
    one.runs = app::run_views(
        j, [&](const record::RunStart& s) { return world.runs.life_of(s); });
  }
  if (one.view.jobs.empty()) {
    return err(Kind::unavailable,
               name + ": its heartbeat directory does not answer");
  }
  BZ_TRY(fill_tried(world, looked, one.view));
  // What is wrong elsewhere on the host is no fault of this job.
  app::HostView alone = one.view;
  alone.findings.clear();
  alone.not_seen.clear();
  alone.complete = true;
  one.view.exit = app::exit_status(alone);
  return one;
}

}  // namespace

Said run_status(app::World& world, const Place& place,
                const StatusOptions& options) {
  report::TextOptions text;
  text.columns = place.terminal.columns;
  text.colour =
      place.terminal.colour ? report::Colour::yes : report::Colour::no;
  if (options.job.empty()) {
    auto looked = app::only_look(world);
    if (!looked) return failure(looked.error());
    const app::HostView view = view_of(world, place, *looked, {});
    if (options.format == "json") {
      return {report::check_json(view), "", view.exit};
    }
    return {report::status_panel_text(view, text), "", view.exit};
  }
  auto one = look_at(world, place, options.job);
  if (!one) return failure(one.error());
  if (options.format == "json") {
    return {report::check_json(one->view), "", one->view.exit};
  }
  return {report::status_job_text(one->view, one->view.jobs.front(), one->runs,
                                  text),
          "", one->view.exit};
}

Said run_logs(app::World& world, const Place& place,
              const LogsOptions& options) {
  auto one = look_at(world, place, options.job);
  if (!one) return failure(one.error());
  auto& runs = one->runs;
  const auto n = static_cast<std::size_t>(options.runs);
  if (runs.size() > n) runs.resize(n);
  return {report::logs_text(one->view, one->view.jobs.front(), runs), "", 0};
}

}  // namespace bezalel::cli
