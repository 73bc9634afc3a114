#include "discover/anacron.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/escape.h"
#include "base/paste.h"
#include "discover/cron_start.h"
#include "discover/unreadable.h"
#include "record/job_name.h"
#include "record/redact.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::FindingSeverity;
using app::ScheduledJob;
using app::SchedulerKind;
using app::Watch;
using core::Severity;
using std::chrono::days;
using std::chrono::sys_days;

constexpr char kTable[] = "/etc/anacrontab";
constexpr char kStamps[] = "/var/spool/anacron";
constexpr char kProgram[] = "/usr/sbin/anacron";
constexpr char kOff[] = "anacron-off";
// Anacron itself is started once an hour.
constexpr Duration kHourly = std::chrono::hours(1);
// Of a table of garbage.
constexpr std::size_t kMostDropped = 20;

Finding finding(const char* id, Severity alarm, std::string source,
                std::string message, std::string fix) {
  Finding f;
  f.id = id;
  f.source = std::move(source);
  f.message = std::move(message);
  f.fix = std::move(fix);
  f.alarm = alarm;
  return f;
}

std::string shown(sys_days day) {
  const std::chrono::year_month_day d(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(d.year()),
                     static_cast<unsigned>(d.month()),
                     static_cast<unsigned>(d.day()));
}

std::string stamp_of(const crontab::AnacronEntry& line) {
  return std::string(kStamps) + "/" + line.id;
}

std::string_view line_of(std::string_view text, int number) {
  for (; number > 1; --number) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Behind period, delay and id, whatever those are.
std::string command_in(std::string_view line) {
  constexpr std::string_view kBlanks = " \t";
  std::size_t at = line.find_first_not_of(kBlanks);
  for (int word = 0; word < 3 && at != std::string_view::npos; ++word) {
    at = line.find_first_not_of(kBlanks, line.find_first_of(kBlanks, at));
  }
  return std::string(at == std::string_view::npos ? "" : line.substr(at));
}

std::string line_for(const std::string& directory) {
  const std::string id = directory.substr(directory.rfind('/') + 1);
  const char* when = id == "cron.monthly"  ? "@monthly 15"
                     : id == "cron.weekly" ? "7 10"
                                           : "1 5";
  return fmt::format("{} {} run-parts --report {}", when, id, directory);
}

}  // namespace

Anacron::Anacron(const Root& root, const Packages& packages,
                 const Options& options, std::optional<crontab::Daemon> serving)
    : root_(root), packages_(packages), options_(options), now_(options.now()) {
  if (options_.who.own_only) return;
  installed_ = root_.exists(kProgram);
  by_busybox_ = serving == crontab::Daemon::busybox;
  is_systemd_crons_ = !installed_ && serving == crontab::Daemon::systemd_cron;
  systemd_ = root_.is_running() && root_.exists("/run/systemd/system");
  const auto text = root_.read(kTable);
  if (!text) {
    if (text.error().kind != bezalel::Kind::not_found) {
      trouble_ = text.error();
    }
    return;
  }
  auto table = crontab::parse_anacrontab(
      *text, serving.value_or(crontab::Daemon::debian));
  dropped_ = std::move(table.dropped);
  text_ = *text;
  misread_ = std::move(table.misread);
  for (auto& line : table.entries)
    entries_.push_back({std::move(line), {}, {}, {}});
}

Timestamp Anacron::start_of(sys_days day) const {
  const Timestamp utc = day;
  return utc - std::chrono::seconds(options_.zone.offset_at(utc));
}

sys_days Anacron::day_of(Timestamp t) const {
  return std::chrono::floor<days>(
      t + std::chrono::seconds(options_.zone.offset_at(t)));
}

bool Anacron::takes(const RunParts& parts) {
  if (!installed_ || !parts.guarded_by_anacron) return false;
  left_to_it_.push_back(parts.directory);
  return true;
}

void Anacron::add_jobs(const Scripts& scripts, app::Inventory& into) {
  if (options_.who.own_only) return;
  if (trouble_) {
    into.sources_unseen.emplace_back(kTable);
    into.findings.push_back(unreadable(kTable, *trouble_));
    return;
  }
  into.sources_seen.emplace_back(kTable);
  if (is_systemd_crons_) return;
  for (std::size_t i = 0; i < std::min(dropped_.size(), kMostDropped); ++i) {
    Finding f = finding("line-ignored", Severity::p2, kTable,
                        "anacron skips the line: " + dropped_[i].message,
                        "bezalel lint " + std::string(kTable));
    f.line = dropped_[i].line;
    f.hides = {{}, {}, fmt::format("anacron skips {}:{}", kTable, *f.line)};
    hide_command(command_in(line_of(text_, *f.line)), 0, *f.hides);
    into.findings.push_back(std::move(f));
  }
  for (std::size_t i = 0; i < std::min(misread_.size(), kMostDropped); ++i) {
    Finding f = finding(
        "line-misread", Severity::p2, kTable,
        "anacron runs the line whenever it is started: " + misread_[i].message,
        "bezalel lint " + std::string(kTable));
    f.severity = FindingSeverity::warning;
    f.line = misread_[i].line;
    into.findings.push_back(std::move(f));
  }
  for (Entry& entry : entries_) {
    if (root_.is_running()) read_stamp(entry, into);
    // Its jobs, for what is said of it below.
    const std::size_t before = into.jobs.size();
    const std::size_t lines = into.lines.size();
    add_entry(entry, scripts, into);
    const auto begin = into.jobs.begin() + static_cast<std::ptrdiff_t>(before);
    entry.has_jobs = begin != into.jobs.end();
    entry.own = std::any_of(begin, into.jobs.end(),
                            [](const auto& j) { return j.package.empty(); });
    if (installed_) continue;
    into.jobs.erase(begin, into.jobs.end());
    into.lines.resize(lines);
  }
  if (installed_) left_alone(scripts, into);
}

