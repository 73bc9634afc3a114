#include "app/notify_cycle.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/action_limit.h"
#include "app/forgotten.h"
#include "app/host_name.h"
#include "app/make_notice.h"
#include "base/escape.h"
#include "record/redact.h"

namespace bezalel::app {
namespace {

bool disk_failed(const Error& error) {
  return error.kind == Kind::full || error.kind == Kind::io ||
         error.kind == Kind::denied;
}

// All actions of a cycle together: a check that waits longer for them would be
// ended by its unit. What was not begun is for the next cycle.
constexpr Duration kActionsTogether = kLongestAction;

// All deliveries of a check together, for the same reason: with the actions,
// and the one that is under way at the end, they must fit its 10 minutes. Slow
// channels and a full outbox are for the next cycles; the stamp is not.
constexpr Duration kDeliveriesTogether = std::chrono::minutes(3);

bool runs_now(const JudgedJob& job) {
  const auto& runs = job.facts.open_runs;
  return std::any_of(runs.begin(), runs.end(), [](const core::OpenRun& run) {
    return run.life == core::Life::alive;
  });
}

// The actions that a cycle's bad jobs ask for.
class ActionRound {
 public:
  ActionRound(World& world, NotifyOutcome& outcome)
      : world_(world), outcome_(outcome), begun_(world.clock.boot()) {}

  // Whether any was taken.
  Result<bool> run() {
    for (const core::OpenIncident& i : outcome_.cycle.memory.open) {
      const JudgedJob* job = find_job(outcome_.cycle.look, i.key);
      if (!job || !job->declared || job->job.paused) continue;
      // An incident may outlast what opened it: the job that runs or is well
      // again is left alone.
      const core::Status status = core::status_of(job->verdict);
      if (status != core::Status::hung && runs_now(*job)) continue;
      const auto& action =
          wanted_action(*job->declared, core::to_string(status));
      if (!action) continue;
      const Duration spent = world_.clock.boot() - begun_;
      if (spent + action->timeout > kActionsTogether) continue;
      BZ_TRY(perform(*action, i));
    }
    return taken_;
  }

 private:
  // Attempts are events of this job; the limit counts those in its window.
  Result<void> perform(const Action& action, const core::OpenIncident& i) {
    const Timestamp now = world_.clock.wall();
    std::vector<Timestamp> past;
    BZ_TRY(world_.store.read([&](StoreReader& reader) -> Result<void> {
      BZ_ASSIGN(const auto events,
                reader.events_since(now - action.limit_window));
      for (const Event& e : events) {
        if (e.kind == "action" && e.key == i.key) past.push_back(e.at);
      }
      return {};
    }));
    if (!allowed(action, past, now)) return {};
    // Noted before it is done: a kill must not make it unlimited.
    BZ_TRY(world_.store.transact([&](Txn& txn) {
      return txn.add_event({0, now, "action", i.key, i.id, "action started"});
    }));
    taken_ = true;
    const ActionResult result = world_.actor.perform(action, i.key.name);
    // Its arguments and what it printed may hold a secret.
    const std::string what =
        fmt::format("{}, {} of {} allowed", record::redact(result.text),
                    past.size() + 1, action.limit_count);
    return world_.store.transact([&](Txn& txn) -> Result<void> {
      BZ_TRY(txn.add_event({0, now, "action_result", i.key, i.id, what}));
      return tell(txn, i, what);
    });
  }

  Result<void> tell(Txn& txn, const core::OpenIncident& i,
                    const std::string& what) {
    const Timestamp now = world_.clock.wall();
    NoticeContext context{world_.settings, outcome_.cycle.look, world_.users,
                          world_.new_id(now), world_.as_root};
    BZ_ASSIGN(context.opened_as, opened_as(txn, i.id));
    const Notice notice = make_action_notice(i, context, what);
    BZ_ASSIGN(const auto rows, txn.outbox());
    for (const auto& channel : world_.channels) {
      BZ_ASSIGN(const bool told, txn.was_told(i.id, channel->name()));
      const bool queued =
          std::any_of(rows.begin(), rows.end(), [&](const OutboxRow& row) {
            return row.incident_id == i.id && row.channel == channel->name();
          });
      if (!told && !queued) continue;
      OutboxRow row;
      row.incident_id = i.id;
      row.channel = channel->name();
      row.notice = encode(notice);
      row.created = row.next_attempt = now;
      BZ_TRY(txn.enqueue(row));
    }
    return {};
  }

