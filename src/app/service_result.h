// What became of the last run of a timer's service, by what systemd tells.
//
// systemd forgets a failure when it is told to (`systemctl reset-failed`) and
// at every boot: the state remembers it until a success after it.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace bezalel::app {

struct TimerEvidence;

struct ServiceFailure {
  Timestamp at;
  std::string how;  // "exit 1", "signal 9 (KILL)", "oom-kill (systemd)"
  friend bool operator==(const ServiceFailure&,
                         const ServiceFailure&) = default;
};

// nullopt: it has not failed, or systemd does not say so any more.
std::optional<ServiceFailure> failure_of(const TimerEvidence& timer);

// When it ended well; nullopt: it did not, or has not yet.
std::optional<Timestamp> success_of(const TimerEvidence& timer);

// Since when it is at work, be it with what goes before its command; nullopt:
// it is not. Between two restarts it waits.
std::optional<Timestamp> at_work_since(const TimerEvidence& timer);

// "signal 9 (KILL)"
std::string signal_text(int number);

}  // namespace bezalel::app