void Anacron::read_stamp(Entry& entry, app::Inventory& into) const {
  const std::string path = stamp_of(entry.line);
  const auto text = root_.read(path);
  if (!text) return;
  const auto status = root_.status(path);
  if (!status) return;
  const Timestamp written(std::chrono::seconds(status->st_mtim.tv_sec));
  if (text->empty()) {
    entry.waits_since = day_of(written);
    return;
  }
  entry.stamp = crontab::parse_anacron_stamp(*text);
  const bool future =
      entry.stamp && start_of(*entry.stamp) > now_ + std::chrono::days(1);
  if (entry.stamp && !future) {
    entry.ran = start_of(*entry.stamp);
    // The file's own time is nearer, where nobody copied it.
    if (day_of(written) == *entry.stamp) entry.ran = written;
    return;
  }
  Finding f = finding(
      "anacron-stamp", Severity::p3, path,
      future ? fmt::format("the stamp of {} lies in the future: {}",
                           escape_line(entry.line.id, 40), shown(*entry.stamp))
             : fmt::format("the stamp of {} is no date; expected YYYYMMDD",
                           escape_line(entry.line.id, 40)),
      "anacron -u " + paste_word(entry.line.id));
  f.severity = FindingSeverity::warning;
  // Two lines with one id have one stamp.
  const bool told = std::any_of(
      into.findings.begin(), into.findings.end(),
      [&](const Finding& g) { return g.id == f.id && g.source == f.source; });
  if (!told) into.findings.push_back(std::move(f));
  entry.stamp.reset();
}

void Anacron::add_entry(const Entry& entry, const Scripts& scripts,
                        app::Inventory& into) const {
  const crontab::AnacronEntry& line = entry.line;
  ScheduledJob job;
  if (is_our_own(line.command)) return;
  const record::NamedCommand named = record::job_name(line.command);
  job.key = {0, named.name.str()};
  job.user = "root";
  job.kind = SchedulerKind::anacron;
  job.dialect = "anacron";
  job.schedule = fmt::format("{} {}", escape_line(line.period, 20),
                             line.delay / std::chrono::minutes(1));
  job.zone = options_.zone.name();
  job.command = record::redact(line.command);
  job.source = kTable;
  job.line = line.line;
  job.package = packages_.owner_of(kTable);
  job.caller = {kTable, line.line, job.package};
  // Anacron has /bin/sh run everything, whatever SHELL says.
  const auto parts = run_parts_of(line.command);
  if (named.own) job.watch = Watch::command;
  job.start_record = start_record_of(job.watch, named.own);
  const bool leaves_proof =
      is_wrapped(job.watch) || (parts && parts->through_bezalel);
  // Nobody can say when what runs at each start of anacron's is due.
  if (line.days > 0 && !leaves_proof && entry.ran) {
    job.watch = Watch::log;
    job.log_start = entry.ran;
  }
  if (line.days > 0 && (leaves_proof || entry.ran)) {
    core::Expectation e;
    e.source = core::ExpectationSource::crontab;
    e.where = fmt::format("{}:{}", kTable, line.line);
    e.schedule = schedule::Every{days(line.days)};
    // Early on one day and late on the day it is due is well.
    e.grace = days(1) + line.delay + kHourly;
    job.expectation = std::move(e);
  }
  if (entry.stamp) {
    job.previous = entry.ran;
    const Timestamp due =
        start_of(*entry.stamp + days(line.days)) + line.not_before;
    if (due > now_) job.next = due;
  }
  if (!parts) {
    job.package.clear();  // somebody wrote it into the package's table
    into.jobs.push_back(job);
    for (const record::OwnRecord& own : record::further_records(named)) {
      if (!own.user.empty()) continue;
      job.key.job = own.job.str();
      into.jobs.push_back(job);
    }
    return;
  }
  if (scripts.is_missing(*parts)) return scripts.add_missing(job, *parts, into);
  scripts.add(job, *parts, SchedulerKind::anacron, into);
  into.lines.push_back(std::move(job));
}

