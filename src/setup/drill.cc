#include "setup/drill.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "app/local_time.h"
#include "app/notify_cycle.h"
#include "app/upkeep.h"
#include "base/duration.h"
#include "record/heartbeat_file.h"
#include "record/paths.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/lock.h"

namespace bezalel::setup {
namespace {

using MaybeBlocked = std::optional<Obstacle>;

constexpr int kTries = 8;

// Ctrl-C and its like are kept from this process, and asked for: what a drill
// made up must not outlive it.
class Interrupts {
 public:
  Interrupts() {
    ::sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      ::sigaddset(&set_, signal);
    }
    ::sigprocmask(SIG_BLOCK, &set_, &before_);
    fd_ = sys::Fd(::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~Interrupts() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Waits that long; false: somebody wants it to end.
  bool wait(Duration d) const {
    pollfd polled{fd_.get(), POLLIN, 0};
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d);
    if (::poll(&polled, 1, static_cast<int>(ms.count())) <= 0) return true;
    // Taken, or it would end us as soon as it is let through.
    signalfd_siginfo taken{};
    [[maybe_unused]] const ssize_t n = ::read(fd_.get(), &taken, sizeof taken);
    return false;
  }

 private:
  sigset_t set_{}, before_{};
  sys::Fd fd_;
};

class Drill {
 public:
  Drill(app::World& world, const DrillPlan& plan, const Say& say)
      : world_(world), plan_(plan), say_(say) {
    key_ = {plan.uid, std::string(app::kDrillJob)};
    path_ = record::heartbeat_path(plan.heartbeats_dir, key_.job);
  }

  Result<void> run() {
    start_ = world_.clock.wall();
    auto done = steps();
    clean_up();
    BZ_TRY(std::move(done));
    std::string names;
    for (const std::string& name : resolved_) {
      names += (names.empty() ? "" : ", ") + name;
    }
    say_(fmt::format("alarm path proven in {}: {}",
                     format_age(world_.clock.wall() - start_), names));
    return {};
  }

 private:
  void step(const std::string& text) {
    say_(app::local_clock(world_.clock.wall(), world_.settings.zone) + "  " +
         text);
  }

  Result<void> pause(Duration d) const {
    if (interrupts_.wait(d)) return {};
    return err(Kind::unavailable,
               "drill: interrupted; what it made up is gone again");
  }

  Result<void> beat() {
    record::Heartbeat h;
    h.job = key_.job;
    h.at = world_.clock.wall();
    h.boottime = world_.clock.boot();
    h.boot_id = world_.boot_id;
    h.interval = plan_.every;
    h.host = world_.settings.host;
    h.run_id = world_.new_id(h.at);
    return sys::write_file(path_, record::encode(h), 0644, sys::Durable::no);
  }

  Result<void> steps() {
    BZ_TRY(beat());
    step(fmt::format(
        "made-up job \"{}\" declared, every {}; one success recorded", key_.job,
        format_age(plan_.every)));
    BZ_TRY(pause(2 * plan_.every + std::chrono::milliseconds(200)));
    step(fmt::format("silent for {}: stale", format_age(2 * plan_.every)));
    BZ_TRY(until_told(app::NoticeKind::opened, opened_));
    BZ_TRY(beat());
    step("success recorded: well again");
    BZ_TRY(until_told(app::NoticeKind::resolved, resolved_));
    return {};
  }

  // Cycles until every channel took this kind of notice. A first failure may
  // pass; a channel that gave up will not.
  Result<void> until_told(app::NoticeKind kind, std::set<std::string>& told) {
    std::string trouble;
    for (int i = 0; i < kTries; ++i) {
      BZ_ASSIGN(const app::NotifyOutcome outcome,
                app::check_and_notify(world_));
      note(outcome, kind, told);
      BZ_TRY(note_told_by_others(kind, told));
      const bool all =
          std::all_of(world_.channels.begin(), world_.channels.end(),
                      [&](const auto& c) { return told.contains(c->name()); });
      if (all) return {};
      trouble.clear();
      for (const std::string& f : outcome.delivery.failed) {
        trouble += (trouble.empty() ? "" : "; ") + f;
      }
      if (trouble.empty()) trouble = outcome.cycle.uncommitted;
      if (!outcome.delivery.newly_dead.empty()) break;
      BZ_TRY(pause(std::chrono::seconds(1)));
    }
    if (trouble.empty()) {
      for (const auto& c : world_.channels) {
        if (told.contains(c->name())) continue;
        trouble += (trouble.empty() ? "" : ", ") + c->name();
      }
      trouble += ": told nothing";
    }
    return err(Kind::unavailable,
               "drill: " + trouble + "; expected every channel to take it");
  }

