#include "sys/mount.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace bezalel::sys {
namespace {

namespace fs = std::filesystem;

TEST_CASE("what can be written is on no read-only mount") {
  CHECK_FALSE(read_only_mount("/tmp"));
  CHECK_FALSE(read_only_mount("/tmp/no/such/file"));
}

// In a mount namespace of a child; 77: this user may make none.
TEST_CASE("a read-only mount is named, also for what is not there") {
  char name[] = "/tmp/bezalel-mount-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  const std::string dir = name;
  fs::create_directories(dir + "/in");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        // Of the same device as its parent.
        ::mount(name, name, nullptr, MS_BIND, nullptr) != 0 ||
        ::mount(nullptr, name, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY,
                nullptr) != 0) {
      ::_exit(77);
    }
    const bool right =
        read_only_mount(dir) == dir && read_only_mount(dir + "/in") == dir &&
        read_only_mount(dir + "/in/no/file") == dir && !read_only_mount("/tmp");
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  fs::remove_all(dir);
  REQUIRE(WIFEXITED(status));
  CHECK((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77));
}

// In a mount namespace of a child; 77: this user may make none.
TEST_CASE("a file system without room is told from one with some") {
  char name[] = "/tmp/bezalel-room-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  const std::string dir = name;
  CHECK(room_for(dir, 1, 0) == Room::enough);
  CHECK(room_for(dir + "/none", 1, 0) == Room::enough);
  CHECK(on_one_file_system(dir, "/tmp"));
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", name, "tmpfs", 0, "size=64k,nr_inodes=2") != 0) {
      ::_exit(77);
    }
    bool right = room_for(dir, 64 * 1024, 0) == Room::enough &&
                 room_for(dir, 64 * 1024 + 1, 0) == Room::no_bytes &&
                 !on_one_file_system(dir, "/tmp");
    fs::create_directory(dir + "/last");
    right = right && room_for(dir, 1, 0) == Room::no_inode;
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77));
  fs::remove_all(dir);
}

}  // namespace
}  // namespace bezalel::sys
