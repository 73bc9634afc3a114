#include "run/recorder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/duration.h"
#include "base/escape.h"
#include "sys/file.h"

namespace bezalel::run {
namespace {

// The owner of a --root plays root's part.
bool owns(const std::string& root, uid_t uid) {
  struct stat status = {};
  return ::stat(root.c_str(), &status) != 0 || status.st_uid == uid;
}

Result<void> expect_root(const std::string& root) {
  if (root.empty() || ::access(root.c_str(), F_OK) == 0) return {};
  return sys::errno_error("--root " + escape_line(root, 200), errno);
}

Result<RunLogFile> open_log(const Place& place, Timestamp now) {
  auto log = RunLogFile::open(place.dir, now);
  if (log || log.error().kind != Kind::not_found ||
      place.make == Place::Make::no) {
    return log;
  }
  BZ_TRY(expect_root(place.root));
  BZ_TRY(sys::make_directories(place.dir, place.mode));
  return RunLogFile::open(place.dir, now);
}

}  // namespace

record::Paths paths_of(const Host& host) {
  return host.root.empty() ? record::system_paths()
                           : record::flat_paths(host.root);
}

std::vector<Place> places(const Host& host) {
  const record::Paths paths = paths_of(host);
  const bool owner = paths.flat ? owns(host.root, host.uid) : host.uid == 0;
  std::vector<Place> result;
  if (owner) {
    result.push_back({paths.heartbeats, Place::Make::yes, 0755, host.root});
  } else {
    // Made by root, so that nobody can take a name before its owner does.
    result.push_back({paths.heartbeats_of(host.uid),
                      paths.flat ? Place::Make::yes : Place::Make::no, 0750,
                      host.root});
  }
  if (paths.flat) return result;
  const char* home = host.variable("HOME");
  if (home != nullptr && *home == '/') {
    result.push_back({std::string(home) + "/.bezalel/heartbeats",
                      Place::Make::yes,
                      0700,
                      {}});
  }
  return result;
}

record::Heartbeat success_of(const record::RunStart& start,
                             const record::RunEnd& end) {
  record::Heartbeat heartbeat;
  heartbeat.job = start.job;
  heartbeat.at = end.at;
  heartbeat.boottime = end.boottime;
  heartbeat.boot_id = start.boot_id;
  heartbeat.schedule = start.schedule;
  if (start.schedule.every) {
    if (const auto interval = parse_time_span(*start.schedule.every)) {
      heartbeat.interval = *interval;
    }
  }
  heartbeat.host = start.host;
  heartbeat.run_id = start.run_id;
  heartbeat.started = start.at;
  heartbeat.duration = end.duration;
  heartbeat.exit_code = end.exit_code;
  return heartbeat;
}

const std::string& Recorder::dir() const {
  return places_[at_].dir;
}

void Recorder::begin(const record::RunStart& start) {
  begun_ = clock_.wall();
  recorded_ = append(record::encode(start)).has_value();
}

pid_t Recorder::settle() {
  if (!recorded_) return -1;
  const pid_t pid = ::fork();
  if (pid > 0) settling_ = true;
  if (pid != 0) return pid;
  // No lock and no pipe lives on in here.
  ::close_range(0, ~0U, 0);
  // Were the start lost with the power, the next boot would know nothing of
  // this run; an error shows again when the end is written.
  if (auto log = RunLogFile::open(dir(), begun_)) {
    static_cast<void>(log->sync());
  }
  sweep_if_new_day();
  ::_exit(0);
}

void Recorder::sweep_if_new_day() const {
  if (begins_day_) sweep(dir(), clock_.wall(), uid_);
}

void Recorder::finish(const record::RunEnd& end,
                      const std::optional<record::Heartbeat>& heartbeat) {
  std::optional<RunLogFile> log = append(record::encode(end));
  recorded_ = log.has_value();
  if (!settling_) sweep_if_new_day();
  if (heartbeat && write_heartbeat(*heartbeat)) {
    recorded_ = true;
    return;
  }
  if (!log) return;
  if (const auto synced = log->sync(); !synced) note(synced.error());
}

// From the place in use onwards: the log that took the line.
std::optional<RunLogFile> Recorder::append(std::string_view line) {
  for (std::size_t place = at_; place < places_.size(); ++place) {
    auto log = append_in(places_[place], line);
    if (log) {
      at_ = place;
      begins_day_ = begins_day_ || log->begins_day();
      return std::move(*log);
    }
    note(log.error());
  }
  return {};
}

Result<RunLogFile> Recorder::append_in(const Place& place,
                                       std::string_view line) const {
  BZ_ASSIGN(RunLogFile log, open_log(place, clock_.wall()));
  BZ_TRY(log.append(line));
  return log;
}

void Recorder::note(const Error& error) {
  if (error.kind == Kind::full || error.kind == Kind::io) {
    disk_trouble_ = true;
  }
  if (trouble_.empty()) trouble_ = escape_line(error.what);
}

bool Recorder::write_heartbeat(const record::Heartbeat& heartbeat) {
  const std::string bytes = record::encode(heartbeat);
  for (std::size_t place = at_; place < places_.size(); ++place) {
    const auto written = sys::write_file(
        record::heartbeat_path(places_[place].dir, heartbeat.job), bytes, 0644,
        sys::Durable::yes);
    if (written) return true;
    note(written.error());
    // The end is in this log, and an ok end counts as the success: the
    // directory of the log is the only one where it would be looked for.
    if (recorded_) return false;
  }
  return false;
}

}  // namespace bezalel::run
