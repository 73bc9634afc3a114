#include "sys/command.h"

#include <doctest/doctest.h>

namespace bezalel::sys {
namespace {

TEST_CASE("a command with our own streams ends as it ends") {
  CHECK(run_attached({"true"}) == 0);
  CHECK(run_attached({"sh", "-c", "exit 7"}) == 7);
  CHECK(run_attached({"sh", "-c", "kill -TERM $$"}) == 143);
  const auto missing = run_attached({"/no/such/program"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == Kind::not_found);
}

TEST_CASE("a command gives back its status and both streams") {
  const auto done = run_command({"sh", "-c", "echo out; echo err >&2; exit 7"});
  REQUIRE(done);
  CHECK(done->status == 7);
  CHECK(done->output == "out\nerr\n");
}

TEST_CASE("input reaches the command, more than a pipe holds too") {
  const std::string much(300000, 'x');
  const auto done =
      run_command({"wc", "-c"}, {much, std::chrono::seconds(10), {}});
  REQUIRE(done);
  CHECK(done->output.find("300000") != std::string::npos);
}

TEST_CASE("a command that does not end is killed with its group") {
  CommandOptions options;
  options.timeout = std::chrono::milliseconds(100);
  const auto done = run_command({"sh", "-c", "sleep 60 & sleep 60"}, options);
  REQUIRE(done);
  CHECK(done->timed_out);
}

TEST_CASE("words are not read by a shell") {
  const auto done = run_command({"printf", "%s|", "a b", "$HOME", ";"});
  REQUIRE(done);
  CHECK(done->output == "a b|$HOME|;|");
}

TEST_CASE("a program that is not there is said so") {
  const auto done = run_command({"no-such-program-of-ours"});
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == Kind::not_found);
}

TEST_CASE("a command that does not read its input is ended in time") {
  const std::string much(300000, 'x');
  const auto done =
      run_command({"sleep", "600"}, {much, std::chrono::milliseconds(200), {}});
  REQUIRE(done);
  CHECK(done->timed_out);
}

TEST_CASE("output that is not kept whole is called cut") {
  const auto long_one = run_command({"head", "-c", "70000", "/dev/zero"});
  REQUIRE(long_one);
  CHECK(long_one->cut);
  const auto whole = run_command({"head", "-c", "65536", "/dev/zero"});
  REQUIRE(whole);
  CHECK_FALSE(whole->cut);
  CHECK(whole->output.size() == 65536);
}

TEST_CASE("variables are added to the environment") {
  const auto done = run_command({"sh", "-c", "echo $BZ_X"},
                                {{}, std::chrono::seconds(10), {"BZ_X=1"}});
  REQUIRE(done);
  CHECK(done->output == "1\n");
}

}  // namespace
}  // namespace bezalel::sys
