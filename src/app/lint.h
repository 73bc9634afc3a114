// Lint: the crontabs of the host, or files that are yet to be installed, judged
// without running anything. See crontab/lint.h for the rules.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/crontab_files.h"
#include "crontab/lint.h"
#include "record/job_name.h"
#include "schedule/zone.h"

namespace bezalel::app {

struct LintFinding {
  crontab::Remark remark;
  // The next runs of remark.schedule, at most five.
  std::vector<Timestamp> then;
};

struct LintedFile {
  std::string source;  // as shown: a path, or "crontab of ann"
  crontab::Crontab tab;
  std::vector<LintFinding> findings;
  // What keeps the daemon from opening the file at all (name, mode, owner);
  // empty: it is read, or that is not known.
  std::string passed_over;
  // The jobs in a file that is not opened, and so has no `tab`.
  std::size_t jobs_passed_over = 0;

  bool is_ignored() const { return tab.refused || !passed_over.empty(); }
  // Lines that are a job and that the daemon starts at some time or other.
  std::size_t jobs() const;
  // Those of them that go with the file.
  std::size_t lost() const {
    return jobs_passed_over + (is_ignored() ? jobs() : 0);
  }
};

struct LintResult {
  std::vector<LintedFile> files;
  // What could not be read.
  std::vector<Finding> unread;

  std::size_t count(crontab::Weight weight) const;
};

// What the program itself would say of a call of `bezalel run` or `beat`, one
// line each.
using CallProblems =
    std::function<std::vector<std::string>(const record::OwnCall&)>;

struct LintContext {
  schedule::Zone zone;
  Timestamp now;
  CallProblems call_problems = {};  // null: calls are not judged
};

// `text` as a table of that kind for that daemon; `path` is what a fix types.
LintedFile lint_text(std::string text, std::string source, std::string path,
                     crontab::Kind kind, crontab::Daemon daemon,
                     const LintContext& context);

// The host's own crontabs, anacron's table among them, with all that the host
// knows; all of them, or those of `paths`. What lies there so that the daemon
// does not read it is a finding.
LintResult lint_host(CrontabFiles& files, const std::vector<std::string>& paths,
                     const LintContext& context);

// What discovery says of the scripts that run-parts is to run: of a line of a
// file that was judged with that file, of a script as of a file of its own.
void add_scripts(const std::vector<Finding>& scripts, LintResult& result);

// True where a host's daemon would look for a crontab of that path.
bool is_installed(const std::string& path);

// Of a path without an answer: anacron's where that is its name, a system table
// where the host would look for one (/etc/crontab, a folder cron.d), else a
// user's own.
crontab::Kind kind_of_path(const std::string& path);

}  // namespace bezalel::app
