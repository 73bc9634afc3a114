// The scripts that run-parts runs for a line. Inside of discover.
#pragma once

#include <string>
#include <vector>

#include "discover/cron_jobs.h"
#include "discover/packages.h"
#include "discover/root.h"

namespace bezalel::discover {

// A line that leaves proof under a name of its own.
bool is_wrapped(app::Watch watch);

// Borrows what it is given.
class Scripts {
 public:
  Scripts(const Root& root, const Packages& packages);

  // Adds a job like `line` for each script of the directory, and a finding for
  // each that run-parts passes over.
  void add(const app::ScheduledJob& line, const RunParts& parts,
           app::SchedulerKind kind, app::Inventory& into) const;

  // A directory that is not there: each run of the line fails, and the line
  // itself is the job.
  bool is_missing(const RunParts& parts) const;
  void add_missing(const app::ScheduledJob& line, const RunParts& parts,
                   app::Inventory& into) const;

  // Of the usual directories those that hold scripts which no package brought,
  // and that nothing runs: not seen by add().
  void add_forgotten(app::Inventory& into) const;

  // Paths of the scripts that run-parts would run.
  std::vector<std::string> runnable(const std::string& directory) const;

 private:
  void tell_once(app::Finding f, app::Inventory& into) const;
  void cannot_start(const std::string& path, app::Inventory& into) const;
  void passed_over(const std::string& path, const std::string& name, bool there,
                   bool runs, app::Inventory& into) const;

  const Root& root_;
  const Packages& packages_;
  const crontab::PartNames names_;  // that the host's run-parts takes
};

}  // namespace bezalel::discover
