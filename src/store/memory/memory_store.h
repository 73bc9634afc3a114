// The store in memory: for tests, for a look without a database, and for what
// --dry-run would do. It means exactly what the database means; one contract
// test (store/store_contract_test.cc) holds both to it.
#pragma once

#include <memory>

#include "app/store.h"

namespace bezalel::store {

class MemoryStore final : public app::Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

  // Everything that `reader` can tell, under the same ids. Sent notices are
  // not among it, so whom they told is asked for every open incident and
  // `channels`.
  static Result<std::unique_ptr<MemoryStore>> copy_of(
      app::StoreReader& reader, const std::vector<std::string>& channels);

  Result<void> read(
      const std::function<Result<void>(app::StoreReader&)>& f) override;
  // Works on a copy, which replaces the original when f has succeeded.
  Result<void> transact(
      const std::function<Result<void>(app::Txn&)>& f) override;

 private:
  struct Data;
  class View;
  std::unique_ptr<Data> data_;
};

}  // namespace bezalel::store
