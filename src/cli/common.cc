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

namespace {

bool is_quoted(std::string_view line) {
  const std::size_t at = line.find_first_not_of(' ');
  return at != std::string_view::npos && (line[at] == '|' || line[at] == '!');
}

// Puts `words` behind the program's name wherever `before` stands in front.
void put_behind(std::string& line, const std::string& before,
                const std::string& words) {
  const std::string command = before + "bezalel";
  for (std::size_t at = line.find(command + " "); at != std::string::npos;
       at = line.find(command + " ", at + command.size())) {
    line.insert(at + command.size(), words);
  }
}

// "next: sudo -u postgres bezalel run ...": the first of the line only.
void put_behind_first(std::string& line, const std::string& words) {
  const std::size_t label = line.find_first_not_of(' ');
  if (label == std::string::npos) return;
  for (const std::string_view mark : {"next: ", "do:  ", "gone: "}) {
    if (line.compare(label, mark.size(), mark) != 0) continue;
    const std::size_t at = line.find(" bezalel ", label);
    if (at != std::string::npos) line.insert(at + 8, words);
  }
}

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
                           .settings_exist = place.settings_exist,
                           .as_root = world.as_root,
                           .dead_man_ping = {},
                           .told = {},
                           .only = only,
                           .coverage = nullptr};
  // Failing to say who was told must not hide what is wrong.
  static_cast<void>(
      world.store.read([&](app::StoreReader& reader) -> Result<void> {
        for (const core::OpenIncident& i : result.memory.open) {
          BZ_TRY(add_told(reader, world, i.id, context.told[i.key]));
        }
        BZ_ASSIGN(const auto ping, reader.meta("deadman.last"));
        if (ping) context.dead_man_ping = parse_unix(*ping);
        return {};
      }));
  context.coverage = &result.coverage;
  return app::make_host_view(result.look, context);
}

std::string as_typed(const std::string& text, const Global& global) {
  const bool is_json = text.starts_with('{');
  if (global.typed.empty() || is_json) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    std::string line = text.substr(at, end - at);
    if (!is_quoted(line)) {
      put_behind_first(line, global.typed);
      put_behind(line, "`", global.typed);
      put_behind(line, "(", global.typed);
    }
    out += line;
    at = end;
  }
  return out;
}

std::vector<core::JobKey> keys_of(const app::Look& look) {
  std::vector<core::JobKey> keys;
  for (const app::JudgedJob& j : look.jobs) keys.push_back(j.job.key);
  return keys;
}

}  // namespace bezalel::cli
