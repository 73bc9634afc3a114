// The command line as structs: one a command. Parsed once, in parse.cc.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/adopt.h"
#include "base/result.h"

namespace bezalel::cli {

// Where and as whom.
struct Global {
  std::string root;   // --root or BEZALEL_ROOT; empty: the host's own places
  bool mine = false;  // --mine: the user's own
};

struct CheckOptions {
  bool notify = false, quiet = false, dry_run = false, all = false;
  std::string format = "text";
  std::string output;  // -o FILE
  std::vector<std::string> jobs;
};
struct StatusOptions {
  std::string job;
  std::string format = "text";
};
struct LogsOptions {
  std::string job;
  int runs = 5;
};
struct ReportOptions {
  std::string style = "nightly", section = "all", format = "markdown", since;
  bool send = false;
  std::vector<std::string> merge;
};
struct AlertsOptions {
  std::string format = "text";
};
struct AckOptions {
  std::string job;
};
struct SilenceOptions {
  std::string job;  // empty: list, or with --host the whole host
  std::string until, reason;
  bool host = false, end = false;
};
struct PauseOptions {
  std::string job, reason;
};
struct ResumeOptions {
  std::string job;
};
struct RetireOptions {
  std::string job, reason;
};
struct ChannelOptions {
  std::string verb = "list", name;
};
struct NextOptions {
  bool batch = false;
  std::string cron, calendar, every, dialect = "debian", tz, from;
  bool prev = false;
  int n = 1;
};
struct ExplainOptions {
  // Without a dialect that of the daemon that serves the host.
  std::string expression, dialect, tz, from, format = "text";
  bool calendar = false, every = false;
  int n = 5;
};
struct AuditOptions {
  std::string format = "text";
};
struct DiscoverOptions {
  std::string format = "text";
  std::string sysroot;  // empty: this host
};
struct AdoptOptions {
  app::Turn turn = app::Turn::adopt;
  bool all = false, packaged = false, dry_run = false, print = false;
  bool wrap = false;
  std::string user, file, timer;
};
struct LintOptions {
  std::vector<std::string> files;  // none: this host's crontabs; "-": stdin
  std::string kind;    // "user", "system", "anacron"; empty: by the path
  std::string daemon;  // empty: this host's, or Debian's
  std::string format = "text";
  bool all = false;
};
struct SimulateOptions {
  std::string job;
  bool dry_run = false, start = false;
};
struct InitOptions {
  // --gitea URL OWNER/REPO --token-file F, and the simple ones.
  std::vector<std::string> gitea;
  std::string token_file, ntfy, webhook, deadman;
  std::vector<std::string> mail;
  bool no_start = false;
};
struct DoctorOptions {};
struct DrillOptions {
  std::string every = "5s";
};
struct SetupOptions {};
struct TourOptions {
  std::string keep;
};

using Command =
    std::variant<CheckOptions, StatusOptions, LogsOptions, ReportOptions,
                 AlertsOptions, AckOptions, SilenceOptions, PauseOptions,
                 ResumeOptions, RetireOptions, ChannelOptions, NextOptions,
                 InitOptions, DoctorOptions, DrillOptions, SetupOptions,
                 TourOptions, AuditOptions, DiscoverOptions, AdoptOptions,
                 LintOptions, SimulateOptions, ExplainOptions>;

struct Parsed {
  Global global;
  Command command;
};

// What a command says, and its exit status; `main` prints it.
struct Said {
  std::string out;
  std::string err;
  int status = 0;
};

// Either a command, or what to print instead (help, version, one line of what
// is wrong with exit status 2). `terminal`: standard output is one.
std::variant<Parsed, Said> parse(int argc, const char* const* argv);

// The text of `bezalel --help` (LOOK 7).
std::string help_text();

}  // namespace bezalel::cli
