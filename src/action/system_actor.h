// Actions as transient systemd services, or, without systemd, as a process
// with the rights of its user. Never a shell, never a second one of a job at
// the same time, never longer than its timeout.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/actor.h"
#include "base/result.h"
#include "sys/command.h"

namespace bezalel::action {

struct Host {
  bool systemd = false;  // /run/systemd/system is there
  bool root = false;
};
Host this_host();

// The command that carries the action out on such a host.
//   systemd        systemd-run --wait ... --unit=bezalel-action-JOB -- ARGV:
//                  its own cgroup, killed whole at RuntimeMaxSec
//   root, without  setpriv --reuid USER ... -- ARGV in a process group of its
//                  own; a restart by service(8)
// Kind::denied: neither, with the reason for the notice; Kind::not_found: there
// is no such user.
Result<std::vector<std::string>> command_of(const app::Action& action,
                                            const std::string& job,
                                            const Host& host);

class SystemActor final : public app::Actor {
 public:
  using Run = std::function<Result<sys::CommandResult>(
      const std::vector<std::string>&, const sys::CommandOptions&)>;

  // `run` is sys::run_command; a test brings its own.
  explicit SystemActor(Host host, Run run = sys::run_command)
      : host_(host), run_(std::move(run)) {}

  app::ActionResult perform(const app::Action& action,
                            const std::string& job) override;

 private:
  Host host_;
  Run run_;
};

}  // namespace bezalel::action
