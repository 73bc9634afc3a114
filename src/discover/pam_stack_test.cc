#include "discover/pam_stack.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "discover/sysroot_fixture.h"

namespace bezalel::discover {
namespace {

// A host of its own, with ann, who is in the group staff.
class Host : public fixture::Sysroot {
 public:
  Host() {
    write("/etc/group", "staff:x:50:ann\n");
    write("/etc/security/access.conf", "- : ann : ALL\n");
  }

  std::string because(const std::string& rules, const char* user = "ann") {
    write("/etc/pam.d/cron", rules);
    const Root root(path());
    const auto refusal = PamStack(root, "cron").refusal_of(user);
    return refusal ? refusal->because : "";
  }
  bool asks(const std::string& rules) {
    write("/etc/pam.d/cron", rules);
    const Root root(path());
    return PamStack(root, "cron").refusal_of_all().has_value();
  }
};

constexpr char kDenied[] =
    "/etc/security/access.conf:1 denies it, by pam_access in ";

TEST_CASE("pam_access is asked where nothing before it can have decided") {
  Host host;
  struct Case {
    const char* rules;
    const char* place;  // null: nothing is said
  };
  const Case cases[] = {
      {"account required pam_access.so\n", "/etc/pam.d/cron:1"},
      {"# c\n\naccount requisite /lib/security/pam_access.so\n",
       "/etc/pam.d/cron:3"},
      {"-account [default=bad success=ok] pam_access.so\n",
       "/etc/pam.d/cron:1"},
      {"account \\\n required \\\n pam_access.so\n", "/etc/pam.d/cron:3"},
      {"account required pam_unix.so\naccount required pam_access.so",
       "/etc/pam.d/cron:2"},
      {"session required pam_access.so\n", nullptr},
      {"account optional pam_access.so\n", nullptr},
      {"account [default=ignore] pam_access.so\n", nullptr},
      {"account sufficient pam_unix.so\naccount required pam_access.so\n",
       nullptr},
      {"auth sufficient pam_unix.so\naccount required pam_access.so\n",
       "/etc/pam.d/cron:2"},
      {"account [success=1 default=bad] pam_unix.so\n"
       "account required pam_access.so\n",
       nullptr},
      {"account [success=1 default=bad] pam_unix.so\n"
       "account required pam_permit.so\naccount required pam_access.so\n",
       "/etc/pam.d/cron:3"},
      {"account required\n", nullptr},
      {"account [success=ok", nullptr},
      {"", nullptr},
  };
  for (const Case& c : cases) {
    CAPTURE(c.rules);
    CHECK(host.because(c.rules) ==
          (c.place == nullptr ? "" : kDenied + std::string(c.place)));
  }
  CHECK(host.because("account required pam_access.so\n", "bob").empty());
}

TEST_CASE("what a service includes is part of it, and no circle is endless") {
  Host host;
  host.write("/etc/pam.d/common",
             "auth required pam_deny.so\n"
             "account required pam_access.so\n"
             "@include cron\n");
  const std::string there = kDenied + std::string("/etc/pam.d/common:2");
  CHECK(host.because("@include common\n") == there);
  CHECK(host.because("account include common\n") == there);
  CHECK(host.because("account substack common\n") == there);
  CHECK(host.because("session include common\n").empty());
  CHECK(host.because("@include gone\n").empty());
  CHECK(host.because("@include /etc/pam.d/common\n") == there);
}

TEST_CASE("pam_access reads the file and the signs that its line names") {
  Host host;
  host.write("/etc/other.conf", "-|ann|cron\n");
  CHECK(host.because("account required pam_access.so "
                     "accessfile=/etc/other.conf fieldsep=|\n")
            .starts_with("/etc/other.conf:1 "));
  CHECK(host.because("account required pam_access.so accessfile=/none\n")
            .empty());
  host.write("/etc/security/access.conf", "- : staff : ALL\n");
  CHECK_FALSE(host.because("account required pam_access.so\n").empty());
  CHECK(host.because("account required pam_access.so nodefgroup\n").empty());
  // What no line of the file decides, the files beside it may.
  host.write("/etc/security/access.conf", "# nothing\n");
  host.write("/etc/security/access.d/a.conf", "- : ann : ALL\n");
  host.write("/etc/security/access.d/b.txt", "+ : ann : ALL\n");
  CHECK(host.because("account required pam_access.so\n")
            .starts_with("/etc/security/access.d/a.conf:1 "));
}

TEST_CASE("a module that can only ask a person refuses everybody") {
  Host host;
  CHECK(host.asks("account required pam_google_authenticator.so\n"));
  CHECK(host.asks("session required pam_oath.so\n"));
  CHECK_FALSE(host.asks("auth required pam_google_authenticator.so\n"));
  CHECK_FALSE(host.asks("account optional pam_u2f.so\n"));
  CHECK_FALSE(
      host.asks("account [default=bad module_unknown=ignore] "
                "pam_u2f.so\n"));
  CHECK_FALSE(host.asks("account required pam_unix.so\n"));
}

}  // namespace
}  // namespace bezalel::discover
