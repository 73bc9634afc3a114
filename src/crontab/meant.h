// What a schedule that its daemon refuses was meant to say: the fix that lint
// offers for it. Inside of lint.
#pragma once

#include <string>

#include "crontab/crontab.h"

namespace bezalel::crontab {

// The fields of `line.schedule`, or its nickname, each put right where it can
// be; empty where that gives nothing the daemon takes.
std::string meant_schedule(const Crontab& tab, const Line& line);

// Where what was meant is not plain: what may stand there. Empty where the
// problem does not say it.
std::string expected_instead(const Problem& problem);

// systemd-cron drops the line for the name of October, which its generator
// does not know.
bool is_for_october(const Crontab& tab, const Problem& problem,
                    const Line& line);

// The fourth of the fields; the whole of a schedule that has fewer.
std::string_view month_of(std::string_view schedule);

}  // namespace bezalel::crontab
