// `bezalel adopt` and `release`: what would be done, and what was.
#pragma once

#include <string>

#include "app/adopt.h"

namespace bezalel::report {

// Lines with ' ', '+' and '-' under "--- PATH", as diff -u.
std::string diff_text(const std::string& name, const std::string& before,
                      const std::string& after);

enum class Tense { would, did };
std::string adopt_text(const app::AdoptPlan& plan, app::Turn turn, Tense tense);

}  // namespace bezalel::report
