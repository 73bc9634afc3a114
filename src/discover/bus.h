// One connection to a systemd manager. Inside of discover.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

struct sd_bus;
struct sd_bus_message;

namespace bezalel::discover {

// One unit as ListUnits tells of it.
struct ListedUnit {
  std::string name, load_state, active_state, sub_state;
  std::string path;  // of the object; empty: not loaded yet
};

// base, specification, next elapse (µs): of TimersCalendar and TimersMonotonic.
struct TimerLine {
  std::string base, text;
  std::uint64_t value = 0;  // of a monotonic one
};

// What a unit says of itself; numbers by name, texts by name.
struct Properties {
  std::map<std::string, std::uint64_t> numbers;
  std::map<std::string, std::string> texts;
  std::vector<TimerLine> calendars, monotonics;

  std::uint64_t number(const char* name) const;
  std::string text(const char* name) const;
};

class Bus {
 public:
  // "unix:path=/run/systemd/private"; Kind::not_found or Kind::denied where
  // nobody answers there.
  static Result<Bus> open_private(const std::string& socket);
  static Result<Bus> open_system();

  // Loaded timers.
  Result<std::vector<ListedUnit>> timers();
  // Names of the timers whose unit files are enabled, loaded or not; templates
  // left out.
  Result<std::vector<std::string>> enabled_timers();
  // All properties of an object's interface that a record above can hold.
  Result<Properties> properties(const std::string& path, const char* interface);
  // Object path of a unit.
  Result<std::string> path_of(const std::string& unit);

 private:
  struct Close {
    void operator()(sd_bus* bus) const;
  };
  explicit Bus(sd_bus* bus) : bus_(bus) {}
  Result<sd_bus_message*> call(const std::string& path, const char* interface,
                               const char* method, const char* types, ...);

  std::unique_ptr<sd_bus, Close> bus_;
};

}  // namespace bezalel::discover
