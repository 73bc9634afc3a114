#include "main_setup.h"

#include <algorithm>
#include <filesystem>

#include "adopt/crontab_writer.h"
#include "adopt/drop_ins.h"
#include "app/cycle.h"
#include "app/local_time.h"
#include "base/duration.h"
#include "main_call.h"
#include "settings/load.h"
#include "setup/directories.h"
#include "setup/doctor.h"
#include "setup/drill.h"
#include "setup/init.h"
#include "setup/tour.h"

namespace bezalel {
namespace {

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

int make_places(const cli::Global& global, Loud loud, const setup::Say& say) {
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
    std::vector<std::string> adoptable;
    if (plan) {
      for (const app::TabEdit& edit : plan->edits) {
        adoptable.push_back(edit.file.shown());
      }
    }
    say_line("found     " + setup::found_text(looked->coverage, adoptable));
    return 0;
  });
}

}  // namespace

int run_setup(const cli::Global& global) {
  return make_places(global, Loud::yes, say_line);
}

int run_doctor(const cli::Global& global) {
  return with_world(global, store::Mode::read_only, [&](Everything& all) {
    const setup::Examination e =
        setup::examine(all.world(), all.here().paths, all.here().scope,
                       all.place().settings_exist, all.here().program);
    print(stdout, setup::render(e));
    return setup::exit_of(e);
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
    const auto tell = [&](const char* what,
                          const Result<std::string>& started) {
      if (started) {
        say_line(what + *started);
        return;
      }
      print(stderr, "bezalel: " + started.error().what + "\n");
      status = std::max(status, 1);
    };
    tell("checking  ",
         setup::start_checking(here->scope, here->paths, here->program,
                               loaded->check_every));
    if (here->scope == setup::Scope::user && !loaded->report_to.empty()) {
      tell("report    ", setup::start_reporting(here->paths, here->program));
    }
  }
  say_found(global);
  say_line("");
  const int health = run_doctor(global);
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
    plan.lock = here.paths.state_dir + "/drill.lock";
    plan.lock_owner = state_owner(here);
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

int run_adopt(const cli::Global& global, const cli::AdoptOptions& o) {
  settings::SystemUsers users;
  const auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  if (here->paths.flat) {
    return finish(cli::failure(
        err(Kind::usage, "adopt: --root has no crontabs of its own")));
  }
  cli::AdoptOptions options = o;
  // Of one who has but one crontab, that one.
  const bool named =
      o.all || !o.user.empty() || !o.file.empty() || !o.timer.empty();
  if (!named && here->scope == setup::Scope::user) options.user = here->user;
  Adopting adopting(*here);
  const auto make_room = [&] {
    std::string made;
    if (here->as_root) {
      make_places(global, Loud::no,
                  [&](const std::string& line) { made += line + "\n"; });
    }
    return made;
  };
  return finish(cli::run_adopt(adopting.context, options, make_room));
}

}  // namespace bezalel
