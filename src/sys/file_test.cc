#include "sys/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

namespace bezalel::sys {
namespace {

class TempDir {
 public:
  TempDir() {
    char name[] = "/tmp/bezalel-sys.XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~TempDir() {
    const std::string command = "rm -rf '" + path_ + "'";
    CHECK(std::system(command.c_str()) == 0);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string operator/(const char* name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  const auto dir = Directory::open(path);
  REQUIRE(dir);
  CHECK(dir->each([&](const char* name) {
    names.emplace_back(name);
    return true;
  }));
  return names;
}

TEST_CASE("a written file has its bytes, its mode and no litter beside it") {
  const TempDir dir;
  ::umask(077);
  REQUIRE(write_file(dir / "a", "old", 0644, Durable::no));
  REQUIRE(write_file(dir / "a", "new", 0644, Durable::yes));
  ::umask(022);
  CHECK(*read_file(dir / "a", 100) == "new");
  struct stat status = {};
  REQUIRE(::stat((dir / "a").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0644);
  CHECK(names_in(dir.path()) == std::vector<std::string>{"a"});
}

// The state directory: root's, sticky, and its group may write. Means the most
// as root on a kernel with fs.protected_regular = 2, as Debian sets it.
TEST_CASE("another user's file in a sticky directory can be opened or made") {
  const TempDir dir;
  REQUIRE(::chmod(dir.path().c_str(), 01775) == 0);
  const std::string path = dir / "state";
  const Fd made(open_or_make(path.c_str(), O_RDWR | O_CLOEXEC, 0600));
  REQUIRE(made);
  if (::geteuid() == 0) REQUIRE(::fchown(made.get(), 12345, 12345) == 0);
  const Fd again(open_or_make(path.c_str(), O_RDWR | O_CLOEXEC, 0600));
  CHECK(again);
  CHECK(!Fd(open_or_make((dir / "no/state").c_str(), O_RDWR, 0600)));
  CHECK(errno == ENOENT);
}

TEST_CASE("a file that cannot replace its target leaves nothing behind") {
  const TempDir dir;
  REQUIRE(make_directories(dir / "a/b", 0700));
  CHECK_FALSE(write_file(dir / "a", "x", 0644, Durable::no));
  CHECK(names_in(dir.path()) == std::vector<std::string>{"a"});
  const auto missing = write_file(dir / "no/x", "x", 0644, Durable::no);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == Kind::not_found);
}

TEST_CASE("a file beyond its limit is corrupt, one at it is read") {
  const TempDir dir;
  REQUIRE(write_file(dir / "a", "12345", 0600, Durable::no));
  CHECK(*read_file(dir / "a", 5) == "12345");
  const auto large = read_file(dir / "a", 4);
  REQUIRE_FALSE(large);
  CHECK(large.error().kind == Kind::corrupt);
}

TEST_CASE("nothing hostile is followed, opened or trusted") {
  const TempDir dir;
  REQUIRE(write_file(dir / "good", "ok", 0644, Durable::no));
  REQUIRE(::symlink("good", (dir / "link").c_str()) == 0);
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0644) == 0);
  REQUIRE(::mkdir((dir / "dir").c_str(), 0755) == 0);
  REQUIRE(write_file(dir / "hard", "ok", 0644, Durable::no));
  REQUIRE(::link((dir / "hard").c_str(), (dir / "hard2").c_str()) == 0);
  REQUIRE(write_file(dir / "big", std::string(5000, 'x'), 0644, Durable::no));
  const auto opened = Directory::open(dir.path());
  REQUIRE(opened);

  struct Row {
    const char* name;
    Refusal refusal;
  };
  for (const Row& row :
       {Row{"good", Refusal::none}, Row{"link", Refusal::symlink},
        Row{"fifo", Refusal::not_regular}, Row{"dir", Refusal::not_regular},
        Row{"hard", Refusal::hard_link}, Row{"big", Refusal::oversize}}) {
    CAPTURE(row.name);
    const auto read = read_hostile(*opened, row.name, ::geteuid(), 4096);
    REQUIRE(read);
    CHECK(read->refusal == row.refusal);
    CHECK(read->bytes == (row.refusal == Refusal::none ? "ok" : ""));
  }
  CHECK(read_hostile(*opened, "good", ::geteuid() + 1, 4096)->refusal ==
        Refusal::foreign_owner);
  CHECK(read_hostile(*opened, "gone", 0, 4096).error().kind == Kind::not_found);
}

TEST_CASE("a directory is not left by a link or a path") {
  const TempDir dir;
  REQUIRE(::mkdir((dir / "u").c_str(), 0755) == 0);
  REQUIRE(::symlink("/etc", (dir / "out").c_str()) == 0);
  const auto opened = Directory::open(dir.path());
  REQUIRE(opened);
  CHECK(opened->open_sub("u"));
  CHECK_FALSE(opened->open_sub("out"));
  CHECK_FALSE(opened->open_sub(".."));
}

TEST_CASE("errors of the system have a kind and a reason") {
  CHECK(errno_error("x", ENOSPC) ==
        Error{Kind::full, "x: No space left on device"});
  CHECK(errno_error("x", EACCES).kind == Kind::denied);
  CHECK(errno_error("x", ELOOP).kind == Kind::corrupt);
  CHECK(errno_error("x", EIO).kind == Kind::io);
}

TEST_CASE("only temporaries have the name of one") {
  CHECK(is_temporary_name(".a.last.0123456789ab.tmp"));
  CHECK_FALSE(is_temporary_name("a.last"));
  CHECK_FALSE(is_temporary_name("a.tmp"));
  CHECK_FALSE(is_temporary_name(".tmp"));
}

}  // namespace
}  // namespace bezalel::sys
