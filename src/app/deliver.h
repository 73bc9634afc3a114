// The outbox emptied: at least once, in order per incident and channel.
#pragma once

#include <string>
#include <vector>

#include "app/world.h"

namespace bezalel::app {

struct Delivered {
  std::string channel;
  std::string remote_ref;
  NoticeKind kind = NoticeKind::opened;
  std::int64_t incident_id = 0;
};

struct DeliveryResult {
  std::vector<Delivered> sent;
  // "forge: 503; next attempt ..."; one line a failed row.
  std::vector<std::string> failed;
  // Channels that gave up in this pass and had not before.
  std::vector<std::string> newly_dead;
  int waiting = 0;     // rows still in the outbox
  std::string holder;  // who delivers instead of us; empty: we did
};

// Delivers what is due in `store`'s outbox. Each row is its own transaction
// after a checked success; a failing channel holds up only its own rows. A
// channel whose settings or token are no longer those of the last delivery is
// tried at once, whatever its rows wait for. After `budget` nothing more is
// begun; the rest waits for the next pass.
Result<DeliveryResult> deliver(World& world, Store& store,
                               Duration budget = Duration::max());

// The event that a delivery leaves: its kind, and its text.
inline constexpr char kDelivered[] = "delivered";
std::string delivered_text(NoticeKind kind, const std::string& channel);

// Everything that waits for `channel` is due now, what gave up included.
Result<void> revive(Txn& txn, const std::string& channel, Timestamp now);

// Delay before attempt n+1 (1 s, 2 s, 4 s ... 5 min); pure.
Duration backoff(int attempts);

}  // namespace bezalel::app
