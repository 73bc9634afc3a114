// What `doctor` says of the report that [report] to asks for.
#pragma once

#include <optional>

#include "app/memory.h"
#include "setup/doctor.h"

namespace bezalel::setup {

// Absent where nobody is to get one. Bad where none is sent.
std::optional<Diagnosis> examine_report(const app::World& world,
                                        const app::Memory& memory, Scope scope);

}  // namespace bezalel::setup
