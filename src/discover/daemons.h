// Which cron daemon serves this host, and whether it runs. Inside of discover.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "crontab/crontab.h"
#include "discover/root.h"

namespace bezalel::discover {

struct RunningDaemon {
  crontab::Daemon daemon = crontab::Daemon::debian;
  pid_t pid = 0;
  std::vector<std::string> argv;
  bool stale_libraries = false;  // maps a file that was replaced on disk
  // Stopped by a signal or a debugger, or waiting in the kernel for longer than
  // a moment: it starts nothing.
  bool stuck = false;
  // The kernel's function it waits in; empty: none, or not for us to see.
  std::string waits_in;
  std::string zone;   // TZ of its environment; empty: the host's
  std::string spool;  // that it was told to read; empty: its own
};

struct Daemons {
  // What reads the crontabs: the one that runs, else the one installed;
  // nullopt: none of either.
  std::optional<crontab::Daemon> serving;
  std::vector<RunningDaemon> running;
  std::vector<std::string> installed;  // programs
  bool atd_runs = false;
  bool can_run = true;  // false for a --sysroot: nothing runs there
  bool hidden = false;  // the processes of others: none is seen that may run
  bool enabled = true;  // at boot, by systemd or else by the links of rc(8)
  bool lsb_names = false;
  bool systemd = false;  // runs here
};

// "systemctl restart cron", or "service cron restart" where no systemd runs.
std::string service_command(const Daemons& daemons, const std::string& verb,
                            const std::string& service);

Daemons find_daemons(const Root& root);

// Whether some target of systemd wants the unit: it is started at boot.
bool unit_enabled(const Root& root, const char* unit);

// False where the links of the host's usual runlevel only stop the service, as
// `update-rc.d NAME disable` leaves them. One that has no link at all is not
// started by them, but by somebody else.
bool rc_enabled(const Root& root, std::string_view service);

}  // namespace bezalel::discover
