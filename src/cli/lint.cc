// `bezalel lint`: files given, or the crontabs of this host.
#include "report/lint.h"

#include "cli/commands.h"

namespace bezalel::cli {
namespace {

crontab::Daemon daemon_of(const std::string& word) {
  for (const auto daemon : {crontab::Daemon::cronie, crontab::Daemon::busybox,
                            crontab::Daemon::systemd_cron}) {
    if (crontab::to_string(daemon) == word) return daemon;
  }
  return crontab::Daemon::debian;
}

}  // namespace

Said run_lint(const LintSources& sources, Timestamp now,
              const std::string& zone, const LintOptions& options) {
  auto loaded = schedule::Zone::load(zone);
  const app::LintContext context{
      loaded ? *std::move(loaded) : *schedule::Zone::load("UTC"), now};
  app::LintResult result;
  for (const std::string& path : options.files) {
    auto text = sources.read(path);
    if (!text) return {"", "bezalel: " + text.error().what + "\n", 2};
    const crontab::Kind kind = options.kind.empty() ? app::kind_of_path(path)
                               : options.kind == "user" ? crontab::Kind::user
                                                        : crontab::Kind::system;
    result.files.push_back(app::lint_text(
        *std::move(text), path == "-" ? "standard input" : path,
        path == "-" ? "" : path, kind, daemon_of(options.daemon), context));
  }
  const report::LintPage page{
      zone, now,
      options.all ? report::LintDetail::all : report::LintDetail::important};
  std::string out;
  if (options.format != "json") {
    out = report::lint_text(result, page);
  } else if (options.files.size() == 1) {
    out = report::lint_file_json(result.files.front());
  } else {
    out = report::lint_json(result);
  }
  return {std::move(out), "", report::lint_exit(result)};
}

}  // namespace bezalel::cli
