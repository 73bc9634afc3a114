#include "store/sqlite/open.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "store/sqlite/schema.h"

namespace bezalel::store {
namespace {

namespace fs = std::filesystem;
const Timestamp kNow = from_unix_seconds(1'795'500'000);

struct TempDir {
  TempDir() {
    char name[] = "/tmp/bezalel-open-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~TempDir() { fs::remove_all(path); }
  std::string db() const { return path + "/state.db"; }
  std::string path;
};

Result<void> write_meta(app::Store& store, const std::string& value) {
  return store.transact(
      [&](app::Txn& t) { return t.set_meta("value", value); });
}

std::string read_meta(app::Store& store) {
  std::string out;
  const auto done = store.read([&](app::StoreReader& r) -> Result<void> {
    BZ_ASSIGN(const auto value, r.meta("value"));
    out = value.value_or("none");
    return {};
  });
  return done ? out : "error: " + done.error().what;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(const std::string& path, std::size_t at, std::size_t n) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file << std::string(n, '\x5a');
}

TEST_CASE("a new database is closed to others and keeps what is written") {
  TempDir dir;
  {
    auto opened = open(dir.db(), Mode::read_write, kNow);
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().what));
    CHECK(opened->findings.empty());
    REQUIRE(write_meta(*opened->store, "1"));
  }
  struct stat status = {};
  REQUIRE(::stat(dir.db().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  auto reader = open(dir.db(), Mode::read_only, kNow);
  REQUIRE_MESSAGE(reader, (reader ? "" : reader.error().what));
  CHECK(read_meta(*reader->store) == "1");
  CHECK_FALSE(write_meta(*reader->store, "2"));
}

TEST_CASE("a reader makes nothing") {
  TempDir dir;
  const auto opened = open(dir.db(), Mode::read_only, kNow);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == Kind::not_found);
  CHECK_FALSE(fs::exists(dir.db()));
}

TEST_CASE("a damaged database is set aside and told until it is moved away") {
  const std::size_t places[] = {0, 30, 4096};
  for (const auto place : places) {
    CAPTURE(place);
    TempDir dir;
    {
      auto opened = open(dir.db(), Mode::read_write, kNow);
      REQUIRE(opened);
      REQUIRE(write_meta(*opened->store, "old"));
    }
    overwrite(dir.db(), place, 3000);
    const std::string damaged = bytes_of(dir.db());
    const auto reader = open(dir.db(), Mode::read_only, kNow);
    REQUIRE_FALSE(reader);
    CHECK(reader.error().kind == Kind::corrupt);
    const std::string kept = dir.db() + ".corrupt-20261124T060000";
    for (int look = 0; look < 2; ++look) {
      auto opened = open(dir.db(), Mode::read_write, kNow);
      REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().what));
      REQUIRE(opened->findings.size() == 1);
      CHECK(opened->findings[0].id == "state-corrupt");
      CHECK(opened->findings[0].alarm == core::Severity::p1);
      CHECK(opened->findings[0].source == kept);
      CHECK(read_meta(*opened->store) == (look == 0 ? "none" : "new"));
      REQUIRE(write_meta(*opened->store, "new"));
    }
    CHECK(bytes_of(kept) == damaged);
    fs::remove(kept);
    CHECK(open(dir.db(), Mode::read_write, kNow)->findings.empty());
  }
}

TEST_CASE("a newer schema is a conflict and nothing is touched") {
  TempDir dir;
  REQUIRE(open(dir.db(), Mode::read_write, kNow));
  {
    auto db = Db::open(dir.db(), Access::read_write);
    REQUIRE(db);
    REQUIRE(db->set_user_version(schema_version() + 1));
  }
  const std::string before = bytes_of(dir.db());
  for (const auto mode : {Mode::read_write, Mode::read_only}) {
    const auto opened = open(dir.db(), mode, kNow);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == Kind::conflict);
    CHECK(opened.error().what.find("is newer") != std::string::npos);
  }
  CHECK(bytes_of(dir.db()) == before);
}

TEST_CASE("every earlier schema is brought up to the present one") {
  for (int version = 0; version <= schema_version(); ++version) {
    TempDir dir;
    std::ofstream(dir.db()).close();
    {
      auto db = Db::open(dir.db(), Access::read_write);
      REQUIRE(db);
      REQUIRE(migrate(*db, version));
    }
    auto opened = open(dir.db(), Mode::read_write, kNow);
    REQUIRE(opened);
    CHECK(write_meta(*opened->store, "x"));
  }
}

