// The channel of a [channel.NAME] table.
#pragma once

#include <memory>

#include "app/channel.h"
#include "app/settings.h"
#include "base/time.h"
#include "notify/identity.h"

namespace bezalel::notify {

// Kind::invalid with one line: a type that is not known (the list follows), or
// a field that the type needs. Touches no network. `clock` must outlive the
// channel: signatures carry the time of the attempt.
Result<std::unique_ptr<app::Channel>> make_channel(
    const app::ChannelSettings& settings, const Identity& identity,
    const Clock& clock);

}  // namespace bezalel::notify
