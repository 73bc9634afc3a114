#include "store/sqlite/schema.h"

#include <array>

namespace bezalel::store {

namespace {

// Instants are microseconds since 1970, UTC. An incident's uid is 0 and its
// source empty where they mean nothing, so that its key is unique.
constexpr std::array kMigrations = {
    Sql(R"sql(
PRAGMA application_id = 1650817644;
CREATE TABLE job (
  uid INTEGER NOT NULL CHECK (uid BETWEEN 0 AND 4294967295),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  last_success INTEGER,
  last_run_id TEXT NOT NULL,
  every TEXT, cron TEXT, calendar TEXT, tz TEXT, grace TEXT, max TEXT,
  distrust_since INTEGER,
  retired INTEGER,
  retired_by TEXT NOT NULL,
  retired_why TEXT NOT NULL,
  PRIMARY KEY (uid, name),
  CHECK ((every IS NOT NULL) + (cron IS NOT NULL)
         + (calendar IS NOT NULL) <= 1)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  uid INTEGER NOT NULL CHECK (uid BETWEEN 0 AND 4294967295),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
  run_id TEXT NOT NULL CHECK (length(run_id) BETWEEN 1 AND 64),
  started INTEGER NOT NULL,
  ended INTEGER,
  start_line TEXT,
  end_line TEXT,
  UNIQUE (uid, name, run_id),
  CHECK (start_line IS NOT NULL OR end_line IS NOT NULL),
  CHECK ((ended IS NULL) = (end_line IS NULL))
) STRICT;
CREATE INDEX run_order ON run (uid, name, seq);
CREATE INDEX run_open ON run (seq) WHERE ended IS NULL;

CREATE TABLE cursor (
  path TEXT PRIMARY KEY CHECK (path <> ''),
  inode INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  number INTEGER NOT NULL CHECK (number >= 1),
  kind TEXT NOT NULL CHECK (kind IN ('job', 'finding')),
  uid INTEGER NOT NULL CHECK (uid BETWEEN 0 AND 4294967295),
  name TEXT NOT NULL CHECK (name <> ''),
  source TEXT NOT NULL CHECK (kind = 'finding' OR source = ''),
  severity TEXT NOT NULL CHECK (severity IN ('P1', 'P2', 'P3')),
  verdict TEXT NOT NULL,
  cause TEXT NOT NULL,
  since INTEGER NOT NULL,
  opened INTEGER NOT NULL,
  acked INTEGER,
  well_since INTEGER,
  reminders INTEGER NOT NULL CHECK (reminders >= 0),
  last_told INTEGER NOT NULL,
  closed INTEGER,
  close_reason TEXT,
  UNIQUE (kind, uid, name, source, number),
  CHECK ((closed IS NULL) = (close_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX incident_open ON incident (kind, uid, name, source)
  WHERE closed IS NULL;
CREATE INDEX incident_closed ON incident (closed) WHERE closed IS NOT NULL;

CREATE TABLE remote_ref (
  incident INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  channel TEXT NOT NULL CHECK (channel <> ''),
  ref TEXT NOT NULL,
  PRIMARY KEY (incident, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  incident INTEGER REFERENCES incident (id) ON DELETE CASCADE,
  channel TEXT NOT NULL CHECK (channel <> ''),
  notice TEXT NOT NULL CHECK (notice <> ''),
  state TEXT NOT NULL
    CHECK (state IN ('pending', 'unknown', 'dead', 'sent')),
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  created INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,
  last_error TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_open ON outbox (id) WHERE state <> 'sent';
CREATE INDEX outbox_incident ON outbox (incident, channel);

CREATE TABLE channel (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  last_sent INTEGER,
  failing_since INTEGER,
  last_error TEXT NOT NULL,
  dead INTEGER NOT NULL CHECK (dead IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE silence (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT CHECK (kind IN ('job', 'finding')),
  uid INTEGER CHECK (uid BETWEEN 0 AND 4294967295),
  name TEXT,
  source TEXT,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  CHECK ((kind IS NULL) = (uid IS NULL) AND (kind IS NULL) = (name IS NULL)
         AND (kind IS NULL) = (source IS NULL)),
  CHECK (until >= since)
) STRICT;

CREATE TABLE pause (
  uid INTEGER NOT NULL CHECK (uid BETWEEN 0 AND 4294967295),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
  since INTEGER NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (uid, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  what TEXT NOT NULL CHECK (what <> ''),
  kind TEXT CHECK (kind IN ('job', 'finding')),
  uid INTEGER CHECK (uid BETWEEN 0 AND 4294967295),
  name TEXT,
  source TEXT,
  incident INTEGER REFERENCES incident (id) ON DELETE SET NULL,
  text TEXT NOT NULL,
  CHECK ((kind IS NULL) = (uid IS NULL) AND (kind IS NULL) = (name IS NULL)
         AND (kind IS NULL) = (source IS NULL))
) STRICT;
CREATE INDEX event_at ON event (at);
CREATE INDEX event_incident ON event (incident) WHERE incident IS NOT NULL;

CREATE TABLE cycle (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  boottime INTEGER NOT NULL,
  boot_id TEXT NOT NULL
) STRICT;

CREATE TABLE meta (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql"),
    Sql(R"sql(
CREATE TABLE schedule (
  uid INTEGER NOT NULL CHECK (uid BETWEEN 0 AND 4294967295),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
  source TEXT NOT NULL CHECK (source <> ''),
  line INTEGER NOT NULL CHECK (line >= 0),
  schedule TEXT NOT NULL,
  package TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  former_schedule TEXT NOT NULL,
  schedule_changed INTEGER,
  was_watched INTEGER NOT NULL CHECK (was_watched IN (0, 1)),
  unwatched_since INTEGER,
  baseline INTEGER NOT NULL CHECK (baseline IN (0, 1)),
  gone_since INTEGER,
  commented_out INTEGER NOT NULL CHECK (commented_out IN (0, 1)),
  log_start INTEGER,
  PRIMARY KEY (uid, name, source)
) STRICT, WITHOUT ROWID;
)sql"),
    Sql(R"sql(
ALTER TABLE cycle ADD COLUMN asleep INTEGER;
)sql"),
    Sql(R"sql(
ALTER TABLE schedule ADD COLUMN was_wrapped INTEGER NOT NULL DEFAULT 0
  CHECK (was_wrapped IN (0, 1));
ALTER TABLE schedule ADD COLUMN unwrapped_since INTEGER;
)sql"),
    Sql(R"sql(
ALTER TABLE schedule ADD COLUMN failed_at INTEGER;
ALTER TABLE schedule ADD COLUMN failed_how TEXT NOT NULL DEFAULT '';
)sql"),
    Sql(R"sql(
ALTER TABLE job ADD COLUMN declared_in TEXT;
ALTER TABLE job ADD COLUMN undeclared_since INTEGER;
)sql"),
};

}  // namespace

int schema_version() {
  return static_cast<int>(kMigrations.size());
}

Result<int> schema_version_of(Db& db) {
  BZ_ASSIGN(const std::int64_t version, db.number("PRAGMA user_version"));
  return static_cast<int>(version);
}

Result<void> migrate(Db& db, int to) {
  for (;;) {
    // The version is looked at again inside: another process may be doing
    // the same.
    BZ_ASSIGN(Transaction txn, Transaction::begin(db, Begin::immediate));
    BZ_ASSIGN(const int version, schema_version_of(db));
    if (version >= to) return {};
    BZ_TRY(db.exec(kMigrations[static_cast<std::size_t>(version)]));
    BZ_TRY(db.set_user_version(version + 1));
    BZ_TRY(txn.commit());
  }
}

}  // namespace bezalel::store
