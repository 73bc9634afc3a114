// Whose installation a call works on, and where. Used by the files of main
// only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/sources.h"
#include "base/result.h"
#include "cli/options.h"
#include "discover/inventory.h"
#include "record/paths.h"
#include "setup/host.h"
#include "sys/file.h"

namespace bezalel {

// Whose installation, and where; from --root, --mine, the user, environment.
struct Here {
  setup::Scope scope = setup::Scope::system;
  record::Paths paths;
  std::uint32_t uid = 0;
  std::string user;
  std::string host;
  bool host_is_forced = false;
  std::string zone;
  std::string program;              // the `bezalel` that a person types
  std::string bezalel = "bezalel";  // app::Settings::bezalel
  bool as_root = false;
};

// What `sysroot` (empty: this host) is asked as.
discover::Options discover_options(const Here& here, std::string sysroot);

// Who owns what root makes in the state: the service's user; nullopt: whoever
// makes it.
std::optional<sys::Owner> state_owner(const Here& here);

// Whose heartbeat a sent report leaves, whoever sends it: the service's user
// where there is one.
std::uint32_t report_uid(const Here& here);

Result<Here> find_here(const cli::Global& global, app::Users& users);

}  // namespace bezalel
