// `bezalel init`: from an installed package to a tested, running alarm path.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/coverage.h"
#include "app/settings.h"
#include "record/paths.h"
#include "setup/host.h"
#include "setup/said.h"
#include "sys/file.h"

namespace bezalel::setup {

// One channel or setting that the command line asks for.
struct WantedChannel {
  std::string name;  // "forge", "ntfy", "hook", "mail"
  std::string type;
  std::string url;
  std::string repo;        // gitea
  std::string topic;       // ntfy
  std::string to;          // smtp
  std::string token_file;  // where the token is now; copied beside settings
};

struct InitRequest {
  std::vector<WantedChannel> channels;
  std::string deadman_url;
};

// Kind::invalid for what no channel could ever take: an address of another
// protocol, a repository without an owner. To be asked before anything is made.
Result<void> expect_usable(const InitRequest& request);
// The token files that are named can be read.
Result<void> expect_token(const InitRequest& request);

struct InitResult {
  std::vector<std::string> wrote;  // paths with their modes, for the screen
  // What is set otherwise already, and what would change it: exit 2.
  std::vector<std::string> differs;
};

// Adds tables to the settings, or makes the file, beginning with `head`.
using AddTables = std::function<Result<void>(
    const std::vector<std::string>& tables, const std::string& head,
    mode_t mode, std::optional<sys::Owner> owner)>;

// Writes what is missing: every byte that is there already stays, new tables
// are added at the end. `present` are the settings as they are now. A token
// file must be readable only by its owner (and root's group bezalel).
Result<InitResult> write_settings(const record::Paths& paths, Scope scope,
                                  const InitRequest& request,
                                  const app::Settings& present,
                                  const AddTables& add_tables);

// Makes `check --notify` run every 15 minutes: the package's timer, or a user
// timer, or one crontab line, whichever this host has. Returns what it did,
// for the screen; Kind::unavailable names what to do by hand. What is there
// already is kept, and checks `every` so often by the settings.
Result<std::string> start_checking(Scope scope, const record::Paths& paths,
                                   const std::string& program, Duration every);

// The same for a plain user's `report --send`, at 06:00; the package and
// /etc/cron.d/bezalel bring that of the host.
Result<std::string> start_reporting(const record::Paths& paths,
                                    const std::string& program);

// "17 scheduled jobs, 0 watched: 14 can be adopted, 3 left alone". `adoptable`:
// the sources of jobs that would be.
std::string found_text(const app::Coverage& coverage,
                       const std::vector<std::string>& adoptable);

}  // namespace bezalel::setup
