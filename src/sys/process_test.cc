#include "sys/process.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "sys/clock.h"
#include "sys/entropy.h"

namespace bezalel::sys {
namespace {

TEST_CASE("what cron keeps beside a job is told from cron") {
  CHECK(stays_with_cron_job("/usr/sbin/CRON"));
  CHECK(stays_with_cron_job("CROND"));
  CHECK_FALSE(stays_with_cron_job("/usr/sbin/cron"));
  CHECK_FALSE(stays_with_cron_job("/opt/CRON/crond"));
  CHECK_FALSE(stays_with_cron_job(""));
}

TEST_CASE("a process has a start time until it is a zombie") {
  CHECK(proc_is_readable());
  CHECK(pid_namespace() != 0);
  CHECK(process_start(::getpid()).value_or(0) > 0);
  CHECK_FALSE(process_start(0));
  CHECK_FALSE(process_start(0x3fffffff));
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info = {};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) ==
          0);
  CHECK_FALSE(process_start(child));
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("the boot id is one line without its newline") {
  CHECK(boot_id().find('\n') == std::string::npos);
  CHECK_FALSE(boot_id().empty());
}

TEST_CASE("random names differ and are hexadecimal") {
  const std::string a = random_hex(6);
  CHECK(a.size() == 12);
  CHECK(a.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(a != random_hex(6));
}

}  // namespace
}  // namespace bezalel::sys
