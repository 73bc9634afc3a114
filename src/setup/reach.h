// What lies between an alarm and the channels that would take it, whatever
// those answer: routes, silences, a state that the checking cannot write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/memory.h"
#include "app/world.h"

namespace bezalel::setup {

// What keeps an alarm from arriving, and what to do against it.
struct Obstacle {
  std::string text, fix;
};

// Is an alarm of this severity told to `channel`, by [route]?
bool hears(const app::Settings& settings, core::Severity severity,
           const std::string& channel);
// The line of [route] by which no channel but the local log hears of alarms of
// this severity.
std::optional<Obstacle> mute_route(const app::Settings& settings,
                                   core::Severity severity);
// A silence that now holds back notices about `key`.
std::optional<Obstacle> silence_over(const core::IncidentKey& key,
                                     const app::Memory& memory,
                                     const app::World& world);
// Files of this database that a process of `uid` cannot write, not root.
std::optional<Obstacle> closed_state(const std::string& state_db,
                                     const std::string& user,
                                     std::uint32_t uid);

}  // namespace bezalel::setup
