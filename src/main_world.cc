#include "main_world.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "action/system_actor.h"
#include "app/local_time.h"
#include "base/escape.h"
#include "base/paste.h"
#include "notify/deadman.h"
#include "notify/make.h"
#include "record/heartbeat_file.h"
#include "record/ulid.h"
#include "settings/load.h"
#include "setup/directories.h"
#include "store/memory/memory_store.h"
#include "sys/entropy.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/mount.h"

namespace bezalel {
namespace {

constexpr std::size_t kReportsKept = 30;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

class FileLock final : public app::DeliveryLock {
 public:
  explicit FileLock(sys::Lock lock) : lock_(std::move(lock)) {}

 private:
  sys::Lock lock_;
};

std::unique_ptr<app::DeliveryLock> take_lock(
    const std::string& path, const std::optional<sys::Owner>& owner,
    std::string& holder) {
  sys::Lock lock = sys::take_lock(path, owner);
  if (!lock.other) return std::make_unique<FileLock>(std::move(lock));
  holder = lock.other->who;
  return nullptr;
}

std::string new_ulid(Timestamp t) {
  std::array<std::uint8_t, 10> random{};
  sys::fill_random(random);
  return record::make_ulid(t, random);
}

heartbeat::Options reader_options(const Here& here,
                                  const app::Settings& settings,
                                  app::Users& users) {
  heartbeat::Options options;
  if (here.scope == setup::Scope::user) options.only = here.uid;
  if (here.scope == setup::Scope::system) {
    options.home_of = [&users](std::uint32_t uid) {
      return users.home_of(uid);
    };
    for (const std::string& name : setup::users_of_crontabs()) {
      if (const auto uid = users.uid_of(name)) options.owners.push_back(*uid);
    }
  }
  for (const app::DeclaredJob& job : settings.jobs) {
    options.declared.push_back({job.uid, job.name});
  }
  options.seen_logs = std::make_shared<heartbeat::SeenLogs>();
  return options;
}

cli::Terminal terminal() {
  cli::Terminal t;
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0) return t;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    t.columns = size.ws_col;
  }
  t.colour = variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  return t;
}

// Reports named by date; the oldest beyond kReportsKept that end alike go.
Result<void> keep_report(const Here& here, const std::string& name,
                         const std::string& text) {
  constexpr std::size_t kDateSize = sizeof "2026-11-24" - 1;
  BZ_TRY(sys::make_directories(here.paths.reports, 0755));
  const std::string path = here.paths.reports + "/" + name;
  const std::string_view ending = std::string_view(name).substr(kDateSize);
  BZ_TRY(
      sys::write_file(path, text, 0644, sys::Durable::yes, state_owner(here)));
  BZ_ASSIGN(const auto dir, sys::Directory::open(here.paths.reports));
  std::vector<std::string> names;
  BZ_TRY(dir.each([&](const char* entry) {
    const std::string_view word(entry);
    if (word.size() == name.size() && word.ends_with(ending)) {
      names.emplace_back(word);
    }
    return true;
  }));
  std::sort(names.rbegin(), names.rend());
  for (std::size_t i = kReportsKept; i < names.size(); ++i) {
    ::unlinkat(dir.fd(), names[i].c_str(), 0);
  }
  return {};
}

}  // namespace

Everything::Everything(Here here, app::Settings settings,
                       settings::SystemUsers& users)
    : here_(std::move(here)),
      settings_(std::move(settings)),
      users_(users),
      reading_(reader_options(here_, settings_, users_)),
      jobs_(here_.paths, reading_),
      runs_(here_.paths, reading_),
      store_(std::make_unique<store::MemoryStore>()),
      actor_(std::make_unique<action::SystemActor>(action::this_host())) {
  if (!here_.paths.flat) {
    auto options = discover_options(here_, {});
    options.who.own_only = here_.scope == setup::Scope::user;
    inventory_ = std::make_unique<discover::HostInventory>(std::move(options));
  }
  make_channels();
  make_world();
  make_place();
}

Everything::~Everything() = default;