  void note(const app::NotifyOutcome& outcome, app::NoticeKind kind,
            std::set<std::string>& told) {
    std::int64_t mine = incident_;
    for (const core::OpenIncident& i : outcome.cycle.memory.open) {
      if (i.key == core::IncidentKey::of(key_)) mine = incident_ = i.id;
    }
    for (const app::Delivered& d : outcome.delivery.sent) {
      if (d.incident_id != mine || d.kind != kind) continue;
      note_told(kind, d.channel, d.remote_ref, told);
    }
  }

  // The host's own check, at the same time, delivers what waits in the outbox,
  // or sees the incident before we do.
  Result<void> note_told_by_others(app::NoticeKind kind,
                                   std::set<std::string>& told) {
    return world_.store.read([&](app::StoreReader& reader) -> Result<void> {
      BZ_ASSIGN(const auto events, reader.events_since(start_));
      for (const app::Event& e : events) {
        if (e.kind != app::kDelivered || !e.key ||
            *e.key != core::IncidentKey::of(key_)) {
          continue;
        }
        for (const auto& channel : world_.channels) {
          if (e.text != app::delivered_text(kind, channel->name())) continue;
          BZ_ASSIGN(const auto ref,
                    reader.remote_ref(e.incident_id, channel->name()));
          note_told(kind, channel->name(), ref.value_or(""), told);
        }
      }
      return {};
    });
  }

  void note_told(app::NoticeKind kind, const std::string& channel,
                 const std::string& ref, std::set<std::string>& told) {
    if (!told.insert(channel).second) return;
    const bool opened = kind == app::NoticeKind::opened;
    step(fmt::format("{:<8} {}{}", opened ? "opened" : "resolved", channel,
                     ref.empty() ? "" : " #" + ref));
  }

  // Leaves nothing: no file, no open incident, no job in the inventory.
  void clean_up() {
    ::unlink(path_.c_str());
    static_cast<void>(
        app::retire(world_, key_, "the drill is over", "bezalel drill"));
    if (resolved_.empty()) static_cast<void>(app::check_and_notify(world_));
  }

  app::World& world_;
  const DrillPlan& plan_;
  const Say& say_;
  const Interrupts interrupts_;
  core::JobKey key_;
  std::string path_;
  Timestamp start_;
  std::int64_t incident_ = -1;
  std::set<std::string> opened_, resolved_;
};

// Why the notices of a drill would prove nothing, or not come.
Result<MaybeBlocked> before_drill(app::World& world, const core::JobKey& key) {
  const bool any =
      std::any_of(world.channels.begin(), world.channels.end(),
                  [](const auto& c) { return c->name() != "local"; });
  if (!any) {
    const bool set = !world.settings.channels.empty();
    return MaybeBlocked(Obstacle{
        std::string(set ? "no channel can be used" : "no channel is set") +
            ": an alarm would reach the local log only",
        world.settings.bezalel + (set ? " doctor" : " init --help")});
  }
  if (auto mute = mute_route(world.settings, core::Severity::p1)) {
    mute->fix = world.settings.bezalel + " doctor";
    return mute;
  }
  app::Memory memory;
  BZ_TRY(world.store.read([&](app::StoreReader& r) -> Result<void> {
    BZ_ASSIGN(memory, app::remember(r));
    return {};
  }));
  return silence_over(core::IncidentKey::of(key), memory, world);
}

}  // namespace

Result<MaybeBlocked> drill(app::World& world, const DrillPlan& plan,
                           const Say& say) {
  if (plan.every < std::chrono::seconds(1) ||
      plan.every > std::chrono::seconds(20)) {
    return err(Kind::invalid, "--every: expected 1s to 20s");
  }
  const sys::Lock lock = sys::take_lock(plan.lock, plan.lock_owner);
  if (lock.other) {
    return err(
        Kind::conflict,
        fmt::format("drill: another drill is going on (since {}, {})",
                    app::local_clock(lock.other->since, world.settings.zone),
                    lock.other->who));
  }
  BZ_ASSIGN(auto blocked,
            before_drill(world, {plan.uid, std::string(app::kDrillJob)}));
  if (blocked) return blocked;
  BZ_TRY(Drill(world, plan, say).run());
  return MaybeBlocked();
}

}  // namespace bezalel::setup
