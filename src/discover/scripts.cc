#include "discover/scripts.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/escape.h"
#include "base/paste.h"
#include "discover/programs.h"
#include "discover/unreadable.h"
#include "record/job_name.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::ScheduledJob;
using app::SchedulerKind;
using app::Watch;

Watch watch_of(const ScheduledJob& line, const RunParts& parts) {
  if (parts.through_bezalel) return Watch::per_script;
  return is_wrapped(line.watch) ? Watch::within : line.watch;
}

}  // namespace

bool is_wrapped(Watch watch) {
  return watch == Watch::shell || watch == Watch::command;
}

Scripts::Scripts(const Root& root, const Packages& packages)
    : root_(root),
      packages_(packages),
      names_(root.read_start("/usr/bin/run-parts", 2).value_or("") == "#!"
                 ? crontab::PartNames::fedora
                 : crontab::PartNames::plain) {}

std::vector<std::string> Scripts::runnable(const std::string& directory) const {
  std::vector<std::string> paths;
  const auto names = root_.list(directory);
  if (!names) return paths;
  for (const std::string& name : *names) {
    const std::string path = directory + "/" + name;
    const auto status = root_.status(path);
    if (crontab::run_parts_takes(name, names_) && status &&
        S_ISREG(status->st_mode) && (status->st_mode & 0111) != 0) {
      paths.push_back(path);
    }
  }
  return paths;
}

void Scripts::add(const ScheduledJob& line, const RunParts& parts,
                  SchedulerKind kind, app::Inventory& into) const {
  const auto names = root_.list(parts.directory);
  if (!names) {
    if (names.error().kind != bezalel::Kind::not_found) {
      into.sources_unseen.push_back(parts.directory);
      into.findings.push_back(unreadable(parts.directory, names.error()));
    }
    return;
  }
  into.sources_seen.push_back(parts.directory);
  for (const std::string& name : *names) {
    const std::string path = parts.directory + "/" + name;
    const auto status = root_.status(path);
    const bool there = status.has_value();
    if (there && !S_ISREG(status->st_mode)) continue;
    const bool runs = there && (status->st_mode & 0111) != 0;
    if (!crontab::run_parts_takes(name, names_) || !runs) {
      passed_over(path, name, there, runs, into);
      continue;
    }
    // In an image the interpreter may come with what it is mounted on.
    if (root_.is_running()) cannot_start(path, into);
    ScheduledJob job = line;
    job.key.job = record::job_name(path).name.str();
    job.kind = kind;
    job.command = path;
    job.source = path;
    job.line.reset();
    if (!job.caller) {
      job.caller = {line.source, line.line.value_or(0), line.package};
    }
    job.package = packages_.owner_of(path);
    job.watch = watch_of(line, parts);
    // Each waits for those before it.
    job.start_record = job.watch == Watch::per_script
                           ? record::StartRecord::late
                           : record::StartRecord::none;
    into.jobs.push_back(std::move(job));
  }
}

bool Scripts::is_missing(const RunParts& parts) const {
  const auto names = root_.list(parts.directory);
  return !names && names.error().kind == bezalel::Kind::not_found;
}

void Scripts::add_missing(const ScheduledJob& line, const RunParts& parts,
                          app::Inventory& into) const {
  into.sources_seen.push_back(parts.directory);
  Finding f;
  f.id = "directory-missing";
  f.source = line.source;
  f.line = line.line;
  f.message = "run-parts fails each time: there is no directory " +
              escape_line(parts.directory);
  f.fix = "mkdir " + paste_word(parts.directory);
  f.alarm = line.package.empty() ? core::Severity::p2 : core::Severity::p3;
  into.findings.push_back(std::move(f));
  into.jobs.push_back(line);
}

void Scripts::add_forgotten(app::Inventory& into) const {
  for (const char* period :
       {"hourly", "daily", "weekly", "monthly", "yearly"}) {
    const std::string directory = std::string("/etc/cron.") + period;
    const auto& seen = into.sources_seen;
    if (std::find(seen.begin(), seen.end(), directory) != seen.end()) continue;
    std::vector<std::string> scripts = runnable(directory);
    std::erase_if(scripts, [&](const std::string& path) {
      return !packages_.owner_of(path).empty();
    });
    if (scripts.empty()) continue;
    Finding f;
    f.id = "script-ignored";
    f.source = directory;
    f.message = fmt::format(
        "no line runs this directory: {}{} never started",
        escape_line(scripts.front().substr(directory.size() + 1), 60),
        scripts.size() == 1
            ? " is"
            : fmt::format(" and {} more are", scripts.size() - 1));
    f.fix = fmt::format("echo '@{} root run-parts {}' >/etc/cron.d/{}-scripts",
                        period, directory, period);
    f.alarm = core::Severity::p2;
    f.hides = {{directory}, {}, "nothing runs " + directory};
    into.findings.push_back(std::move(f));
  }
}

// The bare execve(2) of run-parts gives it to no shell, as a shell would.
void Scripts::cannot_start(const std::string& path,
                           app::Inventory& into) const {
  const std::string why = why_not_started(root_, path);
  if (why.empty()) return;
  Finding f;
  f.id = "script-broken";
  f.source = path;
  f.message = "run-parts cannot start it: " + why;
  f.fix = "correct its first line, as #!/bin/sh";
  tell_once(std::move(f), into);
}

// Two lines may call one directory. What a package brought is its own affair.
void Scripts::tell_once(Finding f, app::Inventory& into) const {
  for (const Finding& told : into.findings) {
    if (told.id == f.id && told.source == f.source) return;
  }
  f.alarm = packages_.owner_of(f.source).empty() ? core::Severity::p2
                                                 : core::Severity::p3;
  into.findings.push_back(std::move(f));
}

void Scripts::passed_over(const std::string& path, const std::string& name,
                          bool there, bool runs, app::Inventory& into) const {
  if (name == "README" || crontab::is_leftover(path, names_in(root_))) return;
  Finding f;
  f.id = "script-ignored";
  f.source = path;
  if (!there) {
    f.message = "run-parts passes it over: a link to nothing";
    f.fix = "remove it, or bring back what it points to";
  } else if (!crontab::run_parts_takes(name, names_)) {
    f.message =
        "run-parts passes it over: expected a name of letters, "
        "digits, _ and - alone";
    crontab::FileFacts facts;
    facts.path = path;
    f.fix =
        crontab::fix_for({0, 0, "file-name", ""}, facts, crontab::Kind::system,
                         crontab::Daemon::debian, names_in(root_));
  } else if (!runs) {
    f.message = "run-parts passes it over: it is not executable";
    f.fix = "chmod +x " + paste_word(path);
  }
  f.hides = {{path}, {}, "run-parts passes over " + escape_line(path)};
  tell_once(std::move(f), into);
}

}  // namespace bezalel::discover
