// The snapshot that a notice carries, made in the transaction that sends it.
#pragma once

#include "app/channel.h"
#include "app/look.h"

namespace bezalel::app {

struct NoticeContext {
  const Settings& settings;
  const Look& look;
  Users& users;
  std::string event_id;
  bool as_root = true;  // commands to type begin with sudo -u otherwise
  // The host's name when the incident was opened; empty: as it is now.
  std::string opened_as = {};
};

// About an incident as it now stands. `previous_verdict` and `reason` only
// where the kind has them.
Notice make_notice(NoticeKind kind, const core::OpenIncident& incident,
                   const NoticeContext& context,
                   const std::string& previous_verdict = {},
                   std::optional<core::CloseReason> reason = {});

// Since when what an incident is about is well: its success, or this look.
Timestamp well_again(const Look& look, const core::OpenIncident& incident);

// How long it was bad, up to then; of a job that ran badly or not at all, how
// long it was without a success.
Duration lasted(const Look& look, const core::OpenIncident& incident);

// What was tried to help, as its own notice.
Notice make_action_notice(const core::OpenIncident& incident,
                          const NoticeContext& context,
                          const std::string& what);

}  // namespace bezalel::app
