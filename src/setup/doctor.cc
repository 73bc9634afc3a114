#include "setup/doctor.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "app/local_time.h"
#include "app/memory.h"
#include "base/duration.h"
#include "base/escape.h"

namespace bezalel::setup {
namespace {

constexpr char kRule[] =
    "/usr/share/doc/bezalel/examples/polkit/60-bezalel-actions.rules";
constexpr int kDiskFull = 95;
constexpr int kCyclesLate = 3;

class Examiner {
 public:
  Examiner(app::World& world, const record::Paths& paths, Scope scope,
           bool settings_exist)
      : world_(world),
        paths_(paths),
        scope_(scope),
        settings_exist_(settings_exist) {
    out_.host = world.settings.host;
  }

  Examination run() {
    settings();
    state();
    checking();
    channels();
    dead_man();
    cron();
    actions();
    disk();
    shell();
    const bool nothing_bad_inside =
        std::none_of(out_.lines.begin(), out_.lines.end(), [](const auto& d) {
          return d.mark == Mark::bad &&
                 (d.what == "check" || d.what == "state");
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

  void settings() {
    if (!settings_exist_) {
      add(Mark::bad, "settings", "none: " + paths_.settings + " is not there",
          "bezalel init --help");
      return;
    }
    for (const app::Finding& f : world_.settings.findings) {
      if (f.id == app::kChannelInvalid) continue;  // among the channels
      const bool is_error = f.severity == app::FindingSeverity::error;
      std::string where = f.source;
      if (f.line) where += fmt::format(":{}", *f.line);
      if (f.line && f.column) where += fmt::format(":{}", *f.column);
      add(is_error ? Mark::bad : Mark::note, "settings",
          where + ": " + f.message, f.fix);
    }
  }

  void state() {
    if (!world_.state_trouble.empty()) {
      add(Mark::bad, "state", world_.state_trouble,
          world_.as_root ? "correct it, or move it away"
                         : "run this as root, or with --mine");
      return;
    }
    for (const app::Finding& f : world_.store_findings) {
      add(Mark::bad, "state", f.message, f.fix);
    }
    auto done = world_.store.read([&](app::StoreReader& r) -> Result<void> {
      BZ_ASSIGN(memory_, app::remember(r));
      return {};
    });
    if (!done) add(Mark::bad, "state", done.error().what);
  }

  void checking() {
    const Checking by = find_checking(scope_);
    const Timestamp now = world_.clock.wall();
    std::string last = "; no cycle yet";
    bool fresh = false;
    if (memory_.last_cycle) {
      const Timestamp at = memory_.last_cycle->at;
      fresh = now - at <= kCyclesLate * world_.settings.check_every;
      last = "; last " + app::local_short(at, now, world_.settings.zone);
    }
    if (by.by == Checking::By::nothing) {
      // Below a root of its own, who made that root starts it, too.
      const bool flat = scope_ == Scope::flat;
      std::string text =
          "nothing on this host starts `bezalel check --notify`" + last;
      if (!by.caveat.empty()) text += "; " + by.caveat;
      add(fresh && flat ? Mark::note : Mark::bad, "check", text,
          flat                ? ""
          : by.caveat.empty() ? "bezalel init"
                              : by.caveat_fix);
      return;
    }
    const std::string text =
        fmt::format("by {} every {}{}", by.text,
                    format_age(world_.settings.check_every), last);
    if (!by.active) {
      add(Mark::bad, "check", text + "; it is not running now", start_fix(by));
    } else if (!by.enabled) {
      add(Mark::bad, "check", text + "; it is not enabled at boot",
          start_fix(by));
    } else if (!by.caveat.empty()) {
      add(Mark::bad, "check", text + "; " + by.caveat, by.caveat_fix);
    } else {
      const bool stale = memory_.last_cycle && !fresh;
      add(stale ? Mark::bad : Mark::well, "check", text,
          stale ? "bezalel check --notify" : "");
    }
  }

  static std::string start_fix(const Checking& by) {
    switch (by.by) {
      case Checking::By::systemd_timer:
        return "systemctl enable --now bezalel-check.timer";
      case Checking::By::user_timer:
        return "systemctl --user enable --now bezalel-check.timer";
      case Checking::By::cron_file:
      case Checking::By::crontab:
        return ::access("/usr/sbin/cron", X_OK) != 0 ? "apt-get install cron"
               : systemd_runs() ? "systemctl enable --now cron"
                                : "service cron start";
      case Checking::By::nothing:
        break;
    }
    return "bezalel init";
  }

  void channels() {
    for (const auto& channel : world_.channels) {
      if (channel->name() == "local") continue;
      ++out_.channels;
      one_channel(*channel);
    }
    for (const app::Finding& f : world_.settings.findings) {
      if (f.id != app::kChannelInvalid) continue;
      ++out_.channels;
      add(Mark::bad, f.source, f.message, "correct it, then bezalel doctor");
    }
    if (out_.channels == 0) {
      add(Mark::bad, "channels", "none: alarms reach the local log only",
          "bezalel init --gitea URL OWNER/REPO --token-file FILE");
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
    if (ok) ++out_.channels_ok;
    add(ok ? Mark::well : Mark::bad, channel.name(), text, health.fix);
    if (!ok && out_.dead_channel.empty()) out_.dead_channel = channel.name();
  }

  std::string when(Timestamp at) const {
    return app::local_short(at, world_.clock.wall(), world_.settings.zone);
  }

  void dead_man() {
    if (!world_.settings.deadman_url.empty()) {
      add(Mark::well, "dead man", "pinged after every committed cycle");
      return;
    }
    add(Mark::note, "dead man", "none: if this host dies, nobody hears it",
        "[deadman] url = \"https://hc-ping.com/...\"  in bezalel.toml");
  }

  void cron() {
    if (const auto daemon = find_cron_daemon()) {
      add(Mark::well, "cron",
          fmt::format("{} is running, pid {}", daemon->name, daemon->pid));
    } else {
      add(Mark::note, "cron", "no cron daemon is running on this host");
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
        add(Mark::note, "actions", "the rules of polkit can be read by root");
        break;
    }
  }

  void disk() {
    const auto found = disk_of(paths_.state_dir);
    if (!found) {
      add(Mark::bad, "disk", found.error().what, "bezalel setup");
      return;
    }
    const bool bad = found->percent_used >= kDiskFull || !found->writable ||
                     found->free_inodes == 0;
    add(bad ? Mark::bad : Mark::well, "disk",
        fmt::format("{} {} % full, {}", paths_.state_dir, found->percent_used,
                    found->writable ? "writable" : "not writable"),
        bad ? "make room, or correct owner and mode (bezalel setup)" : "");
    if (scope_ != Scope::system) return;
    if (found->in_memory) {
      add(Mark::bad, "disk",
          paths_.state_dir + " lies in memory: it is gone after the next boot",
          "mount a disk there");
    } else if (found->in_container) {
      add(Mark::note, "disk",
          paths_.state_dir +
              " is this container's own: gone when it is made anew",
          "mount a volume there");
    }
  }

  void shell() {
    if (scope_ == Scope::flat) return;
    const char* path = "/usr/bin/bezalel-sh";
    if (::access(path, X_OK) == 0) {
      add(Mark::well, "bezalel-sh", path);
    } else {
      add(Mark::note, "bezalel-sh",
          "not installed as /usr/bin/bezalel-sh; SHELL= lines need it");
    }
  }

  app::World& world_;
  const record::Paths& paths_;
  const Scope scope_;
  const bool settings_exist_;
  app::Memory memory_;
  Examination out_;
};

constexpr std::size_t kColumns = 80;
constexpr std::size_t kIndent = 13;  // mark, name, text

char mark_of(Mark mark) {
  switch (mark) {
    case Mark::well:
      return '+';
    case Mark::bad:
      return '-';
    case Mark::note:
      return '~';
  }
  return '?';
}

// Words to the 80th column, the rest below them.
std::string folded(std::string_view text, std::size_t indent) {
  std::string out;
  while (text.size() > kColumns - indent) {
    std::size_t cut = text.rfind(' ', kColumns - indent);
    if (cut == std::string_view::npos || cut == 0) cut = text.find(' ');
    if (cut == std::string_view::npos) break;
    out += std::string(text.substr(0, cut)) + "\n" + std::string(indent, ' ');
    text.remove_prefix(cut + 1);
  }
  return out + std::string(text);
}

// To be typed as it is; other fixes are said in words.
bool is_command(std::string_view fix) {
  constexpr std::string_view kPrograms[] = {
      "bezalel ", "systemctl ", "service ", "apt-get ", "loginctl ", "cp "};
  // A sample with words to be put in is none.
  if (fix.find(" URL ") != std::string_view::npos) return false;
  return std::any_of(std::begin(kPrograms), std::end(kPrograms),
                     [&](std::string_view p) { return fix.starts_with(p); });
}

std::string headline(const Examination& e) {
  if (!e.arrives) return "no alarm would reach you tonight";
  return fmt::format("an alarm would reach you tonight, by {} of {} channel{}",
                     e.channels_ok, e.channels, e.channels == 1 ? "" : "s");
}

}  // namespace

Examination examine(app::World& world, const record::Paths& paths, Scope scope,
                    bool settings_exist) {
  return Examiner(world, paths, scope, settings_exist).run();
}

std::string render(const Examination& e) {
  std::string text = e.host + "  " + headline(e) + "\n\n";
  std::string next;
  bool in_words = false;
  for (const Diagnosis& d : e.lines) {
    text +=
        fmt::format("{} {:<10} {}\n", mark_of(d.mark), escape_line(d.what, 30),
                    folded(escape_line(d.text, 300), kIndent));
    if (!d.fix.empty()) text += "    do:  " + escape_line(d.fix, 200) + "\n";
    if (next.empty() && d.mark == Mark::bad && is_command(d.fix)) {
      next = d.fix;
    }
    in_words = in_words || (d.mark == Mark::bad && !d.fix.empty() &&
                            d.fix.find(" URL ") == std::string::npos);
  }
  if (next.empty() && !e.dead_channel.empty()) {
    next = "bezalel channel test " + e.dead_channel;
  }
  if (next.empty()) {
    next = in_words    ? "bezalel doctor"
           : e.arrives ? "bezalel drill"
                       : "bezalel init --help";
  }
  return text + "next: " + next + "\n";
}

int exit_of(const Examination& e) {
  const bool bad =
      std::any_of(e.lines.begin(), e.lines.end(),
                  [](const auto& d) { return d.mark == Mark::bad; });
  return e.arrives && !bad ? 0 : 1;
}

}  // namespace bezalel::setup
