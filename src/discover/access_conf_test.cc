#include "discover/access_conf.h"

#include <doctest/doctest.h>

using namespace bezalel::discover;

namespace {

// Of ann, who is in the groups ann and staff; '+', '-', '?', or '.' where no
// line decides.
char access(std::string_view text, const AccessOptions& options = {}) {
  const auto rule =
      access_of(text, options, "ann", [](const std::string& group) {
        return group == "staff" || group == "ann";
      });
  if (!rule) return '.';
  switch (rule->access) {
    case Access::granted:
      return '+';
    case Access::refused:
      return '-';
    case Access::unknown:
      break;
  }
  return '?';
}

}  // namespace

TEST_CASE("the first line of access.conf that matches decides") {
  CHECK(access("+:ann:ALL\n-:ALL:ALL\n") == '+');
  CHECK(access("-:ALL:ALL\n+:ann:ALL\n") == '-');
  CHECK(access("-:bob:ALL\n") == '.');
  CHECK(access("") == '.');
  CHECK(access_of("# x\n\n-:ALL:ALL\n", {}, "ann", {})->line == 3);
}

TEST_CASE("cron is a local origin with a name") {
  CHECK(access("-:ann:cron\n") == '-');
  CHECK(access("- : ann : crond CRON\n") == '-');
  CHECK(access("-:ann:LOCAL\n") == '-');
  CHECK(access("-:ann:tty1 192.168.0. .example.org\n") == '.');
  CHECK(access("-:ALL:ALL EXCEPT cron\n") == '.');
  CHECK(access("-:ALL:ALL EXCEPT tty1\n") == '-');
}

TEST_CASE("users are named, excepted, or of a group") {
  CHECK(access("-:ALL EXCEPT root:ALL\n") == '-');
  CHECK(access("-:ALL EXCEPT root ann:ALL\n") == '.');
  CHECK(access("-:ALL EXCEPT staff EXCEPT ann:ALL\n") == '-');
  CHECK(access("-:(staff):ALL\n") == '-');
  CHECK(access("-:staff:ALL\n") == '-');
  AccessOptions strict;
  strict.bare_groups = false;
  CHECK(access("-:staff:ALL\n", strict) == '.');
  CHECK(access("-:(wheel):ALL\n") == '.');
}

TEST_CASE("what only the network knows is nothing to claim") {
  CHECK(access("-:@admins:ALL\n-:ALL:ALL\n") == '?');
  CHECK(access("-:ann@host:ALL\n") == '?');
  CHECK(access("-:ALL EXCEPT @admins:ALL\n") == '?');
  CHECK(access("-:ann @admins:ALL\n") == '-');
}

TEST_CASE("lines that pam_access passes over decide nothing") {
  for (const char* text : {"-:ALL\n", "deny:ALL:ALL\n", "::\n", "\n",
                           "-:ALL:ALL", " # -:ALL:ALL\n", "-\n"}) {
    CAPTURE(text);
    CHECK(access(text) == '.');
  }
}

TEST_CASE("fields and lists may have other separators") {
  AccessOptions options;
  options.field_separators = "|";
  options.list_separators = ",";
  CHECK(access("-|bob,ann|ALL\n", options) == '-');
  CHECK(access("-|my group,bob|ALL\n", options) == '.');
}
