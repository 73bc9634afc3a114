#include "setup/doctor.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "app/forgotten.h"
#include "app/local_time.h"
#include "app/memory.h"
#include "base/duration.h"
#include "base/escape.h"
#include "base/paste.h"
#include "setup/directories.h"
#include "setup/reach.h"
#include "setup/report_examined.h"
#include "sys/mount.h"

namespace bezalel::setup {
namespace {

constexpr char kRule[] =
    "/usr/share/doc/bezalel/examples/polkit/60-bezalel-actions.rules";
constexpr int kDiskFull = 95;
constexpr int kCyclesLate = 3;
constexpr Duration kRunLogsKept = std::chrono::days(14);
constexpr char kSilence[] = "silence";

class Examiner {
 public:
  Examiner(app::World& world, const record::Paths& paths, Scope scope,
           bool settings_exist, const std::string& program)
      : world_(world),
        paths_(paths),
        scope_(scope),
        settings_exist_(settings_exist),
        program_(program) {
    out_.host = world.settings.host;
    out_.bezalel = world.settings.bezalel;
  }

  Examination run() {
    settings();
    const Checking by = find_checking(scope_);
    state(by);
    checking(by);
    channels();
    routes();
    report();
    silence();
    dead_man();
    run_logs();
    cron();
    actions();
    disk();
    shell();
    const bool nothing_bad_inside =
        std::none_of(out_.lines.begin(), out_.lines.end(), [](const auto& d) {
          return d.mark == Mark::bad &&
                 (d.what == "check" || d.what == "state" || d.what == kSilence);
        });
    out_.arrives = nothing_bad_inside && out_.channels_ok > 0;
    return std::move(out_);
  }

 private:
  void add(Mark mark, std::string what, std::string text,
           std::string fix = {}) {
    out_.lines.push_back(
        {mark, std::move(what), std::move(text), std::move(fix)});
  }

  std::string as_root(const std::string& command) const {
    return world_.as_root ? command : "sudo " + command;
  }

  void settings() {
    if (!settings_exist_) {
      add(Mark::bad, "settings", "none: " + paths_.settings + " is not there",
          out_.bezalel + " init --help");
      return;
    }
    for (const app::Finding& f : world_.settings.findings) {
      if (f.id == app::kChannelInvalid) continue;  // among the channels
      const bool is_error = f.severity == app::FindingSeverity::error;
      std::string where = f.source;
      if (f.line) where += fmt::format(":{}", *f.line);
      if (f.line && f.column) where += fmt::format(":{}", *f.column);
      // Who wrote a channel and sees none must not be told to write one.
      mistaken_ = mistaken_ || f.source == paths_.settings;
      add(is_error ? Mark::bad : Mark::note, "settings",
          where + ": " + f.message,
          f.fix.empty() ? "correct " + where + ", then look again" : f.fix);
    }
  }

  void state(const Checking& by) {
    // The timer's service is not root, who can write whatever is there.
    if (const auto user = service_user();
        user && by.by == Checking::By::systemd_timer) {
      if (const auto closed =
              closed_state(paths_.state_db, "bezalel", user->uid)) {
        add(Mark::bad, "state", closed->text, closed->fix);
        if (!world_.state_trouble.empty()) return;
      }
    }
    if (!world_.state_trouble.empty()) {
      add(Mark::bad, "state", world_.state_trouble, world_.state_fix);
      return;
    }
    for (const app::Finding& f : world_.store_findings) {
      // What is lost is lost; from here on nothing is.
      add(app::tells_of_lost_state(f) ? Mark::note : Mark::bad, "state",
          f.message, f.fix.empty() ? out_.bezalel + " alerts" : f.fix);
    }
    auto done = world_.store.read([&](app::StoreReader& r) -> Result<void> {
      BZ_ASSIGN(memory_, app::remember(r));
      return {};
    });
    if (!done) {
      add(Mark::bad, "state", done.error().what,
          app::state_finding("read", done.error()).fix);
    }
  }

