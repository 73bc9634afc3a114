#include <doctest/doctest.h>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

// As `adopt --wrap` writes it.
TEST_CASE("a wrapped line is judged as it was before") {
  const std::string run = "0 1 * * * /usr/bin/bezalel run x -- /bin/sh -c ";
  const auto of_line = [&](const std::string& rest) {
    return on_host(run + rest + "\n", {"/usr/bin/bezalel", "/usr/bin/ls",
                                       "/usr/sbin/zfs", "/bin/sh"});
  };
  const auto missing =
      of_line("'echo '\\''a'\\''; zfs list' # bezalel: max=1h");
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].rule == "command-missing");
  CHECK(missing[0].column == static_cast<int>(run.size()) + 18);
  CHECK(missing[0].width == 3);
  CHECK(missing[0].fix == run +
                              "'echo '\\''a'\\''; /usr/sbin/zfs list' "
                              "# bezalel: max=1h");
  const auto bash = of_line("'source /x'");
  REQUIRE(bash.size() == 1);
  CHECK(bash[0].rule == "bashism");
  CHECK(bash[0].fix == run + "'. /x'");
  const auto array = of_line("'cat <(ls)'");
  REQUIRE(!array.empty());
  CHECK(array.back().fix == "/bin/bash in the line, in place of /bin/sh");
  const auto percent = of_line("'date +'%F");
  REQUIRE(percent.size() == 2);
  CHECK(percent[1].rule == "percent");
  CHECK(percent[1].column == static_cast<int>(run.size()) + 9);
  CHECK(percent[1].fix == run + "'date +\\%F'");
  CHECK(of_line("'zfs list' # bezalel: allow=command-missing").empty());
  CHECK(of_line("'ls'").empty());
  CHECK(rules_of("0 1 1 1 * /usr/bin/bezalel run x -- /bin/bash -c '[[ a ]]'\n")
            .empty());
  // What it is wrapped in may be gone.
  const auto gone = on_host(run + "'nosuch'\n", {"/usr/bin/ls"});
  REQUIRE(gone.size() == 2);
  CHECK(gone[0].column == 11);
  CHECK(gone[0].message == "\"/usr/bin/bezalel\" is not there");
}

TEST_CASE("a wrapped line of an anacrontab is judged as it was before") {
  const auto found =
      of("1 5 a /usr/bin/bezalel run a -- /bin/sh -c 'cat <(x) # bezalel: "
         "max=1h'\n7 5 b /usr/bin/bezalel run b -- /bin/sh -c 'x # bezalel: "
         "allow=percent'\n",
         Kind::anacron);
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "bashism");
  CHECK(found[0].column == 49);
}

}  // namespace
}  // namespace bezalel::crontab
