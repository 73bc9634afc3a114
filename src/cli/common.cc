#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/storm.h"
#include "cli/commands.h"

namespace bezalel::cli {

Said failure(const Error& error) {
  const bool theirs =
      error.kind == Kind::usage || error.kind == Kind::invalid ||
      error.kind == Kind::not_found || error.kind == Kind::conflict ||
      error.kind == Kind::denied;
  return {"", "bezalel: " + error.what + "\n", theirs ? 2 : 1};
}

Said as_plugin(Said failed) {
  std::string_view why = failed.err;
  why = why.substr(0, why.find('\n'));
  if (why.starts_with("bezalel: ")) why.remove_prefix(9);
  failed.out = fmt::format("BEZALEL UNKNOWN - {}\n", why);
  // What follows a pipe is performance data.
  std::replace(failed.out.begin(), failed.out.end(), '|', '!');
  failed.status = 3;
  return failed;
}

namespace {

// Whom this incident, or the storm that stands for it, was told.
Result<void> add_told(app::StoreReader& reader, const app::World& world,
                      std::int64_t incident, std::vector<std::string>& told) {
  BZ_ASSIGN(const auto storm, reader.meta(app::folded_name(incident)));
  std::int64_t id = incident;
  if (storm) {
    std::from_chars(storm->data(), storm->data() + storm->size(), id);
  }
  for (const auto& channel : world.channels) {
    const std::string& name = channel->name();
    BZ_ASSIGN(const bool heard, reader.was_told(id, name));
    if (!heard) continue;
    BZ_ASSIGN(const auto ref, reader.remote_ref(id, name));
    const bool shown = ref && channel->is_tracker();
    told.push_back(shown ? name + " #" + *ref : name);
  }
  return {};
}

}  // namespace

app::HostView view_of(app::World& world, const Place& place,
                      const app::CycleResult& result,
                      const std::vector<core::JobKey>& only) {
  app::ViewContext context{.settings = world.settings,
                           .memory = result.memory,
                           .users = world.users,
                           .heartbeats_dir = place.heartbeats_dir,
                           .jobs_dir = place.jobs_dir,
                           .owner = place.owner,
                           .settings_exist = place.settings_exist,
                           .as_root = world.as_root,
                           .told = {},
                           .only = only,
                           .coverage = nullptr};
  // Failing to say who was told must not hide what is wrong.
  static_cast<void>(
      world.store.read([&](app::StoreReader& reader) -> Result<void> {
        for (const core::OpenIncident& i : result.memory.open) {
          BZ_TRY(add_told(reader, world, i.id, context.told[i.key]));
        }
        return {};
      }));
  context.coverage = &result.coverage;
  return app::make_host_view(result.look, context);
}

std::vector<core::JobKey> keys_of(const app::Look& look) {
  std::vector<core::JobKey> keys;
  for (const app::JudgedJob& j : look.jobs) keys.push_back(j.job.key);
  return keys;
}

}  // namespace bezalel::cli