  void checking(const Checking& by) {
    const Timestamp now = world_.clock.wall();
    std::string last = "no cycle yet";
    bool fresh = false;
    if (memory_.last_cycle) {
      const Timestamp at = memory_.last_cycle->at;
      fresh = now - at <= kCyclesLate * world_.settings.check_every;
      last = "last " + when(at);
    }
    if (by.by == Checking::By::nothing) {
      // Below a root of its own, who made that root starts it, too.
      const bool flat = scope_ == Scope::flat;
      std::string text = "nothing on this host starts the checking";
      if (!by.caveat.empty()) text += ": " + by.caveat;
      std::string fix =
          by.caveat_fix.empty() ? out_.bezalel + " init" : by.caveat_fix;
      if (flat) fix = fresh ? crontab_line() : out_.bezalel + " check --notify";
      add(fresh && flat ? Mark::note : Mark::bad, "check", text + "; " + last,
          std::move(fix));
      return;
    }
    if (const std::string stopped = what_stops(by); !stopped.empty()) {
      add(Mark::bad, "check", stopped + "; " + last,
          by.masked || (by.active && by.enabled) ? by.caveat_fix
                                                 : start_of(by, out_.bezalel));
      return;
    }
    const bool stale = memory_.last_cycle && !fresh;
    const std::string every = fmt::format(
        "by {} every {}", by.text, format_age(world_.settings.check_every));
    if (stale) {
      add(Mark::bad, "check",
          every + ", but none since " + when(memory_.last_cycle->at),
          out_.bezalel + " check --notify");
    } else {
      add(Mark::well, "check", every + "; " + last);
    }
  }

  std::string crontab_line() const {
    const std::string line =
        "*/15 * * * * " + out_.bezalel + " check --notify --quiet";
    return "(crontab -l; echo " + shell_quote(line) + ") | crontab -";
  }

  // Why what should start the checking will not; empty: it will.
  static std::string what_stops(const Checking& by) {
    const bool timer = by.by == Checking::By::systemd_timer ||
                       by.by == Checking::By::user_timer;
    if (by.masked) return by.caveat;
    if (!by.active) {
      return timer ? by.text + " is stopped"
                   : by.text + " starts it, but no cron daemon runs";
    }
    if (!by.enabled)
      return by.text + " is not enabled: it ends at the next boot";
    return by.caveat.empty() ? "" : by.text + " starts it, but " + by.caveat;
  }

  void channels() {
    bool any = false;
    for (const auto& channel : world_.channels) {
      if (channel->name() == "local") continue;
      any = true;
      one_channel(*channel);
    }
    for (const app::Finding& f : world_.settings.findings) {
      if (f.id != app::kChannelInvalid) continue;
      any = true;
      if (hears_p1(f.source)) ++out_.channels;
      add(Mark::bad, f.source, f.message,
          f.fix.empty() ? "correct it, then look again" : f.fix);
    }
    for (const auto& [channel, waiting] :
         app::waiting_for_absent(memory_, world_.settings)) {
      add(Mark::note, channel,
          fmt::format("{} {} for it, and it is not in the settings", waiting,
                      waiting == 1 ? "notice waits" : "notices wait"),
          fmt::format("[channel.{}]  in bezalel.toml, or they are dropped when "
                      "a week old",
                      channel));
    }
    if (!any) {
      add(Mark::bad, "channels", "none: alarms reach the local log only",
          mistaken_ ? "correct the settings, as said above"
                    : out_.bezalel +
                          " init --gitea URL OWNER/REPO --token-file FILE");
    }
  }

  // What may be reached and did not take the last notice is no way for the
  // next.
  void one_channel(app::Channel& channel) {
    const app::Health health = channel.probe();
    std::string text = health.detail;
    bool ok = health.ok;
    for (const app::ChannelState& s : memory_.channels) {
      if (s.channel != channel.name()) continue;
      if (s.last_sent) text += ", last delivery " + when(*s.last_sent);
      if (ok && s.failing_since) {
        ok = false;
        text += fmt::format("; nothing delivered since {}: {}",
                            when(*s.failing_since), s.last_error);
      }
    }
    Mark mark = ok ? Mark::well : Mark::bad;
    std::string fix = health.fix;
    if (hears_p1(channel.name())) {
      ++out_.channels;
      if (ok) ++out_.channels_ok;
    } else if (hears(world_.settings, core::Severity::p2, channel.name())) {
      text += "; hears of P2 alone, by [route]";
    } else if (gets_reports(channel.name())) {
      text += "; gets reports, no alarm";
    } else {
      text += "; hears of no alarm: [route] does not name it";
      if (ok) {
        mark = Mark::note;
        fix = "add \"" + channel.name() + "\" to default in [route] of " +
              "bezalel.toml";
      }
    }
    if (!ok && fix.empty()) {
      fix = out_.bezalel + " channel test " + channel.name();
    }
    add(mark, channel.name(), text, fix);
    if (!ok && out_.dead_channel.empty()) out_.dead_channel = channel.name();
  }

