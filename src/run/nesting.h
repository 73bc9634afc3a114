// Are we inside another run of ours?
#pragma once

#include <string>
#include <string_view>

#include "run/host.h"

namespace bezalel::run {

inline constexpr std::string_view kRunIdVariable = "BEZALEL_RUN_ID";

// "<job>/<run_id>" of the run that we are inside of; empty: none.
//
// The variable alone proves nothing: a daemon that a job restarted keeps it
// for ever, and hands it on to every job it starts later. So an ancestor must
// be a program of ours; without /proc the variable is believed.
std::string enclosing_run(const Host& host);

// The job of "<job>/<run_id>".
std::string_view job_of(std::string_view enclosing);

}  // namespace bezalel::run
