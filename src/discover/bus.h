// One connection to a systemd manager. Inside of discover.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

struct sd_bus;
struct sd_bus_message;

namespace bezalel::discover {

// One unit as ListUnits tells of it.
struct ListedUnit {
  std::string name, load_state, active_state, sub_state;
};

// base, specification, next elapse (µs): of TimersCalendar and TimersMonotonic.
struct TimerLine {
  std::string base, text;
  std::uint64_t value = 0;  // of a monotonic one
};

// What of ExecStart= matters here: "-" before it, and how it ended last.
struct Command {
  bool ignores_failure = false;
  int code = 0, status = 0;  // as of waitid(2)
};

// What a unit says of itself; numbers by name, texts by name.
struct Properties {
  std::map<std::string, std::uint64_t> numbers;
  std::map<std::string, std::string> texts;
  std::vector<TimerLine> calendars, monotonics;
  std::vector<Command> commands;                // ExecStart
  std::vector<int> clean_codes, clean_signals;  // SuccessExitStatus

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
  // The directories in which it looks for units.
  Result<std::vector<std::string>> unit_path();
  // All that a unit says by one interface, as far as a record above can hold
  // it. A unit that is not loaded is loaded by asking.
  Result<Properties> all(const std::string& unit, const char* interface);
  // Only these: an interface of 300 properties costs systemd and us more than
  // a question for each, and some are worked out by reading files. What this
  // systemd does not know is left out.
  Result<Properties> some(const std::string& unit, const char* interface,
                          std::initializer_list<const char*> names);

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
