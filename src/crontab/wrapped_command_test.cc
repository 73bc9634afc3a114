#include "crontab/wrapped_command.h"

#include <doctest/doctest.h>

namespace bezalel::crontab {
namespace {

std::string wrapped(std::string_view command) {
  return wrapped_command(command, "/usr/bin/bezalel", "name", "/bin/sh");
}

}  // namespace

TEST_CASE("run-parts becomes ours where it can be") {
  for (const char* command :
       {"run-parts /etc/cron.hourly", "cd / && run-parts --report /etc/x",
        "test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/x; }",
        "cd /;run-parts  --report /etc/x"}) {
    CAPTURE(command);
    const std::string ours = wrapped(command);
    const auto bare = unwrapped_command(ours);
    if (std::string_view(command).find("  ") != std::string_view::npos) {
      CHECK(ours.starts_with("/usr/bin/bezalel run name -- "));
    } else {
      CHECK(ours.find("/usr/bin/bezalel run-parts ") != std::string::npos);
    }
    REQUIRE(bare);
    CHECK(bare->command + std::string(bare->rest) == command);
  }
}

TEST_CASE("any other call of run-parts is one job") {
  for (const char* command :
       {"run-parts --test /etc/x", "run-parts --regex '.*' /etc/x",
        "run-parts -a x /etc/x", "run-parts etc/x", "/bin/run-parts /etc/x",
        "echo run-parts /etc/x", "run-parts /a && run-parts /b",
        "'run-parts /a'", "echo '&& run-parts /a'"}) {
    CAPTURE(command);
    const std::string ours = wrapped(command);
    CHECK(ours.starts_with("/usr/bin/bezalel run name -- /bin/sh -c '"));
    CHECK(unwrapped_command(ours)->command == command);
  }
}

TEST_CASE("what is of neither form stays as it is") {
  for (const char* command :
       {"", "true", "bezalel run x -- true", "/usr/bin/bezalel run x y -- a",
        "/usr/bin/bezalel run x -- /bin/sh -c 'a",
        "echo /usr/bin/bezalel run-parts /etc/x"}) {
    CAPTURE(command);
    CHECK_FALSE(unwrapped_command(command));
  }
}

}  // namespace bezalel::crontab
