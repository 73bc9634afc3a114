// The tables of state.db, and how older ones become the present ones.
//
// Migrations are numbered by PRAGMA user_version, appended and never changed:
// number N turns a version N-1 into a version N. The CHECKs, keys and unique
// indexes repeat what the types of the program say, so that a second writer
// cannot break it either.
#pragma once

#include "store/sqlite/db.h"

namespace bezalel::store {

// PRAGMA application_id, "bezl": a version number beside another one is
// garbage.
inline constexpr std::int64_t kApplicationId = 1650817644;

// What this program reads and writes.
int schema_version();
// 0: an empty database.
Result<int> schema_version_of(Db& db);

// Brings a database of any earlier version up to `to` (for tests; otherwise
// schema_version()), each step in one transaction. Does nothing at `to`.
Result<void> migrate(Db& db, int to);

}  // namespace bezalel::store
