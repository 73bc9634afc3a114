#include "app/lint.h"

#include <algorithm>
#include <map>

#include "base/escape.h"
#include "base/nearest.h"
#include "core/expectation.h"
#include "crontab/wrap.h"
#include "record/job_name.h"
#include "record/work_text.h"
#include "schedule/cron.h"

namespace bezalel::app {
namespace {

constexpr std::size_t kRunsShown = 5;
constexpr char kCorrectComment[] =
    "correct the comment at the end of the command";
constexpr char kSendmail[] = "/usr/sbin/sendmail";

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

// One of the problems that record::job_name() tells: `"WORD": why`.
crontab::OwnFault fault_of(const std::string& problem) {
  static const std::vector<std::string> kKeys = {
      "job", "every", "cron", "calendar", "tz", "grace", "max", "allow"};
  crontab::OwnFault fault;
  const std::size_t end = problem.find('"', 1);
  if (problem.starts_with('"') && end != std::string::npos) {
    fault.word = problem.substr(1, end - 1);
  }
  fault.last = problem.ends_with("given twice");
  if (problem.find(": unknown key") != std::string::npos) {
    fault.meant = nearest_word(fault.word, kKeys);
  }
  fault.message = problem;
  fault.effect =
      "It is passed over, and bezalel-sh says so each time the job runs.";
  fault.otherwise = kCorrectComment;
  return fault;
}

// Of the values the program that runs the job judges only the name. Each is
// looked at alone: one fault hides no other.
std::vector<crontab::OwnFault> schedule_faults(
    const record::ScheduleText& schedule, const schedule::Zone& zone,
    const char* otherwise) {
  using record::ScheduleText;
  std::vector<crontab::OwnFault> faults;
  for (const auto field :
       {&ScheduleText::every, &ScheduleText::cron, &ScheduleText::calendar,
        &ScheduleText::tz, &ScheduleText::grace, &ScheduleText::max}) {
    const std::optional<std::string>& value = schedule.*field;
    if (!value) continue;
    ScheduleText alone;
    alone.*field = value;
    if (alone.empty()) alone.every = "1d";
    const auto parsed =
        core::expectation_from(alone, core::ExpectationSource::run, zone);
    if (parsed) continue;
    crontab::OwnFault fault;
    fault.word = *value;
    fault.message = escape_line(parsed.error().what);
    fault.effect = "It is passed over: nothing is expected by it.";
    fault.otherwise = otherwise;
    faults.push_back(std::move(fault));
  }
  return faults;
}

std::vector<crontab::OwnFault> comment_faults(const std::string& command,
                                              const schedule::Zone& zone) {
  const record::CommandComment comment = record::job_name(command).comment;
  std::vector<crontab::OwnFault> faults;
  for (const std::string& problem : comment.problems) {
    faults.push_back(fault_of(problem));
  }
  auto more = schedule_faults(comment.schedule, zone, kCorrectComment);
  std::move(more.begin(), more.end(), std::back_inserter(faults));
  return faults;
}

// What the shell is yet to put in is not known.
bool is_expanded(std::string_view word) {
  return word.find_first_of("$`") != std::string_view::npos;
}

bool runs_nothing(const record::OwnCall& call) {
  const auto dashes = std::find(call.args.begin(), call.args.end(), "--");
  return call.verb == "run" && std::distance(dashes, call.args.end()) < 2;
}

std::string effect_of(const record::OwnCall& call) {
  if (runs_nothing(call)) return "Nothing is run: it only says so.";
  if (call.verb == "run") {
    return "It is passed over, and bezalel run says so each time the job runs.";
  }
  return "bezalel beat says so each time, and exits with 2.";
}

std::vector<crontab::OwnFault> call_faults(const std::string& command,
                                           const LintContext& context) {
  constexpr char kCorrect[] = "correct the options of the command";
  std::vector<crontab::OwnFault> faults;
  for (const record::OwnCall& call : record::own_calls(command)) {
    if (std::any_of(call.args.begin(), call.args.end(), is_expanded)) continue;
    for (const std::string& problem : context.call_problems(call)) {
      crontab::OwnFault fault;
      const std::size_t open = problem.find('"');
      const std::size_t close = problem.find('"', open + 1);
      if (open != std::string::npos && close != std::string::npos) {
        fault.word = problem.substr(open + 1, close - open - 1);
      }
      fault.message = problem;
      fault.effect = effect_of(call);
      if (runs_nothing(call)) fault.weight = crontab::Weight::error;
      fault.otherwise = kCorrect;
      faults.push_back(std::move(fault));
    }
  }
  const auto own = record::job_name(command).own;
  if (!own) return faults;
  auto more = schedule_faults(own->schedule, context.zone, kCorrect);
  const auto told = [&](const crontab::OwnFault& fault) {
    return is_expanded(fault.word) ||
           std::any_of(faults.begin(), faults.end(),
                       [&](const auto& f) { return f.word == fault.word; });
  };
  std::erase_if(more, told);
  std::move(more.begin(), more.end(), std::back_inserter(faults));
  return faults;
}

// A table before it is judged, beside others.
struct Table {
  crontab::Crontab tab;
  std::string source;  // as LintedFile
  std::string path;
  std::string user;                          // of a system table empty
  std::vector<crontab::Remark> shared = {};  // name-shared
};

// What makes a job the same as another: its command as it was before it was
// wrapped.
std::string identity_of(const crontab::Crontab& tab,
                        const crontab::Line& line) {
  if (const auto bare = crontab::unwrapped(tab, line)) {
    const auto one = crontab::parse(*bare, tab.kind, tab.daemon);
    if (one.lines.size() == 1) {
      return record::job_name(one.lines[0].command).bare;
    }
  }
  return record::job_name(line.command).bare;
}

constexpr char kRename[] = "give one of the two another name";

// The line with another name in its comment; what to do where it has none.
std::string renamed(std::string text, const std::string& name) {
  if (text.ends_with('\n')) text.pop_back();
  const std::string said = "job=" + name;
  const std::size_t mark = text.rfind("# bezalel:");
  const std::size_t at =
      mark == std::string::npos ? mark : text.find(said, mark);
  if (at == std::string::npos) return kRename;
  return text.insert(at + said.size(), "-2");
}

// Different commands that one name makes one job: what one of them does covers
// what becomes of the other.
void find_shared_names(std::vector<Table>& tables) {
  struct First {
    std::string place, command, work;
  };
  std::map<std::pair<std::string, std::string>, First> by_name;
  for (Table& table : tables) {
    if (table.tab.refused) continue;
    for (const crontab::Line& line : table.tab.lines) {
      if (line.type != crontab::LineType::job) continue;
      // Who does not name it has a name made of its command: nearly no line is
      // worth to be taken apart for.
      if (line.command.find("bezalel") == std::string::npos &&
          line.command.find("heartbeat") == std::string::npos) {
        continue;
      }
      const record::NamedCommand named = record::job_name(line.command);
      const std::string& name = named.name.str();
      std::string user = table.tab.kind == crontab::Kind::system ? line.user
                         : table.tab.kind == crontab::Kind::anacron
                             ? "root"
                             : table.user;
      if (named.own && !named.own->user.empty()) user = named.own->user;
      const std::string command = identity_of(table.tab, line);
      const std::string place =
          escape_line(table.source) + ":" + std::to_string(line.number);
      const std::string work = record::work_text(line.command);
      const auto [first, fresh] =
          by_name.emplace(std::pair(user, name), First{place, command, work});
      const First& other = first->second;
      if (fresh || other.command == command || other.work == work) continue;
      crontab::Remark r;
      r.rule = "name-shared";
      r.weight = crontab::Weight::warning;
      r.line = line.number;
      r.column = line.command_column;
      r.width = line.written.size();
      r.message = "\"" + name + "\" is the name of another command, too";
      r.effect = "That of " + other.place +
                 " is taken for the same job: where one goes well, nobody "
                 "learns that the other is silent.";
      r.fix = named.own ? std::string(kRename)
                        : renamed(std::string(table.tab.bytes_of(line)), name);
      table.shared.push_back(std::move(r));
    }
  }
}

LintedFile judged(crontab::Crontab tab, std::string source,
                  crontab::Where where, const LintContext& context) {
  where.comment_faults = [&](const std::string& command) {
    return comment_faults(command, context.zone);
  };
  if (context.call_problems) {
    where.call_faults = [&](const std::string& command) {
      return call_faults(command, context);
    };
  }
  LintedFile file;
  file.source = std::move(source);
  file.tab = std::move(tab);
  for (crontab::Remark& remark : crontab::lint(file.tab, where)) {
    LintFinding finding;
    finding.then = runs_of(remark.schedule, file.tab.daemon, context);
    finding.remark = std::move(remark);
    file.findings.push_back(std::move(finding));
  }
  return file;
}

crontab::Weight weight_of(FindingSeverity severity) {
  switch (severity) {
    case FindingSeverity::error:
      return crontab::Weight::error;
    case FindingSeverity::warning:
      return crontab::Weight::warning;
    case FindingSeverity::info:
      return crontab::Weight::info;
  }
  return crontab::Weight::error;
}

// A file that the daemon does not even open.
LintedFile passed_over(const Finding& why) {
  LintedFile file;
  file.source = why.source;
  file.passed_over = why.message;
  file.jobs_passed_over = why.hides ? why.hides->jobs.size() : 0;
  LintFinding finding;
  finding.remark.rule = why.id;
  finding.remark.message = why.message;
  finding.remark.effect = "None of its jobs runs.";
  finding.remark.fix = why.fix;
  file.findings.push_back(std::move(finding));
  return file;
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
  crontab::Where where;
  where.path = std::move(path);
  where.clock = {context.zone, context.now};
  std::vector<Table> tables{
      {crontab::parse(std::move(text), kind, daemon), source, "", ""}};
  find_shared_names(tables);
  where.more = std::move(tables[0].shared);
  return judged(std::move(tables[0].tab), std::move(source), where, context);
}

LintResult lint_host(CrontabFiles& files, const std::vector<std::string>& paths,
                     const LintContext& context) {
  const auto wanted = [&](const std::string& path) {
    return paths.empty() ||
           std::find(paths.begin(), paths.end(), path) != paths.end();
  };
  LintResult result;
  CrontabScan scan = files.scan();
  const crontab::Host host = files.host();
  crontab::Where where;
  where.clock = {context.zone, context.now};
  where.program = [&](const std::string& path) { return files.program(path); };
  where.may_run = [&](const std::string& path, const std::string& user) {
    return files.may_run(path, user);
  };
  where.sends_mail =
      files.program(kSendmail).state != crontab::ProgramState::missing;
  if (scan.anacrontab) scan.files.push_back(*std::move(scan.anacrontab));
  std::vector<Table> tables;
  for (CrontabFile& file : scan.files) {
    if (!wanted(file.path)) continue;
    tables.push_back(
        {crontab::parse(std::move(file.text), file.kind, file.daemon, host),
         file.shown(), file.path, file.user});
  }
  find_shared_names(tables);
  for (Table& table : tables) {
    where.path = table.path;
    where.user = table.user;
    where.more = std::move(table.shared);
    result.files.push_back(
        judged(std::move(table.tab), std::move(table.source), where, context));
  }
  for (Finding& finding : scan.findings) {
    const bool elsewhere = finding.id == "spool-unread";
    // What a package brought for another daemon than this host's.
    if (elsewhere && finding.alarm == core::Severity::p3) continue;
    if (elsewhere || finding.id == "file-ignored") {
      if (wanted(finding.source)) result.files.push_back(passed_over(finding));
    } else if (paths.empty() && finding.id != "spool-volatile") {
      result.unread.push_back(std::move(finding));
    }
  }
  return result;
}

void add_scripts(const std::vector<Finding>& scripts, LintResult& result) {
  for (const Finding& script : scripts) {
    LintFinding finding;
    finding.remark.rule = script.id;
    finding.remark.weight = weight_of(script.severity);
    finding.remark.line = script.line.value_or(0);
    finding.remark.message = script.message;
    finding.remark.fix = script.fix;
    auto file = std::find_if(
        result.files.begin(), result.files.end(),
        [&](const LintedFile& f) { return f.source == script.source; });
    if (file == result.files.end()) {
      file = result.files.emplace(file);
      file->source = script.source;
      file->tab.kind = crontab::Kind::system;
    }
    file->findings.push_back(std::move(finding));
  }
}

bool is_installed(const std::string& path) {
  return path == "/etc/crontab" || path == kAnacrontab ||
         path.starts_with("/etc/cron.d/") ||
         path.starts_with("/var/spool/cron/") ||
         path.starts_with("/etc/crontabs/");
}

crontab::Kind kind_of_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const bool in_folder = slash != std::string::npos;
  const std::string folder = in_folder ? path.substr(0, slash) : "";
  const std::string name = in_folder ? path.substr(slash + 1) : path;
  if (name == "anacrontab") return crontab::Kind::anacron;
  const bool system = folder == "cron.d" || folder.ends_with("/cron.d") ||
                      (name == "crontab" && folder.ends_with("etc"));
  return system ? crontab::Kind::system : crontab::Kind::user;
}

}  // namespace bezalel::app