TEST_CASE("a deleted database beside a stamp is told for a day") {
  TempDir dir;
  std::ofstream(dir.path + "/bezalel-check.last") << "x";
  CHECK(open(dir.db(), Mode::read_write, kNow)->findings.at(0).id ==
        "state-missing");
  const auto tomorrow = kNow + std::chrono::hours(25);
  CHECK(open(dir.db(), Mode::read_write, tomorrow)->findings.empty());
}

TEST_CASE("links and other files in its place are refused untouched") {
  TempDir dir;
  std::ofstream(dir.path + "/other") << "precious";
  fs::create_symlink(dir.path + "/other", dir.db());
  const auto opened = open(dir.db(), Mode::read_write, kNow);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == Kind::corrupt);
  CHECK(bytes_of(dir.path + "/other") == "precious");
  CHECK(fs::is_symlink(dir.db()));
}

// --- a disk that fails at its n-th write ---------------------------------

int calls_left = -1;  // -1: nothing fails
int fail_with = 0;

bool fails_now() {
  if (calls_left < 0) return false;
  if (calls_left > 0) {
    --calls_left;
    return false;
  }
  errno = fail_with;
  return true;
}

ssize_t failing_pwrite(int fd, const void* bytes, size_t n, off_t at) {
  return fails_now() ? -1 : ::pwrite(fd, bytes, n, at);
}

int failing_ftruncate(int fd, off_t size) {
  return fails_now() ? -1 : ::ftruncate(fd, size);
}

void set_calls(bool fail) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  const auto set = [&](const char* name, sqlite3_syscall_ptr f) {
    vfs->xSetSystemCall(vfs, name, fail ? f : nullptr);
  };
  set("pwrite", reinterpret_cast<sqlite3_syscall_ptr>(failing_pwrite));
  set("pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(failing_pwrite));
  set("ftruncate", reinterpret_cast<sqlite3_syscall_ptr>(failing_ftruncate));
}

TEST_CASE("a disk failing at any write leaves the old state or the new") {
  TempDir dir;
  {
    REQUIRE(write_meta(*open(dir.db(), Mode::read_write, kNow)->store, "0"));
  }
  set_calls(true);
  std::string last = "0";
  int failures = 0;
  for (int n = 0; n < 60; ++n) {
    CAPTURE(n);
    fail_with = n % 2 == 0 ? ENOSPC : EIO;
    const std::string next = std::to_string(n + 1);
    bool done = false;
    calls_left = n / 2;
    {
      auto opened = open(dir.db(), Mode::read_write, kNow);
      if (opened) {
        const auto written = write_meta(*opened->store, next);
        done = written.has_value();
        if (!done) {
          ++failures;
          const Kind kind = written.error().kind;
          CHECK((kind == Kind::full || kind == Kind::io));
        }
      } else {
        CHECK(opened.error().kind != Kind::corrupt);
      }
    }
    calls_left = -1;
    auto opened = open(dir.db(), Mode::read_write, kNow);
    REQUIRE(opened);
    CHECK(opened->findings.empty());
    const std::string now = read_meta(*opened->store);
    CHECK((now == next || (!done && now == last)));
    last = now;
  }
  set_calls(false);
  CHECK(failures > 3);
}

TEST_CASE("a second writer waits for none and sees what the first committed") {
  TempDir dir;
  auto first = open(dir.db(), Mode::read_write, kNow);
  auto second = open(dir.db(), Mode::read_write, kNow);
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(write_meta(*first->store, "1"));
  CHECK(read_meta(*second->store) == "1");
  REQUIRE(write_meta(*second->store, "2"));
  CHECK(read_meta(*first->store) == "2");
}

// Within one process SQLite settles among its connections what processes settle
// by locks.
pid_t begin_elsewhere(const std::string& path) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  auto opened = open(path, Mode::read_write, kNow);
  const bool done = opened && write_meta(*opened->store, "1");
  ::_exit(done ? 0 : 1);
}

TEST_CASE("several that begin a state at the same time all get it") {
  for (int round = 0; round < 20; ++round) {
    TempDir dir;
    std::vector<pid_t> all;
    for (int i = 0; i < 6; ++i) all.push_back(begin_elsewhere(dir.db()));
    for (const pid_t pid : all) {
      int status = -1;
      REQUIRE(::waitpid(pid, &status, 0) == pid);
      CHECK(status == 0);
    }
  }
}

}  // namespace
}  // namespace bezalel::store
