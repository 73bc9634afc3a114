#include "store/sqlite/txn.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

#include "store/sqlite/rows.h"

namespace bezalel::store {

namespace {

constexpr Duration kKeepRuns = std::chrono::hours(40 * 24);
constexpr Duration kKeepEvents = std::chrono::hours(400 * 24);
// The newest stay whatever their age: a yearly job that failed has failed
// until it runs again, and its usual duration is made of the last 30.
constexpr int kFewestRuns = 30;
constexpr int kMostCycles = 10'000;

std::string line_of(std::string line) {
  if (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

std::optional<std::int64_t> or_null(std::int64_t incident_id) {
  return incident_id == 0 ? std::nullopt : std::optional(incident_id);
}

bool file_is_gone(const std::string& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) != 0 && errno == ENOENT;
}

}  // namespace

Result<void> SqliteTxn::must_have_changed(const char* what, std::int64_t id) {
  if (db_.changes() > 0) return {};
  return err(Kind::not_found, fmt::format("database: no {} {}", what, id));
}

Result<void> SqliteTxn::put_job(const app::KnownJob& job) {
  static const record::ScheduleText kNone;
  const record::ScheduleText& s = job.schedule ? *job.schedule : kNone;
  std::optional<Timestamp> retired;
  if (job.retired) retired = job.retired->at;
  std::optional<std::string_view> file;
  std::optional<Timestamp> undeclared;
  if (job.declaration) {
    file = job.declaration->file;
    undeclared = job.declaration->gone_since;
  }
  return db_.run(
      "INSERT INTO job (uid, name, first_seen, last_seen, last_success,"
      " last_run_id, every, cron, calendar, tz, grace, max, distrust_since,"
      " declared_in, undeclared_since, retired, retired_by, retired_why)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET first_seen = excluded.first_seen,"
      " last_seen = excluded.last_seen, last_success = excluded.last_success,"
      " last_run_id = excluded.last_run_id, every = excluded.every,"
      " cron = excluded.cron, calendar = excluded.calendar,"
      " tz = excluded.tz, grace = excluded.grace, max = excluded.max,"
      " distrust_since = excluded.distrust_since,"
      " declared_in = excluded.declared_in,"
      " undeclared_since = excluded.undeclared_since,"
      " retired = excluded.retired, retired_by = excluded.retired_by,"
      " retired_why = excluded.retired_why",
      job.key.uid, job.key.job, job.first_seen, job.last_seen, job.last_success,
      job.last_run_id, s.every, s.cron, s.calendar, s.tz, s.grace, s.max,
      job.distrust_since, file, undeclared, retired,
      job.retired ? std::string_view(job.retired->by) : "",
      job.retired ? std::string_view(job.retired->why) : "");
}

// The half that came first stays: a line read twice changes nothing.
Result<void> SqliteTxn::put_run(const core::JobKey& key,
                                const record::RunRecord& record) {
  if (const auto* start = std::get_if<record::RunStart>(&record)) {
    return db_.run(
        "INSERT INTO run (uid, name, run_id, started, start_line)"
        " VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (uid, name, run_id) DO UPDATE SET"
        " started = excluded.started, start_line = excluded.start_line"
        " WHERE start_line IS NULL",
        key.uid, key.job, start->run_id, start->at,
        line_of(record::encode(*start)));
  }
  const auto& end = std::get<record::RunEnd>(record);
  return db_.run(
      "INSERT INTO run (uid, name, run_id, started, ended, end_line)"
      " VALUES (?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (uid, name, run_id) DO UPDATE SET"
      " ended = excluded.ended, end_line = excluded.end_line"
      " WHERE end_line IS NULL",
      key.uid, key.job, end.run_id, end.started, end.at,
      line_of(record::encode(end)));
}

Result<void> SqliteTxn::put_cursor(const app::Cursor& cursor) {
  return db_.run(
      "INSERT INTO cursor (path, inode, at) VALUES (?, ?, ?)"
      " ON CONFLICT DO UPDATE SET inode = excluded.inode, at = excluded.at",
      cursor.path, cursor.inode, cursor.offset);
}

Result<void> SqliteTxn::prune(Timestamp now) {
  BZ_ASSIGN(const auto known, cursors());
  for (const auto& cursor : known) {
    if (!file_is_gone(cursor.path)) continue;
    BZ_TRY(db_.run("DELETE FROM cursor WHERE path = ?", cursor.path));
  }
  BZ_TRY(db_.run(
      "DELETE FROM run WHERE seq IN (SELECT seq FROM (SELECT seq, started,"
      " ended, row_number() OVER (PARTITION BY uid, name ORDER BY seq DESC)"
      " AS nth FROM run)"
      " WHERE nth > ? OR (nth > ? AND ended < ?))",
      app::kRunsKept, kFewestRuns, now - kKeepRuns));
  BZ_TRY(db_.run("DELETE FROM silence WHERE until < ?", now - kKeepRuns));
  BZ_TRY(db_.run("DELETE FROM event WHERE at < ?", now - kKeepEvents));
  // While an incident is open its sent rows say who was told.
  BZ_TRY(
      db_.run("DELETE FROM outbox WHERE state = 'sent' AND created < ?"
              " AND (incident IS NULL OR incident IN (SELECT id FROM incident"
              "  WHERE closed IS NOT NULL AND closed < ?))",
              now - kKeepRuns, now - kKeepRuns));
  return db_.run(
      "DELETE FROM cycle WHERE id <= (SELECT max(id) FROM cycle) - ?",
      kMostCycles);
}

Result<std::int64_t> SqliteTxn::open_incident(const core::OpenIncident& i) {
  {
    BZ_ASSIGN(Stmt stmt,
              db_.query("SELECT id FROM incident WHERE kind = ? AND uid = ?"
                        " AND name = ? AND source = ? AND closed IS NULL"));
    bind_key(stmt, i.key);
    BZ_ASSIGN(const bool found, stmt.next());
    if (found) {
      return err(Kind::conflict,
                 fmt::format("incident {} is open already", stmt.integer()));
    }
  }
  BZ_ASSIGN(const std::int64_t last, last_number(i.key));
  if (i.number <= last) {
    return err(Kind::invalid,
               fmt::format("incident number {} was used; the last is {}",
                           i.number, last));
  }
  BZ_ASSIGN(Stmt stmt,
            db_.query("INSERT INTO incident (number, kind, uid, name, source,"
                      " severity, verdict, cause, since, opened, acked,"
                      " well_since, reminders, last_told)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      i.number));
  bind_key(stmt, i.key);
  stmt.bind(text_of(i.severity));
  stmt.bind(i.verdict);
  stmt.bind(i.cause);
  stmt.bind(i.since);
  stmt.bind(i.opened);
  stmt.bind(i.acked);
  stmt.bind(i.well_since);
  stmt.bind(i.reminders);
  stmt.bind(i.last_told);
  BZ_TRY(stmt.next());
  return db_.last_id();
}

Result<void> SqliteTxn::update_incident(const core::OpenIncident& i) {
  BZ_TRY(
      db_.run("UPDATE incident SET number = ?, severity = ?, verdict = ?,"
              " cause = ?, since = ?, opened = ?, acked = ?,"
              " well_since = ?, reminders = ?, last_told = ?"
              " WHERE id = ? AND closed IS NULL",
              i.number, text_of(i.severity), i.verdict, i.cause, i.since,
              i.opened, i.acked, i.well_since, i.reminders, i.last_told, i.id));
  return must_have_changed("open incident", i.id);
}

Result<void> SqliteTxn::close_incident(std::int64_t id, Timestamp at,
                                       core::CloseReason reason) {
  BZ_TRY(
      db_.run("UPDATE incident SET closed = ?, close_reason = ?"
              " WHERE id = ? AND closed IS NULL",
              at, core::to_string(reason), id));
  return must_have_changed("open incident", id);
}

Result<void> SqliteTxn::add_event(const app::Event& event) {
  BZ_ASSIGN(Stmt stmt,
            db_.query("INSERT INTO event (at, what, kind, uid, name, source,"
                      " incident, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                      event.at, event.kind));
  bind_key(stmt, event.key);
  stmt.bind(or_null(event.incident_id));
  stmt.bind(event.text);
  BZ_TRY(stmt.next());
  return {};
}

Result<std::int64_t> SqliteTxn::enqueue(const app::OutboxRow& row) {
  BZ_TRY(db_.run(
      "INSERT INTO outbox (incident, channel, notice, state,"
      " attempts, created, next_attempt, last_error)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      or_null(row.incident_id), row.channel, row.notice, text_of(row.state),
      row.attempts, row.created, row.next_attempt, row.last_error));
  return db_.last_id();
}

Result<void> SqliteTxn::update_outbox(const app::OutboxRow& row) {
  BZ_TRY(
      db_.run("UPDATE outbox SET notice = ?, state = ?, attempts = ?,"
              " next_attempt = ?, last_error = ? WHERE id = ?",
              row.notice, text_of(row.state), row.attempts, row.next_attempt,
              row.last_error, row.id));
  return must_have_changed("outbox row", row.id);
}

Result<void> SqliteTxn::set_remote_ref(std::int64_t incident_id,
                                       const std::string& channel,
                                       const std::string& ref) {
  return db_.run(
      "INSERT INTO remote_ref (incident, channel, ref) VALUES (?, ?, ?)"
      " ON CONFLICT DO UPDATE SET ref = excluded.ref",
      incident_id, channel, ref);
}

Result<void> SqliteTxn::put_channel_state(const app::ChannelState& state) {
  return db_.run(
      "INSERT INTO channel (name, last_sent, failing_since, last_error, dead)"
      " VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET last_sent = excluded.last_sent,"
      " failing_since = excluded.failing_since,"
      " last_error = excluded.last_error, dead = excluded.dead",
      state.channel, state.last_sent, state.failing_since, state.last_error,
      state.dead ? 1 : 0);
}

Result<std::int64_t> SqliteTxn::put_silence(const app::Silence& silence) {
  BZ_ASSIGN(Stmt stmt,
            db_.query("INSERT INTO silence (kind, uid, name, source, since,"
                      " until, who, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
  bind_key(stmt, silence.key);
  stmt.bind(silence.since);
  stmt.bind(silence.until);
  stmt.bind(silence.who);
  stmt.bind(silence.why);
  BZ_TRY(stmt.next());
  return db_.last_id();
}

// Never before it began, and an end only ever comes earlier.
Result<void> SqliteTxn::end_silence(std::int64_t id, Timestamp at) {
  BZ_TRY(
      db_.run("UPDATE silence SET until = max(since, min(until, ?))"
              " WHERE id = ?",
              at, id));
  return must_have_changed("silence", id);
}

Result<void> SqliteTxn::put_pause(const app::PausedJob& paused) {
  return db_.run(
      "INSERT INTO pause (uid, name, since, who, why) VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET since = excluded.since,"
      " who = excluded.who, why = excluded.why",
      paused.key.uid, paused.key.job, paused.pause.since, paused.pause.who,
      paused.pause.why);
}

Result<void> SqliteTxn::drop_pause(const core::JobKey& key) {
  return db_.run("DELETE FROM pause WHERE uid = ? AND name = ?", key.uid,
                 key.job);
}

Result<void> SqliteTxn::put_schedule(const app::KnownSchedule& s) {
  std::optional<std::int64_t> failed_at;
  std::string failed_how;
  if (s.failure) {
    failed_at = s.failure->at.time_since_epoch().count();
    failed_how = s.failure->how;
  }
  return db_.run(
      "INSERT OR REPLACE INTO schedule (uid, name, source, line, schedule,"
      " package, first_seen, last_seen, former_schedule, schedule_changed,"
      " was_watched, unwatched_since, baseline, gone_since, commented_out,"
      " log_start, was_wrapped, unwrapped_since, failed_at, failed_how)"
      " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      s.key.uid, s.key.job, s.source, s.line, s.schedule, s.package,
      s.first_seen, s.last_seen, s.former_schedule, s.schedule_changed,
      s.was_watched ? 1 : 0, s.unwatched_since, s.baseline ? 1 : 0,
      s.gone_since, s.commented_out ? 1 : 0, s.log_start, s.was_wrapped ? 1 : 0,
      s.unwrapped_since, failed_at, failed_how);
}

Result<void> SqliteTxn::drop_schedule(const core::JobKey& key,
                                      const std::string& source) {
  return db_.run(
      "DELETE FROM schedule WHERE uid = ? AND name = ? AND source = ?", key.uid,
      key.job, source);
}

Result<void> SqliteTxn::add_cycle(const app::Cycle& cycle) {
  std::optional<Timestamp> asleep;
  if (cycle.asleep) asleep = Timestamp(*cycle.asleep);
  return db_.run(
      "INSERT INTO cycle (at, boottime, boot_id, asleep)"
      " VALUES (?, ?, ?, ?)",
      cycle.at, cycle.boottime.time_since_epoch().count(), cycle.boot_id,
      asleep);
}

Result<void> SqliteTxn::set_meta(const std::string& name,
                                 const std::string& value) {
  return db_.run(
      "INSERT INTO meta (name, value) VALUES (?, ?)"
      " ON CONFLICT DO UPDATE SET value = excluded.value",
      name, value);
}

}  // namespace bezalel::store
