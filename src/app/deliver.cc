#include "app/deliver.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "app/channel_change.h"

namespace bezalel::app {
namespace {

constexpr Duration kDeadRetry = std::chrono::hours(6);
// How long a channel may be missing from the settings and still get what it
// has not had.
constexpr Duration kKeptForAbsent = std::chrono::days(7);
// How long one address of several is tried that cannot take a notice now.
constexpr Duration kKeptForOne = std::chrono::hours(4);
constexpr Duration kMaxBackoff = std::chrono::minutes(5);
// That a channel may ask for: a day, by Retry-After or for one notice alone.
constexpr Duration kMaxWait = std::chrono::hours(24);

Channel* find(World& world, const std::string& name) {
  for (const auto& channel : world.channels) {
    if (channel->name() == name) return channel.get();
  }
  return nullptr;
}

class Deliverer {
 public:
  Deliverer(World& world, Store& store, Duration budget)
      : world_(world), store_(store), budget_(budget) {}

  Result<DeliveryResult> run() {
    BZ_TRY(revive_changed());
    std::vector<OutboxRow> rows;
    BZ_TRY(store_.read([&](StoreReader& reader) -> Result<void> {
      BZ_ASSIGN(rows, reader.outbox());
      BZ_ASSIGN(auto states, reader.channel_states());
      for (ChannelState& s : states) states_[s.channel] = std::move(s);
      return {};
    }));
    // Trackers may tell that somebody has seen it, and then nobody is reminded.
    std::stable_partition(rows.begin(), rows.end(), [&](const OutboxRow& row) {
      const Channel* channel = find(world_, row.channel);
      return (channel && channel->is_tracker()) || !is_reminder(row);
    });
    const BootTime begun = world_.clock.boot();
    for (OutboxRow& row : rows) {
      if (world_.clock.boot() - begun >= budget_) {
        ++result_.waiting;
        continue;
      }
      BZ_TRY(one(row));
    }
    return std::move(result_);
  }

 private:
  // Somebody mended a channel: that is what its rows wait for. It counts as
  // dead until one of them has arrived.
  Result<void> revive_changed() {
    std::vector<ChannelChange> changes;
    BZ_TRY(store_.read([&](StoreReader& reader) -> Result<void> {
      BZ_ASSIGN(changes, changed_channels(reader, world_.settings));
      return {};
    }));
    if (changes.empty()) return {};
    return tolerate(store_.transact([&](Txn& txn) -> Result<void> {
      for (const ChannelChange& c : changes) {
        if (c.known) BZ_TRY(revive(txn, c.channel, world_.clock.wall()));
        BZ_TRY(remember_channel(txn, c));
      }
      return {};
    }));
  }

  static bool is_reminder(const OutboxRow& row) {
    const auto notice = decode_notice(row.notice);
    return notice && notice->kind == NoticeKind::reminder;
  }

  Result<void> one(OutboxRow& row) {
    const auto lane = std::make_pair(row.incident_id, row.channel);
    Channel* channel = find(world_, row.channel);
    if (!channel) return keep_for_absent(row);
    // In order per incident; and a channel that failed once in this pass is
    // left alone until the next, so that one dead host costs one timeout.
    const bool held = blocked_.contains(lane) || failed_.contains(row.channel);
    auto notice = decode_notice(row.notice);
    if (held || waits(row, world_.clock.wall())) {
      if (!notice || !is_rest(*notice)) blocked_.insert(lane);
      ++result_.waiting;
      return {};
    }
    if (!notice) return drop(row, "it cannot be read back");
    if (notice->kind == NoticeKind::reminder &&
        seen_.contains(row.incident_id)) {
      return drop(row, "its issue was closed by hand");
    }
    if (is_rest(*notice)) {
      BZ_ASSIGN(const bool over, is_over(row, *notice));
      if (over) return drop(row, "it was over before an address took it");
    }
    notice->possible_repeat = row.state == OutboxState::unknown;
    std::optional<std::string> ref;
    BZ_TRY(store_.read([&](StoreReader& reader) -> Result<void> {
      BZ_ASSIGN(ref, reader.remote_ref(row.incident_id, row.channel));
      return {};
    }));
    BZ_TRY(mark_attempt(row));
    const Delivery outcome = channel->deliver(*notice, ref);
    row.attempts += 1;
    return std::visit([&](const auto& o) { return note(row, *notice, o); },
                      outcome);
  }

  // For addresses that have not had it, while others have: these hear of what
  // comes next all the same.
  static bool is_rest(const Notice& notice) { return !notice.only_to.empty(); }

