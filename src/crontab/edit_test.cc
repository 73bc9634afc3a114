#include "crontab/edit.h"

#include <doctest/doctest.h>

#include "crontab/real_crontabs.h"

namespace bezalel::crontab {
namespace {

const Adoption kAdoption{"/usr/bin/bezalel-sh", "2026-11-24",
                         "bezalel release --file /etc/cron.d/x"};
const std::string kHeader =
    "# Adopted 2026-11-24. Undo: bezalel release --file /etc/cron.d/x\n"
    "# If bezalel is gone, delete these 3 lines: cron then runs as before.\n"
    "SHELL=/usr/bin/bezalel-sh\n";

const std::string kHeaderWithShell =
    "# Adopted 2026-11-24. Undo: bezalel release --file /etc/cron.d/x\n"
    "# If bezalel is gone, delete these 3 lines, turn BEZALEL_SHELL into SHELL."
    "\nSHELL=/usr/bin/bezalel-sh\n";

Crontab read(const std::string& text, Kind kind = Kind::system) {
  return parse(text, kind, Daemon::debian);
}

}  // namespace

TEST_CASE("one line under two comments, and every other byte as it was") {
  const std::string tabs[] = {
      "0 6 * * * root /usr/sbin/logwatch --output mail\n",
      "# a comment without newline at the end\n0 6 * * * root x\n# end",
      "\n\n  0\t6  *  * *\troot  x   y\n\n",
      "MAILTO=\"\"\nPATH=/bin\n@daily root x\n",
  };
  for (const std::string& text : tabs) {
    CAPTURE(text);
    const auto adopted = adopt(read(text), kAdoption);
    REQUIRE(adopted);
    CHECK(*adopted == kHeader + text);
    CHECK(is_adopted(read(*adopted)));
    CHECK(*adopt(read(*adopted), kAdoption) == *adopted);
    CHECK(release(read(*adopted)) == text);
    CHECK(release(read(text)) == text);
  }
}

TEST_CASE("a shell that was set before is kept and comes back") {
  const std::string text =
      "0 1 * * * root a\nSHELL=/bin/bash\n0 2 * * * root b\n"
      "  SHELL = \"/bin/zsh\"\n0 3 * * * root c\n";
  const auto adopted = adopt(read(text), kAdoption);
  REQUIRE(adopted);
  CHECK(*adopted == kHeaderWithShell +
                        "0 1 * * * root a\nBEZALEL_SHELL=/bin/bash\n"
                        "0 2 * * * root b\n  BEZALEL_SHELL = \"/bin/zsh\"\n"
                        "0 3 * * * root c\n");
  CHECK(release(read(*adopted)) == text);
}

TEST_CASE("edits that came later stay, and a new SHELL line is taken in") {
  const std::string text = "0 1 * * * root a\n";
  const auto adopted = adopt(read(text), kAdoption);
  REQUIRE(adopted);
  const std::string edited =
      "# mine\n" + *adopted + "SHELL=/bin/bash\n0 2 * * * root b\n";
  const auto again = adopt(read(edited), kAdoption);
  REQUIRE(again);
  CHECK(*again == "# mine\n" + kHeaderWithShell + text +
                      "BEZALEL_SHELL=/bin/bash\n0 2 * * * root b\n");
  CHECK(release(read(*again)) ==
        "# mine\n" + text + "SHELL=/bin/bash\n0 2 * * * root b\n");
}

TEST_CASE("a job written above the line is brought below it") {
  const std::string text = "SHELL=/bin/bash\n0 1 * * * root a\n";
  const auto adopted = adopt(read(text), kAdoption);
  REQUIRE(adopted);
  const std::string edited = "0 2 * * * root b\n" + *adopted;
  const auto again = adopt(read(edited), kAdoption);
  REQUIRE(again);
  CHECK(*again == kHeaderWithShell +
                      "0 2 * * * root b\nBEZALEL_SHELL=/bin/bash\n"
                      "0 1 * * * root a\n");
  CHECK(*adopt(read(*again), kAdoption) == *again);
  CHECK(release(read(*again)) == "0 2 * * * root b\n" + text);
}

TEST_CASE("what cannot be adopted says why") {
  CHECK_FALSE(adopt(read("0 1 * * * root a"), kAdoption));
  CHECK_FALSE(adopt(read("# nothing\n"), kAdoption));
  CHECK_FALSE(
      adopt(parse("0 1 * * * root a\n", Kind::system, Daemon::systemd_cron),
            kAdoption));
  CHECK(adopt(read("0 1 * * * root a"), kAdoption)
            .error()
            .what.starts_with("the daemon ignores it: line 1: "));
}

TEST_CASE("real crontabs come back byte for byte, and run the same jobs") {
  int adopted_count = 0;
  const bool some = for_each_real_table(
      [&](const std::string& bytes, Kind kind, Daemon daemon) {
        const Crontab tab = parse(bytes, kind, daemon);
        const auto adopted = adopt(tab, kAdoption);
        if (!adopted) return;
        ++adopted_count;
        const Crontab now = parse(*adopted, kind, daemon);
        CHECK(entries_of(now) == entries_of(tab));
        CHECK(release(now) == bytes);
        CHECK(*adopt(now, kAdoption) == *adopted);
        for (const Line& line : now.lines) {
          if (line.type != LineType::job) continue;
          CHECK(setting_at(now, line, "SHELL") == kAdoption.shell);
        }
      });
  if (some) CHECK(adopted_count > 100);
}

}  // namespace bezalel::crontab
