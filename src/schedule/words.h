// A schedule in plain English: "at 03:00, Monday to Friday".
//
// What is said is what the daemon makes of the expression, not what it seems
// to say: "*/90 * * * *" is "every hour, on the hour".
#pragma once

#include <string>

#include "schedule/schedule.h"

namespace bezalel::schedule {

// One line of ASCII, no full stop; "never" where no date matches. Times are
// the wall clock of the schedule's zone, which is not named.
std::string in_words(const CronExpr& expr);
// A calendar that counts parts of seconds, or that has no plain words, is
// given in systemd's own form.
std::string in_words(const Calendar& calendar);
std::string in_words(const Schedule& schedule);

}  // namespace bezalel::schedule