  World& world_;
  NotifyOutcome& outcome_;
  const BootTime begun_;
  bool taken_ = false;
};

void merge(DeliveryResult& into, DeliveryResult more) {
  into.sent.insert(into.sent.end(), more.sent.begin(), more.sent.end());
  into.failed.insert(into.failed.end(), more.failed.begin(), more.failed.end());
  into.newly_dead.insert(into.newly_dead.end(), more.newly_dead.begin(),
                         more.newly_dead.end());
  into.waiting = more.waiting;
  if (!more.holder.empty()) into.holder = std::move(more.holder);
}

// Why alarms do not leave, or nothing. A row that waits out its backoff was not
// tried by this pass and is no less undelivered.
std::string not_draining(const World& world, const NotifyOutcome& outcome) {
  if (!outcome.delivery.failed.empty()) return outcome.delivery.failed.front();
  const Memory& memory = outcome.cycle.memory;
  for (const ChannelState& c : memory.channels) {
    if (!c.failing_since) continue;
    // One that was taken out of the settings is nothing to wait for.
    const bool in_use =
        std::any_of(world.channels.begin(), world.channels.end(),
                    [&](const auto& u) { return u->name() == c.channel; });
    const bool waits =
        std::any_of(memory.outbox.begin(), memory.outbox.end(),
                    [&](const auto& row) { return row.channel == c.channel; });
    if (in_use && waits) return c.channel + ": " + c.last_error;
  }
  return {};
}

template <class T>
void say(NotifyOutcome& outcome, const char* what, const Result<T>& done) {
  if (!done) outcome.troubles.push_back(what + (": " + done.error().what));
}

// What is shown afterwards is what delivery left behind.
// `left` of the time of all deliveries.
Result<void> deliver_rest(World& world, Store& store, NotifyOutcome& outcome,
                          Duration& left) {
  const BootTime begun = world.clock.boot();
  BZ_ASSIGN(DeliveryResult more, deliver(world, store, left));
  left -= world.clock.boot() - begun;
  merge(outcome.delivery, std::move(more));
  return store.read([&](StoreReader& reader) -> Result<void> {
    BZ_ASSIGN(outcome.cycle.memory.outbox, reader.outbox());
    BZ_ASSIGN(outcome.cycle.memory.channels, reader.channel_states());
    return {};
  });
}

// The state as it is now, in RAM; where it cannot be read, an empty one.
std::unique_ptr<Store> in_memory(World& world) {
  std::unique_ptr<Store> ram;
  const auto copied = world.store.read([&](StoreReader& r) -> Result<void> {
    ram = world.memory_store(&r);
    return {};
  });
  if (!copied || !ram) ram = world.memory_store(nullptr);
  return ram;
}

Result<NotifyOutcome> uncommitted(World& world, const Error& why, Keep keep) {
  const std::unique_ptr<Store> ram = in_memory(world);
  world.store_findings.push_back(state_finding("written", why));
  NotifyOutcome outcome;
  BZ_ASSIGN(outcome.cycle, run_cycle(world, *ram, keep));
  outcome.cycle.uncommitted = why.what;
  Duration left = kDeliveriesTogether;
  BZ_TRY(deliver_rest(world, *ram, outcome, left));
  return outcome;
}

// Somebody holds the state. Judging needs no lock; telling does, or two would
// tell the same: it is left to whoever holds it, or to the next cycle.
Result<NotifyOutcome> held(World& world, const Error& why, Keep keep) {
  Finding f;
  f.id = kStateBusy;
  f.source = "host";
  f.message = "the state is held by another process: " + why.what +
              "; nothing of this check was kept or told";
  f.fix = world.settings.bezalel + " check --notify";
  f.alarm = core::Severity::p2;
  world.store_findings.push_back(std::move(f));
  NotifyOutcome outcome;
  BZ_ASSIGN(outcome.cycle, only_look(world, keep));
  outcome.cycle.uncommitted = why.what;
  return outcome;
}

}  // namespace

Result<CycleResult> rehearse(World& world, Keep keep) {
  const std::unique_ptr<Store> ram = in_memory(world);
  return run_cycle(world, *ram, keep);
}

Result<NotifyOutcome> check_and_notify(World& world, Keep keep) {
  auto cycle = run_cycle(world, world.store, keep);
  if (!cycle) {
    const Error error = std::move(cycle).error();
    NotifyOutcome outcome;
    if (!disk_failed(error)) {
      // Whoever waits outside for a sign of life hears why there is none.
      if (world.ping_dead_man) {
        static_cast<void>(world.ping_dead_man(error.what));
      }
      if (error.kind == Kind::unavailable) return held(world, error, keep);
      return error;
    }
    BZ_ASSIGN(outcome, uncommitted(world, error, keep));
    say(outcome, "dead man", ping_dead_man(world, error.what));
    return outcome;
  }
  NotifyOutcome outcome;
  outcome.cycle = *std::move(cycle);
  Duration left = kDeliveriesTogether;
  BZ_TRY(deliver_rest(world, world.store, outcome, left));
  if (!outcome.delivery.newly_dead.empty()) {
    // Told over the others now, not a cycle later.
    BZ_ASSIGN(CycleResult again, run_cycle(world, world.store, keep));
    auto& all = outcome.cycle.transitions;
    all.insert(all.end(), again.transitions.begin(), again.transitions.end());
    again.transitions = std::move(all);
    outcome.cycle = std::move(again);
    BZ_TRY(deliver_rest(world, world.store, outcome, left));
  }
  say(outcome, "issues of a lost state", close_forgotten(world, outcome.cycle));
  // No alarm waited for what may help.
  const auto acted = ActionRound(world, outcome).run();
  say(outcome, "action", acted);
  if (!acted || *acted) BZ_TRY(deliver_rest(world, world.store, outcome, left));
  // The stamp says that a cycle was committed; one in memory was not.
  if (world.state_trouble.empty()) {
    say(outcome, "stamp", world.write_stamp(moment_of(world)));
  }
  std::string trouble = world.state_trouble;
  const std::string stuck = not_draining(world, outcome);
  if (trouble.empty() && !stuck.empty()) {
    trouble = "the outbox does not drain: " + stuck;
  }
  say(outcome, "dead man", ping_dead_man(world, trouble));
  return outcome;
}

}  // namespace bezalel::app
