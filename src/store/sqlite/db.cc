#include "store/sqlite/db.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "sys/file.h"

namespace bezalel::store {

namespace {

Kind kind_of_errno(int error_number, Kind otherwise) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EROFS:
      return Kind::full;
    case EACCES:
    case EPERM:
      return Kind::denied;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Kind::unavailable;
    default:
      return otherwise;
  }
}

Kind kind_of(sqlite3* db, int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
      return Kind::unavailable;
    case SQLITE_FULL:
    case SQLITE_READONLY:
      return Kind::full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return Kind::corrupt;
    case SQLITE_CONSTRAINT:
      return Kind::conflict;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Kind::denied;
    default:
      return kind_of_errno(db == nullptr ? 0 : sqlite3_system_errno(db),
                           Kind::io);
  }
}

}  // namespace

Error sqlite_error(sqlite3* db, int code) {
  // SQLite's own text names no file; the caller's does.
  const char* text = db == nullptr || sqlite3_errcode(db) == SQLITE_OK
                         ? sqlite3_errstr(code)
                         : sqlite3_errmsg(db);
  std::string what = fmt::format("database: {}", text);
  const int system = db == nullptr ? 0 : sqlite3_system_errno(db);
  const int family = code & 0xff;
  if (system != 0 && (family == SQLITE_IOERR || family == SQLITE_CANTOPEN)) {
    what += fmt::format(" ({})", ::strerror(system));
  }
  return err(kind_of(db, code), std::move(what));
}

// --- Stmt --------------------------------------------------------------------

Stmt::Stmt(Stmt&& other) noexcept
    : db_(other.db_),
      stmt_(std::exchange(other.stmt_, nullptr)),
      parameter_(other.parameter_),
      column_(other.column_),
      bind_error_(other.bind_error_) {}

Stmt::~Stmt() {
  if (stmt_ == nullptr) return;
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
}

void Stmt::check_bind(int code) {
  if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Stmt::bind(std::int64_t value) {
  check_bind(sqlite3_bind_int64(stmt_, ++parameter_, value));
}

void Stmt::bind(std::string_view text) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* data = text.empty() ? "" : text.data();
  check_bind(sqlite3_bind_text64(stmt_, ++parameter_, data, text.size(),
                                 SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Stmt::bind_null() {
  check_bind(sqlite3_bind_null(stmt_, ++parameter_));
}

Result<bool> Stmt::next() {
  if (bind_error_ != SQLITE_OK) return sqlite_error(db_, bind_error_);
  column_ = 0;
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(db_, sqlite3_extended_errcode(db_));
}

std::int64_t Stmt::integer() {
  return sqlite3_column_int64(stmt_, column_++);
}

std::string Stmt::text() {
  const int column = column_++;
  const auto* bytes = sqlite3_column_text(stmt_, column);
  if (bytes == nullptr) return {};
  const int size = sqlite3_column_bytes(stmt_, column);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

bool Stmt::null_ahead() {
  return sqlite3_column_type(stmt_, column_) == SQLITE_NULL;
}

std::optional<std::string> Stmt::maybe_text() {
  if (!null_ahead()) return text();
  ++column_;
  return std::nullopt;
}

std::optional<Timestamp> Stmt::maybe_time() {
  if (!null_ahead()) return time();
  ++column_;
  return std::nullopt;
}

// --- Db ----------------------------------------------------------------------

namespace {

// A path as a file: URI, so that `immutable` can be said and no byte of the
// path is taken for an option.
std::string uri_of(const std::string& path, Access access) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  if (access == Access::immutable) uri += "?immutable=1";
  return uri;
}

// SQLite's own way to open a file: the log and the index beside a database are
// opened with O_CREAT even where they are there.
int open_call(const char* path, int flags, int mode) {
  if ((flags & O_CREAT) == 0 || (flags & O_EXCL) != 0) {
    return ::open(path, flags, mode);
  }
  return sys::open_or_make(path, flags & ~O_CREAT, static_cast<mode_t>(mode));
}

bool replace_open_call() {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  return vfs != nullptr && vfs->xSetSystemCall != nullptr &&
         vfs->xSetSystemCall(
             vfs, "open", reinterpret_cast<sqlite3_syscall_ptr>(open_call)) ==
             SQLITE_OK;
}

}  // namespace

Result<Db> Db::open(const std::string& path, Access access) {
  [[maybe_unused]] static const bool replaced = replace_open_call();
  int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  flags |= access == Access::read_write ? SQLITE_OPEN_READWRITE
                                        : SQLITE_OPEN_READONLY;
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(uri_of(path, access).c_str(), &raw, flags, nullptr);
  Db db(raw);  // is to be closed even when opening failed
  if (code != SQLITE_OK) return sqlite_error(raw, code);
  sqlite3_extended_result_codes(raw, 1);
  db.wait_for_others(kPatience);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // A full /tmp must not matter; a page's cells are checked when it is read.
  BZ_TRY(
      db.exec("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
              "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON;"));
  return Result<Db>(std::move(db));
}

void Db::wait_for_others(std::chrono::milliseconds most) {
  sqlite3_busy_timeout(db_.get(), static_cast<int>(most.count()));
}

Result<void> Db::exec(Sql sql) {
  const int code =
      sqlite3_exec(db_.get(), sql.text(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(db_.get(), code);
  return {};
}

Result<void> Db::set_user_version(int version) {
  const std::string sql = fmt::format("PRAGMA user_version={}", version);
  const int code =
      sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(db_.get(), code);
  return {};
}

Result<Stmt> Db::prepare(Sql sql) {
  auto& slot = prepared_[sql.text()];
  if (!slot) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(
        db_.get(), sql.text(), -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    slot.reset(raw);
    if (code != SQLITE_OK) return sqlite_error(db_.get(), code);
  }
  return Stmt(db_.get(), slot.get());
}

std::int64_t Db::last_id() const {
  return sqlite3_last_insert_rowid(db_.get());
}

int Db::changes() const {
  return sqlite3_changes(db_.get());
}

bool Db::in_transaction() const {
  return sqlite3_get_autocommit(db_.get()) == 0;
}

// --- Transaction -------------------------------------------------------------

Result<Transaction> Transaction::begin(Db& db, Begin how) {
  BZ_TRY(how == Begin::immediate ? db.exec("BEGIN IMMEDIATE")
                                 : db.exec("BEGIN"));
  return Transaction(db);
}

Transaction::~Transaction() {
  // A failing statement may have rolled back by itself already.
  if (db_ != nullptr && db_->in_transaction()) {
    [[maybe_unused]] const auto undone = db_->exec("ROLLBACK");
  }
}

Result<void> Transaction::commit() {
  BZ_TRY(db_->exec("COMMIT"));
  db_ = nullptr;
  return {};
}

}  // namespace bezalel::store
