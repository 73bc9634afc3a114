#include "record/paths.h"

namespace bezalel::record {

namespace {

// "x/" and "x" are one place; "/" stays what it is, nothing means here.
std::string_view without_final_slashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path.empty() ? std::string_view(".") : path;
}

std::string join(std::string_view dir, std::string_view name) {
  std::string path(dir);
  if (path.empty() || path.back() != '/') path += '/';
  path += name;
  return path;
}

Paths settings_and_state(std::string_view settings, std::string_view state) {
  Paths p;
  p.settings = join(settings, "bezalel.toml");
  p.jobs_dir = join(settings, "jobs.d");
  p.state_dir = state;
  p.state_db = join(state, "state.db");
  p.notify_lock = join(state, "notify.lock");
  p.check_stamp = join(state, "bezalel-check.last");
  p.reports = join(state, "reports");
  return p;
}

}  // namespace

std::string Paths::heartbeats_of(std::uint32_t uid) const {
  if (uid == owner) return heartbeats;
  return join(heartbeats, "u/" + std::to_string(uid));
}

Paths system_paths() {
  Paths p = settings_and_state("/etc/bezalel", "/var/lib/bezalel");
  p.heartbeats = "/var/lib/bezalel/heartbeats";
  p.extra_heartbeats = "/run/bezalel/heartbeats";
  return p;
}

Paths flat_paths(std::string_view root, std::uint32_t owner) {
  const std::string_view dir = without_final_slashes(root);
  Paths p = settings_and_state(dir, dir);
  p.heartbeats = join(dir, "heartbeats");
  p.flat = true;
  p.owner = owner;
  return p;
}

Paths user_paths(std::string_view home, std::uint32_t) {
  const std::string_view dir = without_final_slashes(home);
  Paths p = settings_and_state(join(dir, ".config/bezalel"),
                               join(dir, ".local/state/bezalel"));
  p.heartbeats = system_paths().heartbeats;
  p.extra_heartbeats = join(dir, ".bezalel/heartbeats");
  return p;
}

std::string heartbeat_path(std::string_view dir, std::string_view job) {
  std::string path = join(dir, job);
  path += ".last";
  return path;
}

}  // namespace bezalel::record
