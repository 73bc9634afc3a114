#include "run/call_problems.h"

#include <doctest/doctest.h>

namespace bezalel::run {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("what is wrong with a call is said as the program says it") {
  CHECK(call_problems({"run", {"db", "--max", "1h", "--", "x"}}).empty());
  CHECK(call_problems({"run", {"db", "--max", "1q", "--", "x"}}).size() == 1);
  CHECK(call_problems({"run", {"bad/name", "--", "x"}})[0].starts_with(
      "\"bad/name\" is not a job name"));
  CHECK(call_problems({"run", {"db", "--evry=1d", "--", "x"}}) ==
        Words{"unknown option --evry"});
  // What stands behind the dashes is the command's own.
  CHECK(call_problems({"run", {"db", "--", "x", "--evry"}}).empty());
  CHECK(call_problems({"run", {"db"}}).size() == 1);
  CHECK(call_problems({"beat", {"db", "--every", "1d"}}).empty());
  CHECK(call_problems({"beat", {"db", "--timeout", "1d"}}) !=
        call_problems({"run", {"db", "--timeout", "1d", "--", "x"}}));
}

}  // namespace
}  // namespace bezalel::run
