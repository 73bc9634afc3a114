#include "app/doubles.h"

#include <map>
#include <set>
#include <string_view>

#include "base/escape.h"
#include "base/paste.h"
#include "crontab/wrap.h"
#include "record/job_name.h"
#include "record/work_text.h"

namespace bezalel::app {
namespace {

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// The command as it was before it was wrapped, without a comment.
std::string bare_of(const std::string& command) {
  const auto tab = crontab::parse("@daily " + command + "\n",
                                  crontab::Kind::user, crontab::Daemon::debian);
  if (tab.lines.size() == 1) {
    if (const auto plain = crontab::unwrapped(tab, tab.lines[0])) {
      const auto one = crontab::parse(*plain, tab.kind, tab.daemon);
      if (one.lines.size() == 1) {
        return record::job_name(one.lines[0].command).bare;
      }
    }
  }
  return record::job_name(command).bare;
}

std::string place_of(const ScheduledJob& job) {
  const std::string line = job.line ? ":" + std::to_string(*job.line) : "";
  return escape_line(job.source) + line;
}

}  // namespace

bool same_work(const std::string& a, const std::string& b) {
  return a == b || bare_of(a) == bare_of(b) ||
         record::work_text(a) == record::work_text(b);
}

std::vector<Finding> shared_names(const std::vector<ScheduledJob>& jobs) {
  std::vector<Finding> out;
  std::map<core::JobKey, const ScheduledJob*> by_key;
  std::set<std::pair<core::JobKey, std::string>> told;  // key, source
  for (const ScheduledJob& job : jobs) {
    if (job.kind == SchedulerKind::at || job.kind == SchedulerKind::timer) {
      continue;
    }
    const auto [first, fresh] = by_key.emplace(job.key, &job);
    if (fresh || job.may_share_name || told.contains({job.key, job.source}) ||
        same_work(first->second->command, job.command)) {
      continue;
    }
    told.insert({job.key, job.source});
    Finding f;
    f.id = "name-shared";
    f.severity = FindingSeverity::warning;
    f.source = job.source;
    f.line = job.line;
    f.message =
        job.key.job + " is the name of another command, too (" +
        place_of(*first->second) +
        "): where one goes well, nobody learns that the other is silent";
    f.fix = "bezalel lint";
    if (job.source.starts_with('/')) f.fix += " " + paste_word(job.source);
    // For reports: a failure of either is told at once, only silence is hid.
    f.alarm = core::Severity::p3;
    out.push_back(std::move(f));
  }
  return out;
}

std::vector<Twice> started_twice(const std::vector<CoveredJob>& jobs) {
  std::vector<Twice> out;
  std::map<core::JobKey, std::size_t> by_key;
  std::map<std::string_view, std::size_t> timers;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const ScheduledJob& job = jobs[i].job;
    const auto [first, fresh] = by_key.emplace(job.key, i);
    const ScheduledJob& other = jobs[first->second].job;
    // What is of one name alone is told as that (shared_names()).
    if (!fresh && same_work(other.command, job.command))
      out.push_back({first->second, i});
    if (job.kind == SchedulerKind::timer) {
      std::string_view stem = last_part(job.source);
      stem = stem.substr(0, stem.rfind(".timer"));
      timers.emplace(stem, i);
    }
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const ScheduledJob& job = jobs[i].job;
    if (job.kind != SchedulerKind::cron) continue;
    const auto timer = timers.find(last_part(job.source));
    if (timer == timers.end()) continue;
    // Debian's own lines step back where systemd runs.
    if (job.command.find("/run/systemd/system") != std::string::npos) continue;
    out.push_back({i, timer->second});
  }
  return out;
}

}  // namespace bezalel::app
