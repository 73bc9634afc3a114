// A job as it is declared: [job.NAME]. Inside of settings.
#pragma once

#include "settings/load.h"
#include "settings/toml_table.h"

namespace bezalel::settings {

// The table `[job.name]` that begins `at`; what is wrong goes to the findings
// of `out`, too.
void add_job(std::string_view name, const toml::source_region& at,
             const toml::table& table, const Source& source,
             const Context& context, app::Users& users, app::Settings& out);

}  // namespace bezalel::settings
