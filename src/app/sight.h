// What a look says: to reconcile with the open incidents, and to a reader.
#pragma once

#include <string>
#include <string_view>

#include "app/look.h"

namespace bezalel::app {

// The finding that explains why this job is silent or gone, of those that
// alarm: both are one incident.
std::optional<core::IncidentKey> explained_by(
    const JudgedJob& job, const std::vector<Finding>& findings);

// "its line was commented out, /etc/cron.d/x:7"; or why it only looks gone.
std::string gone_text(const KnownSchedule& gone, const Finding* hidden_by);

// Why a job is not well, in one sentence; empty where nothing is known.
std::string cause_of(const JudgedJob& job);

// What it was judged by, best first: "systemd", "log" (of cron) and "trigger"
// (of a timer), which show starts alone, "wrapped", "heartbeat", "none".
std::string_view evidence_of(const JudgedJob& job);

// Whether it is an incident that the job's next success ends: what else may be
// wrong with a job is so whether it succeeds or not.
bool ends_by_success(const core::OpenIncident& i);

// Whether this look would have made that finding, were its cause still there.
bool looked_for(const core::IncidentKey& finding, const Look& look,
                const Coverage* coverage);

// What reconcile needs of a look.
core::Sight sight_of(const Look& look, const Memory& memory,
                     const Coverage* coverage = nullptr);

}  // namespace bezalel::app
