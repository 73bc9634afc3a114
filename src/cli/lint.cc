// `bezalel lint`: files given, or the crontabs of this host.
#include "report/lint.h"

#include <algorithm>
#include <iterator>

#include "cli/commands.h"

namespace bezalel::cli {
namespace {

crontab::Kind kind_of(const std::string& path, const std::string& word) {
  for (const auto kind :
       {crontab::Kind::user, crontab::Kind::system, crontab::Kind::anacron}) {
    if (crontab::to_string(kind) == word) return kind;
  }
  return app::kind_of_path(path);
}

crontab::Daemon daemon_of(const std::string& word) {
  for (const auto daemon : {crontab::Daemon::cronie, crontab::Daemon::busybox,
                            crontab::Daemon::systemd_cron}) {
    if (crontab::to_string(daemon) == word) return daemon;
  }
  return crontab::Daemon::debian;
}

// A table where the host's daemon looks is judged with all that is known of the
// host, unless somebody asks for another daemon or kind.
bool belongs_to_host(const std::string& path, const LintOptions& options) {
  return options.kind.empty() && options.daemon.empty() &&
         app::is_installed(path);
}

app::Finding unread_file(const std::string& path, const std::string& why) {
  app::Finding finding;
  finding.source = path;
  const bool named = why.starts_with(path + ": ");
  finding.message = named ? why.substr(path.size() + 2) : why;
  return finding;
}

// A file that cannot be read hides no other.
app::LintResult look(const LintSources& sources, const LintOptions& options,
                     const app::LintContext& context) {
  app::LintResult result;
  if (options.files.empty()) {
    result = app::lint_host(sources.host, {}, context);
    if (sources.scripts) app::add_scripts(sources.scripts(), result);
    return result;
  }
  for (const std::string& path : options.files) {
    if (belongs_to_host(path, options)) {
      app::LintResult host = app::lint_host(sources.host, {path}, context);
      if (!host.files.empty()) {
        std::move(host.files.begin(), host.files.end(),
                  std::back_inserter(result.files));
        continue;
      }
    }
    auto text = sources.read(path);
    if (!text) {
      result.unread.push_back(unread_file(path, text.error().what));
      continue;
    }
    const bool piped = path == "-";
    result.files.push_back(app::lint_text(
        *std::move(text), piped ? "standard input" : path, piped ? "" : path,
        kind_of(path, options.kind), daemon_of(options.daemon), context));
  }
  return result;
}

}  // namespace

Said run_lint(const LintSources& sources, Timestamp now,
              const std::string& zone, const LintOptions& options) {
  const bool asked = !options.daemon.empty() || !options.kind.empty();
  if (asked && options.files.empty()) {
    return {
        "",
        std::string("bezalel: lint: --") +
            (options.daemon.empty() ? "kind" : "daemon") +
            " needs a FILE; this host's crontabs are read by its own cron\n",
        2};
  }
  auto loaded = schedule::Zone::load(zone);
  const app::LintContext context{
      loaded ? *std::move(loaded) : *schedule::Zone::load("UTC"), now,
      sources.call_problems};
  const bool as_json = options.format == "json";
  app::LintResult result = look(sources, options, context);
  std::string unread;
  if (!options.files.empty()) {
    for (const app::Finding& f : result.unread) {
      unread += "bezalel: " + f.source + ": " + f.message + "\n";
    }
    if (!as_json) result.unread.clear();
  }
  if (!unread.empty() && result.files.empty() && !as_json) {
    return {"", unread, 2};
  }
  const report::LintPage page{
      zone, now,
      options.all ? report::LintDetail::all : report::LintDetail::important};
  std::string out;
  if (!as_json) {
    out = report::lint_text(result, page);
  } else if (options.files.size() == 1 && result.files.size() == 1) {
    out = report::lint_file_json(result.files.front());
  } else {
    out = report::lint_json(result);
  }
  return {std::move(out), unread,
          unread.empty() ? report::lint_exit(result) : 2};
}

}  // namespace bezalel::cli
