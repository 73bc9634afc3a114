#include "setup/report_examined.h"

#include "app/local_time.h"
#include "base/escape.h"

namespace bezalel::setup {
namespace {

constexpr char kName[] = "report";

std::optional<Timestamp> last_sent(const app::World& world) {
  std::optional<Timestamp> sent;
  static_cast<void>(
      world.store.read([&](app::StoreReader& reader) -> Result<void> {
        BZ_ASSIGN(const auto at, reader.meta("report.last"));
        if (at) sent = parse_unix(*at);
        return {};
      }));
  return sent;
}

// Since when one is expected, as the first check that saw the setting knows.
std::optional<Timestamp> wanted_since(const app::World& world,
                                      const app::Memory& memory) {
  for (const app::DeclaredJob& job : world.settings.jobs) {
    if (job.name != app::kReportJob) continue;
    const auto known = memory.known.find({job.uid, job.name});
    if (known) return known->first_seen;
  }
  return std::nullopt;
}

// The first of [report] to that no report can go to; empty: there is none.
std::string no_sink(const app::Settings& settings) {
  for (const std::string& name : settings.report_to) {
    for (const app::ChannelSettings& c : settings.channels) {
      if (c.name == name && !app::takes_reports(c)) return name;
    }
  }
  return {};
}

}  // namespace

std::optional<Diagnosis> examine_report(const app::World& world,
                                        const app::Memory& memory,
                                        Scope scope) {
  if (world.settings.report_to.empty()) return std::nullopt;
  if (const std::string name = no_sink(world.settings); !name.empty()) {
    return Diagnosis{
        Mark::bad, kName,
        escape_line(name, 40) + " takes no reports: none goes there",
        "to = [\"mail\"]  in [report] of bezalel.toml, a channel "
        "of type smtp"};
  }
  const Timestamp now = world.clock.wall();
  const auto when = [&](Timestamp at) {
    return app::local_short(at, now, world.settings.zone);
  };
  const Checking by = find_reporting(scope);
  const bool nobody = by.by == Checking::By::nothing;
  const auto sent = last_sent(world);
  const auto since = sent ? sent : wanted_since(world, memory);
  const bool late = since && now - *since > 2 * app::kReportEvery;

  std::string text = sent ? "last sent " + when(*sent) : "none was sent yet";
  if (late) {
    text =
        (sent ? "none was sent since " : "none was ever sent; wanted since ") +
        when(*since);
  }
  if (by.masked) {
    return Diagnosis{Mark::bad, kName, text + "; " + by.caveat, by.caveat_fix};
  }
  if (!nobody && !by.active) {
    return Diagnosis{Mark::bad, kName, text + "; " + by.text + " is stopped",
                     start_of(by, world.settings.bezalel)};
  }
  if (!nobody && !by.enabled) {
    return Diagnosis{Mark::bad, kName,
                     text + "; " + by.text + " is not enabled at boot",
                     start_of(by, world.settings.bezalel)};
  }
  if (!by.caveat.empty()) {
    return Diagnosis{
        late ? Mark::bad : Mark::note, kName,
        text + "; " + (nobody ? "" : by.text + " sends it, but ") + by.caveat,
        by.caveat_fix};
  }
  // Whatever sends it may be somebody's own; then it was sent.
  text += nobody ? "; nothing of ours sends it" : "; sent by " + by.text;
  if (sent && !late) return Diagnosis{Mark::well, kName, text, {}};
  std::string fix = world.settings.bezalel + " report --send";
  // Sent by hand it would be sent once; init starts what sends a user's own.
  if (nobody && scope == Scope::user) fix = world.settings.bezalel + " init";
  return Diagnosis{late ? Mark::bad : Mark::note, kName, text, fix};
}

}  // namespace bezalel::setup
