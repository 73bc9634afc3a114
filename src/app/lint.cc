#include "app/lint.h"

#include <algorithm>

#include "schedule/cron.h"

namespace bezalel::app {
namespace {

constexpr std::size_t kRunsShown = 5;

std::vector<Timestamp> runs_of(const std::string& schedule,
                               crontab::Daemon daemon,
                               const LintContext& context) {
  std::vector<Timestamp> runs;
  if (schedule.empty()) return runs;
  const auto expr =
      schedule::CronExpr::parse(schedule, crontab::dialect_of(daemon));
  if (!expr || expr->is_reboot()) return runs;
  auto t = schedule::next(*expr, context.zone, context.now);
  while (t && runs.size() < kRunsShown) {
    runs.push_back(*t);
    t = schedule::next(*expr, context.zone, *t);
  }
  return runs;
}

}  // namespace

std::size_t LintedFile::jobs() const {
  return static_cast<std::size_t>(std::count_if(
      tab.lines.begin(), tab.lines.end(),
      [](const auto& line) { return line.type == crontab::LineType::job; }));
}

std::size_t LintResult::count(crontab::Weight weight) const {
  std::size_t n = 0;
  for (const LintedFile& file : files) {
    for (const LintFinding& f : file.findings) {
      if (f.remark.weight == weight) ++n;
    }
  }
  return n;
}

LintedFile lint_text(std::string text, std::string source, std::string path,
                     crontab::Kind kind, crontab::Daemon daemon,
                     const LintContext& context) {
  LintedFile file;
  file.source = std::move(source);
  file.tab = crontab::parse(std::move(text), kind, daemon);
  for (crontab::Remark& remark : crontab::lint(file.tab, {std::move(path)})) {
    LintFinding finding;
    finding.then = runs_of(remark.schedule, daemon, context);
    finding.remark = std::move(remark);
    file.findings.push_back(std::move(finding));
  }
  return file;
}

crontab::Kind kind_of_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const bool in_folder = slash != std::string::npos;
  const std::string folder = in_folder ? path.substr(0, slash) : "";
  const std::string name = in_folder ? path.substr(slash + 1) : path;
  const bool system = folder == "cron.d" || folder.ends_with("/cron.d") ||
                      (name == "crontab" && folder.ends_with("etc"));
  return system ? crontab::Kind::system : crontab::Kind::user;
}

}  // namespace bezalel::app
