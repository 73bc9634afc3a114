#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>

#include "store/sqlite/txn.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace bezalel::store {

template <class F>
Result<void> SqliteStore::within(Begin how, F&& f) {
  auto result = [&]() -> Result<void> {
    BZ_ASSIGN(Transaction transaction, Transaction::begin(db_, how));
    SqliteTxn txn(db_);
    BZ_TRY(f(txn));
    return transaction.commit();
  }();
  if (!result && result.error().kind == Kind::corrupt && !suspect_.empty()) {
    const sys::Fd mark(sys::open_or_make(
        suspect_.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600));
  }
  return result;
}

Result<void> SqliteStore::read(
    const std::function<Result<void>(app::StoreReader&)>& f) {
  return within(Begin::deferred, f);
}

Result<void> SqliteStore::transact(
    const std::function<Result<void>(app::Txn&)>& f) {
  return within(Begin::immediate, f);
}

}  // namespace bezalel::store
