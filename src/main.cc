// The full program: parses, composes, dispatches, prints. The only place that
// makes clocks, stores and channels.
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <set>

#include "adopt/crontab_writer.h"
#include "adopt/drop_ins.h"
#include "app/cycle.h"
#include "app/local_time.h"
#include "base/duration.h"
#include "base/escape.h"
#include "discover/daemons.h"
#include "main_simulate.h"
#include "main_world.h"
#include "settings/load.h"
#include "setup/directories.h"
#include "setup/doctor.h"
#include "setup/drill.h"
#include "setup/init.h"
#include "setup/tour.h"

namespace bezalel {
namespace {

// Far more than any daemon takes: too large is then a finding, not an error.
constexpr std::size_t kMostCrontab = std::size_t{16} << 20;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

void print(std::FILE* stream, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

int finish(const cli::Said& said) {
  errno = 0;
  print(stdout, said.out);
  const int why = errno;
  print(stderr, said.err);
  // An answer that could not be written is no answer.
  if (std::ferror(stdout) == 0) return said.status;
  print(stderr, "bezalel: standard output: " + std::string(std::strerror(why)) +
                    "; nothing was said\n");
  return said.status == 0 ? 2 : said.status;
}

void say_line(const std::string& line) {
  print(stdout, line + "\n");
}

Result<app::Settings> load_settings(const Here& here, app::Users& users) {
  settings::Context context;
  context.paths = here.paths;
  context.host = here.host;
  context.host_is_forced = here.host_is_forced;
  context.zone = here.zone;
  context.bezalel = here.bezalel;
  context.default_uid = here.paths.owner;
  if (here.scope == setup::Scope::user) context.default_uid = here.uid;
  context.report_uid = report_uid(here);
  return settings::load(context, users);
}

// Runs f with the world of this call.
template <class F>
int with_world(const cli::Global& global, store::Mode mode, F&& f,
               WithoutState without = WithoutState::refuse) {
  settings::SystemUsers users;
  auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  auto loaded = load_settings(*here, users);
  if (!loaded) {
    return finish({"", "bezalel: " + loaded.error().what + "\n", 2});
  }
  Everything all(*std::move(here), *std::move(loaded), users);
  if (auto opened = all.open_state(mode, without); !opened) {
    return finish({"", "bezalel: " + opened.error().what + "\n", 2});
  }
  return f(all);
}

template <class Options>
int in_world(const cli::Global& global, store::Mode mode,
             const Options& options,
             cli::Said (*command)(app::World&, const cli::Place&,
                                  const Options&)) {
  return with_world(global, mode, [&](Everything& all) {
    return finish(command(all.world(), all.place(), options));
  });
}

// What a person asks the state to remember: where it has no room for that,
// nothing is promised.
template <class Options>
int in_state(const cli::Global& global, const Options& options,
             cli::Said (*command)(app::World&, const cli::Place&,
                                  const Options&)) {
  return with_world(global, store::Mode::read_write, [&](Everything& all) {
    const std::string& trouble = all.world().state_trouble;
    if (!trouble.empty()) {
      return finish({"", "bezalel: " + trouble + "; nothing was changed\n", 1});
    }
    return finish(command(all.world(), all.place(), options));
  });
}

std::vector<std::string> users_with_jobs(const app::Settings& settings,
                                         app::Users& users) {
  std::vector<std::string> names = setup::users_of_crontabs();
  for (const app::DeclaredJob& job : settings.jobs) {
    names.push_back(users.name_of(job.uid));
  }
  if (setup::service_user()) names.emplace_back("bezalel");
  return names;
}

enum class Loud { yes, no };

int run_setup(const cli::Global& global, Loud loud = Loud::yes,
              const setup::Say& say = say_line) {
  settings::SystemUsers users;
  auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  auto loaded = load_settings(*here, users);
  if (!loaded) return finish(cli::failure(loaded.error()));
  int changes = 0;
  if (here->as_root && here->scope == setup::Scope::system) {
    setup::make_service_user(say);
  }
  const auto done = setup::make_layout(here->paths, here->scope,
                                       users_with_jobs(*loaded, users), users,
                                       [&](const std::string& line) {
                                         ++changes;
                                         if (loud == Loud::yes) say(line);
                                       });
  if (!done) return finish(cli::failure(done.error()));
  if (changes == 0 && loud == Loud::yes)
    say("every directory is there, as it should be");
  return 0;
}

Result<setup::InitRequest> init_request(const cli::InitOptions& o) {
  setup::InitRequest request;
  if (o.gitea.empty() && !o.token_file.empty()) {
    return err(Kind::usage,
               "init: --token-file: expected --gitea URL OWNER/REPO too");
  }
  if (!o.gitea.empty()) {
    if (o.token_file.empty()) {
      return err(Kind::usage, "init: --gitea: expected --token-file FILE too");
    }
    setup::WantedChannel c;
    c.name = "forge";
    c.type = "gitea";
    c.url = o.gitea[0];
    c.repo = o.gitea[1];
    // What is to be typed then does so from any directory.
    c.token_file = std::filesystem::absolute(o.token_file);
    request.channels.push_back(std::move(c));
  }
  if (!o.ntfy.empty()) {
    setup::WantedChannel c;
    c.name = c.type = "ntfy";
    const std::size_t slash = o.ntfy.rfind('/');
    if (slash == std::string::npos || slash < 9 || slash + 1 == o.ntfy.size()) {
      return err(Kind::invalid,
                 "--ntfy " + o.ntfy + ": expected https://SERVER/TOPIC");
    }
    c.url = o.ntfy.substr(0, slash);
    c.topic = o.ntfy.substr(slash + 1);
    request.channels.push_back(std::move(c));
  }
  if (!o.webhook.empty()) {
    setup::WantedChannel c;
    c.name = "hook";
    c.type = "webhook";
    c.url = o.webhook;
    request.channels.push_back(std::move(c));
  }
  if (!o.mail.empty()) {
    setup::WantedChannel c;
    c.name = "mail";
    c.type = "smtp";
    c.url = o.mail[0];
    c.to = o.mail[1];
    request.channels.push_back(std::move(c));
  }
  request.deadman_url = o.deadman;
  return request;
}

int examine(const cli::Global& global) {
  return with_world(global, store::Mode::read_only, [&](Everything& all) {
    const setup::Examination e =
        setup::examine(all.world(), all.here().paths, all.here().scope,
                       all.place().settings_exist);
    print(stdout, setup::render(e));
    return setup::exit_of(e);
  });
}

void probe_channels(const cli::Global& global) {
  with_world(global, store::Mode::read_only, [](Everything& all) {
    for (const auto& channel : all.world().channels) {
      if (channel->name() == "local") continue;
      const app::Health health = channel->probe();
      std::string name = channel->name();
      name.resize(std::max<std::size_t>(name.size(), 9), ' ');
      say_line(name + " " + health.detail);
    }
    return 0;
  });
}

// layers: allow getenv, where systemd looks for a user's units
std::string user_units() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  const std::string config = variable("XDG_CONFIG_HOME");
  return (config.starts_with("/") ? config : variable("HOME") + "/.config") +
         "/systemd/user";
}

adopt::DropIns drop_ins_of(const Here& here) {
  using Manager = adopt::DropIns::Manager;
  if (here.as_root && here.scope == setup::Scope::system) {
    return {Manager::system, "/etc/systemd/system"};
  }
  return {Manager::user, user_units()};
}

// What adopt and release work on.
struct Adopting {
  explicit Adopting(const Here& here)
      : discovering(discover_options(here, {})),
        files({}, discovering.who),
        writer(
            {here.paths.state_dir + "/backups", here.as_root, discovering.now}),
        drop_ins(drop_ins_of(here)),
        context{files,
                writer,
                drop_ins,
                (here.program.starts_with("/") ? here.program
                                               : "/usr/bin/bezalel") +
                    std::string("-sh"),
                app::local_date(discovering.now(), here.zone),
                here.bezalel} {}

