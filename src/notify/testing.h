// What the tests of several channels share. Only tests include it.
#pragma once

#include <string>

#include "app/channel.h"
#include "app/settings.h"
#include "stub_tracker/stub_tracker.h"

namespace bezalel::notify::testing {

inline app::Notice stale_notice() {
  app::Notice n;
  n.event_id = "01JDEY7R000000000000000000";
  n.host = "db7";
  n.key = core::IncidentKey::of(core::JobKey{0, "db_backup"});
  n.marker = "5f0c0d9f6d7a4d0c9b8e7a6f5d4c3b2a";
  n.number = 3;
  n.verdict = "stale";
  n.cause = "no run has started";
  n.since = *parse_rfc3339("2026-11-23T23:06:00Z");
  n.opened = *parse_rfc3339("2026-11-24T01:15:00Z");
  n.at = n.opened;
  n.zone = "Europe/Riga";
  return n;
}

// A later event of the same incident.
inline app::Notice later(app::Notice n, app::NoticeKind kind,
                         const std::string& event_id) {
  n.kind = kind;
  n.event_id = event_id;
  n.at += std::chrono::hours(1);
  return n;
}

inline app::ChannelSettings settings_for(const std::string& type,
                                         const std::string& url) {
  app::ChannelSettings s;
  s.name = "forge";
  s.type = type;
  s.url = url;
  s.repo = "ops/alerts";
  s.token = Secret("stub-token");
  s.timeout = std::chrono::seconds(5);
  return s;
}

inline const app::Sent* sent(const app::Delivery& d) {
  return std::get_if<app::Sent>(&d);
}
inline const app::RetryLater* retry(const app::Delivery& d) {
  return std::get_if<app::RetryLater>(&d);
}
inline const app::GaveUp* gave_up(const app::Delivery& d) {
  return std::get_if<app::GaveUp>(&d);
}
inline std::string why(const app::Delivery& d) {
  if (const auto* r = retry(d)) return r->why;
  if (const auto* g = gave_up(d)) return g->why;
  return "sent " + sent(d)->remote_ref.value_or("-") + " " + sent(d)->note;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A clock that stands still.
class StoppedClock final : public Clock {
 public:
  Timestamp wall() const override { return from_unix_seconds(1795500000); }
  BootTime boot() const override { return BootTime{}; }
};

}  // namespace bezalel::notify::testing
