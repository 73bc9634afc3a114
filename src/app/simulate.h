// One job, now, as its scheduler would start it.
//
//   launch_of(CronStart, CronUser, host's environment) -> Launch        pure
//   launch_of(AnacronStart, root, its starter's environment) -> Launch  pure
//
// Rules of the daemons, crontab(5) of Debian 12 and of cronie:
//   Debian   what PAM's pam_env sets, over it SHELL=/bin/sh, HOME,
//   PATH=/usr/bin:
//            /bin and the table's own settings; LOGNAME is always the user
//   cronie   the same, and USER is the user as well
//   busybox  USER, LOGNAME, HOME and SHELL of the user over the daemon's own;
//   of the table's settings SHELL alone
// The command runs in HOME, as a session of its own, with what follows `%` on
// standard input, and what it prints goes to one pipe.
//
// Of anacron 2.3, observed: the table's settings above the line, as written
// behind `=`, over the environment that anacron itself was started with;
// always /bin/sh, in /, as anacron's user, with no input.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "crontab/crontab.h"

namespace bezalel::app {

using Variables = std::vector<std::pair<std::string, std::string>>;

// A line of a crontab, as far as starting it goes.
struct CronStart {
  crontab::Daemon daemon = crontab::Daemon::debian;
  std::string source;  // "/etc/cron.d/x:3"
  std::string user;
  std::string command, input;
  Variables settings;  // in force at the line, the later of a name alone
};

// A line of an anacrontab, as far as starting it goes.
struct AnacronStart {
  std::string source;  // "/etc/anacrontab:12"
  std::string command;
  Variables settings;      // in force at the line, in the order written
  std::string started_by;  // "/etc/cron.d/anacron:6", "anacron.timer"
};

struct CronUser {
  std::string name;
  std::uint32_t uid = 0, gid = 0;
  std::string home;
};

struct Launch {
  CronUser user;
  std::string source;
  std::string shell, command, input, directory;
  Variables environment;   // in order of their names
  bool reads_path = true;  // a line PATH= above the job would count
  // The table's SHELL records runs: it is passed over, and this was it.
  std::string recorder;
  std::string started_by;  // of anacron: what starts that; empty: cron's job

  // Value of a variable; empty: not set.
  std::string variable(std::string_view name) const;
};

// `host` is what the host's login sets for every user (/etc/environment,
// /etc/default/locale); of busybox crond, its own environment.
Launch launch_of(const CronStart& start, const CronUser& user,
                 const Variables& host);

// `starters` is what anacron itself is started with, the later of a name wins.
Launch launch_of(const AnacronStart& start, const CronUser& root,
                 const Variables& starters);

// The lines NAME=value of a file as pam_env reads it: `export ` and quotes are
// taken off, comments and what is none are passed over. Foreign text.
Variables read_environment_file(std::string_view text);

}  // namespace bezalel::app
