#include "discover/cron_start.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "crontab/anacrontab.h"
#include "crontab/shell_text.h"
#include "discover/cron_jobs.h"

namespace bezalel::discover {
namespace {

using crontab::Crontab;
using crontab::Line;
using crontab::LineType;

constexpr char kAnacrontab[] = "/etc/anacrontab";

app::CronStart start_of(const app::CrontabFile& file, const Crontab& tab,
                        const Line& line) {
  app::CronStart out;
  out.daemon = file.daemon;
  out.source = fmt::format("{}:{}", file.shown(), line.number);
  out.user = file.kind == crontab::Kind::system ? line.user : file.user;
  out.command = line.command;
  out.input = line.input.value_or("");
  for (const Line& above : tab.lines) {
    if (above.number >= line.number) break;
    if (above.type != LineType::setting) continue;
    std::erase_if(out.settings,
                  [&](const auto& s) { return s.first == above.name; });
    out.settings.emplace_back(above.name, above.value);
  }
  return out;
}

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

bool is_run_parts(const crontab::ShellWord& word) {
  return word.text == "run-parts" || word.text.ends_with("/run-parts");
}

// One script where the line's own command goes before it has run-parts start
// them all: there, or where cron starts the line.
std::string alone(const std::string& command, const std::string& script) {
  std::string out;
  for (const auto& part : crontab::read_shell(command).commands) {
    const auto& words = part.words;
    if (std::any_of(words.begin(), words.end(), is_run_parts)) break;
    if (words.size() != 2 || words[0].text != "cd") continue;
    out += command.substr(words[0].begin, words[1].end - words[0].begin);
    out += " && ";
  }
  return out + shell_quote(script);
}

bool starts(const app::CrontabFile& file, const Line& line,
            const app::ScheduledJob& job) {
  if (line.type != LineType::job) return false;
  if (job.line) return file.shown() == job.source && line.number == *job.line;
  const auto parts = run_parts_of(line.command);
  return parts && parts->directory == directory_of(job.source);
}

bool is_starter(const app::ScheduledJob& job, bool systemd) {
  using app::SchedulerKind;
  switch (job.kind) {
    case SchedulerKind::cron:
      return starts_anacron(job.command) &&
             !(systemd && job.command.find("! -d /run/systemd/system") !=
                              std::string::npos);
    case SchedulerKind::run_parts:
      return job.source.ends_with("/0anacron") &&
             job.source.starts_with("/etc/cron.hourly/");
    case SchedulerKind::timer:
      return job.source == "anacron.timer" && job.timer &&
             job.timer->timer_state != "dead";
    case SchedulerKind::anacron:
    case SchedulerKind::at:
      break;
  }
  return false;
}

}  // namespace

Result<app::CronStart> cron_start_of(app::CrontabFiles& files,
                                     const app::ScheduledJob& job) {
  const app::CrontabScan scan = files.scan();
  const crontab::Host host = files.host();
  for (const app::CrontabFile& file : scan.files) {
    const Crontab tab = crontab::parse(file.text, file.kind, file.daemon, host);
    if (tab.refused) continue;
    for (const Line& line : tab.lines) {
      if (!starts(file, line, job)) continue;
      app::CronStart out = start_of(file, tab, line);
      if (!job.line) out.command = alone(line.command, job.source);
      return out;
    }
  }
  return err(Kind::not_found, job.source + ": no line starts " + job.key.job);
}

Result<app::AnacronStart> anacron_start_of(const Root& root,
                                           const app::ScheduledJob& job) {
  BZ_ASSIGN(const std::string text, root.read(kAnacrontab));
  // Whose anacron it is decides about times alone.
  const auto table = crontab::parse_anacrontab(text, crontab::Daemon::debian);
  for (const crontab::AnacronEntry& line : table.entries) {
    const auto parts = run_parts_of(line.command);
    const bool starts =
        job.line ? line.line == *job.line
                 : parts && parts->directory == directory_of(job.source);
    if (!starts) continue;
    app::AnacronStart out;
    out.source = fmt::format("{}:{}", kAnacrontab, line.line);
    out.command = job.line ? line.command : alone(line.command, job.source);
    for (const crontab::AnacronSetting& above : table.settings) {
      if (above.line > line.line) break;
      out.settings.emplace_back(above.name, above.value);
    }
    return out;
  }
  return err(Kind::not_found, job.source + ": no line starts " + job.key.job);
}

const app::ScheduledJob* starter_of_anacron(const app::Inventory& inventory,
                                            bool systemd) {
  const auto& jobs = inventory.jobs;
  const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const auto& j) {
    return is_starter(j, systemd);
  });
  return found == jobs.end() ? nullptr : &*found;
}

}  // namespace bezalel::discover