  // "Well again" has gone to all addresses: an alarm must not come after it.
  Result<bool> is_over(const OutboxRow& row, const Notice& notice) {
    if (row.incident_id == 0 || notice.kind == NoticeKind::resolved) {
      return false;
    }
    bool open = false;
    BZ_TRY(store_.read([&](StoreReader& reader) -> Result<void> {
      BZ_ASSIGN(const auto incidents, reader.open_incidents());
      open =
          std::any_of(incidents.begin(), incidents.end(),
                      [&](const auto& i) { return i.id == row.incident_id; });
      return {};
    }));
    return !open;
  }

  // Nothing waits longer than that, unless it was written by a clock that was
  // ahead.
  static bool waits(const OutboxRow& row, Timestamp now) {
    const Duration longest =
        row.state == OutboxState::dead ? kDeadRetry : kMaxWait;
    return row.next_attempt > now && row.next_attempt - now <= longest;
  }

  // A kill between here and the answer leaves "unknown": find before create.
  Result<void> mark_attempt(const OutboxRow& row) {
    OutboxRow attempted = row;
    attempted.state = OutboxState::unknown;
    attempted.attempts += 1;
    return tolerate(store_.transact(
        [&](Txn& txn) { return txn.update_outbox(attempted); }));
  }

  // A full disk must not keep an alarm from leaving (FAULTS 23).
  static Result<void> tolerate(Result<void> done) {
    if (!done &&
        (done.error().kind == Kind::full || done.error().kind == Kind::io)) {
      return {};
    }
    return done;
  }

  Result<void> note(OutboxRow& row, const Notice& notice, const Sent& sent) {
    const Timestamp now = world_.clock.wall();
    row.state = OutboxState::sent;
    row.last_error.clear();
    ChannelState& state = states_[row.channel];
    state = {row.channel, now, {}, {}, false};
    if (sent.closed_by_human) seen_.insert(row.incident_id);
    if (!is_rest(notice)) {
      result_.sent.push_back({row.channel, sent.remote_ref.value_or(""),
                              notice.kind, row.incident_id});
    }
    const auto rest = rest_of(row, notice, sent, now);
    if (rest) ++result_.waiting;
    return tolerate(store_.transact([&](Txn& txn) -> Result<void> {
      BZ_TRY(txn.update_outbox(row));
      if (sent.remote_ref) {
        BZ_TRY(
            txn.set_remote_ref(row.incident_id, row.channel, *sent.remote_ref));
      }
      BZ_TRY(txn.put_channel_state(state));
      if (sent.closed_by_human) BZ_TRY(seen_by_human(txn, row, notice, now));
      if (rest) BZ_TRY(txn.enqueue(*rest));
      if (!sent.note.empty() && !(rest && is_rest(notice))) {
        BZ_TRY(
            txn.add_event({0, now, "channel_note", notice.key, row.incident_id,
                           row.channel + ": " + sent.note}));
      }
      return txn.add_event({0, now, kDelivered, notice.key, row.incident_id,
                            delivered_text(notice.kind, row.channel)});
    }));
  }

  // What is left to be sent, to those who could not take it; as old as the
  // whole, so that it ends.
  static std::optional<OutboxRow> rest_of(const OutboxRow& row,
                                          const Notice& notice,
                                          const Sent& sent, Timestamp now) {
    if (sent.not_yet.empty() || now - row.created >= kKeptForOne) return {};
    Notice rest = notice;
    rest.only_to = sent.not_yet;
    rest.possible_repeat = false;
    OutboxRow left = row;
    left.id = 0;
    left.notice = encode(rest);
    left.state = OutboxState::pending;
    left.next_attempt = now + backoff(row.attempts);
    return left;
  }

  // Somebody closed the issue while the job is still silent: that is an ack.
  static Result<void> seen_by_human(Txn& txn, const OutboxRow& row,
                                    const Notice& notice, Timestamp now) {
    BZ_ASSIGN(const auto open, txn.open_incidents());
    for (core::OpenIncident incident : open) {
      if (incident.id != row.incident_id || incident.acked) continue;
      incident.acked = now;
      BZ_TRY(txn.update_incident(incident));
      BZ_TRY(txn.add_event({0, now, "acked", notice.key, incident.id,
                            "closed by hand on " + row.channel}));
    }
    return {};
  }

  Result<void> note(OutboxRow& row, const Notice& notice,
                    const RetryLater& retry) {
    const bool too_old = world_.clock.wall() - row.created >= kKeptForOne;
    if (is_rest(notice) && retry.only_this && too_old) {
      return drop(row, "an address could not take it");
    }
    const Duration wait = std::clamp(retry.after.value_or(Duration{}),
                                     backoff(row.attempts), kMaxWait);
    row.state =
        retry.unknown_fate ? OutboxState::unknown : OutboxState::pending;
    if (retry.only_this && !is_rest(notice)) {
      blocked_.insert({row.incident_id, row.channel});
    }
    if (retry.only_this) return note_wait(row, retry.why, wait);
    return note_failure(row, retry.why, wait, false);
  }

