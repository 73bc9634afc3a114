#include "main_simulate.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "app/resolve.h"
#include "base/escape.h"
#include "discover/cron_start.h"
#include "main_world.h"
#include "record/work_word.h"
#include "report/simulate.h"
#include "simulate/launch.h"

namespace bezalel {
namespace {

using app::ScheduledJob;
using app::SchedulerKind;

Result<ScheduledJob> find_job(const Here& here, const std::string& name,
                              app::Users& users) {
  discover::HostInventory source(discover_options(here, {}));
  const app::Inventory inventory = source.scan();
  std::vector<core::JobKey> keys;
  for (const ScheduledJob& job : inventory.jobs) keys.push_back(job.key);
  // A job may have several lines.
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  BZ_ASSIGN(const core::JobKey key, app::resolve(name, keys, users));
  for (const ScheduledJob& job : inventory.jobs) {
    if (job.key == key) return job;
  }
  return err(Kind::not_found, name + ": no such job");
}

// systemd starts it better than anybody could: in its own cgroup, with all that
// the unit says.
cli::Said simulate_timer(const ScheduledJob& job,
                         const cli::SimulateOptions& options) {
  std::string unit = job.source.substr(0, job.source.find(' '));
  if (const std::size_t end = unit.rfind(".timer"); end != std::string::npos) {
    unit.resize(end);
  }
  unit = unit.substr(unit.rfind('/') + 1) + ".service";
  const bool of_user = job.source.find(" of ") != std::string::npos;
  std::string typed = std::string("systemctl ") + (of_user ? "--user " : "") +
                      "start " + shell_quote(unit);
  if (!options.start) {
    const std::string said =
        escape_line(job.key.job) + ": systemd starts it, as " +
        escape_line(unit) +
        " says, and takes down how it ends\nnext: " + typed + "\n";
    if (options.dry_run) return {said, "", 0};
    return {"", "bezalel: " + said, 2};
  }
  std::fflush(stdout);
  if (of_user) {
    ::execlp("systemctl", "systemctl", "--user", "start", unit.c_str(),
             static_cast<char*>(nullptr));
  } else {
    ::execlp("systemctl", "systemctl", "start", unit.c_str(),
             static_cast<char*>(nullptr));
  }
  return {"", "bezalel: systemctl: cannot be executed\n", 2};
}

report::Ended explain(const app::Launch& launch, int status) {
  report::Ended ended;
  ended.status = status;
  const auto work = record::find_work(launch.command);
  if (!work || work->word.find('/') != std::string::npos) return ended;
  ended.program = work->word;
  ended.held = simulate::holds(launch.variable("PATH"), ended.program);
  const char* path = std::getenv("PATH");
  if (!ended.held) {
    ended.elsewhere =
        simulate::found_elsewhere(launch, ended.program, path ? path : "");
  }
  return ended;
}

Result<app::Launch> plan(const Here& here, const ScheduledJob& job) {
  discover::Crontabs files({}, discover_options(here, {}).who);
  BZ_ASSIGN(const app::CronStart start, discover::cron_start_of(files, job));
  BZ_ASSIGN(const app::CronUser user, simulate::find_user(start.user));
  return app::launch_of(start, user, simulate::host_environment());
}

}  // namespace

cli::Said run_simulate(const cli::Global& global,
                       const cli::SimulateOptions& options) {
  settings::SystemUsers users;
  const auto here = find_here(global, users);
  if (!here) return cli::failure(here.error());
  if (here->paths.flat) {
    return cli::failure(err(Kind::usage,
                            "simulate: --root has no schedulers of its own; "
                            "expected the host itself"));
  }
  const auto job = find_job(*here, options.job, users);
  if (!job) return cli::failure(job.error());
  if (job->kind == SchedulerKind::timer) return simulate_timer(*job, options);
  const auto launch = plan(*here, *job);
  if (!launch) return cli::failure(launch.error());
  const report::Simulated shown{job->key.job, job->user, job->command};
  if (options.dry_run) return {report::launch_text(shown, *launch), "", 0};
  const std::string before = report::launch_line(shown, *launch);
  std::fwrite(before.data(), 1, before.size(), stderr);
  const auto status = simulate::run(*launch, [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  });
  if (!status) return cli::failure(status.error());
  return {"", report::end_text(*launch, explain(*launch, *status)), *status};
}

}  // namespace bezalel
