// Cycles of a host in memory, for the tests of the use cases.
#pragma once

#include <doctest/doctest.h>

#include <chrono>

#include "app/fake_world.h"
#include "app/notify_cycle.h"

namespace bezalel::app::fake {

inline NotifyOutcome notify(FakeHost& host) {
  auto outcome = check_and_notify(host.world);
  REQUIRE_MESSAGE(outcome, (outcome ? "" : outcome.error().what));
  return *std::move(outcome);
}

// Cycles every 15 minutes for `span`, so that there is no gap.
inline void pass(FakeHost& host, Duration span) {
  constexpr auto kStep = std::chrono::minutes(15);
  for (Duration d{}; d < span; d += kStep) {
    host.clock.advance(kStep);
    notify(host);
  }
}

inline std::vector<core::OpenIncident> open_of(FakeHost& host) {
  std::vector<core::OpenIncident> open;
  auto done = host.store.read([&](StoreReader& r) -> Result<void> {
    BZ_ASSIGN(open, r.open_incidents());
    return {};
  });
  REQUIRE(done);
  return open;
}

}  // namespace bezalel::app::fake
