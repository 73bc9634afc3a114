#include "main_simulate.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "app/resolve.h"
#include "base/escape.h"
#include "discover/cron_start.h"
#include "discover/daemons.h"
#include "discover/root.h"
#include "main_world.h"
#include "record/work_word.h"
#include "report/simulate.h"
#include "simulate/launch.h"
#include "simulate/unit.h"

namespace bezalel {
namespace {

using app::ScheduledJob;
using app::SchedulerKind;

Result<ScheduledJob> find_job(const Here& here, const std::string& name,
                              const app::Inventory& inventory,
                              app::Users& users) {
  std::vector<core::JobKey> keys;
  for (const auto* jobs : {&inventory.jobs, &inventory.lines}) {
    for (const ScheduledJob& job : *jobs) keys.push_back(job.key);
  }
  // A job may have several lines.
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  BZ_ASSIGN(const core::JobKey key,
            app::resolve(name, keys, users, here.bezalel + " discover"));
  for (const auto* jobs : {&inventory.jobs, &inventory.lines}) {
    for (const ScheduledJob& job : *jobs) {
      if (job.key == key) return job;
    }
  }
  return err(Kind::not_found, name + ": no such job");
}

// systemd starts it better than anybody could: in its own cgroup, with all that
// the unit says.
cli::Said simulate_timer(const ScheduledJob& job,
                         const cli::SimulateOptions& options) {
  using simulate::Manager;
  const std::string& unit = job.command;  // what the timer triggers
  Manager manager;
  if (job.source.find(" of ") != std::string::npos) {
    manager.of = Manager::Of::user;
    if (job.key.uid != ::geteuid()) manager.as = job.user;
  }
  const report::SimulatedUnit shown{{job.key.job, job.user, unit}, job.source};
  const auto facts = simulate::look_at_unit(manager, unit);
  if (!facts) return cli::failure(facts.error());
  if (!options.start) {
    const std::string text = report::unit_text(
        shown, *facts, simulate::manager_environment(manager));
    if (options.dry_run) return {text, "", 0};
    return {"",
            "bezalel: simulate: " + escape_line(unit) +
                " is systemd's to start, and a run that counts; expected "
                "--start, or --dry-run\n",
            2};
  }
  if (app::is_running(*facts)) {
    return {"",
            "bezalel: " + escape_line(unit) +
                " runs already; nothing was "
                "started\n",
            1};
  }
  const std::string before = report::unit_line(shown);
  std::fwrite(before.data(), 1, before.size(), stderr);
  const auto ended = simulate::start_unit(manager, unit);
  if (!ended) return cli::failure(ended.error());
  return {"", report::unit_end_text(shown, *ended),
          app::exit_status_of(*ended)};
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

Result<app::Launch> plan_of_cron(const Here& here, const ScheduledJob& job) {
  discover::Crontabs files({}, discover_options(here, {}).who);
  BZ_ASSIGN(const app::CronStart start, discover::cron_start_of(files, job));
  BZ_ASSIGN(const app::CronUser user, simulate::find_user(start.user));
  if (start.daemon != crontab::Daemon::busybox) {
    return app::launch_of(start, user, simulate::host_environment());
  }
  app::Variables own;
  for (const auto& daemon :
       discover::find_daemons(discover::Root({})).running) {
    if (daemon.daemon == start.daemon)
      own = simulate::environment_of(daemon.pid);
  }
  return app::launch_of(start, user, own);
}

// What systemd starts a service of the system with, but for the variables that
// are of one run alone.
Result<app::Variables> environment_of_service(const std::string& unit) {
  const simulate::Manager manager;
  BZ_ASSIGN(const app::UnitFacts facts, simulate::look_at_unit(manager, unit));
  app::Variables out =
      app::read_environment_file(simulate::manager_environment(manager));
  const auto add = [&](const app::Variables& more) {
    out.insert(out.end(), more.begin(), more.end());
  };
  add(app::environment_of(facts));
  const discover::Root root({});
  for (const std::string& file : facts.files) {
    if (const auto text = root.read(file)) {
      add(app::read_environment_file(*text));
    }
  }
  return out;
}

Result<app::Launch> plan_of_anacron(const Here& here, const ScheduledJob& job,
                                    const app::Inventory& inventory) {
  const discover::Root root({});
  BZ_ASSIGN(app::AnacronStart start, discover::anacron_start_of(root, job));
  const ScheduledJob* starter = discover::starter_of_anacron(
      inventory, root.exists("/run/systemd/system"));
  if (!starter) {
    return err(Kind::not_found,
               "simulate: nothing is seen to start anacron, which starts " +
                   escape_line(job.key.job, 60) + "; see `bezalel audit`");
  }
  start.started_by = starter->source;
  app::Variables given;
  if (starter->kind == SchedulerKind::timer) {
    BZ_ASSIGN(given, environment_of_service(starter->command));
  } else {
    BZ_ASSIGN(app::Launch launch, plan_of_cron(here, *starter));
    start.started_by = std::move(launch.source);
    given = std::move(launch.environment);
  }
  BZ_ASSIGN(const app::CronUser user, simulate::find_user(job.user));
  return app::launch_of(start, user, given);
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
  discover::HostInventory source(discover_options(*here, {}));
  const app::Inventory inventory = source.scan();
  const auto job = find_job(*here, options.job, inventory, users);
  if (!job) return cli::failure(job.error());
  if (job->kind == SchedulerKind::timer) return simulate_timer(*job, options);
  const auto launch = job->kind == SchedulerKind::anacron
                          ? plan_of_anacron(*here, *job, inventory)
                          : plan_of_cron(*here, *job);
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
