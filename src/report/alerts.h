// `bezalel alerts`: what is open, and who was told.
#pragma once

#include <string>
#include <vector>

#include "app/view.h"

namespace bezalel::report {

// Worst first; the last line is what to type next.
std::string alerts_text(const app::HostView& host,
                        const std::vector<core::OpenIncident>& open);

// {"v":1,"host","as_of","outbox","incidents":[{"id","number","kind","name",
//  "user","source","severity","verdict","cause","since","opened","acked",
//  "well_since","closes","told":[..]}]}
std::string alerts_json(const app::HostView& host,
                        const std::vector<core::OpenIncident>& open);

// The silences in force, the one that ends first on top.
std::string silences_text(const app::HostView& host);

}  // namespace bezalel::report
