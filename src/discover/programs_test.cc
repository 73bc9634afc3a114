#include "discover/programs.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>

#include "discover/sysroot_fixture.h"

namespace bezalel::discover {
namespace {

// A host with ann, whose group is 1000, and who is in staff (50) too.
class Host : public fixture::Sysroot {
 public:
  Host() {
    write("/etc/group", "staff:x:50:bob,ann\nadm:x:4:bob\nann:x:1000:\n");
    write("/etc/nsswitch.conf",
          "group:\tfiles [NOTFOUND=return] systemd # x\n");
    write("/opt/job", "#!/bin/sh\n");
  }

  bool ann_may(uid_t owner, gid_t group, mode_t mode,
               const char* place = "/opt/job") const {
    const std::string file = real(place);
    REQUIRE(::chown(file.c_str(), owner, group) == 0);
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    return may_execute(Root(path()), "/opt/job", "ann");
  }
};

TEST_CASE("who may execute a program is judged as the kernel judges") {
  if (::geteuid() != 0) return;  // files of others are needed
  const Host host;
  CHECK(host.ann_may(0, 0, 0755));
  CHECK(!host.ann_may(0, 0, 0750));
  // The owner's bits alone count for the owner, a group's for its members.
  CHECK(host.ann_may(1000, 0, 0700));
  CHECK(!host.ann_may(1000, 1000, 0655));
  CHECK(host.ann_may(0, 1000, 0750));
  CHECK(host.ann_may(0, 50, 0750));
  CHECK(!host.ann_may(0, 50, 0745));
  CHECK(!host.ann_may(0, 4, 0750));
  CHECK(host.ann_may(0, 0, 0755));
  CHECK(!host.ann_may(0, 4, 0750, "/opt"));
  CHECK(host.ann_may(0, 50, 0710, "/opt"));
}

TEST_CASE("nothing is said of groups that are kept elsewhere") {
  if (::geteuid() != 0) return;
  const Host host;
  host.write("/etc/nsswitch.conf", "group: files sss\n");
  CHECK(host.ann_may(0, 4, 0750));
  CHECK(!host.ann_may(0, 4, 0700));
  host.write("/etc/nsswitch.conf", "group: files\n");
  CHECK(!host.ann_may(0, 4, 0750));
}

TEST_CASE("nothing is said where an ACL may allow it") {
  if (::geteuid() != 0) return;
  const Host host;
  CHECK(!host.ann_may(0, 0, 0750));
  // u::rwx, u:1000:r-x, g::r-x, m::r-x, o::---
  const unsigned char acl[] = {
      2,  0, 0, 0,                                                       //
      1,  0, 7, 0, 255, 255, 255, 255, 2,    0, 5, 0, 232, 3,   0,   0,  //
      4,  0, 5, 0, 255, 255, 255, 255, 0x10, 0, 5, 0, 255, 255, 255, 255,
      32, 0, 0, 0, 255, 255, 255, 255};
  if (::setxattr(host.real("/opt/job").c_str(), "system.posix_acl_access", acl,
                 sizeof acl, 0) != 0) {
    MESSAGE("no ACLs on this file system");
    return;
  }
  CHECK(host.ann_may(0, 0, 0750));
}

}  // namespace
}  // namespace bezalel::discover
