#include "store/sqlite/rows.h"

#include <array>
#include <utility>

namespace bezalel::store {

namespace {

using namespace std::string_view_literals;

constexpr std::array kStates = {
    std::pair{app::OutboxState::pending, "pending"sv},
    std::pair{app::OutboxState::unknown, "unknown"sv},
    std::pair{app::OutboxState::dead, "dead"sv},
    std::pair{app::OutboxState::sent, "sent"sv},
};

// Spelled here and not by core::to_string: these are the letters on disk.
constexpr std::array kSeverities = {
    std::pair{core::Severity::p1, "P1"sv},
    std::pair{core::Severity::p2, "P2"sv},
    std::pair{core::Severity::p3, "P3"sv},
};

Error unknown_word(const char* column, const std::string& text) {
  return err(Kind::corrupt, "database: " + std::string(column) +
                                " holds an unknown word of " +
                                std::to_string(text.size()) + " bytes");
}

}  // namespace

std::string_view text_of(app::OutboxState state) {
  for (const auto& [value, text] : kStates) {
    if (value == state) return text;
  }
  return "";
}

std::string_view text_of(core::IncidentKey::Kind kind) {
  return kind == core::IncidentKey::Kind::job ? "job" : "finding";
}

Result<app::OutboxState> outbox_state(const std::string& text) {
  for (const auto& [value, name] : kStates) {
    if (name == text) return value;
  }
  return unknown_word("outbox.state", text);
}

Result<core::Severity> severity(const std::string& text) {
  for (const auto& [value, name] : kSeverities) {
    if (name == text) return value;
  }
  return unknown_word("incident.severity", text);
}

std::string_view text_of(core::Severity severity) {
  for (const auto& [value, text] : kSeverities) {
    if (value == severity) return text;
  }
  return "";
}

Result<std::optional<core::IncidentKey>> read_key(Stmt& row) {
  const auto kind = row.maybe_text();
  core::IncidentKey key;
  key.uid = row.uid();
  key.name = row.text();
  key.source = row.text();
  if (!kind) return std::optional<core::IncidentKey>();
  if (*kind == "finding") {
    key.kind = core::IncidentKey::Kind::finding;
  } else if (*kind != "job") {
    return unknown_word("kind", *kind);
  }
  return std::optional(std::move(key));
}

void bind_key(Stmt& stmt, const std::optional<core::IncidentKey>& key) {
  if (!key) {
    for (int i = 0; i < 4; ++i) stmt.bind_null();
    return;
  }
  const bool job = key->kind == core::IncidentKey::Kind::job;
  stmt.bind(text_of(key->kind));
  // What means nothing is left out, so that equal keys are equal rows.
  stmt.bind(job ? key->uid : 0U);
  stmt.bind(key->name);
  stmt.bind(job ? std::string_view() : std::string_view(key->source));
}

Result<core::OpenIncident> read_incident(Stmt& row) {
  core::OpenIncident i;
  i.id = row.integer();
  i.number = row.integer();
  BZ_ASSIGN(auto key, read_key(row));
  if (!key) return err(Kind::corrupt, "database: an incident without a key");
  i.key = std::move(*key);
  BZ_ASSIGN(i.severity, severity(row.text()));
  i.verdict = row.text();
  i.cause = row.text();
  i.since = row.time();
  i.opened = row.time();
  i.acked = row.maybe_time();
  i.well_since = row.maybe_time();
  i.reminders = static_cast<int>(row.integer());
  i.last_told = row.time();
  return i;
}

}  // namespace bezalel::store
