#include "store/sqlite/open.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <thread>

#include "base/escape.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite_store.h"
#include "sys/mount.h"

namespace bezalel::store {

namespace {

constexpr off_t kCheapToCheck = 4 << 20;
constexpr Duration kCheckEvery = std::chrono::hours(24);
constexpr Duration kTellMissing = std::chrono::hours(24);

const char kLastCheck[] = "last_quick_check";
const char kBornAnew[] = "born_anew";

struct Place {
  std::string path;
  std::string dir;   // with its final slash
  std::string name;  // of the file in it

  std::string suspect() const { return path + ".suspect"; }
};

Place place_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {path, "./", path};
  return {path, path.substr(0, slash + 1), path.substr(slash + 1)};
}

std::optional<struct stat> look_at(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

Error at(const Place& place, Error error) {
  error.what = place.path + ": " + error.what;
  return error;
}

// --- the file ------------------------------------------------------------

enum class FileState { absent, empty, present };

Result<FileState> file_state(const Place& place) {
  const auto status = look_at(place.path);
  if (!status) {
    if (errno == ENOENT) return FileState::absent;
    return sys::errno_error(place.path, errno);
  }
  if (!S_ISREG(status->st_mode) || status->st_nlink != 1) {
    return err(Kind::corrupt,
               place.path + ": a link or no regular file; expected a database");
  }
  return status->st_size == 0 ? FileState::empty : FileState::present;
}

Result<void> make_file(const Place& place, std::optional<sys::Owner> owner) {
  const sys::Fd fd(::open(place.path.c_str(),
                          O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                          0600));
  if (!fd) {
    if (errno == EEXIST) return {};  // another process was quicker
    return sys::errno_error(place.path, errno);
  }
  if (owner && ::fchown(fd.get(), owner->uid, owner->gid) != 0) {
    return sys::errno_error(place.path, errno);
  }
  return {};
}

// A database that others can read would show them the output of jobs.
void close_to_others(const Place& place) {
  const auto status = look_at(place.path);
  if (status && (status->st_mode & 077) != 0) {
    // By its name: a descriptor that is closed here would take SQLite's locks
    // on the file with it (POSIX).
    [[maybe_unused]] const int done =
        ::fchmodat(AT_FDCWD, place.path.c_str(), 0600, AT_SYMLINK_NOFOLLOW);
  }
}

// --- damage --------------------------------------------------------------

bool is_set_aside(const Place& place, const std::string& name) {
  const std::string prefix = place.name + ".corrupt-";
  return name.size() > prefix.size() && name.starts_with(prefix) &&
         !name.ends_with("-wal") && !name.ends_with("-shm");
}

std::string stamp(Timestamp now) {
  std::string text;
  for (const char c : format_rfc3339(now)) {
    if ((c >= '0' && c <= '9') || c == 'T') text += c;
  }
  return text;
}

// Renames, so that no byte is lost and no space is needed. The lock on the
// damaged file keeps a second process from moving the new one away as well.
Result<void> set_aside(const Place& place, Timestamp now) {
  const sys::Fd fd(
      ::open(place.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd || ::flock(fd.get(), LOCK_EX) != 0) {
    return sys::errno_error(place.path, errno);
  }
  struct stat held = {};
  if (::fstat(fd.get(), &held) != 0) {
    return sys::errno_error(place.path, errno);
  }
  const auto there = look_at(place.path);
  if (!there || there->st_ino != held.st_ino) return {};
  const std::string first = place.path + ".corrupt-" + stamp(now);
  std::string target = first;
  for (int n = 2; look_at(target); ++n) target = fmt::format("{}.{}", first, n);
  // The log first: were it left behind it would be played into the new one.
  ::rename((place.path + "-wal").c_str(), (target + "-wal").c_str());
  ::unlink((place.path + "-shm").c_str());
  if (::rename(place.path.c_str(), target.c_str()) != 0) {
    return sys::errno_error(place.path, errno);
  }
  ::unlink(place.suspect().c_str());
  return {};
}

std::vector<app::Finding> findings_of_damage(const Place& place) {
  std::vector<app::Finding> findings;
  DIR* dir = ::opendir(place.dir.c_str());
  if (dir == nullptr) return findings;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string name = entry->d_name;
    if (!is_set_aside(place, name)) continue;
    const auto status = look_at(place.dir + name);
    app::Finding finding;
    finding.id = "state-corrupt";
    finding.source = place.dir + name;
    finding.message =
        "the state was damaged and is kept here; a new one was begun, "
        "silences and history are in the old one";
    finding.fix = "find out why (disk?), then move the file away";
    finding.alarm = core::Severity::p1;
    if (status) finding.since = from_unix_seconds(status->st_ctim.tv_sec);
    findings.push_back(std::move(finding));
  }
  ::closedir(dir);
  std::sort(findings.begin(), findings.end(),
            [](const auto& a, const auto& b) { return a.source < b.source; });
  return findings;
}

// --- the look ------------------------------------------------------------

Result<std::optional<Timestamp>> remembered(Db& db, const char* name) {
  BZ_ASSIGN(Stmt stmt, db.query("SELECT value FROM meta WHERE name = ?", name));
  BZ_ASSIGN(const bool found, stmt.next());
  if (!found) return std::optional<Timestamp>();
  return parse_unix(stmt.text());
}

Result<void> remember(Db& db, const char* name, Timestamp t) {
  return db.run(
      "INSERT INTO meta (name, value) VALUES (?, ?)"
      " ON CONFLICT DO UPDATE SET value = excluded.value",
      name, format_unix(t));
}

enum class Look { none, quick, whole };

Result<void> look_through(Db& db, Look look) {
  if (look == Look::none) return {};
  BZ_ASSIGN(Stmt stmt, look == Look::whole
                           ? db.query("PRAGMA integrity_check(1)")
                           : db.query("PRAGMA quick_check(1)"));
  BZ_TRY(stmt.next());
  const std::string said = stmt.text();
  if (said == "ok") return {};
  return err(Kind::corrupt, "database: " + said.substr(0, 200));
}

// Reading a large database costs, so it is not done on every cycle.
Result<Look> look_needed(Db& db, const Place& place, bool left_log,
                         Timestamp now) {
  if (look_at(place.suspect())) return Look::whole;
  const auto status = look_at(place.path);
  if (status && status->st_size <= kCheapToCheck) return Look::quick;
  BZ_ASSIGN(const auto last, remembered(db, kLastCheck));
  if (!last || *last > now || now - *last > kCheckEvery) return Look::quick;
  // A log that lies there was left by a crash, or another process has the
  // database open at this moment.
  const bool recent = now - *last < std::chrono::hours(1);
  return left_log && !recent ? Look::quick : Look::none;
}

bool has_log(const Place& place) {
  const auto status = look_at(place.path + "-wal");
  return status && status->st_size > 0;
}

Result<void> check_version(Db& db) {
  BZ_ASSIGN(const int version, schema_version_of(db));
  if (version >= 0 && version <= schema_version()) return {};
  BZ_ASSIGN(const std::int64_t id, db.number("PRAGMA application_id"));
  if (id != kApplicationId || version < 0) {
    return err(Kind::corrupt, "database: its header is damaged");
  }
  return err(Kind::conflict,
             fmt::format("schema {} is newer than this program's {}; nothing "
                         "was touched; install the newer bezalel",
                         version, schema_version()));
}

// --- opening -------------------------------------------------------------

// Who is the first at a new database, or closes it as the last, holds locks for
// which SQLite has nobody wait.
Result<void> use_log(Db& db) {
  constexpr auto kPause = std::chrono::milliseconds(10);
  db.wait_for_others(std::chrono::milliseconds(0));
  Result<void> done;
  for (auto left = Db::kPatience; left > kPause; left -= kPause) {
    done = db.exec("PRAGMA journal_mode=WAL;");
    if (done || done.error().kind != Kind::unavailable) break;
    std::this_thread::sleep_for(kPause);
  }
  db.wait_for_others(Db::kPatience);
  return done;
}

Result<Db> open_to_write(const Place& place, bool missed, Timestamp now) {
  const bool left_log = has_log(place);
  BZ_ASSIGN(Db db, Db::open(place.path, Access::read_write));
  BZ_TRY(check_version(db));
  BZ_TRY(use_log(db));
  // SQLite's own limit of the log is a thousand pages; what a large
  // transaction made of it is cut down again.
  BZ_TRY(
      db.exec("PRAGMA synchronous=FULL; PRAGMA journal_size_limit=4194304;"));
  BZ_ASSIGN(const int before, schema_version_of(db));
  if (before < schema_version()) BZ_TRY(migrate(db, schema_version()));
  BZ_ASSIGN(const Look look, look_needed(db, place, left_log, now));
  BZ_TRY(look_through(db, look));
  if (look == Look::whole) ::unlink(place.suspect().c_str());
  const auto status = look_at(place.path);
  if (look != Look::none && status && status->st_size > kCheapToCheck) {
    const auto kept = remember(db, kLastCheck, now);
    // Held by another process: it is looked through again the next time.
    if (!kept && kept.error().kind != Kind::unavailable) return kept.error();
  }
  if (before == 0 && missed) BZ_TRY(remember(db, kBornAnew, now));
  return Result<Db>(std::move(db));
}

Result<Db> open_to_read(const Place& place, Access access) {
  BZ_ASSIGN(Db db, Db::open(place.path, access));
  BZ_TRY(check_version(db));
  BZ_ASSIGN(const int version, schema_version_of(db));
  if (version < schema_version()) {
    return err(Kind::unavailable,
               fmt::format("schema {} is older than this program's {}; the "
                           "next check --notify brings it up",
                           version, schema_version()));
  }
  const auto status = look_at(place.path);
  const bool small = status && status->st_size <= kCheapToCheck;
  BZ_TRY(look_through(db, small ? Look::quick : Look::none));
  return Result<Db>(std::move(db));
}

void find_missing(Db& db, const Place& place, Timestamp now,
                  std::vector<app::Finding>& findings) {
  const auto born = remembered(db, kBornAnew);
  if (!born || !*born || now - **born > kTellMissing) return;
  app::Finding finding;
  finding.id = "state-missing";
  finding.source = place.path;
  finding.message =
      "the state had been deleted and was begun anew; silences, "
      "acknowledgements and history are gone";
  finding.alarm = core::Severity::p2;
  finding.since = *born;
  findings.push_back(std::move(finding));
}

Result<OpenedStore> opened(Db db, const Place& place, Mode mode,
                           Timestamp now) {
  OpenedStore out;
  out.findings = findings_of_damage(place);
  find_missing(db, place, now, out.findings);
  out.store = std::make_unique<SqliteStore>(
      std::move(db),
      mode == Mode::read_write ? place.suspect() : std::string());
  return Result<OpenedStore>(std::move(out));
}

Result<OpenedStore> open_reader(const Place& place, Timestamp now) {
  BZ_ASSIGN(const FileState state, file_state(place));
  if (state != FileState::present) {
    return err(Kind::not_found, place.path + ": no state yet");
  }
  auto db = open_to_read(place, Access::read_only);
  // Where no shared memory can be made (a read-only file system, somebody
  // else's directory) the file itself still holds all but the last commits.
  const bool may_be_still = !db && db.error().kind != Kind::corrupt &&
                            db.error().kind != Kind::conflict &&
                            db.error().kind != Kind::denied;
  if (may_be_still && ::access(place.dir.c_str(), W_OK) != 0) {
    db = open_to_read(place, Access::immutable);
  }
  if (!db) return at(place, std::move(db).error());
  return opened(std::move(*db), place, Mode::read_only, now);
}

}  // namespace

Result<OpenedStore> open(const std::string& path, Mode mode, Timestamp now,
                         std::optional<sys::Owner> owner) {
  const Place place = place_of(path);
  if (mode == Mode::read_only) return open_reader(place, now);
  // SQLite has other words for it, depending on which files are there.
  if (const auto mount = sys::read_only_mount(path)) {
    return err(Kind::full, fmt::format("{}: the file system of {} is read-only",
                                       place.path, escape_line(*mount)));
  }
  bool set_one_aside = false;
  for (;;) {
    BZ_ASSIGN(const FileState state, file_state(place));
    const bool missed = state != FileState::present && !set_one_aside &&
                        look_at(place.dir + "bezalel-check.last");
    if (state == FileState::absent) BZ_TRY(make_file(place, owner));
    close_to_others(place);
    auto db = open_to_write(place, missed, now);
    if (db) return opened(std::move(*db), place, mode, now);
    if (db.error().kind != Kind::corrupt || set_one_aside) {
      return at(place, std::move(db).error());
    }
    BZ_TRY(set_aside(place, now));
    set_one_aside = true;
  }
}

}  // namespace bezalel::store
