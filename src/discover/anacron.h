// Anacron: what its table runs, whether somebody starts it, and by its stamps
// whether it does its work. Inside of discover.
//
// Anacron reckons in days: a job is due on the day of its stamp plus its
// period, and is started `delay` minutes after anacron. A stamp is written when
// a job has ended, however it ended, so it proves no more than a start.
#pragma once

#include <vector>

#include "crontab/anacrontab.h"
#include "discover/inventory.h"
#include "discover/scripts.h"

namespace bezalel::discover {

class Anacron {
 public:
  // Reads the table. Borrows what it is given.
  Anacron(const Root& root, const Packages& packages, const Options& options,
          std::optional<crontab::Daemon> serving);

  // Whether a line of cron's steps back for anacron; its directory is noted.
  bool takes(const RunParts& parts);
  // Adds what its table runs, and the lines it skips or misreads. Where
  // systemd-cron stands in for anacron, that is among the timers.
  void add_jobs(const Scripts& scripts, app::Inventory& into);
  // Once crontabs and timers are in: who starts it, and what its stamps say.
  void add_findings(app::Inventory& into) const;

 private:
  struct Entry {
    crontab::AnacronEntry line;
    std::optional<std::chrono::sys_days> stamp;
    std::optional<Timestamp> ran;  // as near as the stamp tells
    // The day of a stamp without a date: anacron makes it when it starts, and
    // fills it when the job has ended.
    std::optional<std::chrono::sys_days> waits_since;
    bool has_jobs = false;
    bool own = false;  // something of it is no package's
  };
  void read_stamp(Entry& entry, app::Inventory& into) const;
  void add_entry(const Entry& entry, const Scripts& scripts,
                 app::Inventory& into) const;
  void left_alone(const Scripts& scripts, app::Inventory& into) const;
  bool is_started(const app::Inventory& into) const;
  void not_installed(app::Inventory& into) const;
  void late(const Entry& entry, app::Inventory& into) const;
  Timestamp start_of(std::chrono::sys_days day) const;
  std::chrono::sys_days day_of(Timestamp t) const;

  const Root& root_;
  const Packages& packages_;
  const Options& options_;
  const Timestamp now_;
  bool installed_ = false;
  // systemd-cron makes timers of the table, and needs no anacron.
  bool is_systemd_crons_ = false;
  bool by_busybox_ = false;       // which reads no /etc/cron.d
  bool systemd_ = false;          // runs here
  std::optional<Error> trouble_;  // why the table could not be read
  std::string text_;              // of the table
  std::vector<crontab::Problem> dropped_;
  std::vector<crontab::Problem> misread_;
  std::vector<Entry> entries_;
  std::vector<std::string> left_to_it_;  // directories
};

}  // namespace bezalel::discover
