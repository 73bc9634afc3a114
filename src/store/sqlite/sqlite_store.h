// The port behind which the database is; made by open().
#pragma once

#include <string>

#include "app/store.h"
#include "store/sqlite/db.h"

namespace bezalel::store {

class SqliteStore final : public app::Store {
 public:
  // `suspect`: a file that is made when a statement meets damage, so that the
  // next opening looks through everything; empty: none (read only).
  SqliteStore(Db db, std::string suspect)
      : db_(std::move(db)), suspect_(std::move(suspect)) {}

  Result<void> read(
      const std::function<Result<void>(app::StoreReader&)>& f) override;
  Result<void> transact(
      const std::function<Result<void>(app::Txn&)>& f) override;

 private:
  template <class F>
  Result<void> within(Begin how, F&& f);

  Db db_;
  std::string suspect_;
};

}  // namespace bezalel::store
