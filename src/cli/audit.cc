// `bezalel audit` and `bezalel discover`: what is scheduled, what is watched.
#include "report/audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/cycle.h"
#include "app/local_time.h"
#include "cli/commands.h"

namespace bezalel::cli {
namespace {

// A count can stay the same while what is counted does not.
bool has_changed_since(const app::Coverage& coverage, Timestamp at) {
  return !coverage.gone.empty() ||
         std::any_of(coverage.jobs.begin(), coverage.jobs.end(),
                     [at](const app::CoveredJob& c) {
                       return c.known.schedule_changed > at;
                     });
}

// The count a day ago, and since when it is as it is.
void fill_history(app::World& world, const app::Coverage& coverage,
                  report::AuditPage& page) {
  const std::string now_text =
      fmt::format("{} of {} watched", coverage.watched(), coverage.of());
  const Timestamp day_ago = page.now - std::chrono::hours(24);
  static_cast<void>(
      world.store.read([&](app::StoreReader& reader) -> Result<void> {
        BZ_ASSIGN(const auto events,
                  reader.events_since(page.now - std::chrono::days(400)));
        const app::Event* before = nullptr;
        const app::Event* newest = nullptr;
        for (const app::Event& e : events) {
          if (e.kind != "coverage") continue;
          if (e.at <= day_ago) before = &e;
          newest = &e;
        }
        if (before && newest != before) {
          page.yesterday = before->text;
        } else if (newest && newest->text == now_text &&
                   !has_changed_since(coverage, newest->at)) {
          page.unchanged_since =
              app::local_short(newest->at, page.now, page.zone);
        }
        return {};
      }));
}

}  // namespace

Said run_audit(app::World& world, const Place&, const AuditOptions& options) {
  if (!world.inventory) {
    return failure(err(Kind::usage,
                       "audit: --root has no schedulers of its own; expected "
                       "the host itself"));
  }
  auto looked = app::only_look(world);
  if (!looked) return failure(looked.error());
  report::AuditPage page{
      world.settings.host,   world.settings.zone, world.clock.wall(), {}, {},
      world.settings.bezalel};
  const app::Coverage& coverage = looked->coverage;
  fill_history(world, coverage, page);
  return {options.format == "json" ? report::audit_json(coverage, page)
                                   : report::audit_text(coverage, page),
          "", report::audit_exit(coverage)};
}

Said run_discover(const app::Inventory& inventory,
                  const report::AuditPage& page,
                  const DiscoverOptions& options) {
  if (options.format == "json") {
    return {report::discover_json(inventory), "", 0};
  }
  if (options.format == "toml") {
    return {report::discover_toml(inventory), "", 0};
  }
  std::string text = report::discover_text(inventory, page);
  if (!inventory.jobs.empty() && options.sysroot.empty()) {
    text += "\nnext: " + page.bezalel + " audit\n";
  }
  return {text, "", inventory.sources_unseen.empty() ? 0 : 3};
}

}  // namespace bezalel::cli
