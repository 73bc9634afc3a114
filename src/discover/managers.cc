#include "discover/managers.h"

#include <charconv>
#include <future>
#include <iterator>
#include <map>
#include <set>
#include <span>

#include "discover/bus.h"
#include "discover/timer_evidence.h"

namespace bezalel::discover {
namespace {

using Names = std::vector<std::string>;

constexpr char kTimer[] = "org.freedesktop.systemd1.Timer";
constexpr char kUnit[] = "org.freedesktop.systemd1.Unit";
constexpr char kService[] = "org.freedesktop.systemd1.Service";

// Each property is a call: only where something hangs on them.
Result<void> ask_more(Bus& bus, const std::string& service, Told& told) {
  const std::string state = told.unit_of_service.text("ActiveState");
  if (state == "failed") {
    BZ_ASSIGN(told.service_state,
              bus.some(service, kUnit, {"StateChangeTimestamp"}));
  }
  if (!service.ends_with(".service")) return {};
  if (state == "activating") {
    BZ_ASSIGN(told.service_state,
              bus.some(service, kUnit, {"SubState", "InactiveExitTimestamp"}));
    BZ_ASSIGN(told.service_runs, bus.some(service, kService, {"NRestarts"}));
  }
  if (needs_excuse(told)) {
    BZ_ASSIGN(told.excuses,
              bus.some(service, kService, {"ExecStart", "SuccessExitStatus"}));
  }
  return {};
}

Result<Told> ask_timer(Bus& bus, const ListedUnit& unit) {
  Told told;
  told.unit = unit;
  BZ_ASSIGN(told.timer, bus.all(unit.name, kTimer));
  BZ_ASSIGN(told.unit_of_timer, bus.some(unit.name, kUnit,
                                         {"Description", "FragmentPath",
                                          "SourcePath", "NeedDaemonReload"}));
  // systemd looks through all links of a directory for it: where it matters.
  if (unit.active_state != "active") {
    BZ_ASSIGN(told.timer_state, bus.some(unit.name, kUnit,
                                         {"UnitFileState", "ConditionTimestamp",
                                          "ConditionResult"}));
  }
  const std::string service = told.timer.text("Unit");
  BZ_ASSIGN(told.unit_of_service,
            bus.some(service, kUnit,
                     {"LoadState", "ActiveState", "NeedDaemonReload",
                      "ConditionTimestamp", "ConditionResult",
                      "AssertTimestamp", "AssertResult"}));
  if (service.ends_with(".service")) {
    BZ_ASSIGN(told.service,
              bus.some(service, kService,
                       {"Result", "MainPID", "ExecMainCode", "ExecMainStatus",
                        "ExecMainStartTimestamp", "ExecMainExitTimestamp"}));
  }
  BZ_TRY(ask_more(bus, service, told));
  if (unit.active_state == "active" &&
      told.timer.number("LastTriggerUSec") != 0 &&
      told.service.number("ExecMainStartTimestamp") == 0) {
    BZ_ASSIGN(told.timer_state,
              bus.some(unit.name, kUnit, {"ActiveEnterTimestamp"}));
  }
  return told;
}

// What targets of one of systemd's directories are to start.
std::set<std::string> linked_timers(const Root& root,
                                    const std::string& directory) {
  std::set<std::string> timers;
  for (const std::string& target : root.list(directory).value_or(Names())) {
    if (!target.ends_with(".wants") && !target.ends_with(".requires")) continue;
    const auto links = root.list(directory + "/" + target);
    for (const std::string& name : links.value_or(Names())) {
      if (name.ends_with(".timer")) timers.insert(name);
    }
  }
  return timers;
}

// Those of which somebody wrote the file there. (Of templates there is none to
// start.)
Names timers_by_hand(const Root& root, const std::string& directory) {
  if (!is_of_hands(directory)) return {};
  Names names = root.list(directory).value_or(Names());
  std::erase_if(names, [](const std::string& name) {
    return !name.ends_with(".timer") || name.ends_with("@.timer");
  });
  return names;
}

// Systemd was not told to read it, or nobody enabled it: asked for, it loads
// it. (To list the files of all units by their states takes systemd the square
// of their number.)
void ask_not_loaded(const Root& root, Bus& bus, std::vector<ListedUnit>& units,
                    Manager& manager) {
  std::map<std::string, std::string> known;
  for (const ListedUnit& unit : units) {
    known.emplace(unit.name, unit.load_state);
  }
  const auto ask = [&](const std::string& name, const char* state) {
    const auto [timer, fresh] = known.emplace(name, "");
    if (!fresh) return timer->second;
    const auto file = bus.some(name, kUnit, {"LoadState", "UnitFileState"});
    if (!file) return std::string();
    timer->second = file->text("LoadState");
    if (file->text("UnitFileState") == state && timer->second == "loaded") {
      units.push_back({name, "loaded", "inactive", "dead"});
    }
    return timer->second;
  };
  std::set<std::string> linked;
  Names by_hand;
  for (const std::string& directory : bus.unit_path().value_or(Names())) {
    const std::size_t silent = root.silent().size();
    linked.merge(linked_timers(root, directory));
    const Names more = timers_by_hand(root, directory);
    by_hand.insert(by_hand.end(), more.begin(), more.end());
    if (root.silent().size() > silent) manager.whole = false;
  }
  for (const std::string& name : linked) {
    const std::string load_state = ask(name, "enabled");
    if (!load_state.empty()) manager.linked.emplace_back(name, load_state);
  }
  for (const std::string& name : by_hand) ask(name, "disabled");
}

// Of fewer timers one connection asks.
constexpr std::size_t kFew = 32;

struct Answers {
  std::vector<Told> told;
  std::vector<std::string> untold;
};

Answers ask_timers(Bus& bus, std::span<const ListedUnit> units) {
  Answers answers;
  for (const ListedUnit& unit : units) {
    if (unit.load_state != "loaded") continue;
    if (auto told = ask_timer(bus, unit)) {
      answers.told.push_back(*std::move(told));
    } else {
      answers.untold.push_back(unit.name);
    }
  }
  return answers;
}

void take(Answers answers, Manager& manager) {
  std::move(answers.told.begin(), answers.told.end(),
            std::back_inserter(manager.told));
  std::move(answers.untold.begin(), answers.untold.end(),
            std::back_inserter(manager.untold));
}

Result<Bus> open_bus(const Manager& manager) {
  auto bus = Bus::open_private(manager.runtime + "/systemd/private");
  if (!bus && manager.is_system()) return Bus::open_system();
  return bus;
}

void ask_all(const Root& root, Manager& manager) {
  auto bus = open_bus(manager);
  auto units =
      bus ? bus->timers() : Result<std::vector<ListedUnit>>(bus.error());
  if (!units) {
    manager.refused = units.error().what;
    return;
  }
  ask_not_loaded(root, *bus, *units, manager);
  const std::span<const ListedUnit> all = *units;
  // Two ask in turn: systemd answers the one while the other reads.
  const std::size_t half = all.size() < kFew ? 0 : all.size() / 2;
  auto second = half > 0 ? open_bus(manager) : Result<Bus>(err(Kind::io, ""));
  const auto others = second ? all.last(half) : all.last(0);
  auto beside = std::async(std::launch::async, [&] {
    return others.empty() ? Answers() : ask_timers(*second, others);
  });
  take(ask_timers(*bus, all.first(all.size() - others.size())), manager);
  take(beside.get(), manager);
}

}  // namespace

bool is_of_hands(std::string_view directory) {
  return directory == "/etc/systemd/system" ||
         directory == "/etc/systemd/user" ||
         directory.ends_with("/.config/systemd/user");
}

std::vector<Manager> ask_managers(const Root& root, const Options& options) {
  std::vector<Manager> managers;
  if (!root.is_running()) return managers;
  const auto add = [&](const std::string& runtime, std::uint32_t uid) {
    Manager manager;
    manager.runtime = runtime;
    manager.uid = uid;
    if (!manager.is_system() && !root.exists(runtime + "/systemd/private")) {
      return;
    }
    ask_all(root, manager);
    managers.push_back(std::move(manager));
  };
  if (root.exists("/run/systemd/system") && !options.who.own_only) {
    add("/run", 0);
  }
  if (!options.who.as_root) {
    if (!options.runtime_dir.empty()) add(options.runtime_dir, options.who.uid);
    return managers;
  }
  for (const std::string& name : root.list("/run/user").value_or(Names())) {
    std::uint32_t uid = 0;
    const auto [end, error] =
        std::from_chars(name.data(), name.data() + name.size(), uid);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    add("/run/user/" + name, uid);
  }
  return managers;
}

}  // namespace bezalel::discover