  discover::Options discovering;
  discover::Crontabs files;
  adopt::CrontabWriter writer;
  adopt::DropIns drop_ins;
  app::AdoptContext context;
};

// What is scheduled here, at first sight; nothing where that is not known.
void say_found(const cli::Global& global) {
  with_world(global, store::Mode::read_only, [](Everything& all) {
    const auto looked = app::only_look(all.world());
    if (!looked || !looked->coverage.known) return 0;
    app::Selection everything;
    everything.all = true;
    Adopting adopting(all.here());
    const auto plan = app::plan(adopting.context, app::Turn::adopt, everything);
    say_line("found     " +
             setup::found_text(looked->coverage, plan ? plan->jobs() : 0));
    return 0;
  });
}

int run_init(const cli::Global& global, const cli::InitOptions& options) {
  auto request = init_request(options);
  if (!request) return finish(cli::failure(request.error()));
  if (auto usable = setup::expect_usable(*request); !usable) {
    return finish(cli::failure(usable.error()));
  }
  settings::SystemUsers users;
  auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  const std::string& file = here->paths.settings;
  if (auto toml = settings::expect_toml(file); !toml) {
    return finish(cli::failure(toml.error()));
  }
  auto loaded = load_settings(*here, users);
  if (!loaded) return finish(cli::failure(loaded.error()));
  if (auto token = setup::expect_token(*request); !token) {
    return finish(cli::failure(token.error()));
  }
  if (here->as_root && here->scope == setup::Scope::system) {
    setup::make_service_user(say_line);
  }
  auto layout =
      setup::make_layout(here->paths, here->scope,
                         users_with_jobs(*loaded, users), users, say_line);
  if (!layout) return finish(cli::failure(layout.error()));
  auto written = setup::write_settings(
      here->paths, here->scope, *request, *loaded,
      [&](const auto& tables, const auto& head, mode_t mode, auto owner) {
        return settings::append_settings(file, tables, {head, mode, owner});
      });
  if (!written) return finish(cli::failure(written.error()));
  for (const std::string& path : written->wrote) say_line("wrote     " + path);
  if (written->wrote.empty()) say_line("kept      " + file);
  for (const std::string& differs : written->differs) {
    print(stderr, "bezalel: " + file + ": kept as it is: " + differs + "\n");
  }
  probe_channels(global);
  int status = written->differs.empty() ? 0 : 2;
  if (!options.no_start) {
    auto started =
        setup::start_checking(here->scope, here->paths, here->program);
    if (started) {
      say_line("checking  " + *started);
    } else {
      print(stderr, "bezalel: " + started.error().what + "\n");
      status = std::max(status, 1);
    }
  }
  say_found(global);
  say_line("");
  const int health = examine(global);
  return status != 0 ? status : health;
}

int run_drill(const cli::Global& global, const cli::DrillOptions& options) {
  auto every = parse_time_span(options.every);
  if (!every) {
    return finish(
        cli::failure(err(Kind::invalid, "--every: " + every.error().what)));
  }
  return with_world(global, store::Mode::read_write, [&](Everything& all) {
    const Here& here = all.here();
    setup::DrillPlan plan;
    plan.uid = here.uid;
    plan.every = *every;
    plan.heartbeats_dir = here.scope == setup::Scope::user
                              ? here.paths.extra_heartbeats
                              : here.paths.heartbeats_of(here.uid);
    // As `run` would: a drill may come before the first job.
    static_cast<void>(sys::make_directories(
        plan.heartbeats_dir, here.scope == setup::Scope::user ? 0700 : 0755));
    const auto done = setup::drill(all.world(), plan, say_line);
    if (!done) {
      print(stderr, "bezalel: " + done.error().what + "\n");
      return done.error().kind == Kind::invalid ? 2 : 1;
    }
    if (!*done) return 0;
    print(stderr, "bezalel: drill: " + (*done)->text + "\n");
    say_line("next: " + (*done)->fix);
    return 1;
  });
}

int run_tour(const cli::TourOptions& options) {
  settings::SystemUsers users;
  const auto here = find_here({}, users);
  if (!here) return finish(cli::failure(here.error()));
  const auto done = setup::tour({here->program, options.keep}, say_line);
  if (!done) return finish(cli::failure(done.error()));
  return 0;
}

int run_next(const cli::Global& global, const cli::NextOptions& options) {
  settings::SystemUsers users;
  const auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  const sys::SystemClock clock;
  std::ios::sync_with_stdio(false);
  return finish(cli::run_next(
      options, clock.wall(), here->zone,
      [](std::string& line) {
        return static_cast<bool>(std::getline(std::cin, line));
      },
      [](const std::string& answer) { print(stdout, answer); }));
}

int run_explain(const cli::Global& global, const cli::ExplainOptions& options) {
  settings::SystemUsers users;
  const auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  const sys::SystemClock clock;
  const auto serving = discover::find_daemons(discover::Root("")).serving;
  const auto own =
      crontab::dialect_of(serving.value_or(crontab::Daemon::debian));
  return finish(cli::run_explain(options, clock.wall(), here->zone, own));
}

int run_discover(const cli::Global& global, const cli::DiscoverOptions& o) {
  settings::SystemUsers users;
  const auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  if (!o.sysroot.empty() && ::access(o.sysroot.c_str(), R_OK | X_OK) != 0) {
    const std::string why = std::strerror(errno);
    return finish(cli::failure(
        err(Kind::not_found,
            "discover: --sysroot " + escape_line(o.sysroot) + ": " + why)));
  }
  discover::Options options = discover_options(*here, o.sysroot);
  report::AuditPage page{o.sysroot.empty() ? here->host : o.sysroot,
                         options.zone.name(),
                         sys::SystemClock().wall(),
                         {},
                         {},
                         here->bezalel};
  // What is kept elsewhere says nothing of the jobs of this host.
  discover::HostInventory source(std::move(options));
  if (!o.sysroot.empty() || here->paths.flat) {
    return finish(cli::run_discover(source.scan(), page, o));
  }
  return with_world(global, store::Mode::read_only, [&](Everything& all) {
    const auto inventory = app::look_at_schedule(all.world(), source);
    if (!inventory) return finish(cli::failure(inventory.error()));
    page.host = all.world().settings.host;
    page.zone = all.world().settings.zone;
    return finish(cli::run_discover(*inventory, page, o));
  });
}

int run_adopt(const cli::Global& global, const cli::AdoptOptions& o) {
  settings::SystemUsers users;
  const auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  if (here->paths.flat) {
    return finish(cli::failure(
        err(Kind::usage, "adopt: --root has no crontabs of its own")));
  }
  Adopting adopting(*here);
  const auto make_room = [&] {
    std::string made;
    if (here->as_root) {
      run_setup(global, Loud::no,
                [&](const std::string& line) { made += line + "\n"; });
    }
    return made;
  };
  return finish(cli::run_adopt(adopting.context, o, make_room));
}

Result<std::string> read_crontab(const std::string& path) {
  if (path != "-") return sys::read_file(path, kMostCrontab);
  std::string text;
  std::array<char, 1 << 16> chunk{};
  while (text.size() <= kMostCrontab) {
    const std::size_t n = std::fread(chunk.data(), 1, chunk.size(), stdin);
    if (n == 0) break;
    text.append(chunk.data(), n);
  }
  return text;
}

int run_lint(const cli::Global& global, const cli::LintOptions& o) {
  settings::SystemUsers users;
  const auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  const auto discovering = discover_options(*here, {});
  discover::Crontabs files({}, discovering.who);
  return finish(
      cli::run_lint({read_crontab, files}, discovering.now(), here->zone, o));
}

int dispatch(const cli::Parsed& parsed) {
  using store::Mode;
  const cli::Global& g = parsed.global;
  return std::visit(
      Overloaded{
          [&](const cli::CheckOptions& o) {
            const bool writes = o.notify && !o.dry_run;
            return with_world(
                g, writes ? Mode::read_write : Mode::read_only,
                [&](Everything& all) {
                  return finish(cli::run_check(all.world(), all.place(), o));
                },
                WithoutState::go_on);
          },
          [&](const cli::StatusOptions& o) {
            return in_world(g, Mode::read_only, o, cli::run_status);
          },
          [&](const cli::LogsOptions& o) {
            return in_world(g, Mode::read_only, o, cli::run_logs);
          },
          [&](const cli::ReportOptions& o) {
            if (!o.merge.empty()) {
              return with_world(g, Mode::read_only, [&](Everything& all) {
                return finish(cli::run_merge(all.world(), all.place(), o));
              });
            }
            return in_world(g, o.send ? Mode::read_write : Mode::read_only, o,
                            cli::run_report);
          },
          [&](const cli::AlertsOptions& o) {
            return in_world(g, Mode::read_only, o, cli::run_alerts);
          },
          [&](const cli::AckOptions& o) {
            return in_state(g, o, cli::run_ack);
          },
          [&](const cli::SilenceOptions& o) {
            return in_state(g, o, cli::run_silence);
          },
          [&](const cli::PauseOptions& o) {
            return in_state(g, o, cli::run_pause);
          },
          [&](const cli::ResumeOptions& o) {
            return in_state(g, o, cli::run_resume);
          },
          [&](const cli::RetireOptions& o) {
            return in_state(g, o, cli::run_retire);
          },
          [&](const cli::ChannelOptions& o) {
            const bool tests = o.verb == "test";
            return in_world(g, tests ? Mode::read_write : Mode::read_only, o,
                            cli::run_channel);
          },
          [&](const cli::NextOptions& o) { return run_next(g, o); },
          [&](const cli::InitOptions& o) { return run_init(g, o); },
          [&](const cli::DoctorOptions&) { return examine(g); },
          [&](const cli::DrillOptions& o) { return run_drill(g, o); },
          [&](const cli::SetupOptions&) { return run_setup(g); },
          [&](const cli::TourOptions& o) { return run_tour(o); },
          [&](const cli::AuditOptions& o) {
            return in_world(g, Mode::read_only, o, cli::run_audit);
          },
          [&](const cli::DiscoverOptions& o) { return run_discover(g, o); },
          [&](const cli::ExplainOptions& o) { return run_explain(g, o); },
          [&](const cli::AdoptOptions& o) { return run_adopt(g, o); },
          [&](const cli::LintOptions& o) { return run_lint(g, o); },
          [&](const cli::SimulateOptions& o) {
            return finish(run_simulate(g, o));
          },
      },
      parsed.command);
}

}  // namespace
}  // namespace bezalel

int main(int argc, char** argv) {
  using namespace bezalel;
  // What a growing list leaves behind goes back to the kernel at once. glibc
  // learns from the first big one to keep them all (mallopt(3)).
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  try {
    auto parsed = cli::parse(argc, argv);
    if (const auto* said = std::get_if<cli::Said>(&parsed)) {
      return finish(*said);
    }
    return dispatch(std::get<cli::Parsed>(parsed));
  } catch (const std::exception& e) {
    // Only bugs and bad_alloc get here; say it, do not die wordless.
    std::fprintf(stderr, "bezalel: internal error: %s\n", e.what());
    return 2;
  }
}
