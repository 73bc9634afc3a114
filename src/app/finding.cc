#include "app/finding.h"

namespace bezalel::app {

std::string_view to_string(FindingSeverity s) {
  switch (s) {
    case FindingSeverity::error:
      return "error";
    case FindingSeverity::warning:
      return "warning";
    case FindingSeverity::info:
      return "info";
  }
  return "error";
}

bool is_of_state(std::string_view id) {
  return id == kStateFull || id == kStateReadOnly || id == kStateUnusable;
}

std::optional<core::JobKey> subject_of(const std::vector<Finding>& findings,
                                       const core::IncidentKey& incident) {
  std::optional<core::JobKey> subject;
  if (incident.kind != core::IncidentKey::Kind::finding) return subject;
  for (const Finding& f : findings) {
    if (f.id != incident.name || f.source != incident.source) continue;
    if (!f.about || (subject && *subject != *f.about)) return std::nullopt;
    subject = f.about;
  }
  return subject;
}

Finding state_finding(const std::string& what, const Error& why) {
  Finding f;
  f.source = "host";
  f.message = "the state cannot be " + what + ": " + why.what +
              "; alarms are sent, but may repeat";
  f.alarm = core::Severity::p1;
  // Ours and the system's word, and SQLite's.
  if (why.what.find("ead-only") != std::string::npos ||
      why.what.find("readonly") != std::string::npos) {
    f.id = kStateReadOnly;
    f.fix =
        "mount the file system of the state directory writable again; it may "
        "be damaged (dmesg)";
  } else if (why.kind == Kind::full) {
    f.id = kStateFull;
    f.fix = "make room on the disk of the state directory";
  } else if (why.kind == Kind::io) {
    f.id = kStateUnusable;
    f.fix = "see whether the disk of the state directory is damaged (dmesg)";
  } else {
    f.id = kStateUnusable;
    f.fix = "correct its owner and mode, or move it away";
  }
  return f;
}

}  // namespace bezalel::app
