#include "app/reboot.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"

namespace bezalel::app {

std::optional<Finding> reboot_missed(const core::Job& job,
                                     const std::vector<RunRow>& runs,
                                     const Moment& now,
                                     const std::string& shown) {
  if (!job.expectation || job.paused || now.boot_id.empty()) return {};
  if (!std::holds_alternative<schedule::Reboot>(job.expectation->schedule)) {
    return {};
  }
  if (now.boot.time_since_epoch() < kBootPatience) return {};
  std::optional<Timestamp> newest;
  for (const RunRow& run : runs) {
    if (!run.start || run.start->boot_id.empty()) continue;
    if (run.start->boot_id == now.boot_id) return {};
    newest = std::max(newest, std::optional(run.start->at));
  }
  if (!newest) return {};
  Finding f;
  f.id = "reboot-missed";
  f.source = shown;
  f.message = fmt::format(
      "{} is to run at every boot, and this boot did not run it; last started "
      "{}",
      escape_line(shown, 80), format_rfc3339(*newest));
  f.fix = "run it by hand; cron runs it when the host starts, not the daemon";
  f.alarm = core::Severity::p2;
  return f;
}

}  // namespace bezalel::app