  bool hears_p1(const std::string& channel) const {
    return hears(world_.settings, core::Severity::p1, channel);
  }
  bool gets_reports(const std::string& channel) const {
    const auto& to = world_.settings.report_to;
    const auto& all = world_.settings.channels;
    return std::find(to.begin(), to.end(), channel) != to.end() &&
           std::all_of(all.begin(), all.end(), [&](const auto& c) {
             return c.name != channel || app::takes_reports(c);
           });
  }

  void routes() {
    if (const auto mute = mute_route(world_.settings, core::Severity::p1)) {
      add(Mark::bad, "route", mute->text, mute->fix);
    } else if (const auto less =
                   mute_route(world_.settings, core::Severity::p2)) {
      // May be meant: reports list them.
      add(Mark::note, "route", less->text, less->fix);
    }
  }

  void report() {
    if (auto line = examine_report(world_, memory_, scope_)) {
      out_.lines.push_back(*std::move(line));
    }
  }

  void silence() {
    const auto host = core::IncidentKey::of_finding({}, {});
    if (const auto held = silence_over(host, memory_, world_)) {
      add(Mark::bad, kSilence, held->text, held->fix);
    }
  }

  std::string when(Timestamp at) const {
    return app::local_short(at, world_.clock.wall(), world_.settings.zone);
  }

  void dead_man() {
    constexpr char kWhat[] = "dead man";
    const app::DeadMan& ping = memory_.dead_man;
    if (world_.settings.deadman_url.empty()) {
      const bool wanted = world_.settings.deadman_wanted;
      add(wanted ? Mark::bad : Mark::note, kWhat,
          wanted ? "[deadman] gives no address that can be pinged"
                 : "none: if this host dies, nobody hears it",
          "[deadman] url = \"https://hc-ping.com/...\"  in bezalel.toml");
      return;
    }
    const std::string last =
        ping.last ? "last ping " + when(*ping.last) : "never pinged";
    if (ping.failing_since) {
      add(Mark::bad, kWhat,
          fmt::format("fails since {}: {}; {}", when(*ping.failing_since),
                      ping.last_error, last),
          "correct [deadman] in bezalel.toml; then " + out_.bezalel +
              " check --notify");
    } else if (!ping.last) {
      add(Mark::note, kWhat, "never pinged: no cycle ended since it was set",
          out_.bezalel + " check --notify");
    } else {
      add(Mark::well, kWhat, "pinged after every committed cycle; " + last);
    }
  }

  // What no run log keeps that long is nobody's trouble any more.
  void run_logs() {
    std::optional<app::SkippedLines> lines;
    static_cast<void>(
        world_.store.read([&](app::StoreReader& reader) -> Result<void> {
          BZ_ASSIGN(lines, app::skipped_lines(reader));
          return {};
        }));
    if (!lines || world_.clock.wall() - lines->last > kRunLogsKept) return;
    add(Mark::note, "run logs",
        fmt::format("{} {} no record and not judged, the last {} in {}",
                    lines->count, lines->count == 1 ? "line is" : "lines are",
                    when(lines->last), escape_line(lines->last_in, 200)),
        "see who else writes there, or whether the disk was full");
  }

  void cron() {
    const auto daemon = find_cron_daemon();
    if (daemon && daemon->stopped) {
      add(Mark::bad, "cron",
          fmt::format("{} stands still, pid {}: it was sent SIGSTOP",
                      daemon->name, daemon->pid),
          as_root(fmt::format("kill -CONT {}", daemon->pid)));
    } else if (daemon) {
      add(Mark::well, "cron",
          fmt::format("{} is running, pid {}", daemon->name, daemon->pid));
    } else if (users_of_crontabs().empty()) {
      add(Mark::well, "cron", "no cron daemon, and no crontab it would read");
    } else {
      add(Mark::note, "cron", "no cron daemon is running on this host",
          start_of_cron());
    }
  }

