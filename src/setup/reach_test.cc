#include "setup/reach.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "setup/testing.h"
#include "sys/file.h"

namespace bezalel::setup {
namespace {

TEST_CASE("a state of another user is named, with what gives it back") {
  const Folder folder;
  const std::string db = folder.path + "/state.db";
  CHECK_FALSE(closed_state(db, "bezalel", ::geteuid()));
  for (const char* end : {"", "-wal"}) {
    REQUIRE(sys::write_file(db + end, "x", 0600, sys::Durable::no));
  }
  CHECK_FALSE(closed_state(db, "bezalel", ::geteuid()));
  const auto closed = closed_state(db, "bezalel", ::geteuid() + 1);
  REQUIRE(closed);
  CHECK(closed->text.starts_with(db + " does not belong to the user bezalel"));
  CHECK(closed->fix == "chown bezalel: " + db + " " + db + "-wal");
}

}  // namespace
}  // namespace bezalel::setup