void Anacron::left_alone(const Scripts& scripts, app::Inventory& into) const {
  for (const std::string& directory : left_to_it_) {
    const bool listed =
        std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) {
          const auto parts = run_parts_of(e.line.command);
          return parts && parts->directory == directory;
        });
    const auto paths = scripts.runnable(directory);
    if (listed || paths.empty()) continue;
    const bool own = std::any_of(
        paths.begin(), paths.end(),
        [&](const auto& path) { return packages_.owner_of(path).empty(); });
    into.findings.push_back(
        finding(kOff, own ? Severity::p1 : Severity::p3, directory,
                "cron leaves it to anacron, whose table has no line for it",
                fmt::format("echo '{}' >>{}", line_for(directory), kTable)));
  }
}

bool Anacron::is_started(const app::Inventory& into) const {
  const auto is_unseen = [&into](const char* source) {
    const auto& unseen = into.sources_unseen;
    return std::find(unseen.begin(), unseen.end(), source) != unseen.end();
  };
  // Nobody can tell.
  if (systemd_ && is_unseen("systemd timers")) return true;
  if (is_unseen("/etc/cron.d") || is_unseen("/etc/crontab")) return true;
  if (!root_.is_running() && unit_enabled(root_, "anacron.timer")) return true;
  return starter_of_anacron(into, systemd_) != nullptr;
}

void Anacron::not_installed(app::Inventory& into) const {
  for (const Entry& e : entries_) {
    // What its package brought runs by cron, once the program is gone.
    if (!e.has_jobs || run_parts_of(e.line.command)) continue;
    Finding f = finding(kOff, Severity::p1, kTable,
                        fmt::format("anacron is not installed: {} is not run",
                                    escape_line(e.line.id, 40)),
                        "apt-get install anacron");
    f.line = e.line.line;
    into.findings.push_back(std::move(f));
    return;
  }
}

void Anacron::add_findings(app::Inventory& into) const {
  if (trouble_ || is_systemd_crons_) return;
  if (!installed_) return not_installed(into);
  const bool any = std::any_of(entries_.begin(), entries_.end(),
                               [](const Entry& e) { return e.has_jobs; });
  if (!any) return;
  const bool own = std::any_of(entries_.begin(), entries_.end(),
                               [](const Entry& e) { return e.own; });
  if (!is_started(into)) {
    into.findings.push_back(finding(
        kOff, own ? Severity::p1 : Severity::p3, kTable,
        "nothing starts anacron: what it runs is not run, nor is what cron "
        "leaves to it",
        systemd_      ? "systemctl enable --now anacron.timer"
        : by_busybox_ ? "echo '30 7-23 * * * /usr/sbin/anacron -s' "
                        ">>/etc/crontabs/root"
                      : "echo '30 7-23 * * * root /usr/sbin/anacron -s' "
                        ">/etc/cron.d/anacron"));
    return;
  }
  if (!root_.is_running()) return;
  const auto stamps = root_.status(kStamps);
  if (!stamps || !S_ISDIR(stamps->st_mode)) {
    into.findings.push_back(finding(
        "anacron-stamps-lost", own ? Severity::p1 : Severity::p3, kStamps,
        "anacron has no place for its stamps, and ends at once",
        fmt::format("mkdir -m 755 {}", kStamps)));
    return;
  }
  for (const Entry& e : entries_) late(e, into);
}

// The day it was due has gone by, and anacron had the time to start it.
void Anacron::late(const Entry& e, app::Inventory& into) const {
  if (!e.has_jobs || e.line.days == 0) return;
  std::optional<sys_days> last = e.waits_since ? e.waits_since : e.stamp;
  // Told, or not ours.
  if (!last && root_.exists(stamp_of(e.line))) return;
  if (!last) {
    // It never ran. What a package brings has the day it was built; when it
    // came here, only the inode tells.
    const auto table = root_.status(kTable);
    if (!table) return;
    last = day_of(Timestamp(std::chrono::seconds(table->st_ctim.tv_sec)));
  }
  // What waits is due at each start of anacron's.
  const days period(e.waits_since ? 1 : e.line.days);
  const Timestamp by = start_of(*last + period + days(1)) + e.line.delay;
  const Duration up = options_.boot().time_since_epoch();
  if (now_ < by || up < e.line.delay + 2 * kHourly) return;
  const std::string often = e.line.days == 1
                                ? "every day"
                                : fmt::format("every {} days", e.line.days);
  into.findings.push_back(finding(
      "anacron-late", e.own ? Severity::p2 : Severity::p3, stamp_of(e.line),
      e.stamp ? fmt::format("anacron ran {} last on {}; expected {}",
                            escape_line(e.line.id, 40), shown(*e.stamp), often)
              : fmt::format("anacron never ran {}; expected {}",
                            escape_line(e.line.id, 40), often),
      "anacron -d -n " + paste_word(e.line.id)));
}

}  // namespace bezalel::discover
