// The full program: parses, composes, dispatches, prints. The only place that
// makes clocks, stores and channels.
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <set>

#include "app/cycle.h"
#include "app/local_time.h"
#include "base/duration.h"
#include "base/escape.h"
#include "discover/daemons.h"
#include "main_call.h"
#include "main_setup.h"
#include "main_simulate.h"
#include "main_world.h"
#include "run/call_problems.h"

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
  if (!o.sysroot.empty()) {
    const auto refuse = [&](const std::string& why) {
      return finish(cli::failure(
          err(Kind::not_found,
              "discover: --sysroot " + escape_line(o.sysroot) + ": " + why)));
    };
    if (::access(o.sysroot.c_str(), R_OK | X_OK) != 0) {
      return refuse(std::strerror(errno));
    }
    // What is not mounted must not read as a host without jobs.
    if (::access((o.sysroot + "/etc").c_str(), F_OK) != 0) {
      return refuse("has no /etc; expected the root of a host");
    }
  }
  discover::Options options = discover_options(*here, o.sysroot);
  report::AuditPage page{o.sysroot.empty() ? here->host : o.sysroot,
                         options.zone.name(),
                         sys::SystemClock().wall(),
                         {},
                         {},
                         here->bezalel,
                         o.sysroot};
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

Result<std::string> read_crontab(const std::string& path) {
  if (path != "-") return sys::read_file(path, kMostCrontab);
  std::string text;
  std::array<char, 1 << 16> chunk{};
  while (text.size() <= kMostCrontab) {
    const std::size_t n = std::fread(chunk.data(), 1, chunk.size(), stdin);
    if (n == 0) break;
    text.append(chunk.data(), n);
  }
  if (std::ferror(stdin) != 0) {
    return sys::errno_error("standard input", errno);
  }
  return text;
}

int run_lint(const cli::Global& global, const cli::LintOptions& o) {
  settings::SystemUsers users;
  const auto here = find_here(global, users);
  if (!here) return finish(cli::failure(here.error()));
  const auto discovering = discover_options(*here, {});
  discover::Crontabs files({}, discovering.who);
  const auto scripts = [&] { return discover::script_findings(discovering); };
  return finish(
      cli::run_lint({read_crontab, files, scripts, run::call_problems},
                    discovering.now(), here->zone, o));
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
                WithoutState::go_on,
                [&](cli::Said said) {
                  if (o.format != "nagios") return finish(said);
                  return finish(cli::as_plugin(std::move(said)));
                });
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
          [&](const cli::DoctorOptions&) { return run_doctor(g); },
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

// What it cannot even read was typed by who set up a plugin.
bool is_plugin(int argc, char** argv) {
  bool check = false, nagios = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool follows =
        i + 1 < argc && argv[i + 1] == std::string_view("nagios");
    check = check || word == "check";
    nagios =
        nagios || word == "--format=nagios" || (word == "--format" && follows);
  }
  return check && nagios;
}

}  // namespace
}  // namespace bezalel

int main(int argc, char** argv) {
  using namespace bezalel;
  // Ignored by whoever started us, no program of ours would tell how it ended.
  ::signal(SIGCHLD, SIG_DFL);
  // What a growing list leaves behind goes back to the kernel at once. glibc
  // learns from the first big one to keep them all (mallopt(3)).
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  try {
    auto parsed = cli::parse(argc, argv);
    if (const auto* said = std::get_if<cli::Said>(&parsed)) {
      const bool refused = said->status != 0 && is_plugin(argc, argv);
      return finish(refused ? cli::as_plugin(*said) : *said);
    }
    return dispatch(std::get<cli::Parsed>(parsed));
  } catch (const std::exception& e) {
    // Only bugs and bad_alloc get here; say it, do not die wordless.
    std::fprintf(stderr, "bezalel: internal error: %s\n", e.what());
    return 2;
  }
}