  // The channel answered as it should, so it is well; this incident waits.
  Result<void> note_wait(OutboxRow& row, const std::string& why,
                         Duration wait) {
    const Timestamp now = world_.clock.wall();
    const bool said = row.last_error == why;
    row.last_error = why;
    row.next_attempt = now + wait;
    ChannelState& state = states_[row.channel];
    state = {row.channel, state.last_sent, {}, {}, false};
    ++result_.waiting;
    return tolerate(store_.transact([&](Txn& txn) -> Result<void> {
      BZ_TRY(txn.update_outbox(row));
      BZ_TRY(txn.put_channel_state(state));
      if (said) return {};
      return txn.add_event({0,
                            now,
                            "channel_note",
                            {},
                            row.incident_id,
                            row.channel + ": " + why});
    }));
  }

  Result<void> note(OutboxRow& row, const Notice&, const GaveUp& gave_up) {
    row.state = OutboxState::dead;
    return note_failure(row, gave_up.why, kDeadRetry, true);
  }

  Result<void> note_failure(OutboxRow& row, const std::string& why,
                            Duration wait, bool dead) {
    const Timestamp now = world_.clock.wall();
    row.last_error = why;
    row.next_attempt = now + wait;
    ChannelState& state = states_[row.channel];
    state.channel = row.channel;
    // A clock that was ahead may have written it.
    state.failing_since = std::min(state.failing_since.value_or(now), now);
    if (dead && !state.dead) result_.newly_dead.push_back(row.channel);
    state.dead = state.dead || dead;
    state.last_error = why;
    failed_.insert(row.channel);
    blocked_.insert({row.incident_id, row.channel});
    ++result_.waiting;
    result_.failed.push_back(row.channel + ": " + why);
    return tolerate(store_.transact([&](Txn& txn) -> Result<void> {
      BZ_TRY(txn.update_outbox(row));
      return txn.put_channel_state(state);
    }));
  }

  // Its channel is not in the settings: for now, because they have a fault or
  // its token cannot be read, or for good.
  Result<void> keep_for_absent(OutboxRow& row) {
    if (world_.clock.wall() - row.created < kKeptForAbsent) return {};
    return drop(row, "its channel is no longer in the settings");
  }

  Result<void> drop(OutboxRow& row, const char* why) {
    row.state = OutboxState::sent;
    row.last_error = std::string("dropped: ") + why;
    return tolerate(store_.transact([&](Txn& txn) -> Result<void> {
      BZ_TRY(txn.update_outbox(row));
      return txn.add_event(
          {0,
           world_.clock.wall(),
           "dropped",
           {},
           row.incident_id,
           "a notice for channel " + row.channel + ": " + why});
    }));
  }

  World& world_;
  Store& store_;
  const Duration budget_;
  DeliveryResult result_;
  std::map<std::string, ChannelState> states_;
  std::set<std::pair<std::int64_t, std::string>> blocked_;
  std::set<std::string> failed_;
  std::set<std::int64_t> seen_;  // incidents whose issue a person closed
};

}  // namespace

std::string delivered_text(NoticeKind kind, const std::string& channel) {
  return fmt::format("{} over {}", to_string(kind), channel);
}

Duration backoff(int attempts) {
  Duration wait = std::chrono::seconds(1);
  for (int i = 1; i < attempts && wait < kMaxBackoff; ++i) wait *= 2;
  return std::min(wait, kMaxBackoff);
}

Result<void> revive(Txn& txn, const std::string& channel, Timestamp now) {
  BZ_ASSIGN(const auto rows, txn.outbox());
  for (OutboxRow row : rows) {
    if (row.channel != channel) continue;
    if (row.state == OutboxState::dead) row.state = OutboxState::pending;
    row.next_attempt = std::min(row.next_attempt, now);
    BZ_TRY(txn.update_outbox(row));
  }
  return {};
}

Result<DeliveryResult> deliver(World& world, Store& store, Duration budget) {
  std::string holder;
  const auto lock = world.lock(holder);
  if (!lock) {
    DeliveryResult result;
    result.holder = holder;
    BZ_TRY(store.read([&](StoreReader& reader) -> Result<void> {
      BZ_ASSIGN(const auto rows, reader.outbox());
      result.waiting = static_cast<int>(rows.size());
      return {};
    }));
    return result;
  }
  return Deliverer(world, store, budget).run();
}

}  // namespace bezalel::app
