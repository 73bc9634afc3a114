// Rows and enumerators as columns. Inside of store/sqlite.
//
// Text that names no enumerator is Kind::corrupt, never a default.
#pragma once

#include "app/store.h"
#include "store/sqlite/db.h"

namespace bezalel::store {

std::string_view text_of(app::OutboxState state);
std::string_view text_of(core::IncidentKey::Kind kind);
std::string_view text_of(core::Severity severity);
Result<app::OutboxState> outbox_state(const std::string& text);
Result<core::Severity> severity(const std::string& text);

// kind, uid, name, source; kind NULL means no key at all.
Result<std::optional<core::IncidentKey>> read_key(Stmt& row);
// The four columns of a key to be bound.
void bind_key(Stmt& stmt, const std::optional<core::IncidentKey>& key);

// What BZ_INCIDENT_COLUMNS selects.
#define BZ_INCIDENT_COLUMNS                                               \
  "id, number, kind, uid, name, source, severity, verdict, cause, since," \
  " opened, acked, well_since, reminders, last_told"
Result<core::OpenIncident> read_incident(Stmt& row);

}  // namespace bezalel::store
