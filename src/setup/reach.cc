#include "setup/reach.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "app/announce.h"
#include "app/local_time.h"
#include "base/escape.h"

namespace bezalel::setup {

bool hears(const app::Settings& settings, core::Severity severity,
           const std::string& channel) {
  const app::Route* by = app::route_of(settings, severity);
  return by == nullptr || std::find(by->second.begin(), by->second.end(),
                                    channel) != by->second.end();
}

std::optional<Obstacle> mute_route(const app::Settings& settings,
                                   core::Severity severity) {
  const app::Route* by = app::route_of(settings, severity);
  if (by == nullptr) return std::nullopt;
  std::string example;
  for (const app::ChannelSettings& c : settings.channels) {
    if (c.name == "local") continue;
    if (hears(settings, severity, c.name)) return std::nullopt;
    if (example.empty()) example = c.name;
  }
  if (example.empty()) return std::nullopt;  // none to be named
  return Obstacle{
      fmt::format("[route] {} names no channel: alarms of {} reach the local "
                  "log only",
                  by->first, core::to_string(severity)),
      fmt::format("{} = [\"{}\"]  in [route] of bezalel.toml", by->first,
                  escape_line(example, 40))};
}

std::optional<Obstacle> silence_over(const core::IncidentKey& key,
                                     const app::Memory& memory,
                                     const app::World& world) {
  const Timestamp now = world.clock.wall();
  const app::Silence* s = memory.silence_of(key, now);
  if (s == nullptr) return std::nullopt;
  const std::string whose = s->key ? escape_line(key.name, 60) : "";
  return Obstacle{
      fmt::format("{} is silent until {}, by {}: {}",
                  s->key ? whose : "the whole host",
                  app::local_short(s->until, now, world.settings.zone),
                  escape_line(s->who, 40), escape_line(s->why, 100)),
      fmt::format("{} silence {} --end", world.settings.bezalel,
                  s->key ? whose : "--host")};
}

std::optional<Obstacle> closed_state(const std::string& state_db,
                                     const std::string& user,
                                     std::uint32_t uid) {
  std::string files, first;
  for (const char* end : {"", "-wal", "-shm"}) {
    const std::string path = state_db + end;
    struct stat s{};
    if (::lstat(path.c_str(), &s) != 0 || s.st_uid == uid) continue;
    if (first.empty()) first = path;
    files += " " + path;
  }
  if (files.empty()) return std::nullopt;
  return Obstacle{fmt::format("{} does not belong to the user {}, who checks "
                              "and cannot write it",
                              first, user),
                  fmt::format("chown {}:{}", user, files)};
}

}  // namespace bezalel::setup
