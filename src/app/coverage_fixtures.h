// A host whose inventory is looked at again and again, for the tests of
// coverage.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "app/coverage.h"

namespace bezalel::app::fixtures {

inline const Timestamp kNow = from_unix_seconds(1795500000);

inline ScheduledJob job(const std::string& name, Watch watch = Watch::shell,
                        const std::string& source = "/etc/cron.d/x") {
  ScheduledJob j;
  j.key = {0, name};
  j.user = "root";
  j.schedule = "0 1 * * *";
  j.command = "/usr/local/bin/" + name;
  j.source = source;
  j.line = 3;
  j.watch = watch;
  return j;
}

struct Host {
  Inventory inventory;
  std::vector<KnownSchedule> remembered;
  std::vector<core::JobKey> proven;
  Timestamp proven_at = Timestamp::max();
  std::optional<Timestamp> retired;
  bool in_shell = false;
  std::vector<std::string> unseen;
  Timestamp now = kNow;

  Coverage look(Duration later = std::chrono::hours(1)) {
    now += later;
    JobEvidence evidence;
    evidence.newest_proof = [&](const core::JobKey& key) {
      const bool found =
          std::find(proven.begin(), proven.end(), key) != proven.end();
      return found ? std::optional(proven_at) : std::nullopt;
    };
    evidence.ran_in_shell = [&](const core::JobKey&) { return in_shell; };
    evidence.unseen_before = unseen;
    evidence.retired = [&](const core::JobKey&) { return retired; };
    Coverage c = cover(inventory, remembered, evidence, now);
    for (const auto& lists : {c.to_put, c.to_drop}) {
      for (const KnownSchedule& k : lists) {
        std::erase_if(remembered, [&](const auto& r) {
          return r.key == k.key && r.source == k.source;
        });
      }
    }
    remembered.insert(remembered.end(), c.to_put.begin(), c.to_put.end());
    return c;
  }
};

}  // namespace bezalel::app::fixtures