void Everything::make_channels() {
  const notify::Identity identity{BEZALEL_VERSION, settings_.host};
  bool has_local = false;
  for (const app::ChannelSettings& s : settings_.channels) {
    has_local = has_local || s.name == "local";
    auto made = notify::make_channel(s, identity, clock_);
    auto first = s.unread.begin();
    if (made) {
      channels_.push_back(*std::move(made));
    } else {
      app::Finding f;
      f.message = s.where + ": " + made.error().what;
      f.alarm = core::Severity::p2;
      // What it misses is the secret that could not be read, then.
      if (first != s.unread.end()) {
        f = *first;
        f.message = settings::text_of(*first++);
        f.line = f.column = std::nullopt;
      }
      f.id = app::kChannelInvalid;
      f.source = s.name;
      settings_.findings.push_back(std::move(f));
    }
    settings_.findings.insert(settings_.findings.end(), first, s.unread.end());
  }
  if (has_local) return;
  app::ChannelSettings local;
  local.name = "local";
  local.type = "local";
  if (auto made = notify::make_channel(local, identity, clock_)) {
    channels_.push_back(*std::move(made));
  }
}

Result<void> Everything::open_state(store::Mode mode, WithoutState without) {
  const bool writes = mode == store::Mode::read_write;
  if (writes) {
    // A missing directory is met by open() in its own words.
    static_cast<void>(sys::make_directories(here_.paths.state_dir, 0755));
  }
  auto opened = store::open(here_.paths.state_db, mode, clock_.wall(),
                            writes ? state_owner(here_) : std::nullopt);
  if (opened) {
    store_ = std::move(opened->store);
    world_->store_findings = std::move(opened->findings);
  } else {
    const Error& error = opened.error();
    if (error.kind == Kind::conflict) return error;
    if (!writes && error.kind == Kind::not_found) return {};
    const bool room = error.kind != Kind::full && error.kind != Kind::io;
    if (writes && room && without == WithoutState::refuse) return error;
    app::Finding finding = app::state_finding("opened", error);
    const auto mount = sys::read_only_mount(here_.paths.state_db);
    if (mount && finding.id == app::kStateReadOnly) {
      finding.fix = "mount -o remount,rw " + paste_word(*mount);
    }
    world_->state_trouble = error.what;
    world_->state_fix = finding.fix;
    // Not root's own state on a full disk, or a broken one.
    if (!here_.as_root && error.kind == Kind::denied) {
      world_->state_fix = "run this as root, or with --mine";
    }
    // What writes sets it aside, and says so itself.
    struct stat db{};
    if (!writes && error.kind == Kind::corrupt &&
        ::lstat(here_.paths.state_db.c_str(), &db) == 0 &&
        S_ISREG(db.st_mode)) {
      world_->state_trouble += "; the next check sets it aside and begins anew";
      world_->state_fix = here_.bezalel + " check --notify";
    }
    if (writes) world_->store_findings.push_back(std::move(finding));
    return {};
  }
  make_world();
  return {};
}

void Everything::make_world() {
  std::vector<app::Finding> findings;
  std::string trouble;
  if (world_) {
    findings = std::move(world_->store_findings);
    trouble = std::move(world_->state_trouble);
  }
  world_.reset(new app::World{clock_,
                              sys::boot_id(),
                              settings_,
                              jobs_,
                              runs_,
                              users_,
                              *store_,
                              channels_,
                              *actor_,
                              {},
                              {},
                              {},
                              {},
                              {},
                              std::move(findings),
                              std::move(trouble),
                              here_.as_root});
  world_->inventory = inventory_.get();
  world_->new_id = new_ulid;
  std::vector<std::string> names;
  for (const auto& channel : channels_) names.push_back(channel->name());
  world_->memory_store =
      [names](app::StoreReader* reader) -> std::unique_ptr<app::Store> {
    if (!reader) return std::make_unique<store::MemoryStore>();
    auto copy = store::MemoryStore::copy_of(*reader, names);
    if (!copy) return nullptr;
    return *std::move(copy);
  };
  world_->lock = [this](std::string& holder) {
    return take_lock(here_.paths.notify_lock, state_owner(here_), holder);
  };
  world_->write_stamp = [this](const app::Moment& now) -> Result<void> {
    record::Heartbeat stamp;
    stamp.job = "bezalel-check";
    stamp.at = now.wall;
    stamp.boottime = now.boot;
    stamp.boot_id = now.boot_id;
    stamp.interval = settings_.check_every;
    stamp.host = settings_.host;
    return sys::write_file(here_.paths.check_stamp, record::encode(stamp), 0644,
                           sys::Durable::no, state_owner(here_));
  };
  if (settings_.deadman_url.empty()) return;
  world_->ping_dead_man = [this](const std::string& why) -> Result<void> {
    return notify::ping(
        settings_.deadman_url,
        why.empty() ? notify::PingKind::ok : notify::PingKind::fail, why);
  };
}

