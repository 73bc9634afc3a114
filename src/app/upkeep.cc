#include "app/upkeep.h"

#include <fmt/format.h>

#include <functional>

#include "app/local_time.h"
#include "app/memory.h"
#include "app/order.h"
#include "base/escape.h"

namespace bezalel::app {
namespace {

constexpr Duration kLongestSilence = std::chrono::days(30);

std::string name_of(const std::optional<NamedJob>& job) {
  return job ? job->shown : "the whole host";
}

// None: the whole host.
using MaybeKey = std::optional<core::IncidentKey>;

MaybeKey key_of(const std::optional<NamedJob>& job) {
  return job ? MaybeKey(core::IncidentKey::of(job->key)) : std::nullopt;
}

Event event(Timestamp at, const char* kind, const MaybeKey& key,
            std::string text) {
  return {0, at, kind, key, 0, std::move(text)};
}

Event event(Timestamp at, const char* kind, const core::JobKey& key,
            std::string text) {
  return event(at, kind, core::IncidentKey::of(key), std::move(text));
}

// Ends what is silenced of a job, a finding or the host; how many there were.
Result<int> end_silences(Txn& txn, const MaybeKey& key, Timestamp now) {
  int ended = 0;
  BZ_ASSIGN(const auto silences, txn.silences());
  for (const Silence& s : silences) {
    if (s.until <= now || s.key != key) continue;
    BZ_TRY(txn.end_silence(s.id, now));
    ++ended;
  }
  return ended;
}

// Marks the open incidents that are meant; how many. Kind::not_found: none is.
Result<int> see(World& world, const std::string& name, const std::string& who,
                const std::function<bool(const core::IncidentKey&)>& is_meant) {
  const Timestamp now = world.clock.wall();
  int seen = 0;
  BZ_TRY(world.store.transact([&](Txn& txn) -> Result<void> {
    BZ_ASSIGN(const auto open, txn.open_incidents());
    for (core::OpenIncident incident : open) {
      if (!is_meant(incident.key)) continue;
      ++seen;
      incident.acked = now;
      BZ_TRY(txn.update_incident(incident));
      BZ_TRY(txn.add_event(
          {0, now, "acked", incident.key, incident.id, "seen by " + who}));
    }
    if (seen > 0) return {};
    return err(Kind::not_found,
               escape_line(name, 128) +
                   ": has no open incident; expected one of `" +
                   world.settings.bezalel + " alerts`");
  }));
  return seen;
}

std::string by(const std::string& who, const std::string& why) {
  return why.empty() ? "by " + who : "by " + who + ": " + why;
}

}  // namespace

Result<std::string> acknowledge(World& world, const NamedJob& job,
                                const std::string& who) {
  BZ_TRY(see(world, job.shown, who, [&](const core::IncidentKey& open) {
    return open == core::IncidentKey::of(job.key);
  }));
  return fmt::format(
      "{}: seen, no more reminders; it closes at the next success", job.shown);
}

bool is_called(const core::IncidentKey& finding, const std::string& name) {
  return finding.kind == core::IncidentKey::Kind::finding &&
         (finding.name == name || finding_name(finding) == name);
}

Result<std::string> acknowledge_finding(World& world, const std::string& name,
                                        const std::string& who) {
  BZ_ASSIGN(const int seen,
            see(world, name, who, [&](const core::IncidentKey& open) {
              return is_called(open, name);
            }));
  const std::string shown = escape_line(name, 300);
  if (seen > 1) {
    return fmt::format(
        "{}: {} alarms seen, no more reminders; each closes when it is over",
        shown, seen);
  }
  return fmt::format("{}: seen, no more reminders; it closes when it is over",
                     shown);
}

namespace {

Result<void> expect_short(const World& world, Timestamp until) {
  if (until - world.clock.wall() <= kLongestSilence) return {};
  return err(Kind::invalid, "--until: more than 30 days; expected less, or `" +
                                world.settings.bezalel + " pause`");
}

// The new one counts, also where it is the shorter.
Result<void> put_silence(Txn& txn, Silence s) {
  BZ_TRY(end_silences(txn, s.key, s.since));
  BZ_ASSIGN(const auto id, txn.put_silence(s));
  static_cast<void>(id);
  return txn.add_event(event(s.since, "silenced", s.key, by(s.who, s.why)));
}

std::string silenced_text(const World& world, const std::string& name,
                          Timestamp until) {
  return fmt::format("{}: no notices until {}; reports list it", name,
                     local_long(until, world.settings.zone));
}

}  // namespace

Result<std::string> silence(World& world, const std::optional<NamedJob>& job,
                            Timestamp until, const std::string& why,
                            const std::string& who) {
  BZ_TRY(expect_short(world, until));
  const Timestamp now = world.clock.wall();
  BZ_TRY(world.store.transact([&](Txn& txn) {
    return put_silence(txn, {0, key_of(job), now, until, who, why});
  }));
  return silenced_text(world, name_of(job), until);
}

Result<std::string> end_silence(World& world,
                                const std::optional<NamedJob>& job,
                                const std::string& who) {
  const Timestamp now = world.clock.wall();
  int ended = 0;
  BZ_TRY(world.store.transact([&](Txn& txn) -> Result<void> {
    BZ_ASSIGN(ended, end_silences(txn, key_of(job), now));
    if (ended == 0) return {};
    return txn.add_event(event(now, "silence_ended", key_of(job), "by " + who));
  }));
  if (ended == 0) return err(Kind::not_found, name_of(job) + ": not silenced");
  return name_of(job) + ": notices are sent again";
}

Result<std::string> silence_findings(World& world, const std::string& name,
                                     const std::vector<core::IncidentKey>& keys,
                                     Timestamp until, const std::string& why,
                                     const std::string& who) {
  BZ_TRY(expect_short(world, until));
  const Timestamp now = world.clock.wall();
  BZ_TRY(world.store.transact([&](Txn& txn) -> Result<void> {
    for (const core::IncidentKey& key : keys) {
      BZ_TRY(put_silence(txn, {0, key, now, until, who, why}));
    }
    return {};
  }));
  return silenced_text(world, escape_line(name, 300), until);
}

Result<std::string> end_silence_of_findings(World& world,
                                            const std::string& name,
                                            const std::string& who) {
  const Timestamp now = world.clock.wall();
  const std::string shown = escape_line(name, 300);
  int ended = 0;
  BZ_TRY(world.store.transact([&](Txn& txn) -> Result<void> {
    BZ_ASSIGN(const auto silences, txn.silences());
    for (const Silence& s : silences) {
      if (s.until <= now || !s.key || !is_called(*s.key, name)) continue;
      BZ_TRY(txn.end_silence(s.id, now));
      BZ_TRY(txn.add_event(event(now, "silence_ended", s.key, "by " + who)));
      ++ended;
    }
    return {};
  }));
  if (ended == 0) return err(Kind::not_found, shown + ": not silenced");
  return shown + ": notices are sent again";
}

Result<std::string> pause(World& world, const NamedJob& job,
                          const std::string& why, const std::string& who) {
  const Timestamp now = world.clock.wall();
  BZ_TRY(world.store.transact([&](Txn& txn) -> Result<void> {
    BZ_TRY(txn.put_pause({job.key, {now, who, why}}));
    return txn.add_event(event(now, "paused", job.key, by(who, why)));
  }));
  return job.shown + ": not judged until `" + world.settings.bezalel +
         " resume " + shell_quote(job.shown) + "`";
}

Result<std::string> resume(World& world, const NamedJob& job,
                           const std::string& who) {
  const Timestamp now = world.clock.wall();
  BZ_TRY(world.store.transact([&](Txn& txn) -> Result<void> {
    BZ_ASSIGN(const auto pauses, txn.pauses());
    bool found = false;
    for (const PausedJob& p : pauses) found = found || p.key == job.key;
    if (!found) return err(Kind::not_found, job.shown + ": is not paused");
    BZ_TRY(txn.drop_pause(job.key));
    return txn.add_event(event(now, "resumed", job.key, "by " + who));
  }));
  return job.shown + ": judged again";
}

Result<std::string> retire(World& world, const NamedJob& job,
                           const std::string& why, const std::string& who) {
  const Timestamp now = world.clock.wall();
  if (const auto* declared = declaration_of(world.settings, job.key)) {
    return err(Kind::conflict,
               fmt::format("{}: still declares {}; expected its table to be "
                           "removed first",
                           declared->where, job.shown));
  }
  BZ_TRY(world.store.transact([&](Txn& txn) -> Result<void> {
    BZ_ASSIGN(const auto known, txn.known_jobs());
    KnownJob row;
    row.key = job.key;
    row.first_seen = now;
    row.last_seen = now;
    if (auto before = known.find(job.key)) row = *std::move(before);
    row.retired = Retirement{now, who, why};
    row.declaration.reset();
    BZ_TRY(txn.put_job(row));
    // What was asked of it is over with it: were it to come back, it would be
    // judged by nobody, or heard of by nobody.
    BZ_TRY(txn.drop_pause(job.key));
    BZ_TRY(end_silences(txn, core::IncidentKey::of(job.key), now));
    return txn.add_event(event(now, "retired", job.key, by(who, why)));
  }));
  return job.shown + ": retired; it is back as soon as something runs it";
}

}  // namespace bezalel::app
