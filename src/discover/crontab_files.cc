#include "discover/crontab_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>

#include "app/cron_findings.h"
#include "base/escape.h"
#include "base/paste.h"
#include "discover/cron_jobs.h"
#include "discover/programs.h"
#include "discover/spools.h"
#include "discover/unreadable.h"
#include "sys/command.h"

namespace bezalel::discover {
namespace {

using app::CrontabFile;
using app::CrontabScan;
using app::Finding;
using app::FindingSeverity;
using crontab::Daemon;
using crontab::FileHost;
using crontab::Kind;

constexpr char kSystemTable[] = "/etc/crontab";
constexpr char kSystemDirectory[] = "/etc/cron.d";

Finding finding(const char* id, FindingSeverity severity, std::string source,
                std::string message, std::string fix) {
  Finding f;
  f.id = id;
  f.severity = severity;
  f.source = std::move(source);
  f.message = std::move(message);
  f.fix = std::move(fix);
  return f;
}

// Files that a daemon passes over are told of where they look like crontabs.
bool has_jobs(const std::string& text, Kind kind, Daemon daemon) {
  const crontab::Crontab tab = crontab::parse(text, kind, daemon);
  return std::any_of(tab.lines.begin(), tab.lines.end(), [](const auto& l) {
    return l.type == crontab::LineType::job;
  });
}

}  // namespace

CrontabScan HostCrontabs::scan() {
  CrontabScan scan;
  system_tables(scan);
  if (!who_.own_only) anacrontab(scan);
  if (who_.as_root || !root_.is_running()) {
    user_tables(scan);
  } else {
    own_table(scan);
    if (!who_.own_only) unseen_tables(scan);
  }
  return scan;
}

crontab::Host HostCrontabs::host() {
  return {[this](std::string_view user) {
            return root_.user(std::string(user)).has_value();
          },
          [this](const std::string& path) { return program(path); }};
}

CrontabFile HostCrontabs::file_at(const std::string& path, Kind kind) const {
  CrontabFile file;
  file.path = path;
  file.kind = kind;
  file.daemon = daemons_.serving.value_or(Daemon::debian);
  file.facts.path = path;
  file.facts.name = path.substr(path.rfind('/') + 1);
  const auto link = root_.link_status(path);
  if (!link) return file;
  file.facts.symlink = S_ISLNK(link->st_mode);
  if (file.facts.symlink) file.facts.symlink_owner = link->st_uid;
  const auto status = root_.status(path);
  if (!status) {
    file.facts.dangling = file.facts.symlink;
    return file;
  }
  file.facts.owner = status->st_uid;
  file.facts.mode = status->st_mode & 07777;
  file.facts.links = static_cast<int>(status->st_nlink);
  file.facts.regular = S_ISREG(status->st_mode);
  file.facts.fifo = S_ISFIFO(status->st_mode);
  file.facts.directory = S_ISDIR(status->st_mode);
  return file;
}

void HostCrontabs::system_tables(CrontabScan& scan) {
  scan.sources_seen.emplace_back(kSystemTable);
  if (root_.exists(kSystemTable))
    add(scan, file_at(kSystemTable, Kind::system));
  const auto names = root_.list(kSystemDirectory);
  if (!names) {
    if (names.error().kind == bezalel::Kind::not_found) {
      scan.sources_seen.emplace_back(kSystemDirectory);
      return;
    }
    scan.sources_unseen.emplace_back(kSystemDirectory);
    scan.findings.push_back(unreadable(kSystemDirectory, names.error()));
    return;
  }
  scan.sources_seen.emplace_back(kSystemDirectory);
  for (const std::string& name : *names) {
    const std::string path = std::string(kSystemDirectory) + "/" + name;
    CrontabFile file = file_at(path, Kind::system);
    file.facts.in_directory = true;
    if (file.daemon == Daemon::systemd_cron) find_timer(file.facts);
    add(scan, std::move(file));
  }
}

void HostCrontabs::find_timer(crontab::FileFacts& facts) const {
  const std::string unit = facts.name + ".timer";
  for (const char* dir : {"/etc/systemd/system/", "/run/systemd/system/",
                          "/usr/lib/systemd/system/", "/lib/systemd/system/"}) {
    const std::string path = dir + unit;
    const bool masked = root_.link(path) == "/dev/null";
    if (!masked && !root_.exists(path)) continue;
    facts.timer = unit;
    facts.timer_masked = masked;
    return;
  }
}

// What is wrong with it is told where its jobs are listed (anacron.h).
void HostCrontabs::anacrontab(CrontabScan& scan) const {
  auto text = root_.read(app::kAnacrontab);
  if (!text) return;
  CrontabFile file = file_at(app::kAnacrontab, Kind::anacron);
  file.text = *std::move(text);
  file.package = packages_.owner_of(app::kAnacrontab);
  scan.anacrontab = std::move(file);
}

void HostCrontabs::user_tables(CrontabScan& scan) {
  const std::vector<std::string> read = spools_of(root_, daemons_);
  for (const std::string& spool : read) spool_of_tables(spool, scan);
  unread_spools(read, scan);
}

// A plain user does not ask for them by asking for all of the own ones.
void HostCrontabs::unseen_tables(CrontabScan& scan) const {
  for (const std::string& spool : spools_of(root_, daemons_)) {
    const auto names = root_.list(spool);
    if (!names) unreadable_spool(spool, names.error(), "tables-unseen", scan);
  }
}

void HostCrontabs::unreadable_spool(const std::string& spool, const Error& why,
                                    const char* id, CrontabScan& scan) const {
  if (why.kind == bezalel::Kind::not_found) return;
  scan.sources_unseen.push_back("crontab of");
  scan.findings.push_back(
      unreadable(spool, why, "run it as root to see all users' crontabs"));
  scan.findings.back().id = id;
}

void HostCrontabs::spool_of_tables(const std::string& spool,
                                   CrontabScan& scan) {
  const auto names = root_.list(spool);
  if (!names) {
    return unreadable_spool(spool, names.error(), "source-unreadable", scan);
  }
  scan.sources_seen.push_back(spool);
  const std::size_t before = scan.files.size();
  for (const std::string& name : *names) {
    // crontab(1) writes beside before it renames.
    if (name.starts_with("tmp.")) continue;
    CrontabFile file = file_at(spool + "/" + name, Kind::user);
    file.user = name;
    if (file.facts.directory && !file.facts.symlink) continue;  // cronie's
    const auto user = root_.user(name);
    // The daemon opens none of them; a table was meant by a file alone.
    if (!user && !file.facts.regular && !file.facts.symlink) continue;
    if (!user) {
      Finding f = finding(
          "file-ignored", FindingSeverity::error, file.shown(),
          fmt::format("the daemon ignores it: there is no user {}",
                      escape_line(name, 64)),
          "remove " + escape_line(file.path) + ", or make the user again");
      f.alarm = core::Severity::p2;
      scan.findings.push_back(std::move(f));
      continue;
    }
    file.uid = user->uid;
    file.facts.expected_owner = user->uid;
    add(scan, std::move(file));
  }
  if (scan.files.size() > before && root_.is_running() &&
      root_.is_volatile(spool)) {
    Finding f =
        finding("spool-volatile", FindingSeverity::warning, spool,
                "the crontabs lie in memory: they are gone after the next boot",
                "mount a disk there, or install them at every boot");
    f.alarm = core::Severity::p2;
    scan.findings.push_back(std::move(f));
  }
}

// A table in another daemon's place runs nowhere.
void HostCrontabs::unread_spools(const std::vector<std::string>& read,
                                 CrontabScan& scan) {
  if (!daemons_.serving) return;
  for (const char* spool :
       {"/var/spool/cron/crontabs", "/var/spool/cron", "/etc/crontabs"}) {
    const bool is_read = std::any_of(
        read.begin(), read.end(),
        [&](const auto& place) { return same_file(root_, place, spool); });
    const auto names = root_.list(spool);
    if (is_read || !names) continue;
    for (const std::string& name : *names) {
      const CrontabFile file =
          file_at(std::string(spool) + "/" + name, Kind::user);
      if (!file.facts.regular || !root_.user(name)) continue;
      const auto text = root_.read(file.path);
      if (!text || !has_jobs(*text, Kind::user, file.daemon)) continue;
      Finding f =
          finding("spool-unread", FindingSeverity::error, file.path,
                  fmt::format("no daemon reads it: {} looks in {}",
                              crontab::to_string(file.daemon), read.front()),
                  fmt::format("crontab -u {} {}", paste_word(name),
                              paste_word(file.path)));
      f.alarm = core::Severity::p2;
      f.hides = {{"crontab of " + name},
                 {},
                 "no daemon reads " + escape_line(file.path)};
      scan.findings.push_back(std::move(f));
    }
  }
}

// A plain user sees the own table by crontab(1), which is allowed to. Where
// that refuses (cron.deny), a table may be there all the same, and cron runs
// it.
void HostCrontabs::own_table(CrontabScan& scan) {
  CrontabFile file;
  file.kind = Kind::user;
  file.daemon = daemons_.serving.value_or(Daemon::debian);
  file.user = who_.user;
  file.uid = who_.uid;
  file.path = spools_of(root_, daemons_).front() + "/" + who_.user;
  file.facts.path = file.path;
  file.facts.name = who_.user;
  const auto listed = sys::run_command({"crontab", "-l"});
  if (!listed && listed.error().kind == bezalel::Kind::not_found) return;
  const bool answered = listed && !listed->timed_out && !listed->cut;
  const bool none =
      answered && listed->status != 0 && crontab::says_no_table(listed->output);
  if (!answered || (listed->status != 0 && !none)) {
    scan.sources_unseen.push_back(file.shown());
    scan.findings.push_back(finding(
        "source-unreadable", FindingSeverity::warning, file.shown(),
        answered
            ? "crontab -l was refused: " +
                  escape_line(
                      listed->output.substr(0, listed->output.find('\n')), 80)
        : listed && listed->cut
            ? "crontab -l: longer than is read here; run it as root"
            : "crontab -l gave no answer",
        ""));
    return;
  }
  scan.sources_seen.push_back(file.shown());
  if (none) return;
  file.text = listed->output;
  scan.files.push_back(std::move(file));
}

void HostCrontabs::pass_over(CrontabScan& scan, CrontabFile file,
                             const crontab::Problem& problem) {
  const bool to_timer = problem.rule == "file-timer";
  if ((problem.rule == "file-name" &&
       crontab::is_leftover(file.path, names_in(root_))) ||
      // A package brings both, for systemd and for cron.
      (to_timer && !packages_.owner_of(file.path).empty())) {
    return;
  }
  const bool is_file = file.facts.regular && !file.facts.dangling;
  if (problem.rule != "file-kind" || is_file) {
    auto text = root_.read(file.path);
    if (!text || !has_jobs(*text, file.kind, file.daemon)) return;
    file.text = *std::move(text);
  }
  Finding f =
      finding("file-ignored",
              to_timer ? FindingSeverity::warning : FindingSeverity::error,
              file.shown(), "the daemon ignores it: " + problem.message,
              crontab::fix_for(problem, file.facts, file.kind, file.daemon,
                               names_in(root_)));
  f.alarm = to_timer ? core::Severity::p3 : core::Severity::p2;
  hide(file, "the daemon ignores ", f);
  scan.findings.push_back(std::move(f));
}

void HostCrontabs::hide(const CrontabFile& file, const char* why,
                        Finding& finding) const {
  const auto uid_of = [this](const std::string& name) {
    const auto user = root_.user(name);
    return user ? user->uid : app::kNoUser;
  };
  hide_jobs(file, uid_of, why + escape_line(file.shown()), finding);
}

void HostCrontabs::blocked(CrontabScan& scan, const CrontabFile& file) const {
  const std::string service = file.daemon == Daemon::debian ? "cron" : "crond";
  Finding f = finding(
      app::kCronBlocked, FindingSeverity::error, file.path,
      "the cron daemon opens this FIFO and waits for ever: nothing of cron is "
      "started",
      "rm " + paste_word(file.path) + " && " +
          service_command(daemons_, "restart", service));
  f.alarm = core::Severity::p1;
  scan.findings.push_back(std::move(f));
}

// What only other daemons than the one that runs would read.
void HostCrontabs::unread_table(CrontabScan& scan, CrontabFile file) {
  file.daemon = Daemon::debian;
  const bool regular = file.facts.regular && !file.facts.dangling;
  auto text = root_.read(file.path);
  const FileHost names{daemons_.lsb_names};
  if (!regular || !text || !has_jobs(*text, file.kind, file.daemon) ||
      crontab::refused_for(file.facts, file.kind, file.daemon, names)) {
    return;
  }
  file.text = *std::move(text);
  Finding f = finding(
      "spool-unread", FindingSeverity::error, file.path,
      fmt::format("no daemon reads it: {} looks in {} alone",
                  crontab::to_string(*daemons_.serving),
                  fmt::join(spools_of(root_, daemons_), " and ")),
      "crontab -e -u USER, for each user of its jobs; or install a cron that "
      "reads it");
  f.alarm = packages_.owner_of(file.path).empty() ? core::Severity::p2
                                                  : core::Severity::p3;
  hide(file, "no daemon reads ", f);
  scan.findings.push_back(std::move(f));
}

void HostCrontabs::add(CrontabScan& scan, CrontabFile file) {
  if (file.kind == Kind::system && daemons_.serving == Daemon::busybox) {
    return unread_table(scan, std::move(file));
  }
  if (file.facts.directory && !file.facts.symlink) return;  // none was meant
  // A link into a place that only others may see is no link to nothing.
  if (file.facts.dangling) {
    const auto text = root_.read(file.path);
    if (!text && text.error().kind == bezalel::Kind::denied) {
      scan.sources_unseen.push_back(file.shown());
      scan.findings.push_back(unreadable(file.shown(), text.error()));
      return;
    }
  }
  if (crontab::blocks_daemon(file.facts, file.kind, file.daemon,
                             {daemons_.lsb_names})) {
    return blocked(scan, file);
  }
  if (const auto problem = crontab::refused_for(
          file.facts, file.kind, file.daemon, {daemons_.lsb_names})) {
    pass_over(scan, std::move(file), *problem);
    return;
  }
  auto text = root_.read(file.path);
  if (!text) {
    scan.sources_unseen.push_back(file.shown());
    scan.findings.push_back(unreadable(file.shown(), text.error()));
    return;
  }
  file.text = *std::move(text);
  file.package = packages_.owner_of(file.path);
  scan.files.push_back(std::move(file));
}

crontab::ProgramFacts HostCrontabs::program(const std::string& path) {
  return program_at(root_, path);
}

crontab::ProgramFacts Crontabs::program(const std::string& path) {
  return program_at(root_, path);
}

bool HostCrontabs::may_run(const std::string& path, const std::string& user) {
  return may_execute(root_, path, user);
}

bool Crontabs::may_run(const std::string& path, const std::string& user) {
  return may_execute(root_, path, user);
}

CrontabScan Crontabs::scan() {
  const Daemons daemons = find_daemons(root_);
  const Packages packages(root_);
  return HostCrontabs(root_, daemons, packages, who_).scan();
}

crontab::Host Crontabs::host() {
  return {[this](std::string_view user) {
            return root_.user(std::string(user)).has_value();
          },
          [this](const std::string& path) { return program(path); }};
}

}  // namespace bezalel::discover
