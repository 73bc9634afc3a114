// Where everything is on disk (DESIGN 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bezalel::record {

// Where this process looks and writes. Pure: made from the environment and
// the user by `main`.
struct Paths {
  std::string settings;    // bezalel.toml
  std::string jobs_dir;    // jobs.d
  std::string heartbeats;  // root's own; below it u/<uid>/ for the others
  // A second place to read only: /run/bezalel/heartbeats; empty: none.
  std::string extra_heartbeats;
  std::string state_dir;  // state.db, notify.lock, bezalel-check.last
  std::string state_db;
  std::string notify_lock;
  std::string check_stamp;  // bezalel-check.last
  std::string reports;
  bool flat = false;  // --root: owner of the root plays root's part
  // Uid that owns `heartbeats` itself: 0, or with --root the root's owner.
  std::uint32_t owner = 0;

  // The directory of one user's heartbeats and run log: `heartbeats` itself
  // for its owner, else u/<uid> below it.
  std::string heartbeats_of(std::uint32_t uid) const;

  friend bool operator==(const Paths&, const Paths&) = default;
};

// The host's own places: /etc/bezalel, /var/lib/bezalel.
Paths system_paths();
// Everything flat below `root`, whose owner is `owner`.
Paths flat_paths(std::string_view root, std::uint32_t owner = 0);
// A user's own: `home`/.config/bezalel and `home`/.local/state/bezalel; reads
// heartbeats_of(uid) and, as `extra_heartbeats`, `home`/.bezalel/heartbeats.
Paths user_paths(std::string_view home, std::uint32_t uid);

// `<dir>/<job>.last`
std::string heartbeat_path(std::string_view dir, std::string_view job);

}  // namespace bezalel::record
