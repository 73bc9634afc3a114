#include <utility>

#include "base/escape.h"
#include "base/interner.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/txn.h"

namespace bezalel::store {

namespace {

// Every row of `stmt` through `read`, which gives a Result.
template <class T, class Read>
Result<std::vector<T>> all(Result<Stmt> stmt, Read&& read) {
  if (!stmt) return std::move(stmt).error();
  std::vector<T> rows;
  for (;;) {
    BZ_ASSIGN(const bool more, stmt->next());
    if (!more) return rows;
    BZ_ASSIGN(T row, read(*stmt));
    rows.push_back(std::move(row));
  }
}

record::ScheduleText read_schedule(Stmt& row) {
  record::ScheduleText s;
  s.every = row.maybe_text();
  s.cron = row.maybe_text();
  s.calendar = row.maybe_text();
  s.tz = row.maybe_text();
  s.grace = row.maybe_text();
  s.max = row.maybe_text();
  return s;
}

app::KnownJob read_job(Stmt& row, Interner<record::ScheduleText>& schedules) {
  app::KnownJob job;
  job.key.uid = row.uid();
  job.key.job = row.text();
  job.first_seen = row.time();
  job.last_seen = row.time();
  job.last_success = row.maybe_time();
  job.last_run_id = row.text();
  auto schedule = read_schedule(row);
  if (schedule != record::ScheduleText()) {
    job.schedule = schedules.of(std::move(schedule));
  }
  job.distrust_since = row.maybe_time();
  auto file = row.maybe_text();
  const auto gone_since = row.maybe_time();
  if (file) job.declaration = app::Declaration{*std::move(file), gone_since};
  if (const auto retired = row.maybe_time()) {
    std::string by = row.text();
    job.retired = app::Retirement{*retired, std::move(by), row.text()};
  }
  return job;
}

// The stored line as the record it was. A line that a later version wrote and
// this one cannot read is passed over: one bad row never hides the rest.
template <class Record>
std::optional<Record> record_in(const std::optional<std::string>& line) {
  if (!line) return std::nullopt;
  auto record = record::decode_run_record(*line);
  if (!record) return std::nullopt;
  auto* wanted = std::get_if<Record>(&*record);
  if (wanted == nullptr) return std::nullopt;
  return std::move(*wanted);
}

Result<app::RunRow> read_run(Stmt& row) {
  app::RunRow run;
  run.key.uid = row.uid();
  run.key.job = row.text();
  run.run_id = row.text();
  run.start = record_in<record::RunStart>(row.maybe_text());
  run.end = record_in<record::RunEnd>(row.maybe_text());
  return run;
}

Result<app::OutboxRow> read_outbox(Stmt& row) {
  app::OutboxRow out;
  out.id = row.integer();
  out.incident_id = row.integer();  // NULL reads as 0
  out.channel = row.text();
  out.notice = row.text();
  BZ_ASSIGN(out.state, outbox_state(row.text()));
  out.attempts = static_cast<int>(row.integer());
  out.created = row.time();
  out.next_attempt = row.time();
  out.last_error = row.text();
  return out;
}

}  // namespace

Result<app::KnownJobs> SqliteTxn::known_jobs() {
  BZ_ASSIGN(
      Stmt row,
      db_.query(
          "SELECT uid, name, first_seen, last_seen,"
          " last_success, last_run_id, every, cron,"
          " calendar, tz, grace, max, distrust_since,"
          " declared_in, undeclared_since, retired, retired_by, retired_why"
          " FROM job ORDER BY uid, name"));
  Interner<record::ScheduleText> schedules;
  app::KnownJobs jobs;
  for (;;) {
    BZ_ASSIGN(const bool more, row.next());
    if (!more) return jobs;
    jobs.add(read_job(row, schedules));
  }
}

Result<std::vector<app::RunRow>> SqliteTxn::runs(
    int per_job, const std::optional<core::JobKey>& only) {
  if (only) {
    return all<app::RunRow>(
        db_.query("SELECT uid, name, run_id, start_line, end_line FROM run"
                  " WHERE seq IN (SELECT seq FROM (SELECT seq FROM run"
                  "  WHERE uid = ? AND name = ? ORDER BY seq DESC LIMIT ?)"
                  " UNION SELECT seq FROM run"
                  "  WHERE uid = ? AND name = ? AND ended IS NULL)"
                  " ORDER BY seq",
                  only->uid, only->job, per_job, only->uid, only->job),
        read_run);
  }
  // Numbered by the index alone: the lines, which are long, are read only of
  // the rows that are wanted.
  return all<app::RunRow>(
      db_.query("SELECT uid, name, run_id, start_line, end_line FROM run"
                " WHERE seq IN (SELECT seq FROM (SELECT seq, row_number()"
                "  OVER (PARTITION BY uid, name ORDER BY seq DESC) AS nth"
                "  FROM run) WHERE nth <= ?"
                " UNION SELECT seq FROM run WHERE ended IS NULL)"
                " ORDER BY uid, name, seq",
                per_job),
      read_run);
}

Result<std::vector<record::RunStart>> SqliteTxn::open_runs() {
  BZ_ASSIGN(const auto rows,
            all<app::RunRow>(
                db_.query("SELECT uid, name, run_id, start_line, end_line"
                          " FROM run WHERE ended IS NULL ORDER BY seq"),
                read_run));
  std::vector<record::RunStart> open;
  for (const app::RunRow& row : rows) {
    if (row.start) open.push_back(*row.start);
  }
  return open;
}

Result<std::vector<app::Cursor>> SqliteTxn::cursors() {
  return all<app::Cursor>(
      db_.query("SELECT path, inode, at FROM cursor ORDER BY path"),
      [](Stmt& row) -> Result<app::Cursor> {
        app::Cursor cursor;
        cursor.path = row.text();
        cursor.inode = static_cast<std::uint64_t>(row.integer());
        cursor.offset = static_cast<std::uint64_t>(row.integer());
        return cursor;
      });
}

Result<std::vector<core::OpenIncident>> SqliteTxn::open_incidents() {
  return all<core::OpenIncident>(
      db_.query("SELECT " BZ_INCIDENT_COLUMNS
                " FROM incident WHERE closed IS NULL ORDER BY id"),
      read_incident);
}

Result<std::vector<app::ClosedIncident>> SqliteTxn::closed_since(Timestamp t) {
  return all<app::ClosedIncident>(
      db_.query("SELECT " BZ_INCIDENT_COLUMNS
                ", closed, close_reason FROM incident"
                " WHERE closed >= ? ORDER BY closed, id",
                t),
      [](Stmt& row) -> Result<app::ClosedIncident> {
        app::ClosedIncident closed;
        BZ_ASSIGN(closed.incident, read_incident(row));
        closed.closed = row.time();
        const std::string word = row.text();
        const auto reason = core::parse_close_reason(word);
        if (!reason) {
          return err(Kind::corrupt,
                     "incident: close_reason is " + escape_line(word, 40));
        }
        closed.reason = *reason;
        return closed;
      });
}

Result<std::int64_t> SqliteTxn::last_number(const core::IncidentKey& key) {
  BZ_ASSIGN(Stmt stmt, db_.query("SELECT coalesce(max(number), 0) FROM incident"
                                 " WHERE kind = ? AND uid = ? AND name = ?"
                                 " AND source = ?"));
  bind_key(stmt, key);
  BZ_TRY(stmt.next());
  return stmt.integer();
}

Result<std::vector<app::Silence>> SqliteTxn::silences() {
  return all<app::Silence>(
      db_.query("SELECT id, kind, uid, name, source, since, until, who, why"
                " FROM silence ORDER BY id"),
      [](Stmt& row) -> Result<app::Silence> {
        app::Silence silence;
        silence.id = row.integer();
        BZ_ASSIGN(silence.key, read_key(row));
        silence.since = row.time();
        silence.until = row.time();
        silence.who = row.text();
        silence.why = row.text();
        return silence;
      });
}

Result<std::vector<app::PausedJob>> SqliteTxn::pauses() {
  return all<app::PausedJob>(
      db_.query("SELECT uid, name, since, who, why FROM pause"
                " ORDER BY uid, name"),
      [](Stmt& row) -> Result<app::PausedJob> {
        app::PausedJob paused;
        paused.key.uid = row.uid();
        paused.key.job = row.text();
        paused.pause.since = row.time();
        paused.pause.who = row.text();
        paused.pause.why = row.text();
        return paused;
      });
}

Result<std::vector<app::OutboxRow>> SqliteTxn::outbox() {
  return all<app::OutboxRow>(
      db_.query("SELECT id, incident, channel, notice, state, attempts,"
                " created, next_attempt, last_error FROM outbox"
                " WHERE state <> 'sent' ORDER BY id"),
      read_outbox);
}

Result<std::vector<app::KnownSchedule>> SqliteTxn::inventory() {
  return all<app::KnownSchedule>(
      db_.query(
          "SELECT uid, name, source, line, schedule, package, first_seen,"
          " last_seen, former_schedule, schedule_changed, was_watched,"
          " unwatched_since, baseline, gone_since, commented_out,"
          " log_start, was_wrapped, unwrapped_since, failed_at, failed_how"
          " FROM schedule ORDER BY uid, name, source"),
      [](Stmt& row) -> Result<app::KnownSchedule> {
        app::KnownSchedule s;
        s.key.uid = row.uid();
        s.key.job = row.text();
        s.source = row.text();
        s.line = static_cast<int>(row.integer());
        s.schedule = row.text();
        s.package = row.text();
        s.first_seen = row.time();
        s.last_seen = row.time();
        s.former_schedule = row.text();
        s.schedule_changed = row.maybe_time();
        s.was_watched = row.integer() != 0;
        s.unwatched_since = row.maybe_time();
        s.baseline = row.integer() != 0;
        s.gone_since = row.maybe_time();
        s.commented_out = row.integer() != 0;
        s.log_start = row.maybe_time();
        s.was_wrapped = row.integer() != 0;
        s.unwrapped_since = row.maybe_time();
        if (const auto failed = row.maybe_time()) {
          s.failure = app::ServiceFailure{*failed, row.text()};
        }
        return s;
      });
}

Result<std::optional<std::string>> SqliteTxn::remote_ref(
    std::int64_t incident_id, const std::string& channel) {
  BZ_ASSIGN(Stmt stmt, db_.query("SELECT ref FROM remote_ref"
                                 " WHERE incident = ? AND channel = ?",
                                 incident_id, channel));
  BZ_ASSIGN(const bool found, stmt.next());
  return found ? std::optional(stmt.text()) : std::nullopt;
}

Result<bool> SqliteTxn::was_told(std::int64_t incident_id,
                                 const std::string& channel) {
  BZ_ASSIGN(const std::int64_t told,
            db_.number("SELECT EXISTS (SELECT 1 FROM outbox"
                       " WHERE incident = ? AND channel = ?"
                       " AND state = 'sent' AND last_error = '')",
                       incident_id, channel));
  return told != 0;
}

Result<std::vector<app::ChannelState>> SqliteTxn::channel_states() {
  return all<app::ChannelState>(
      db_.query("SELECT name, last_sent, failing_since, last_error, dead"
                " FROM channel ORDER BY name"),
      [](Stmt& row) -> Result<app::ChannelState> {
        app::ChannelState state;
        state.channel = row.text();
        state.last_sent = row.maybe_time();
        state.failing_since = row.maybe_time();
        state.last_error = row.text();
        state.dead = row.integer() != 0;
        return state;
      });
}

Result<std::vector<app::Event>> SqliteTxn::events_since(Timestamp t) {
  return all<app::Event>(
      db_.query("SELECT id, at, what, kind, uid, name, source, incident, text"
                " FROM event WHERE at >= ? ORDER BY at, id",
                t),
      [](Stmt& row) -> Result<app::Event> {
        app::Event event;
        event.id = row.integer();
        event.at = row.time();
        event.kind = row.text();
        BZ_ASSIGN(event.key, read_key(row));
        event.incident_id = row.integer();
        event.text = row.text();
        return event;
      });
}

Result<std::vector<app::Cycle>> SqliteTxn::cycles(int n) {
  return all<app::Cycle>(db_.query("SELECT at, boottime, boot_id, asleep"
                                   " FROM cycle"
                                   " ORDER BY id DESC LIMIT ?",
                                   n),
                         [](Stmt& row) -> Result<app::Cycle> {
                           app::Cycle cycle;
                           cycle.at = row.time();
                           cycle.boottime = BootTime(Duration(row.integer()));
                           cycle.boot_id = row.text();
                           if (const auto t = row.maybe_time()) {
                             cycle.asleep = t->time_since_epoch();
                           }
                           return cycle;
                         });
}

Result<std::optional<std::string>> SqliteTxn::meta(const std::string& name) {
  BZ_ASSIGN(Stmt stmt,
            db_.query("SELECT value FROM meta WHERE name = ?", name));
  BZ_ASSIGN(const bool found, stmt.next());
  return found ? std::optional(stmt.text()) : std::nullopt;
}

Result<std::map<std::string, std::string>> SqliteTxn::all_meta() {
  std::map<std::string, std::string> out;
  BZ_ASSIGN(Stmt stmt, db_.query("SELECT name, value FROM meta"));
  for (;;) {
    BZ_ASSIGN(const bool found, stmt.next());
    if (!found) return out;
    std::string name = stmt.text();
    out[std::move(name)] = stmt.text();
  }
}

}  // namespace bezalel::store
