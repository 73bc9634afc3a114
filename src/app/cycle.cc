#include "app/cycle.h"

#include <fmt/format.h>

#include <future>
#include <set>
#include <tuple>

#include "app/announce.h"
#include "app/run_news.h"
#include "base/duration.h"

namespace bezalel::app {
namespace {

// What was seen of a full disk is told once, in the words of who met it.
void add_of_store(const World& world, std::vector<Finding>& findings) {
  for (const Finding& f : world.store_findings) {
    std::erase_if(findings, [&](const Finding& seen) {
      return seen.id == f.id && seen.source == f.source && is_of_state(f.id);
    });
    findings.push_back(f);
  }
}

// Writes one cycle within a transaction.
class Committer {
 public:
  Committer(World& world, const HeartbeatScan& scan, const RunNews& news,
            const std::optional<Inventory>& inventory, const Moment& now,
            Keep keep, Txn& txn)
      : world_(world),
        scan_(scan),
        news_(news.runs()),
        lives_(news),
        inventory_(inventory),
        now_(now),
        keep_(keep),
        txn_(txn) {}

  Result<CycleResult> run() {
    BZ_TRY(take_in_runs());
    BZ_ASSIGN(result_.memory, remember(txn_));
    result_.coverage =
        coverage_of(inventory_, world_.settings, scan_, result_.memory, now_);
    // Each job is remembered as it is judged: a first cycle has them all to
    // write, and need not hold them for that.
    Result<void> remembered;
    result_.look =
        look({world_.settings,
              result_.memory,
              scan_,
              now_,
              [&](const record::RunStart& s) { return lives_.life_of(s); },
              {},
              keep_,
              [&](const JudgedJob& j) {
                if (remembered) remembered = remember_job(j);
              },
              &result_.coverage});
    if (!remembered) return std::move(remembered).error();
    add_findings();
    if (!result_.look.clock_untrusted) {
      BZ_TRY(anchor_incidents());
      BZ_TRY(note_gap());
      BZ_TRY(note_step());
      BZ_TRY(remember_schedule());
    }
    BZ_TRY(announce(world_, now_, txn_, result_));
    // What a wrong clock dates is nothing to reckon with later.
    if (!result_.look.clock_untrusted) {
      BZ_TRY(txn_.add_cycle({now_.wall, now_.boot, now_.boot_id, now_.asleep}));
      BZ_TRY(txn_.prune(now_.wall));
    }
    BZ_TRY(remember_the_rest(txn_, result_.memory));
    return std::move(result_);
  }

 private:
  Result<void> take_in_runs() {
    for (const auto& [key, record] : news_.records) {
      BZ_TRY(txn_.put_run(key, record));
    }
    for (const Cursor& cursor : news_.cursors) BZ_TRY(txn_.put_cursor(cursor));
    if (news_.skipped_lines > 0)
      BZ_TRY(note_skipped_lines(txn_, news_, now_.wall));
    return {};
  }

  void add_findings() {
    auto& findings = result_.look.findings;
    findings.insert(findings.end(), news_.findings.begin(),
                    news_.findings.end());
    add_of_store(world_, findings);
  }

  // A wall clock that was set takes every remembered instant with it, so that
  // neither a reminder nor a duration comes of the step.
  Result<void> anchor_incidents() {
    const Duration step = result_.look.step;
    // What a former boot's clock dated ahead has happened by now.
    for (core::OpenIncident& i : result_.memory.open) {
      bool moved = false;
      const auto anchor = [&](Timestamp& t) {
        const Timestamp to = std::min(t + step, now_.wall);
        moved = moved || to != t;
        t = to;
      };
      for (Timestamp* t : {&i.since, &i.opened, &i.last_told}) anchor(*t);
      if (i.acked) anchor(*i.acked);
      if (i.well_since) anchor(*i.well_since);
      if (moved) BZ_TRY(txn_.update_incident(i));
    }
    return step == Duration::zero() ? Result<void>{} : anchor_delivery(step);
  }

  // What waits for its next attempt waits no longer for the step.
  Result<void> anchor_delivery(Duration step) {
    for (OutboxRow& row : result_.memory.outbox) {
      row.next_attempt += step;
      BZ_TRY(txn_.update_outbox(row));
    }
    for (ChannelState& c : result_.memory.channels) {
      if (!c.failing_since) continue;
      *c.failing_since += step;
      BZ_TRY(txn_.put_channel_state(c));
    }
    return {};
  }

  Result<void> note_gap() {
    const auto& gap = result_.look.gap;
    if (!gap) return {};
    BZ_TRY(txn_.set_meta(kGapsName, noted_with(result_.memory.gaps, gap->gap)));
    if (!gap->long_enough_to_tell) return {};
    return event("gap", {}, 0,
                 fmt::format("nobody checked for {}: {}",
                             format_age(gap->gap.to - gap->gap.from),
                             why_nobody_checked(*gap)));
  }

