// What people tell the state: seen, be quiet, leave it, it is gone.
#pragma once

#include <string>

#include "app/look.h"
#include "app/world.h"

namespace bezalel::app {

// A job, and how it is called here: USER/NAME where NAME is several users'.
struct NamedJob {
  NamedJob(core::JobKey of) : key(std::move(of)), shown(key.job) {}
  NamedJob(core::JobKey of, std::string name)
      : key(std::move(of)), shown(std::move(name)) {}

  core::JobKey key;
  std::string shown;
};

// Each is one transaction; `who` is the user who typed it. The returned text
// is one sentence for the terminal, without a newline.
Result<std::string> acknowledge(World& world, const NamedJob& job,
                                const std::string& who);
// All open incidents of a finding, by its fixed name ("cron-dead").
Result<std::string> acknowledge_finding(World& world, const std::string& id,
                                        const std::string& who);
Result<std::string> silence(World& world, const std::optional<NamedJob>& job,
                            Timestamp until, const std::string& why,
                            const std::string& who);
Result<std::string> end_silence(World& world,
                                const std::optional<NamedJob>& job,
                                const std::string& who);
Result<std::string> pause(World& world, const NamedJob& job,
                          const std::string& why, const std::string& who);
Result<std::string> resume(World& world, const NamedJob& job,
                           const std::string& who);
Result<std::string> retire(World& world, const NamedJob& job,
                           const std::string& why, const std::string& who);

}  // namespace bezalel::app
