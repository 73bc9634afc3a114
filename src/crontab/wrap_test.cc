#include "crontab/wrap.h"

#include <doctest/doctest.h>

#include "crontab/real_crontabs.h"

namespace bezalel::crontab {
namespace {

const Wrapping kWrapping{
    "/usr/bin/bezalel", "2026-11-24", "bezalel release --file /etc/cron.d/x",
    [](std::string_view command) -> std::optional<std::string> {
      if (command.starts_with("bezalel ")) return std::nullopt;
      return "name";
    }};
const std::string kHeader =
    "# Adopted 2026-11-24. Undo: bezalel release --file /etc/cron.d/x\n"
    "# Each job below runs in \"bezalel run\"; release unwraps the lines.\n"
    "# If bezalel is gone, delete these 4 lines, and leave of each job what "
    "stands\n"
    "# in the quotes (with ' for '\\''), or run-parts for bezalel run-parts.\n";

Crontab read(const std::string& text, Kind kind = Kind::system,
             Daemon daemon = Daemon::debian) {
  return parse(text, kind, daemon);
}

}  // namespace

TEST_CASE("each line is wrapped, whatever stands in it, and comes back") {
  const std::pair<const char*, const char*> rows[] = {
      {"a | b >c", "/bin/sh -c 'a | b >c'"},
      {"echo 'it''s' \"$X\"",
       "/bin/sh -c 'echo '\\''it'\\'''\\''s'\\'' \"$X\"'"},
      {"date +\\%F >x", "/bin/sh -c 'date +\\%F >x'"},
      {"cat >x%one%two", "/bin/sh -c 'cat >x'%one%two"},
      {"a  # bezalel: grace=2h", "/bin/sh -c 'a'  # bezalel: grace=2h"},
      {"a \\", "/bin/sh -c 'a \\'"},
      {"a \t", "/bin/sh -c 'a \t'"},
  };
  for (const auto& [command, wrapped] : rows) {
    CAPTURE(command);
    const std::string text = "0 1\t* * * root  " + std::string(command) + "\n";
    const auto now = wrap(read(text), kWrapping);
    REQUIRE(now);
    CHECK(*now == kHeader + "0 1\t* * * root  /usr/bin/bezalel run name -- " +
                      wrapped + "\n");
    CHECK(is_wrapped(read(*now)));
    CHECK(*wrap(read(*now), kWrapping) == *now);
    CHECK(release(read(*now)) == text);
  }
}

// Without the lines on how to undo it by hand.
TEST_CASE("where a percent sign means nothing it stays within the command") {
  const std::string text = "0 1 * * * root echo a % b\n";
  const Crontab tab = read(text, Kind::system, Daemon::systemd_cron);
  const auto wrapped = wrap(tab, kWrapping, {});
  REQUIRE(wrapped);
  CHECK(wrapped->ends_with("-- /bin/sh -c 'echo a % b'\n"));
  CHECK(release(read(*wrapped, Kind::system, Daemon::systemd_cron)) == text);
}

TEST_CASE("a file that an older version has wrapped is released, too") {
  const std::string header = kHeader.substr(0, kHeader.find("# If "));
  const std::string wrapped =
      header + "@daily root /usr/bin/bezalel run name -- /bin/sh -c 'a'\n";
  CHECK(is_wrapped(read(wrapped)));
  CHECK(*wrap(read(wrapped), kWrapping) == wrapped);
  CHECK(release(read(wrapped)) == "@daily root a\n");
}

TEST_CASE("the shell of the table goes on running the line") {
  const std::string text = "SHELL=/bin/bash\n@daily root [[ 1 ]]\n";
  const auto now = wrap(read(text), kWrapping);
  REQUIRE(now);
  CHECK(*now == kHeader +
                    "SHELL=/bin/bash\n@daily root /usr/bin/bezalel run name "
                    "-- /bin/bash -c '[[ 1 ]]'\n");
  CHECK(release(read(*now)) == text);
  CHECK_FALSE(wrap(read("SHELL=/my shell\n@daily root a\n"), kWrapping));
}

TEST_CASE("lines that came later are wrapped the next time, edits stay") {
  const std::string text = "@daily root a\n";
  const std::string edited =
      "# mine\n" + *wrap(read(text), kWrapping) + "@daily root b\n";
  const auto again = wrap(read(edited), kWrapping);
  REQUIRE(again);
  CHECK(again->find("-c 'b'") != std::string::npos);
  CHECK(release(read(*again)) == "# mine\n@daily root a\n@daily root b\n");
}

TEST_CASE("a line that speaks for itself is left as it is") {
  const std::string text = "@daily root bezalel beat x\n";
  CHECK(*wrap(read(text), kWrapping) == text);
  // Without our comments nothing is unwrapped.
  const std::string by_hand =
      "@daily root /usr/bin/bezalel run x -- /bin/sh -c 'a'\n";
  CHECK(release(read(by_hand)) == by_hand);
  CHECK(wrap(read(by_hand), kWrapping).error().what.starts_with("line 1: is "));
}

TEST_CASE("what would not fit is refused, and why") {
  const auto longest = [](std::size_t n) {
    return read("@daily root " + std::string(n, 'x') + "\n");
  };
  const std::size_t added =
      std::string("/usr/bin/bezalel run name -- /bin/sh -c ''").size();
  CHECK(wrap(longest(998 - added), kWrapping));
  const auto refused = wrap(longest(999 - added), kWrapping);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.starts_with(
      "wrapped, the daemon would ignore it: line 1: "));
  CHECK_FALSE(wrap(read("# none\n"), kWrapping));
  CHECK_FALSE(wrap(read("@daily root a"), kWrapping));
  CHECK(wrap(read("SHELL=/usr/bin/bezalel-sh\n@daily root a\n"), kWrapping)
            .error()
            .what == "is adopted by its SHELL; release it first");
}

TEST_CASE("real crontabs are wrapped and come back byte for byte") {
  int wrapped = 0;
  const bool some = for_each_real_table(
      [&](const std::string& bytes, Kind kind, Daemon daemon) {
        const auto now = wrap(read(bytes, kind, daemon), kWrapping);
        if (!now) return;
        ++wrapped;
        const Crontab tab = read(*now, kind, daemon);
        CHECK(release(tab) == bytes);
        CHECK(*wrap(tab, kWrapping) == *now);
      });
  if (some) CHECK(wrapped > 100);
}

}  // namespace bezalel::crontab
