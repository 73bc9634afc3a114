// What people tell the state: seen, be quiet, leave it, it is gone.
#pragma once

#include <string>
#include <vector>

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
// Does this finding go by that name? Its fixed one stands for all of them
// ("settings-invalid"), with the source behind it for one
// ("settings-invalid:/etc/bezalel/bezalel.toml").
bool is_called(const core::IncidentKey& finding, const std::string& name);
// All open incidents of findings that go by that name.
Result<std::string> acknowledge_finding(World& world, const std::string& name,
                                        const std::string& who);
Result<std::string> silence(World& world, const std::optional<NamedJob>& job,
                            Timestamp until, const std::string& why,
                            const std::string& who);
Result<std::string> end_silence(World& world,
                                const std::optional<NamedJob>& job,
                                const std::string& who);
// The same of findings that go by a name, each key once.
Result<std::string> silence_findings(World& world, const std::string& name,
                                     const std::vector<core::IncidentKey>& keys,
                                     Timestamp until, const std::string& why,
                                     const std::string& who);
Result<std::string> end_silence_of_findings(World& world,
                                            const std::string& name,
                                            const std::string& who);
Result<std::string> pause(World& world, const NamedJob& job,
                          const std::string& why, const std::string& who);
Result<std::string> resume(World& world, const NamedJob& job,
                           const std::string& who);
Result<std::string> retire(World& world, const NamedJob& job,
                           const std::string& why, const std::string& who);

}  // namespace bezalel::app
