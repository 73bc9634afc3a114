#include <doctest/doctest.h>

#include "crontab/anacrontab.h"
#include "crontab/wrap.h"

namespace bezalel::crontab {
namespace {

const Wrapping kWrapping{
    "/usr/bin/bezalel", "2026-11-24", "bezalel release --file /etc/anacrontab",
    [](std::string_view command) -> std::optional<std::string> {
      if (command.starts_with("bezalel ")) return std::nullopt;
      return "name";
    }};
const std::string kHeader =
    "# Adopted 2026-11-24. Undo: bezalel release --file /etc/anacrontab\n"
    "# Each job below runs in \"bezalel run\"; release unwraps the lines.\n"
    "# If bezalel is gone, delete these 4 lines, and leave of each job what "
    "stands\n"
    "# in the quotes (with ' for '\\''), or run-parts for bezalel run-parts.\n";
const std::string kTable =
    "# /etc/anacrontab\n\nSHELL=/bin/sh\nLOGNAME=root\n"
    "1\t5\tcron.daily\trun-parts --report /etc/cron.daily\n"
    "7 10 own  echo 'it''s' 50% | cat \n"
    "@monthly 15 beat bezalel beat x --every 31d\n"
    "bad line\n7 10 last true";

}  // namespace

TEST_CASE("an anacrontab is wrapped and comes back byte for byte") {
  const auto now = wrap_anacrontab(kTable, Daemon::debian, kWrapping);
  REQUIRE(now);
  CHECK(*now == kHeader +
                    "# /etc/anacrontab\n\nSHELL=/bin/sh\nLOGNAME=root\n"
                    "1\t5\tcron.daily\t/usr/bin/bezalel run-parts --report "
                    "/etc/cron.daily\n"
                    "7 10 own  /usr/bin/bezalel run name -- /bin/sh -c 'echo "
                    "'\\''it'\\'''\\''s'\\'' 50% | cat '\n"
                    "@monthly 15 beat bezalel beat x --every 31d\n"
                    "bad line\n7 10 last /usr/bin/bezalel run name -- /bin/sh "
                    "-c 'true'");
  CHECK(is_wrapped_anacrontab(*now));
  CHECK(release_anacrontab(*now, Daemon::debian) == kTable);
  CHECK(*wrap_anacrontab(*now, Daemon::debian, kWrapping) == *now);
}

TEST_CASE("a line that came later is wrapped the next time, edits stay") {
  const std::string edited =
      *wrap_anacrontab(kTable, Daemon::debian, kWrapping) +
      "\n# mine\n1 1 new false\n";
  const auto again = wrap_anacrontab(edited, Daemon::debian, kWrapping);
  REQUIRE(again);
  CHECK(again->find("run name -- /bin/sh -c 'false'\n") != std::string::npos);
  CHECK(release_anacrontab(*again, Daemon::debian) ==
        kTable + "\n# mine\n1 1 new false\n");
}

TEST_CASE("nothing to wrap, or wrapped by hand, is refused") {
  CHECK(wrap_anacrontab("# none\n", Daemon::debian, kWrapping).error().what ==
        "there is no job in it");
  CHECK(wrap_anacrontab("1 5 a /usr/bin/bezalel run-parts /etc/cron.daily\n",
                        Daemon::debian, kWrapping)
            .error()
            .what.starts_with("line 1: is wrapped by hand"));
  CHECK(release_anacrontab(kTable, Daemon::debian) == kTable);
}

}  // namespace bezalel::crontab
