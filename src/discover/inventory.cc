#include "discover/inventory.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>

#include "base/escape.h"
#include "discover/cron_jobs.h"
#include "discover/timers.h"
#include "record/job_name.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::FindingSeverity;
using app::Inventory;
using app::ScheduledJob;
using app::SchedulerKind;
using app::Watch;

class Scan {
 public:
  explicit Scan(const Options& options)
      : options_(options),
        root_(options.sysroot),
        daemons_(find_daemons(root_)),
        packages_(root_),
        now_(options.now()) {}

  Inventory run() {
    crontabs();
    scripts();
    Timers(root_, packages_, options_, now_, out_).add();
    daemon_findings();
    sort();
    return std::move(out_);
  }

 private:
  std::uint32_t uid_of(const std::string& name) {
    const auto [found, fresh] = uids_.emplace(name, 0);
    if (fresh) {
      const auto user = root_.user(name);
      found->second = user ? user->uid : ~std::uint32_t{0};
    }
    return found->second;
  }

  void crontabs() {
    HostCrontabs files(root_, daemons_, packages_, options_.who);
    app::CrontabScan scan = files.scan();
    const crontab::Host host{[&](std::string_view user) {
      return uid_of(std::string(user)) != ~std::uint32_t{0};
    }};
    for (const app::CrontabFile& file : scan.files) {
      // Nobody reads what a package brought for a daemon that is not here.
      if (!daemons_.serving && !file.package.empty()) continue;
      add_jobs(
          file, host, [&](const std::string& user) { return uid_of(user); },
          options_.zone, now_, out_);
    }
    append(out_.findings, std::move(scan.findings));
    append(out_.sources_seen, std::move(scan.sources_seen));
    append(out_.sources_unseen, std::move(scan.sources_unseen));
  }

  template <class T>
  static void append(std::vector<T>& to, std::vector<T> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
  }

  // Lines that have run-parts run a directory stand for its scripts.
  void scripts() {
    std::vector<ScheduledJob> lines;
    const auto keep = std::stable_partition(
        out_.jobs.begin(), out_.jobs.end(),
        [](const ScheduledJob& j) { return !run_parts_of(j.command); });
    std::move(keep, out_.jobs.end(), std::back_inserter(lines));
    out_.jobs.erase(keep, out_.jobs.end());
    const bool anacron = root_.exists("/usr/sbin/anacron");
    for (const ScheduledJob& line : lines) {
      const RunParts parts = *run_parts_of(line.command);
      scripts_of(line, parts, anacron && parts.guarded_by_anacron);
      // What is recorded under its own name is a job, too.
      if (is_wrapped(line.watch)) out_.jobs.push_back(line);
    }
  }

  static bool is_wrapped(Watch watch) {
    return watch == Watch::shell || watch == Watch::command;
  }
  static Watch watch_of(const ScheduledJob& line, const RunParts& parts) {
    if (parts.through_bezalel) return Watch::per_script;
    return is_wrapped(line.watch) ? Watch::within : line.watch;
  }

  void scripts_of(const ScheduledJob& line, const RunParts& parts,
                  bool by_anacron) {
    const auto names = root_.list(parts.directory);
    if (!names) {
      if (names.error().kind != bezalel::Kind::not_found) {
        out_.sources_unseen.push_back(parts.directory);
      }
      return;
    }
    out_.sources_seen.push_back(parts.directory);
    for (const std::string& name : *names) {
      const std::string path = parts.directory + "/" + name;
      const auto status = root_.status(path);
      const bool there = status.has_value();
      if (there && !S_ISREG(status->st_mode)) continue;
      const bool runs = there && (status->st_mode & 0111) != 0;
      if (!crontab::run_parts_takes(name) || !runs) {
        passed_over(path, name, there, runs);
        continue;
      }
      ScheduledJob job = line;
      job.key.job = record::job_name(path).name.str();
      job.kind = by_anacron ? SchedulerKind::anacron : SchedulerKind::run_parts;
      job.command = path;
      job.source = path;
      job.line.reset();
      job.package = packages_.owner_of(path);
      job.watch = watch_of(line, parts);
      // Anacron reckons in days, as its own table says.
      if (by_anacron) job.expectation.reset();
      out_.jobs.push_back(std::move(job));
    }
  }

