// Opening state.db: the one place where a damaged one is met.
//
//   absent           read_write: made, 0600; read_only: Kind::not_found
//   older schema     read_write: migrated; read_only: Kind::unavailable
//   newer schema     Kind::conflict, nothing touched
//   damaged          read_write: set aside as state.db.corrupt-YYYYMMDDThhmmss
//                    (with its -wal), never deleted, and a new one made;
//                    read_only: Kind::corrupt
//   no space, EROFS  read_write: Kind::full, the caller goes on in memory;
//                    read_only works on a read-only file system
//   link, FIFO, ...  Kind::corrupt, nothing touched
//
// While a database that was set aside lies there, every opening gives the P1
// finding "state-corrupt": it cannot be lost to a crash in between, and it is
// over when somebody moved the file away. A database that vanished beside the
// stamp of an earlier check gives "state-missing" (P2) for a day.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/finding.h"
#include "app/store.h"
#include "sys/file.h"

namespace bezalel::store {

enum class Mode { read_only, read_write };

struct OpenedStore {
  std::unique_ptr<app::Store> store;
  std::vector<app::Finding> findings;
};

// `owner`: whom a database that is made here belongs to (root only).
//
// The file is looked through (quick_check) where that costs little, after a
// crash, and once a day; wholly (integrity_check) after any statement met
// damage. One thread, and one open Store per process and path.
Result<OpenedStore> open(const std::string& path, Mode mode, Timestamp now,
                         std::optional<sys::Owner> owner = {});

}  // namespace bezalel::store
