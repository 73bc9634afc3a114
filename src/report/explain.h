// `bezalel explain`: a schedule in words, with what is odd about it.
#pragma once

#include <string>

#include "app/explain.h"

namespace bezalel::report {

std::string explain_text(const app::Explanation& explanation);
std::string explain_json(const app::Explanation& explanation);

}  // namespace bezalel::report
