// What this host starts our checking with, and who has jobs on it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/paths.h"

namespace bezalel::setup {

// Which kind of installation a command works on.
enum class Scope {
  system,  // root or the bezalel user: /etc/bezalel, /var/lib/bezalel
  user,    // a plain user's own
  flat,    // --root DIR
};

// How `check --notify` gets started, as found on the host now.
struct Checking {
  enum class By { nothing, systemd_timer, cron_file, user_timer, crontab };
  By by = By::nothing;
  bool enabled = false;  // survives a reboot
  bool active = false;   // runs now
  bool masked = false;   // its timer can not be started, by an administrator
  std::string text;      // "bezalel-check.timer every 15m"
  // What would stop it all the same, or why nothing could be found, and what
  // to do against that; empty: `bezalel init`.
  std::string caveat, caveat_fix;
};

// The command that starts what was found to be stopped.
std::string start_of(const Checking& by, const std::string& bezalel);
// What starts `report --send` on a host; By::nothing: nothing that was found.
Checking find_reporting(Scope scope);

bool systemd_runs();  // as PID 1 of this host (sd_booted(3))
// Why this user cannot have a crontab, as crontab(1) says it; empty: can.
std::string crontab_trouble();
// crontab(1) says that this user has none; false also where it says nothing.
bool has_no_crontab();
bool user_systemd_runs();  // `systemctl --user` answers
Checking find_checking(Scope scope);

// Does a line of this crontab, comments apart, start `check --notify`?
bool starts_checking(std::string_view crontab);
// The same of `report --send`.
bool starts_reporting(std::string_view crontab);

// May the user bezalel have systemd carry out actions: does a rule of polkit
// name that user? `unseen`: the rules cannot be read by who asks.
enum class ActionRule { there, missing, unseen };
ActionRule find_action_rule();

// Is any cron daemon there? Its process name and pid; nullopt: none seen.
struct CronDaemon {
  std::string name;
  int pid = 0;
  bool stopped = false;  // SIGSTOP: it starts nothing
  // Where the tables of users lie, which are all that busybox crond reads; of
  // another daemon empty.
  std::string busybox_tables = {};
};
std::optional<CronDaemon> find_cron_daemon();

// The command that has a cron daemon run; words where none is known.
std::string start_of_cron();

// Free space of the file system of `path`.
struct Disk {
  int percent_used = 0;
  std::uint64_t free_bytes = 0;
  std::uint64_t free_inodes = 0;
  bool writable = false;   // by us
  bool read_only = false;  // for everybody
  bool in_memory = false;  // gone after the next boot
  // Of a container alone, without a volume: gone when it is made anew.
  bool in_container = false;
};
Result<Disk> disk_of(const std::string& path);

// Names of the users who leave proof of what cron starts: owners of crontabs,
// which only root can see, those whom the lines of system crontabs name, and
// those as whom a line records behind sudo or su. In order, once.
std::vector<std::string> users_of_crontabs();

}  // namespace bezalel::setup
