#include "sys/lock.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>

namespace bezalel::sys {
namespace {

TEST_CASE("a lock is had once, and whoever comes second learns of whom") {
  char name[] = "/tmp/bezalel-lock.XXXXXX";
  const std::string dir = ::mkdtemp(name);
  const std::string path = dir + "/x.lock";
  {
    const Lock first = take_lock(path);
    CHECK_FALSE(first.other);
    const Lock second = take_lock(path);
    REQUIRE(second.other);
    CHECK(second.other->who == "pid " + std::to_string(::getpid()));
    CHECK(second.other->since > Timestamp{});
  }
  CHECK_FALSE(take_lock(path).other);
  ::unlink(path.c_str());
  ::rmdir(dir.c_str());
}

TEST_CASE("where no lock can be made, nothing is kept from being done") {
  CHECK_FALSE(take_lock("/nonexistent/x.lock").other);
}

}  // namespace
}  // namespace bezalel::sys
