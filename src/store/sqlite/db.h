// SQLite's C interface behind three owners: Db, Stmt, Transaction.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace bezalel::store {

// SQL text. Only a literal makes one, so no value can ever become a command.
class Sql {
 public:
  consteval Sql(const char* text) : text_(text) {}
  const char* text() const { return text_; }

 private:
  const char* text_;
};

// One use of a prepared statement: values bound, rows read. The statement
// itself belongs to the Db, which keeps it for the next use; it is reset when
// this goes out of scope. The same statement is not used twice at once.
class Stmt {
 public:
  Stmt(sqlite3* db, sqlite3_stmt* stmt) : db_(db), stmt_(stmt) {}
  Stmt(Stmt&& other) noexcept;
  Stmt& operator=(Stmt&&) = delete;
  ~Stmt();

  // The next parameter, in the order of the `?` in the text.
  void bind(std::int64_t value);
  void bind(std::uint64_t value) { bind(static_cast<std::int64_t>(value)); }
  void bind(std::uint32_t value) { bind(std::int64_t{value}); }
  void bind(int value) { bind(std::int64_t{value}); }
  void bind(std::string_view text);  // copied
  void bind(const std::string& text) { bind(std::string_view(text)); }
  void bind(const char* text) { bind(std::string_view(text)); }
  void bind(Timestamp t) { bind(std::int64_t{t.time_since_epoch().count()}); }
  template <class T>
  void bind(const std::optional<T>& value) {
    value ? bind(*value) : bind_null();
  }
  void bind_null();

  // True: there is a row, whose columns are then read from the left. An error
  // of a bind before it is told here.
  Result<bool> next();

  // The next column of the row.
  std::int64_t integer();
  std::string text();
  Timestamp time() { return Timestamp(Duration(integer())); }
  std::uint32_t uid() { return static_cast<std::uint32_t>(integer()); }
  std::optional<std::string> maybe_text();
  std::optional<Timestamp> maybe_time();

 private:
  void check_bind(int code);
  bool null_ahead();

  sqlite3* db_;
  sqlite3_stmt* stmt_;
  int parameter_ = 0;
  int column_ = 0;
  int bind_error_ = SQLITE_OK;
};

enum class Access { read_only, immutable, read_write };

// One connection, used by one thread.
class Db {
 public:
  // The file must exist. `immutable` reads without locks, write-ahead log or
  // shared memory: for a file system on which nothing can be written.
  static Result<Db> open(const std::string& path, Access access);

  // How long a statement waits for other processes; kPatience when opened.
  static constexpr std::chrono::milliseconds kPatience{10'000};
  void wait_for_others(std::chrono::milliseconds most);

  // Text with several statements and no values: the schema, pragmas.
  Result<void> exec(Sql sql);
  // PRAGMA user_version takes no parameter.
  Result<void> set_user_version(int version);

  template <class... Values>
  Result<Stmt> query(Sql sql, const Values&... values) {
    BZ_ASSIGN(Stmt stmt, prepare(sql));
    (stmt.bind(values), ...);
    return Result<Stmt>(std::move(stmt));
  }
  // Runs a statement that gives no rows.
  template <class... Values>
  Result<void> run(Sql sql, const Values&... values) {
    BZ_ASSIGN(Stmt stmt, query(sql, values...));
    BZ_TRY(stmt.next());
    return {};
  }
  // The one number that a query gives.
  template <class... Values>
  Result<std::int64_t> number(Sql sql, const Values&... values) {
    BZ_ASSIGN(Stmt stmt, query(sql, values...));
    BZ_ASSIGN(const bool row, stmt.next());
    return row ? stmt.integer() : 0;
  }

  std::int64_t last_id() const;
  // Rows that the last statement changed.
  int changes() const;
  bool in_transaction() const;

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };

  explicit Db(sqlite3* db) : db_(db) {}
  Result<Stmt> prepare(Sql sql);

  std::unique_ptr<sqlite3, Close> db_;
  // By the address of the literal.
  std::map<const char*, std::unique_ptr<sqlite3_stmt, Finalize>> prepared_;
};

// The Error of what SQLite said last, as our kinds: busy unavailable; no
// space, quota, read-only file system full; damaged file corrupt; a broken
// CHECK, key or uniqueness conflict; a failing system call io.
Error sqlite_error(sqlite3* db, int code);

enum class Begin { deferred, immediate };

// Rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Db& db, Begin how);
  Transaction(Transaction&& other) noexcept
      : db_(std::exchange(other.db_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<void> commit();

 private:
  explicit Transaction(Db& db) : db_(&db) {}
  Db* db_;
};

}  // namespace bezalel::store
