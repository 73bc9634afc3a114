#include "simulate/unit.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bezalel::simulate {
namespace {

namespace fs = std::filesystem;

// A systemctl of our own, first in PATH: it notes its words, and answers each
// `show` with the next of the given texts, the last one for ever.
class Systemctl {
 public:
  // layers: allow getenv, a test's own PATH
  Systemctl() : path_before_(::getenv("PATH")) {
    std::string name = fs::temp_directory_path() / "bezalel-unit-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    dir_ = name;
    put("systemctl",
        "#!/bin/sh\ncd '" + name +
            "'\necho \"$*\" >>said\n"
            "case \" $* \" in\n"
            "*\" start \"*) exit \"$(cat status)\" ;;\n"
            "*\" show-environment \"*) printf 'B=2\\nA=1\\n' ;;\n"
            "*) n=$(cat n); [ -e \"show$n\" ] || { echo gone >&2; exit 1; }\n"
            "cat \"show$n\"; [ ! -e \"show$((n + 1))\" ] ||"
            " echo $((n + 1)) >n ;;\nesac\n");
    fs::permissions(dir_ / "systemctl", fs::perms::owner_all);
    put("status", "0");
    put("n", "1");
    ::setenv("PATH", (name + ":" + path_before_).c_str(), 1);
  }
  ~Systemctl() {
    ::setenv("PATH", path_before_.c_str(), 1);
    std::error_code ignored;
    fs::remove_all(dir_, ignored);
  }
  Systemctl(const Systemctl&) = delete;
  Systemctl& operator=(const Systemctl&) = delete;

  void put(const std::string& name, const std::string& text) const {
    std::ofstream(dir_ / name) << text;
  }
  void shows(const std::vector<std::string>& answers) const {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      put("show" + std::to_string(i + 1), answers[i]);
    }
  }
  // The first words it was called with.
  std::string said() const {
    std::ifstream in(dir_ / "said");
    std::string line;
    std::getline(in, line);
    return line;
  }

 private:
  fs::path dir_;
  const std::string path_before_;
};

std::string state(const char* type, const char* active,
                  const char* result = "success") {
  return std::string("LoadState=loaded\nType=") + type +
         "\nActiveState=" + active + "\nResult=" + result +
         "\nConditionResult=yes\n";
}

TEST_CASE("each manager is asked in its own way") {
  using Of = Manager::Of;
  const std::string rest =
      "show --no-pager -p " + std::string(app::unit_properties()) + " -- x";
  for (const auto& [manager, words] :
       {std::pair(Manager{}, rest),
        std::pair(Manager{Of::user, ""}, "--user " + rest),
        std::pair(Manager{Of::user, "ann"}, "--user -M ann@ " + rest)}) {
    const Systemctl systemctl;
    systemctl.shows({state("oneshot", "inactive")});
    const auto unit = look_at_unit(manager, "x");
    REQUIRE(unit.has_value());
    CHECK(unit->type == "oneshot");
    CHECK(systemctl.said() == words);
  }
}

TEST_CASE("a manager that does not answer is told with what it said") {
  const Systemctl systemctl;
  const auto unit = look_at_unit({}, "x");
  REQUIRE_FALSE(unit.has_value());
  CHECK(unit.error().kind == Kind::unavailable);
  CHECK(unit.error().what == "systemctl show: gone");
}

TEST_CASE("what the manager gives to every service comes sorted") {
  const Systemctl systemctl;
  CHECK(manager_environment({}) == "A=1\nB=2\n");
}

TEST_CASE("a service that is no oneshot is waited for") {
  const Systemctl systemctl;
  systemctl.shows({state("simple", "inactive"), state("simple", "active"),
                   state("simple", "deactivating"),
                   state("simple", "failed", "exit-code")});
  const auto unit = start_unit({}, "x");
  REQUIRE(unit.has_value());
  CHECK(unit->active_state == "failed");
  CHECK(unit->result == "exit-code");
}

TEST_CASE("one that remains when its program has ended is not") {
  const Systemctl systemctl;
  systemctl.shows({state("simple", "inactive") + "RemainAfterExit=yes\n",
                   state("simple", "active") + "RemainAfterExit=yes\n"});
  CHECK(start_unit({}, "x").has_value());
}

TEST_CASE("a start that fails is the service's result, or systemd's refusal") {
  const Systemctl systemctl;
  systemctl.put("status", "1");
  systemctl.shows(
      {state("oneshot", "inactive"), state("oneshot", "failed", "exit-code")});
  CHECK(start_unit({}, "x")->result == "exit-code");
  systemctl.shows({state("oneshot", "inactive"), state("oneshot", "inactive")});
  const auto unit = start_unit({}, "x");
  REQUIRE_FALSE(unit.has_value());
  CHECK(unit.error().what == "systemd did not start x");
}

}  // namespace
}  // namespace bezalel::simulate
