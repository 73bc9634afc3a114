#include "simulate/unit.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

#include "base/escape.h"
#include "sys/command.h"

namespace bezalel::simulate {
namespace {

// Between two questions whether a service is over, which may run for hours.
constexpr std::chrono::milliseconds kFirstPause(100);
constexpr std::chrono::milliseconds kLongestPause(2000);

std::vector<std::string> systemctl(const Manager& manager,
                                   std::vector<std::string> words) {
  words.insert(words.begin(), "systemctl");
  if (manager.of == Manager::Of::system) return words;
  if (!manager.as.empty()) {
    words.insert(words.begin() + 1, {"-M", manager.as + "@"});
  }
  words.insert(words.begin() + 1, "--user");
  return words;
}

}  // namespace

Result<app::UnitFacts> look_at_unit(const Manager& manager,
                                    const std::string& unit) {
  const auto shown = sys::run_command(
      systemctl(manager, {"show", "--no-pager", "-p",
                          std::string(app::unit_properties()), "--", unit}));
  if (!shown) return tl::unexpected(shown.error());
  if (shown->timed_out || shown->status != 0) {
    const std::string said = shown->output.substr(0, shown->output.find('\n'));
    return err(Kind::unavailable,
               "systemctl show: " +
                   (said.empty() ? "no answer" : escape_line(said, 100)));
  }
  return app::read_unit(shown->output);
}

std::string manager_environment(const Manager& manager) {
  const auto shown = sys::run_command(systemctl(manager, {"show-environment"}));
  if (!shown || shown->timed_out || shown->status != 0) return {};
  std::vector<std::string> lines;
  std::istringstream in(shown->output);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

Result<app::UnitFacts> start_unit(const Manager& manager,
                                  const std::string& unit) {
  BZ_ASSIGN(const app::UnitFacts before, look_at_unit(manager, unit));
  BZ_ASSIGN(const int status,
            sys::run_attached(systemctl(manager, {"start", "--", unit})));
  BZ_ASSIGN(app::UnitFacts after, look_at_unit(manager, unit));
  // Of a oneshot `start` has waited for the end, and what remains has none. The
  // others are asked for: `start --wait` needs a message bus, which a user's
  // manager may have none of.
  const bool ends = before.type != "oneshot" && !before.remains;
  auto pause = kFirstPause;
  while (status == 0 && ends && app::is_running(after)) {
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestPause);
    BZ_ASSIGN(after, look_at_unit(manager, unit));
  }
  if (status != 0 && after.result == "success" && after.condition_ok) {
    return err(Kind::unavailable, "systemd did not start " + unit);
  }
  return after;
}

}  // namespace bezalel::simulate
