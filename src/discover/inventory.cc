#include "discover/inventory.h"

#include <algorithm>
#include <future>
#include <map>

#include "discover/accounts.h"
#include "discover/anacron.h"
#include "discover/at_queue.h"
#include "discover/cron_jobs.h"
#include "discover/cron_log_files.h"
#include "discover/daemon_findings.h"
#include "discover/log_evidence.h"
#include "discover/scripts.h"
#include "discover/timers.h"
#include "discover/unreadable.h"
#include "record/paths.h"

namespace bezalel::discover {
namespace {

using app::Inventory;
using app::ScheduledJob;
using app::SchedulerKind;

class Scan {
 public:
  explicit Scan(const Options& options)
      : options_(options),
        root_(options.sysroot),
        daemons_(find_daemons(root_)),
        packages_(root_),
        now_(options.now()),
        anacron_(root_, packages_, options_, daemons_.serving) {}

  Inventory run() {
    // systemd answers while we read.
    auto managers = std::async(std::launch::async,
                               [&] { return ask_managers(root_, options_); });
    crontabs(Tables::all);
    take_log(read_cron_log(root_, options_.zone, now_),
             daemons_.running.empty() ? nullptr : &daemons_.running.front(),
             now_, out_);
    scripts();
    Timers(root_, packages_, options_, now_, daemons_.serving, out_)
        .add(managers.get());
    anacron_.add_findings(out_);
    add_at_queue(root_, daemons_, options_, now_, out_);
    if (!options_.who.own_only) {
      state();
      add_account_findings(root_, daemons_.serving, today(), out_);
    }
    add_daemon_findings(daemons_, options_.zone, out_);
    silence();
    sort();
    return std::move(out_);
  }

  std::vector<app::Finding> of_scripts() {
    crontabs(Tables::of_run_parts);
    scripts();
    std::erase_if(out_.findings, [](const app::Finding& f) {
      return !f.id.starts_with("script-") && f.id != "directory-missing";
    });
    return std::move(out_.findings);
  }

 private:
  std::uint32_t uid_of(const std::string& name) {
    const auto [found, fresh] = uids_.emplace(name, 0);
    if (fresh) {
      const auto user = root_.user(name);
      found->second = user ? user->uid : app::kNoUser;
    }
    return found->second;
  }

  // Of the daemon that runs; else the host's.
  schedule::Zone zone_of_cron() const {
    if (daemons_.running.empty()) return options_.zone;
    std::string_view name = daemons_.running.front().zone;
    if (name.starts_with(':')) name.remove_prefix(1);
    if (name.empty()) return options_.zone;
    auto zone = schedule::Zone::load(name);
    return zone ? *std::move(zone) : options_.zone;
  }

  std::chrono::sys_days today() const {
    return std::chrono::floor<std::chrono::days>(
        now_ + std::chrono::seconds(options_.zone.offset_at(now_)));
  }

  // What was there and is gone is only missed by who remembers it.
  void state() {
    const std::string place = record::system_paths().state_dir;
    if (!root_.is_running() || !root_.is_volatile(place)) return;
    app::Finding f;
    f.id = "state-volatile";
    f.severity = app::FindingSeverity::warning;
    f.source = place;
    f.message =
        "what is known of the jobs lies in memory: it is gone after the next "
        "boot";
    f.fix = "mount a disk there";
    f.alarm = core::Severity::p2;
    out_.findings.push_back(std::move(f));
  }

  void silence() {
    for (const std::string& place : root_.silent()) {
      std::erase_if(out_.findings, [&](const app::Finding& f) {
        return f.id == "source-unreadable" && f.source == place;
      });
      out_.sources_unseen.push_back(place);
      const Error why{Kind::unavailable,
                      "it does not answer; what lies there was not looked at"};
      out_.findings.push_back(unreadable(
          place, why, "mend the server of its mount, or umount -l that"));
    }
  }

  // All, or those alone that may have run-parts run something.
  enum class Tables { all, of_run_parts };

