#include "action/system_actor.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace bezalel::action {
namespace {

app::Action restart_of(const char* unit) {
  app::Action action;
  action.restart = unit;
  return action;
}

app::Action run_of(std::vector<std::string> argv) {
  app::Action action;
  action.run = std::move(argv);
  return action;
}

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

TEST_CASE("with systemd an action is a transient service with a time limit") {
  auto action = run_of({"/bin/fix", "; rm -rf /"});
  action.user = "postgres";
  const auto command = command_of(action, "db@a", {true, false});
  REQUIRE(command);
  CHECK(command->front() == "systemd-run");
  CHECK(has(*command, "--unit=bezalel-action-db_a"));
  CHECK(has(*command, "--property=RuntimeMaxSec=60s"));
  CHECK(has(*command, "--uid=postgres"));
  CHECK(command->back() == "; rm -rf /");
}

TEST_CASE("without systemd only root acts, with the rights of the user") {
  CHECK_FALSE(command_of(restart_of("a.service"), "a", {false, false}));
  const auto restart = command_of(restart_of("a.service"), "a", {false, true});
  REQUIRE(restart);
  CHECK(*restart == std::vector<std::string>{"service", "a", "restart"});
  auto action = run_of({"/bin/fix"});
  action.user = "www-data";
  const auto run = command_of(action, "a", {false, true});
  REQUIRE(run);
  CHECK(run->front() == "setpriv");
  CHECK(has(*run, "--reuid=www-data"));
  // The group of "nobody" is not called so.
  action.user = "nobody";
  const auto nobody = command_of(action, "a", {false, true});
  REQUIRE(nobody);
  CHECK(has(*nobody, "--regid=65534"));
  action.user = "no-such-user";
  const auto none = command_of(action, "a", {false, true});
  REQUIRE_FALSE(none);
  CHECK(none.error().what == "not run: user no-such-user: no such user");
}

TEST_CASE("what became of an action is one line") {
  struct Row {
    Result<sys::CommandResult> result;
    bool ok;
    const char* text;
  };
  const Row rows[] = {
      {sys::CommandResult{0, false, "noise\n"}, true,
       "systemctl restart a.service, exit 0"},
      {sys::CommandResult{5, false, "x\nno \x1b such unit\n"}, false,
       "systemctl restart a.service, exit 5: no \\x1b such unit"},
      {sys::CommandResult{137, true, ""}, false,
       "systemctl restart a.service, killed after 1m"},
      {err(Kind::unavailable, "fork: no"), false,
       "systemctl restart a.service, not run: fork: no"},
  };
  for (const auto& row : rows) {
    SystemActor actor({true, true},
                      [&](const auto&, const auto&) { return row.result; });
    const auto result = actor.perform(restart_of("a.service"), "a");
    CHECK(result.ok == row.ok);
    CHECK(result.text == row.text);
  }
}

TEST_CASE("an action that hangs is killed with its group") {
  auto action = run_of({"/bin/sh", "-c", "sleep 60 & sleep 60"});
  action.timeout = std::chrono::milliseconds(200);
  SystemActor actor({false, true});
  const auto result = actor.perform(action, "a");
  CHECK_FALSE(result.ok);
  CHECK(result.text.find("killed after") != std::string::npos);
}

}  // namespace
}  // namespace bezalel::action