  Result<void> note_step() {
    if (result_.look.step == Duration::zero()) return {};
    return event("clock_step", {}, 0,
                 fmt::format("the wall clock moved by {} s",
                             format_seconds(result_.look.step)));
  }

  Result<void> remember_schedule() {
    const Coverage& coverage = result_.coverage;
    if (!coverage.known) return {};
    for (const KnownSchedule& s : coverage.to_put) {
      BZ_TRY(txn_.put_schedule(s));
      BZ_TRY(note_schedule(s));
    }
    for (const KnownSchedule& s : coverage.to_drop) {
      BZ_TRY(txn_.drop_schedule(s.key, s.source));
    }
    for (const KnownSchedule& s : coverage.edited) BZ_TRY(retire_edited(s));
    std::string unseen;
    for (const std::string& s : coverage.sources_unseen) unseen += s + "\n";
    BZ_ASSIGN(const auto before, txn_.meta(kUnseenSources));
    if (before.value_or("") != unseen) {
      BZ_TRY(txn_.set_meta(kUnseenSources, unseen));
    }
    return note_count();
  }

  Result<void> note_schedule(const KnownSchedule& s) {
    if (result_.coverage.first_sight) return {};
    const auto key = core::IncidentKey::of(s.key);
    if (s.gone_since == now_.wall) {
      return event("vanished", key, 0,
                   s.commented_out ? "commented out in " + s.source
                                   : "gone from " + s.source);
    }
    if (s.first_seen == now_.wall) {
      return event("scheduled", key, 0, "new in " + s.source);
    }
    if (s.schedule_changed == now_.wall) {
      return event("rescheduled", key, 0,
                   fmt::format("\"{}\", was \"{}\", in {}", s.schedule,
                               s.former_schedule, s.source));
    }
    return {};
  }

  // Its command has another name now, under which it is judged.
  Result<void> retire_edited(const KnownSchedule& s) {
    const Retirement retired{now_.wall, "bezalel", "its command was edited"};
    auto before = result_.memory.known.find(s.key);
    if (before && !before->retired) {
      before->retired = retired;
      BZ_TRY(txn_.put_job(*before));
    }
    result_.look.retired.emplace(core::IncidentKey::of(s.key), retired);
    return event("retired", core::IncidentKey::of(s.key), 0,
                 "as its command was edited in " + s.source);
  }

  // The count as it changes, so that it never falls silently.
  Result<void> note_count() {
    const std::string count = fmt::format(
        "{} of {}", result_.coverage.watched(), result_.coverage.of());
    BZ_ASSIGN(const auto before, txn_.meta(kCoverageCount));
    if (before == count) return {};
    BZ_TRY(txn_.set_meta(kCoverageCount, count));
    return event("coverage", {}, 0, count + " watched");
  }

  Result<void> remember_job(const JudgedJob& j) {
    const auto before = result_.memory.known.find(j.job.key);
    KnownJob known = before ? *before : KnownJob{};
    known.key = j.job.key;
    known.first_seen = j.job.declared_since;
    known.last_seen = now_.wall;
    if (!j.heartbeat_identity.empty()) known.last_run_id = j.heartbeat_identity;
    if (j.facts.last_success) known.last_success = j.facts.last_success;
    if (j.heartbeat_schedule && !j.heartbeat_schedule->empty()) {
      known.schedule = j.heartbeat_schedule;
    }
    for (auto i = j.runs.rbegin(); i != j.runs.rend(); ++i) {
      if (!i->start || i->start->schedule.empty()) continue;
      known.schedule =
          std::make_shared<const record::ScheduleText>(i->start->schedule);
      break;
    }
    known.distrust_since =
        j.facts.untrusted ? std::optional<Timestamp>(j.facts.untrusted->since)
                          : std::nullopt;
    known.declaration = j.declaration;
    known.retired.reset();  // it runs again, so it is not gone
    if (before && same_but_for_sight(*before, known)) return {};
    if (known.declaration && known.declaration->gone_since == now_.wall) {
      BZ_TRY(event("vanished", core::IncidentKey::of(j.job.key), 0,
                   "its table is gone from " + known.declaration->file));
    }
    return txn_.put_job(known);
  }

  // `last_seen` alone is not worth a write; a day's grain is enough.
  static bool same_but_for_sight(const KnownJob& a, const KnownJob& b) {
    return a.first_seen == b.first_seen && a.last_success == b.last_success &&
           a.last_run_id == b.last_run_id && same(a.schedule, b.schedule) &&
           a.distrust_since == b.distrust_since && a.retired == b.retired &&
           a.declaration == b.declaration &&
           b.last_seen - a.last_seen < std::chrono::days(1);
  }