  void crontabs(Tables tables) {
    HostCrontabs files(root_, daemons_, packages_, options_.who);
    app::CrontabScan scan = files.scan();
    const crontab::Host host{
        [&](std::string_view user) {
          return uid_of(std::string(user)) != app::kNoUser;
        },
        [&](const std::string& path) { return files.program(path); }};
    for (const app::CrontabFile& file : scan.files) {
      // Nobody reads what a package brought for a daemon that is not here.
      if (!daemons_.serving && !file.package.empty()) continue;
      if (tables == Tables::of_run_parts &&
          file.text.find("run-parts") == std::string::npos) {
        continue;
      }
      Inventory found;
      add_jobs(
          file, host, [&](const std::string& user) { return uid_of(user); },
          zone_of_cron(), now_, found);
      if (options_.who.own_only && file.kind == crontab::Kind::system) {
        keep_own(found);
      }
      for (app::Finding& f : found.findings) survived(f);
      append(out_.jobs, std::move(found.jobs));
      append(out_.commented_out, std::move(found.commented_out));
      append(out_.findings, std::move(found.findings));
    }
    if (options_.who.own_only) keep_own(scan.findings);
    append(out_.findings, std::move(scan.findings));
    append(out_.sources_seen, std::move(scan.sources_seen));
    append(out_.sources_unseen, std::move(scan.sources_unseen));
  }

  // Newer ones than Debian 12's may take the line that ends that one.
  void survived(app::Finding& f) const {
    if (f.id != "daemon-ends" || daemons_.running.empty()) return;
    f.severity = app::FindingSeverity::warning;
    f.alarm = core::Severity::p3;
  }

  // A plain user's lines in the host's tables are the user's own jobs; what
  // else is there is for others to mend.
  void keep_own(Inventory& found) const {
    const auto is_foreign = [&](const auto& j) {
      return j.key.uid != options_.who.uid;
    };
    std::erase_if(found.jobs, is_foreign);
    std::erase_if(found.commented_out, is_foreign);
    std::erase_if(found.findings, [&](const app::Finding& f) {
      const bool of_own_line =
          std::any_of(found.jobs.begin(), found.jobs.end(),
                      [&](const ScheduledJob& j) { return j.line == f.line; });
      return f.hides ? !hides_own(f) : !of_own_line;
    });
  }
  void keep_own(std::vector<app::Finding>& findings) const {
    std::erase_if(findings, [&](const app::Finding& f) {
      return f.source.starts_with("/etc/") && f.hides && !hides_own(f);
    });
  }
  bool hides_own(const app::Finding& f) const {
    const auto& jobs = f.hides->jobs;
    return std::any_of(jobs.begin(), jobs.end(), [&](const auto& key) {
      return key.uid == options_.who.uid;
    });
  }

  template <class T>
  static void append(std::vector<T>& to, std::vector<T> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
  }

  // Lines that have run-parts run a directory stand for its scripts. A line
  // that steps back for anacron runs none.
  void scripts() {
    std::vector<ScheduledJob> lines;
    const auto keep = std::stable_partition(
        out_.jobs.begin(), out_.jobs.end(),
        [](const ScheduledJob& j) { return !run_parts_of(j.command); });
    std::move(keep, out_.jobs.end(), std::back_inserter(lines));
    out_.jobs.erase(keep, out_.jobs.end());
    const Scripts scripts(root_, packages_);
    for (const ScheduledJob& line : lines) {
      const RunParts parts = *run_parts_of(line.command);
      if (!anacron_.takes(parts)) {
        if (scripts.is_missing(parts)) {
          scripts.add_missing(line, parts, out_);
          continue;
        }
        scripts.add(line, parts, SchedulerKind::run_parts, out_);
      }
      out_.lines.push_back(line);
    }
    anacron_.add_jobs(scripts, out_);
    // systemd-cron has timers for these, and needs no line; busybox crond has
    // other directories.
    if (!options_.who.own_only &&
        daemons_.serving != crontab::Daemon::systemd_cron &&
        daemons_.serving != crontab::Daemon::busybox) {
      scripts.add_forgotten(out_);
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
  Anacron anacron_;
  std::map<std::string, std::uint32_t> uids_;
  Inventory out_;
};

}  // namespace

Inventory HostInventory::scan() {
  return Scan(options_).run();
}

std::vector<app::Finding> script_findings(const Options& options) {
  return Scan(options).of_scripts();
}

}  // namespace bezalel::discover
