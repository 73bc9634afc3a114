// `bezalel setup`: the directories that only root can make (DESIGN 4).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/sources.h"
#include "record/paths.h"
#include "setup/host.h"
#include "setup/said.h"

namespace bezalel::setup {

// Makes what is missing and corrects owner and mode of what is there:
// settings, jobs.d, heartbeats, state, reports, and heartbeats/u/<uid> for
// each of `users` (names; unknown ones are said and passed over). Idempotent.
// Says only what it changed. Outside a system scope owners are left alone.
Result<void> make_layout(const record::Paths& paths, Scope scope,
                         const std::vector<std::string>& users,
                         app::Users& names, const Say& say);

// Uid and gid of the service user; nullopt where there is none.
struct Service {
  std::uint32_t uid, gid;
};
std::optional<Service> service_user();

// Makes that user (system, no login) where the package did not. As root only;
// says what it did. Without it root's cron still checks.
void make_service_user(const Say& say);

}  // namespace bezalel::setup