  Result<void> event(const char* kind, std::optional<core::IncidentKey> key,
                     std::int64_t incident, std::string text) {
    return txn_.add_event(
        {0, now_.wall, kind, std::move(key), incident, std::move(text)});
  }

  World& world_;
  const HeartbeatScan& scan_;
  const NewRuns& news_;
  const RunNews& lives_;
  const std::optional<Inventory>& inventory_;
  const Moment now_;
  const Keep keep_;
  Txn& txn_;
  CycleResult result_;
};

Result<RunNews> read_runs(World& world, Store& store) {
  std::vector<Cursor> cursors;
  std::vector<record::RunStart> open;
  BZ_TRY(store.read([&](StoreReader& reader) -> Result<void> {
    BZ_ASSIGN(cursors, reader.cursors());
    BZ_ASSIGN(open, reader.open_runs());
    return {};
  }));
  return RunNews(world.runs, cursors, open);
}

std::vector<record::RunStart> open_runs(const Memory& memory) {
  std::vector<record::RunStart> open;
  for (const auto& [key, runs] : memory.runs) {
    for (const RunRow& run : runs) {
      if (run.start && !run.end) open.push_back(*run.start);
    }
  }
  return open;
}

std::optional<Inventory> scan_inventory(InventorySource* source) {
  if (!source) return std::nullopt;
  return source->scan();
}

// What a look that writes nothing goes by.
struct Sources {
  HeartbeatScan scan;
  RunNews news;
  std::optional<Inventory> inventory;
};

// With what was remembered, and what the run logs have that it lacks.
Result<Sources> read_sources(World& world, InventorySource* inventory,
                             Memory& memory) {
  // Each waits for something else: many files, other programs, one file.
  auto scanning =
      std::async(std::launch::async, [&] { return world.jobs.scan(); });
  auto discovering =
      std::async(std::launch::async, [&] { return scan_inventory(inventory); });
  BZ_TRY(world.store.read([&](StoreReader& reader) -> Result<void> {
    BZ_ASSIGN(memory, remember(reader));
    return {};
  }));
  HeartbeatScan scan = scanning.get();
  Sources sources{std::move(scan),
                  RunNews(world.runs, memory.cursors, open_runs(memory)),
                  discovering.get()};
  take_in(memory, sources.news.runs().records);
  return sources;
}

// A line of a schedule: of several lines that are one job each is a row.
using Line = std::tuple<core::JobKey, std::string, int>;

Line line_of(const ScheduledJob& job) {
  return {job.key, job.source, job.line.value_or(0)};
}

}  // namespace

Result<CycleResult> run_cycle(World& world, Store& store, Keep keep) {
  const HeartbeatScan scan = world.jobs.scan();
  BZ_ASSIGN(const RunNews news, read_runs(world, store));
  const std::optional<Inventory> inventory = scan_inventory(world.inventory);
  std::optional<CycleResult> result;
  BZ_TRY(store.transact([&](Txn& txn) -> Result<void> {
    BZ_ASSIGN(result, Committer(world, scan, news, inventory, moment_of(world),
                                keep, txn)
                          .run());
    return {};
  }));
  return std::move(*result);
}

Result<CycleResult> only_look(World& world, Keep keep) {
  CycleResult result;
  BZ_ASSIGN(const Sources sources,
            read_sources(world, world.inventory, result.memory));
  const NewRuns& news = sources.news.runs();
  const Moment now = moment_of(world);
  result.coverage = coverage_of(sources.inventory, world.settings, sources.scan,
                                result.memory, now);
  result.look =
      look({world.settings,
            result.memory,
            sources.scan,
            now,
            [&](const record::RunStart& s) { return sources.news.life_of(s); },
            world.state_trouble,
            keep,
            {},
            &result.coverage});
  auto& findings = result.look.findings;
  findings.insert(findings.end(), news.findings.begin(), news.findings.end());
  add_of_store(world, findings);
  return result;
}

Result<Inventory> look_at_schedule(World& world, InventorySource& source) {
  Memory memory;
  BZ_ASSIGN(Sources sources, read_sources(world, &source, memory));
  const Coverage coverage = coverage_of(sources.inventory, world.settings,
                                        sources.scan, memory, moment_of(world));
  std::set<Line> proven;
  for (const CoveredJob& c : coverage.jobs) {
    if (c.watched && c.proof == Proof::heartbeat) proven.insert(line_of(c.job));
  }
  for (ScheduledJob& job : sources.inventory->jobs) {
    if (proven.contains(line_of(job))) job.watch = Watch::heartbeat;
  }
  return *std::move(sources.inventory);
}

}  // namespace bezalel::app
