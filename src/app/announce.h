// From what was seen to what is told: the open incidents are reconciled with
// it, and each change is an event, and a notice in the outbox for every channel
// that is to hear of it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/cycle.h"

namespace bezalel::app {

// Within the transaction of a cycle whose look and memory are in `result`;
// `result.transitions` gets what changed.
Result<void> announce(World& world, const Moment& now, Txn& txn,
                      CycleResult& result);

// The line of [route] that alarms of this severity go by, "default" where they
// have none of their own; null: no route is set, every channel hears them.
using Route = std::pair<const std::string, std::vector<std::string>>;
const Route* route_of(const Settings& settings, core::Severity severity);

// Channels that hear of an incident by severity and routes (DESIGN 5, 6).
std::vector<std::string> route(
    const Settings& settings, const core::IncidentKey& key,
    core::Severity severity, const std::vector<std::unique_ptr<Channel>>& all);

}  // namespace bezalel::app
