// Whether a channel is set as it was when it was last used.
//
// Kept as a digest of everything in its settings that bears on delivery, the
// content of its token files included, so a new token in the old file counts.
#pragma once

#include <string>
#include <vector>

#include "app/settings.h"
#include "app/store.h"

namespace bezalel::app {

struct ChannelChange {
  std::string channel;
  std::string digest;
  bool known = false;  // false: it was never used before
};

// SHA-256 in hexadecimal; secrets cannot be had back from it. Where a setting
// is written (file and line) does not count.
std::string digest_of(const ChannelSettings& channel);

// Channels of `settings` whose digest is not the remembered one.
Result<std::vector<ChannelChange>> changed_channels(StoreReader& reader,
                                                    const Settings& settings);
Result<void> remember_channel(Txn& txn, const ChannelChange& change);

}  // namespace bezalel::app