Result<void> Everything::send_report(const std::string& sink,
                                     const std::string& text,
                                     const std::string& subject) {
  const Timestamp now = clock_.wall();
  for (const auto& channel : channels_) {
    if (channel->name() != sink) continue;
    app::Notice n;
    n.event_id = new_ulid(now);
    n.kind = app::NoticeKind::report;
    n.host = settings_.host;
    n.key = core::IncidentKey::of_finding("report", n.event_id);
    n.marker = core::marker_key(n.host, n.key);
    n.severity = core::Severity::p3;
    n.verdict = "report";
    n.sentence = subject;
    n.cause = text;
    n.since = n.opened = n.at = now;
    n.zone = settings_.zone;
    const app::Delivery outcome = channel->deliver(n, {});
    if (std::holds_alternative<app::Sent>(outcome)) return {};
    if (const auto* retry = std::get_if<app::RetryLater>(&outcome)) {
      return err(Kind::unavailable, retry->why);
    }
    return err(Kind::denied, std::get<app::GaveUp>(outcome).why);
  }
  return err(Kind::not_found, "no such channel; expected a [channel.NAME]");
}

void Everything::make_place() {
  place_.heartbeats_dir = here_.paths.heartbeats;
  place_.jobs_dir = here_.paths.jobs_dir;
  place_.owner =
      here_.scope == setup::Scope::user ? here_.uid : here_.paths.owner;
  place_.reports_dir = here_.paths.reports;
  place_.settings_exist = ::access(here_.paths.settings.c_str(), F_OK) == 0;
  place_.who = here_.user;
  place_.terminal = terminal();
  place_.write_file = [](const std::string& path,
                         const std::string& text) -> Result<void> {
    // A whole new file would take the place of /dev/null itself.
    struct stat there{};
    if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
      return err(Kind::invalid, "-o " + path + ": expected a regular file");
    }
    return sys::write_file(path, text, 0644, sys::Durable::yes);
  };
  place_.read_file = [](const std::string& path) {
    return sys::read_file(path, 64UL * 1024 * 1024);
  };
  place_.keep_report = [this](const std::string& name,
                              const std::string& text) {
    return keep_report(here_, name, text);
  };
  place_.send_report = [this](const std::string& sink, const std::string& text,
                              const std::string& subject) {
    return send_report(sink, text, subject);
  };
  place_.record_report = [this]() -> Result<void> {
    record::Heartbeat h;
    h.job = app::kReportJob;
    h.at = clock_.wall();
    h.boottime = clock_.boot();
    h.boot_id = sys::boot_id();
    h.interval = app::kReportEvery;
    h.host = settings_.host;
    const std::string dir = here_.scope == setup::Scope::user &&
                                    !here_.paths.extra_heartbeats.empty()
                                ? here_.paths.extra_heartbeats
                                : here_.paths.heartbeats_of(report_uid(here_));
    BZ_TRY(sys::make_directories(dir, 0755));
    return sys::write_file(record::heartbeat_path(dir, h.job),
                           record::encode(h), 0644, sys::Durable::yes,
                           state_owner(here_));
  };
}

}  // namespace bezalel
