#include "app/dead_man.h"

#include "app/settings.h"
#include "app/store.h"
#include "app/world.h"

namespace bezalel::app {
namespace {

// Names of meta values: an instant; an instant, a blank and why.
constexpr char kLast[] = "deadman.last";
constexpr char kFailing[] = "deadman.failing";

}  // namespace

Result<DeadMan> dead_man(StoreReader& reader) {
  DeadMan out;
  BZ_ASSIGN(const auto last, reader.meta(kLast));
  if (last) out.last = parse_unix(*last);
  BZ_ASSIGN(const auto failing, reader.meta(kFailing));
  if (!failing) return out;
  const auto blank = failing->find(' ');
  if (blank == std::string::npos) return out;
  out.failing_since = parse_unix(failing->substr(0, blank));
  out.last_error = failing->substr(blank + 1);
  return out;
}

Result<void> ping_dead_man(World& world, const std::string& trouble) {
  if (!world.ping_dead_man) return {};
  const auto pinged = world.ping_dead_man(trouble);
  const Timestamp now = world.clock.wall();
  const auto noted = world.store.transact([&](Txn& txn) -> Result<void> {
    if (pinged) {
      BZ_TRY(txn.set_meta(kFailing, ""));
      return txn.set_meta(kLast, format_unix(now));
    }
    BZ_ASSIGN(const DeadMan before, dead_man(txn));
    return txn.set_meta(kFailing,
                        format_unix(before.failing_since.value_or(now)) + " " +
                            pinged.error().what);
  });
  return pinged ? noted : pinged;
}

std::optional<Finding> dead_man_finding(const DeadMan& dead_man,
                                        const Settings& settings,
                                        Timestamp now) {
  if (settings.deadman_url.empty() || !dead_man.failing_since) return {};
  if (now - *dead_man.failing_since <= settings.longest_lapse()) return {};
  Finding f;
  f.id = kDeadManFailing;
  f.source = "deadman";
  f.message = "nobody outside would hear that this host is gone: " +
              dead_man.last_error;
  f.fix = settings.bezalel + " doctor";
  f.alarm = core::Severity::p2;
  f.since = dead_man.failing_since;
  return f;
}

}  // namespace bezalel::app
