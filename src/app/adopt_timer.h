// A timer adopted: its service leaves a record of every run, by a drop-in
// beside the unit. systemd's own result needs no adopting and is judged without
// it, but it tells of the last run alone, until the next boot; the record is
// history.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace bezalel::app {

enum class Turn { adopt, release };

struct TimerUnit {
  std::string timer;    // "backup.timer"
  std::string service;  // "backup.service"; what it starts
  std::string path;     // where its drop-in stands, or would
};

struct DropInEdit {
  TimerUnit unit;
  std::string before, after;  // empty: no such file
};

// The drop-ins of one systemd manager.
class DropIns {
 public:
  virtual ~DropIns() = default;
  // Kind::not_found: no such timer, or it starts no service; Kind::unavailable:
  // systemd does not answer.
  virtual Result<TimerUnit> find(const std::string& timer) = 0;
  // Units that have a drop-in of that name; `timer` is empty.
  virtual std::vector<TimerUnit> present() = 0;
  // Empty where there is none.
  virtual Result<std::string> read(const TimerUnit& unit) = 0;
  // Whole or not at all; an empty text removes it. Kind::conflict: it is no
  // longer `before`.
  virtual Result<void> write(const DropInEdit& edit) = 0;
  // Has systemd read its units again. The error ends with what to type.
  virtual Result<void> reload() = 0;
};

// "backup.timer": what systemd takes as a unit's name, and a timer's.
bool is_timer_name(const std::string& name);

// Calls `program` as the job's own name when the service has ended. It runs
// outside of the unit's confinement and user, and can not make the job fail.
std::string drop_in_text(const std::string& timer, const std::string& program,
                         const std::string& date);

// The edit that adopts a timer; before == after where it is adopted already.
// Kind::conflict: the file is somebody else's, or another timer's.
Result<DropInEdit> adopt_timer(DropIns& drop_ins, const std::string& timer,
                               const std::string& program,
                               const std::string& date);

// Those that release one timer, or all (empty name); also of a timer that is
// gone. None where there is nothing of ours.
Result<std::vector<DropInEdit>> release_timers(DropIns& drop_ins,
                                               const std::string& timer);

}  // namespace bezalel::app
