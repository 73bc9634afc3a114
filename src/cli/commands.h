// One function a subcommand: options and the world in, what to say out.
#pragma once

#include <functional>
#include <string>

#include "app/cycle.h"
#include "app/host_view.h"
#include "app/lint.h"
#include "app/world.h"
#include "cli/options.h"
#include "report/audit.h"

namespace bezalel::cli {

// Where output goes, for the faces that depend on it.
struct Terminal {
  std::size_t columns = 80;
  bool colour = false;
};

// What `main` knows besides the world.
struct Place {
  std::string heartbeats_dir, jobs_dir, reports_dir;
  std::uint32_t owner = 0;  // the user whose jobs need no `user` there
  bool settings_exist = false;
  std::string who;  // user name, for acks and silences
  Terminal terminal;
  // Writes a file whole or not at all.
  std::function<Result<void>(const std::string& path, const std::string& text)>
      write_file;
  std::function<Result<std::string>(const std::string& path)> read_file;
  // Keeps a report as a file NAME, which begins with its date.
  std::function<Result<void>(const std::string& name, const std::string& text)>
      keep_report;
  // Sends a report to a sink of [report] to.
  std::function<Result<void>(const std::string& sink, const std::string& text,
                             const std::string& subject)>
      send_report;
  // Records a success of our own report.
  std::function<Result<void>()> record_report;
};

Said run_check(app::World&, const Place&, const CheckOptions&);
Said run_status(app::World&, const Place&, const StatusOptions&);
Said run_logs(app::World&, const Place&, const LogsOptions&);
Said run_report(app::World&, const Place&, const ReportOptions&);
Said run_alerts(app::World&, const Place&, const AlertsOptions&);
Said run_ack(app::World&, const Place&, const AckOptions&);
Said run_silence(app::World&, const Place&, const SilenceOptions&);
Said run_pause(app::World&, const Place&, const PauseOptions&);
Said run_resume(app::World&, const Place&, const ResumeOptions&);
Said run_retire(app::World&, const Place&, const RetireOptions&);
Said run_channel(app::World&, const Place&, const ChannelOptions&);
Said run_audit(app::World&, const Place&, const AuditOptions&);
Said run_discover(const app::Inventory&, const report::AuditPage&,
                  const DiscoverOptions&);
// `make_room` makes the places that adopted jobs of other users leave proof in,
// and gives the lines that say what it made.
Said run_adopt(app::AdoptContext&, const AdoptOptions&,
               const std::function<std::string()>& make_room);
// Where lint gets its text.
struct LintSources {
  // A regular file, or "-" for standard input; a crontab's size at most.
  std::function<Result<std::string>(const std::string& path)> read;
  app::CrontabFiles& host;
  // Of the host's scripts of run-parts; null: not known.
  std::function<std::vector<app::Finding>()> scripts = {};
  app::CallProblems call_problems = {};
};
Said run_lint(const LintSources&, Timestamp now, const std::string& zone,
              const LintOptions&);
Said run_merge(const app::World&, const Place&, const ReportOptions&);
// `own` is read by the daemon that serves the host.
Said run_explain(const ExplainOptions&, Timestamp now, const std::string& zone,
                 schedule::Dialect own);
// `next` reads its batch line by line: input(line) is false at the end, and
// each answer is handed out at once.
Said run_next(const NextOptions&, Timestamp now, const std::string& zone,
              const std::function<bool(std::string&)>& input,
              const std::function<void(const std::string&)>& output);

// An Error as its one line, exit status 2 (usage, invalid, not found) or 1.
Said failure(const Error& error);
// Of a failure the one line that a plugin has to print, with its status 3: what
// nobody could judge is not critical.
Said as_plugin(Said failed);

// The view of a finished look or cycle.
app::HostView view_of(app::World&, const Place&, const app::CycleResult&,
                      const std::vector<core::JobKey>& only);
std::vector<core::JobKey> keys_of(const app::Look& look);

}  // namespace bezalel::cli