  void passed_over(const std::string& path, const std::string& name, bool there,
                   bool runs) {
    if (name.front() == '.' || name.ends_with(".dpkg-old") ||
        name.ends_with(".dpkg-dist") || name.ends_with(".dpkg-new") ||
        name == "README") {
      return;
    }
    Finding f;
    f.id = "script-ignored";
    f.source = path;
    if (!there) {
      f.message = "run-parts passes it over: a link to nothing";
      f.fix = "remove it, or bring back what it points to";
    } else if (!crontab::run_parts_takes(name)) {
      f.message =
          "run-parts passes it over: expected a name of letters, "
          "digits, _ and - alone";
      crontab::FileFacts facts;
      facts.path = path;
      f.fix = crontab::fix_for({0, 0, "file-name", ""}, facts,
                               crontab::Kind::system, crontab::Daemon::debian);
    } else if (!runs) {
      f.message = "run-parts passes it over: it is not executable";
      f.fix = "chmod +x " + escape_line(path);
    }
    f.alarm = core::Severity::p2;
    // What a package brought without the bit is its own affair.
    if (!packages_.owner_of(path).empty()) f.alarm = core::Severity::p3;
    out_.findings.push_back(std::move(f));
  }

  bool has_cron_jobs(bool of_packages) const {
    return std::any_of(out_.jobs.begin(), out_.jobs.end(), [&](const auto& j) {
      return j.kind != SchedulerKind::timer &&
             (of_packages || j.package.empty());
    });
  }

  void daemon_findings() {
    if (!daemons_.can_run) return;
    Finding f;
    f.source = "host";
    const bool by_timers = daemons_.serving == crontab::Daemon::systemd_cron;
    if (daemons_.running.empty() && !by_timers && has_cron_jobs(true)) {
      f.id = app::kCronDead;
      f.message = daemons_.installed.empty()
                      ? "no cron daemon is installed, and there are crontabs"
                      : "no cron daemon runs: nothing of cron is started";
      f.fix = daemons_.installed.empty() ? "apt-get install cron"
                                         : "systemctl start cron";
      f.alarm = has_cron_jobs(false) ? core::Severity::p1 : core::Severity::p3;
      out_.findings.push_back(f);
    }
    if (daemons_.running.size() > 1 && has_cron_jobs(true)) {
      f.id = "cron-doubled";
      f.message = fmt::format("{} cron daemons run: jobs are started twice",
                              daemons_.running.size());
      f.fix = "stop all but one";
      f.alarm = core::Severity::p2;
      out_.findings.push_back(f);
    }
    if (!daemons_.enabled && !daemons_.running.empty()) {
      f.id = "cron-disabled";
      f.severity = FindingSeverity::warning;
      f.message = "the cron daemon will not be started at the next boot";
      f.fix = daemons_.serving == crontab::Daemon::debian
                  ? "systemctl enable cron"
                  : "systemctl enable crond";
      f.alarm = core::Severity::p2;
      out_.findings.push_back(f);
    }
    for (const RunningDaemon& d : daemons_.running) {
      if (!d.stale_libraries) continue;
      f.id = "cron-outdated";
      f.severity = FindingSeverity::warning;
      f.message = fmt::format(
          "the cron daemon (pid {}) runs with libraries that were replaced",
          d.pid);
      f.fix = "systemctl restart cron";
      f.alarm = core::Severity::p3;
      out_.findings.push_back(f);
    }
  }

  void sort() {
    std::stable_sort(out_.jobs.begin(), out_.jobs.end(),
                     [](const ScheduledJob& a, const ScheduledJob& b) {
                       if (a.kind != b.kind) return a.kind < b.kind;
                       if (a.source != b.source) return a.source < b.source;
                       return a.line < b.line;
                     });
  }

  const Options& options_;
  const Root root_;
  const Daemons daemons_;
  const Packages packages_;
  const Timestamp now_;
  std::map<std::string, std::uint32_t> uids_;
  Inventory out_;
};

}  // namespace

Inventory HostInventory::scan() {
  return Scan(options_).run();
}

}  // namespace bezalel::discover
