// A host in memory for the tests of the use cases: clock, heartbeats, runs,
// users, channels that record, and the shipped memory store.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/world.h"
#include "store/memory/memory_store.h"

namespace bezalel::app::fake {

class FakeClock final : public Clock {
 public:
  Timestamp wall_now = from_unix_seconds(1795500000);
  BootTime boot_now = BootTime(std::chrono::hours(100));
  std::optional<Duration> asleep_now;
  bool synchronized_now = false;

  Timestamp wall() const override { return wall_now; }
  BootTime boot() const override { return boot_now; }
  std::optional<Duration> asleep() const override { return asleep_now; }
  bool is_synchronized() const override { return synchronized_now; }
  void advance(Duration d) {
    wall_now += d;
    boot_now += d;
  }
};

class FakeJobs final : public JobSource {
 public:
  std::map<core::JobKey, SeenHeartbeat> files;
  std::vector<Finding> findings;
  std::vector<std::uint32_t> unseen;
  std::vector<std::uint32_t> flooded;

  HeartbeatScan scan() override {
    HeartbeatScan s;
    for (const auto& [key, seen] : files) s.seen.push_back(seen);
    s.findings = findings;
    s.unseen_uids = unseen;
    s.flooded_uids = flooded;
    return s;
  }
};

class FakeRuns final : public RunSource {
 public:
  NewRuns news;  // handed out once
  std::map<std::string, core::Life> lives;
  // Comes into the log as soon as a process was looked for.
  NewRuns when_asked;

  NewRuns read_since(const std::vector<Cursor>&) override {
    return std::exchange(news, {});
  }
  core::Life life_of(const record::RunStart& start) override {
    if (!when_asked.records.empty()) news = std::exchange(when_asked, {});
    const auto found = lives.find(start.run_id);
    return found == lives.end() ? core::Life::alive : found->second;
  }
};

class FakeUsers final : public Users {
 public:
  std::string name_of(std::uint32_t uid) override {
    return uid == 0 ? "root" : "u" + std::to_string(uid);
  }
  std::optional<std::uint32_t> uid_of(const std::string& name) override {
    if (name == "root") return 0;
    if (name.starts_with("u")) {
      return static_cast<std::uint32_t>(std::stoul(name.substr(1)));
    }
    return std::nullopt;
  }
  std::optional<std::string> home_of(std::uint32_t) override {
    return std::nullopt;
  }
};

// Records what it is told; answers what the test put in `next`.
class FakeChannel final : public Channel {
 public:
  FakeChannel(std::string name, bool tracker)
      : name_(std::move(name)), tracker_(tracker) {}

  const std::string& name() const override { return name_; }
  bool is_tracker() const override { return tracker_; }
  Delivery deliver(const Notice& notice,
                   const std::optional<std::string>& ref) override {
    if (!std::holds_alternative<Sent>(next)) return next;
    told.push_back(notice);
    refs.push_back(ref.value_or(""));
    Sent sent = std::get<Sent>(next);
    if (tracker_) sent.remote_ref = ref ? *ref : std::to_string(++issues);
    return sent;
  }
  Health probe() override { return {true, "fake", ""}; }
  Result<int> close_forgotten(const IsOver& is_over) override {
    if (!std::holds_alternative<Sent>(next)) {
      return err(Kind::unavailable, name_ + " does not answer");
    }
    ++seekings;
    std::erase_if(open, [&](const OpenIssue& issue) {
      return is_over(issue.marker, issue.body);
    });
    return 0;
  }

  Delivery next = Sent{};
  std::vector<Notice> told;
  std::vector<std::string> refs;
  struct OpenIssue {
    std::string marker, body;
  };
  std::vector<OpenIssue> open;  // what close_forgotten() goes through
  int seekings = 0;             // calls of it
  int issues = 0;

 private:
  std::string name_;
  bool tracker_;
};

class FakeActor final : public Actor {
 public:
  std::vector<std::string> performed;
  ActionResult result{true, "systemctl restart x.service, exit 0"};

  std::function<void()> while_it_runs;

  ActionResult perform(const Action&, const std::string& job) override {
    performed.push_back(job);
    if (while_it_runs) while_it_runs();
    return result;
  }
};

class FakeInventory final : public InventorySource {
 public:
  Inventory found;
  Inventory scan() override { return found; }