  // Under systemd the checking is not root, and polkit decides who may start
  // a unit. Without it actions would be refused, every night.
  void actions() {
    const auto& jobs = world_.settings.jobs;
    const bool any = std::any_of(
        jobs.begin(), jobs.end(),
        [](const app::DeclaredJob& j) { return j.on_stale || j.on_failed; });
    if (!any || scope_ != Scope::system || !systemd_runs()) return;
    switch (find_action_rule()) {
      case ActionRule::there:
        add(Mark::well, "actions", "a rule of polkit lets bezalel start them");
        break;
      case ActionRule::missing:
        add(Mark::bad, "actions",
            "no rule of polkit lets the user bezalel start them",
            std::string("cp ") + kRule + " /etc/polkit-1/rules.d/");
        break;
      case ActionRule::unseen:
        add(Mark::note, "actions", "the rules of polkit can be read by root",
            "sudo " + out_.bezalel + " doctor");
        break;
    }
  }

  void disk() {
    disk(paths_.state_dir);
    // Another one may be mounted for what jobs leave.
    if (scope_ != Scope::user &&
        ::access(paths_.heartbeats.c_str(), F_OK) == 0 &&
        !sys::on_one_file_system(paths_.heartbeats, paths_.state_dir)) {
      disk(paths_.heartbeats);
    }
  }

  void disk(const std::string& dir) {
    const auto found = disk_of(dir);
    if (!found) {
      add(Mark::bad, "disk", found.error().what, out_.bezalel + " setup");
      return;
    }
    // That of root's heartbeats is written by root, whoever looks.
    const bool writable =
        found->writable || (dir == paths_.heartbeats && !found->read_only);
    const bool full = found->percent_used >= kDiskFull || !found->free_inodes;
    std::string fix;
    if (full) {
      fix = "make room there";
    } else if (const auto mount = sys::read_only_mount(dir)) {
      fix = "mount -o remount,rw " + paste_word(*mount);
    } else if (!writable) {
      fix = out_.bezalel + " setup";
    }
    std::string text = fmt::format("{} is {} % full", dir, found->percent_used);
    if (!found->free_inodes) text += ", without an inode left";
    // Where there is no room for it, that it may be written helps nobody.
    if (!writable || !full) text += writable ? ", writable" : ", not writable";
    add(fix.empty() ? Mark::well : Mark::bad, "disk", std::move(text), fix);
    if (scope_ != Scope::system || dir != paths_.state_dir) return;
    if (found->in_memory) {
      add(Mark::bad, "disk",
          dir + " lies in memory: it is gone after the next boot",
          "mount a disk there");
    } else if (found->in_container) {
      add(Mark::note, "disk",
          dir + " is this container's own: gone when it is made anew",
          "mount a volume there");
    }
  }

  void shell() {
    if (scope_ == Scope::flat) return;
    const std::string program =
        program_.starts_with("/") ? program_ : "/usr/bin/bezalel";
    const std::string path = program + "-sh";
    if (::access(path.c_str(), X_OK) == 0) {
      add(Mark::well, "bezalel-sh", path);
      return;
    }
    const bool there = ::access(program.c_str(), X_OK) == 0;
    add(Mark::note, "bezalel-sh",
        "not installed as " + path + "; SHELL= lines need it",
        there ? as_root("ln -s bezalel " + path)
              : "install the package, or `./dev install /` in the source");
  }

  app::World& world_;
  const record::Paths& paths_;
  const Scope scope_;
  const bool settings_exist_;
  const std::string& program_;
  bool mistaken_ = false;  // something in the settings' own file
  app::Memory memory_;
  Examination out_;
};

}  // namespace

Examination examine(app::World& world, const record::Paths& paths, Scope scope,
                    bool settings_exist, const std::string& program) {
  return Examiner(world, paths, scope, settings_exist, program).run();
}

}  // namespace bezalel::setup
