// Crontab text -> scheduled jobs. Inside of discover; pure.
#pragma once

#include "app/crontab_files.h"
#include "app/inventory.h"
#include "record/job_name.h"
#include "schedule/zone.h"

namespace bezalel::discover {

// A line by which this program itself checks or reports: watched by its stamp
// and the dead man, and no job of the host's.
bool is_our_own(const std::string& command);

// What the record of a line shows of its start; `own`: the one that the line
// makes itself.
record::StartRecord start_record_of(
    app::Watch watch, const std::optional<record::OwnRecord>& own);

// Adds the jobs, commented-out lines and findings of one table. `now` is for
// next and previous runs.
using UidOf = std::function<std::uint32_t(const std::string& user)>;
void add_jobs(const app::CrontabFile& file, const crontab::Host& host,
              const UidOf& uid_of, const schedule::Zone& zone, Timestamp now,
              app::Inventory& into);

// Says in `finding` which jobs it hides by keeping the file from being read.
void hide_jobs(const app::CrontabFile& file, const UidOf& uid_of,
               std::string why, app::Finding& finding);

// Adds what a line would run that its scheduler passes over.
void hide_command(const std::string& command, std::uint32_t uid,
                  app::Finding::Hides& hides);

// The directory whose scripts a line's command has run-parts run; nullopt:
// none, or by options that choose among them, list or only test them.
// `through_bezalel` where it is `bezalel run-parts`.
struct RunParts {
  std::string directory;
  bool through_bezalel = false;
  bool guarded_by_anacron = false;
};
std::optional<RunParts> run_parts_of(const std::string& command);

// Whether a command starts anacron: by its program, its init script or
// invoke-rc.d. A test for the program alone does not.
bool starts_anacron(const std::string& command);

}  // namespace bezalel::discover