  // A line of /etc/cron.d/jobs, every hour.
  ScheduledJob& line(const std::string& name, Watch watch) {
    ScheduledJob j;
    j.key = {0, name};
    j.user = "root";
    j.schedule = "0 * * * *";
    j.command = name;
    j.source = "/etc/cron.d/jobs";
    j.line = static_cast<int>(found.jobs.size()) + 1;
    j.watch = watch;
    j.expectation = core::Expectation{schedule::Every{std::chrono::hours(1)},
                                      {},
                                      {},
                                      core::ExpectationSource::crontab,
                                      j.source + ":" + std::to_string(*j.line),
                                      {}};
    found.jobs.push_back(j);
    return found.jobs.back();
  }
};

struct FakeHost {
  FakeClock clock;
  Settings settings;
  FakeJobs jobs;
  FakeRuns runs;
  FakeUsers users;
  store::MemoryStore store;
  std::vector<std::unique_ptr<Channel>> channels;
  FakeActor actor;
  FakeInventory inventory;
  FakeChannel* forge = nullptr;
  FakeChannel* pager = nullptr;
  int ids = 0;
  int stamps = 0;
  std::vector<std::string> pings;
  std::string ping_error;  // of the dead-man ping; empty: it is taken
  bool other_delivers = false;
  World world;

  // What a fault in the settings does: the channel is not there.
  std::unique_ptr<Channel> take_channel(const std::string& name) {
    std::erase_if(settings.channels,
                  [&](const auto& c) { return c.name == name; });
    const auto found =
        std::find_if(channels.begin(), channels.end(),
                     [&](const auto& c) { return c->name() == name; });
    auto taken = std::move(*found);
    channels.erase(found);
    return taken;
  }
  void give_channel(std::unique_ptr<Channel> channel) {
    ChannelSettings c;
    c.name = channel->name();
    settings.channels.push_back(c);
    channels.push_back(std::move(channel));
  }

  FakeHost()
      : world{clock, "boot-1", settings, jobs, runs, users,
              store, channels, actor,    {},   {},   {},
              {},    {},       {},       {},   true} {
    settings.host = "db7";
    settings.zone = "Europe/Riga";
    auto tracker = std::make_unique<FakeChannel>("forge", true);
    auto chat = std::make_unique<FakeChannel>("pager", false);
    forge = tracker.get();
    pager = chat.get();
    channels.push_back(std::move(tracker));
    channels.push_back(std::move(chat));
    for (const char* name : {"forge", "pager"}) {
      ChannelSettings c;
      c.name = name;
      settings.channels.push_back(c);
    }
    world.new_id = [this](Timestamp) { return "ID" + std::to_string(++ids); };
    world.memory_store = [](StoreReader* reader) -> std::unique_ptr<Store> {
      if (!reader) return std::make_unique<store::MemoryStore>();
      auto copy = store::MemoryStore::copy_of(*reader, {"forge", "pager"});
      if (!copy) return nullptr;
      return *std::move(copy);
    };
    world.lock = [this](std::string& holder) -> std::unique_ptr<DeliveryLock> {
      if (!other_delivers) return std::make_unique<DeliveryLock>();
      holder = "pid 4711";
      return nullptr;
    };
    world.write_stamp = [this](const Moment&) -> Result<void> {
      ++stamps;
      return {};
    };
    world.ping_dead_man = [this](const std::string& why) -> Result<void> {
      pings.push_back(why);
      if (!ping_error.empty()) return err(Kind::unavailable, ping_error);
      return {};
    };
  }

  // A job that beats every `interval`, just now.
  void beat(const std::string& name, Duration interval, std::uint32_t uid = 0) {
    SeenHeartbeat seen;
    seen.key = {uid, name};
    seen.mtime = clock.wall_now;
    record::Heartbeat h;
    h.job = name;
    h.at = clock.wall_now;
    h.boottime = clock.boot_now;
    h.boot_id = world.boot_id;
    h.interval = interval;
    h.run_id = "RUN" + std::to_string(++ids);
    seen.beat = BeatMaker().of(h);
    jobs.files[seen.key] = seen;
  }
};

}  // namespace bezalel::app::fake
