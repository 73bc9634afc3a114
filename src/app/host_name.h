// A host that is called otherwise from today on (a container that was made
// again): what was opened under its former name is told of, and closed, under
// that name. An issue is found by a marker that the name is part of.
#pragma once

#include <string>

#include "app/store.h"

namespace bezalel::app {

// Before anything is told: remembers the name, and of the open incidents the
// former one where it was another.
Result<void> note_host_name(Txn& txn, const std::string& host);

// Under which name an incident was opened; empty: under the present one.
Result<std::string> opened_as(StoreReader& reader, std::int64_t incident);

}  // namespace bezalel::app
