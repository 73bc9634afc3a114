#include "discover/cron_jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "base/escape.h"
#include "base/paste.h"
#include "crontab/lint.h"
#include "crontab/shell_text.h"
#include "record/job_name.h"
#include "record/redact.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::FindingSeverity;
using app::ScheduledJob;
using app::Watch;
using crontab::Crontab;
using crontab::Line;
using crontab::LineType;

constexpr std::string_view kShell = "bezalel-sh";

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    const bool ends = c == ' ' || c == '\t' || c == ';' || c == '&' ||
                      c == '|' || c == '(' || c == ')' || c == '{' || c == '}';
    if (!ends) {
      if (c != '\'' && c != '"') word += c;
      continue;
    }
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

std::string_view base_of(std::string_view word) {
  const std::size_t slash = word.rfind('/');
  return slash == std::string_view::npos ? word : word.substr(slash + 1);
}

// Options of run-parts by which other files run than those of its rule of
// names, or none.
bool chooses(std::string_view word) {
  return word.starts_with("--regex") || word == "--lsbsysinit" ||
         word == "--list" || word == "--test";
}

std::optional<Duration> span_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto span = parse_time_span(*text);
  return span ? std::optional(*span) : std::nullopt;
}

Finding line_finding(const app::CrontabFile& file, const char* id,
                     const crontab::Problem& problem, std::string message) {
  Finding f;
  f.id = id;
  f.source = file.shown();
  f.message = std::move(message);
  f.fix = "bezalel lint " + paste_word(file.path);
  if (problem.line > 0) f.line = problem.line;
  if (problem.column > 0) f.column = problem.column;
  f.alarm = core::Severity::p2;
  return f;
}

class Reader {
 public:
  Reader(const app::CrontabFile& file, const crontab::Host& host,
         const UidOf& uid_of, const schedule::Zone& zone, Timestamp now,
         app::Inventory& into)
      : file_(file),
        uid_of_(uid_of),
        zone_(zone),
        now_(now),
        into_(into),
        tab_(crontab::parse(file.text, file.kind, file.daemon, host)),
        host_(host) {}

  void read() {
    if (tab_.refused) {
      Finding f = line_finding(
          file_, "file-ignored", *tab_.refused,
          "the daemon ignores the whole file: " + tab_.refused->message);
      hide_jobs(file_, uid_of_, "the daemon ignores " + escape_line(f.source),
                f);
      into_.findings.push_back(std::move(f));
      return;
    }
    for (const Line& line : tab_.lines) {
      switch (line.type) {
        case LineType::job:
          job(line);
          break;
        case LineType::bad:
          if (line.problem) dropped(line);
          break;
        case LineType::comment:
          commented(line);
          break;
        case LineType::setting:
          setting(line);
          break;
        case LineType::blank:
          break;
      }
    }
  }

 private:
  void job(const Line& line) {
    ScheduledJob out;
    if (is_our_own(line.command)) return;
    const record::NamedCommand named = record::job_name(line.command);
    out.key = key_of(line, named.name, named.own);
    out.user = file_.kind == crontab::Kind::system ? line.user : file_.user;
    if (named.own && named.own->user != out.user) {
      out.record_user = named.own->user;
    }
    out.dialect = crontab::to_string(file_.daemon);
    out.schedule = line.schedule;
    const schedule::Zone zone = zone_at(line);
    out.zone = zone.name();
    out.command = record::redact(line.command);
    out.source = file_.shown();
    out.line = line.number;
    out.package = file_.package;
    out.by_hand = file_.kind == crontab::Kind::user && !has_crontab_program();
    out.watch = watch_of(line, named);
    out.start_record = start_record_of(out.watch, named.own);
    if (const Line* set = crontab::setting_line(tab_, line, "SHELL")) {
      out.shell = {set->number, escape_line(set->value, 60)};
    }
    if (const auto former = record::former_name(named)) {
      out.former_stem = record::name_stem(former->str());
    }
    // Who does not name it has a name made of its command.
    out.may_share_name = (named.own || named.comment.job) &&
                         crontab::allows(tab_, line, "name-shared");
    expect(line, named, zone, out);
    into_.jobs.push_back(out);
    for (const record::OwnRecord& own : record::further_records(named)) {
      into_.jobs.push_back(further(line, own, out));
    }
  }

  // Another job that the line of `first` records in its turn.
  ScheduledJob further(const Line& line, const record::OwnRecord& own,
                       ScheduledJob first) const {
    first.key = key_of(line, own.job, own);
    if (first.expectation) {
      first.expectation->grace.reset();
      first.expectation->max.reset();
      limit(*first.expectation, own.schedule);
    }
    first.record_user = own.user == first.user ? "" : own.user;
    if (first.watch != Watch::none) {
      first.watch = Watch::command;
      first.start_record = own.start;
    }
    return first;
  }

  bool has_crontab_program() const {
    if (!host_.program) return true;
    for (const char* path :
         {"/usr/bin/crontab", "/bin/crontab", "/usr/local/bin/crontab"}) {
      if (host_.program(path).state == crontab::ProgramState::runs) return true;
    }
    return false;
  }

  // Cron logs the start of a job, then finds no shell to execute.
  void setting(const Line& line) {
    const std::string why = crontab::why_no_shell(line, tab_, host_.program);
    if (why.empty()) return;
    Finding f;
    f.id = "shell-missing";
    f.source = file_.shown();
    f.line = line.number;
    f.message = "cron can start no job behind this SHELL: " + why;
    f.fix = "bezalel lint " + paste_word(file_.path);
    f.alarm = core::Severity::p2;
    into_.findings.push_back(std::move(f));
  }

  Watch watch_of(const Line& line, const record::NamedCommand& named) const {
    // A table's own root has every record elsewhere.
    if (const auto root = crontab::setting_at(tab_, line, "BEZALEL_ROOT");
        root && !root->empty() && file_.daemon != crontab::Daemon::busybox) {
      return Watch::none;
    }
    if (named.speaks_for_itself()) return Watch::command;
    const Line* shell = crontab::setting_line(tab_, line, "SHELL");
    if (shell != nullptr && base_of(shell->value) == kShell &&
        file_.daemon != crontab::Daemon::systemd_cron &&
        crontab::why_no_shell(*shell, tab_, host_.program).empty()) {
      return Watch::shell;
    }
    return named.own ? Watch::command : Watch::none;
  }

  // Only cronie reckons in the zone that a table names: systemd-cron writes
  // its timers without one.
  schedule::Zone zone_at(const Line& line) const {
    if (file_.daemon != crontab::Daemon::cronie) return zone_;
    const auto name = crontab::setting_at(tab_, line, "CRON_TZ");
    if (!name) return zone_;
    auto zone = schedule::Zone::load(*name);
    return zone ? *std::move(zone) : zone_;
  }

  // What the line says of its limits, in its comment or as options of the
  // command that records it.
  static void limit(core::Expectation& e, const record::ScheduleText& text) {
    if (const auto grace = span_of(text.grace)) e.grace = grace;
    if (const auto max = span_of(text.max)) e.max = max;
  }

  void expect(const Line& line, const record::NamedCommand& named,
              const schedule::Zone& zone, ScheduledJob& out) {
    if (!line.expr) return;
    core::Expectation e;
    e.source = core::ExpectationSource::crontab;
    e.where = fmt::format("{}:{}", out.source, line.number);
    if (named.own) limit(e, named.own->schedule);
    limit(e, named.comment.schedule);
    e.scheduler_delay = line.expr->spread();
    if (file_.daemon == crontab::Daemon::busybox &&
        line.schedule.starts_with('@'))
      ends_daemon(line, out);
    if (line.expr->is_reboot()) {
      e.schedule = schedule::Reboot{};
      out.expectation = std::move(e);
      return;
    }
    if (line.expr->never_runs()) {
      Finding f;
      f.id = "never-runs";
      f.source = out.source;
      f.line = line.number;
      f.message = fmt::format("\"{}\" never matches: {} is never started",
                              escape_line(line.schedule), out.key.job);
      f.fix = "bezalel lint " + paste_word(file_.path);
      f.alarm = core::Severity::p2;
      into_.findings.push_back(std::move(f));
      return;
    }
    e.schedule = schedule::Cron{*line.expr, zone};
    out.next = schedule::next(*line.expr, zone, now_);
    out.previous = schedule::previous(*line.expr, zone, now_);
    out.expectation = std::move(e);
  }

  // A busybox that runs with it may be one that does not mind.
  void ends_daemon(const Line& line, const ScheduledJob& job) {
    Finding f;
    f.id = "daemon-ends";
    f.source = job.source;
    f.line = line.number;
    f.message = fmt::format(
        "busybox crond 1.35 dies of {} (SIGSEGV), and starts no job of any "
        "table",
        escape_line(line.schedule, 40));
    f.fix = "bezalel lint " + paste_word(file_.path);
    f.alarm = core::Severity::p2;
    into_.findings.push_back(std::move(f));
  }

  // Its job is not gone: it is the line that does not count.
  void dropped(const Line& line) {
    Finding f =
        line_finding(file_, "line-ignored", *line.problem,
                     "the daemon drops the line: " + line.problem->message);
    f.hides = {{},
               {},
               fmt::format("the daemon drops {}:{}", escape_line(f.source),
                           line.number)};
    if (const auto meant = one_job(whole_line(line), {})) {
      hide_command(meant->command, uid_of_line(*meant), *f.hides);
    }
    into_.findings.push_back(std::move(f));
  }

  // The line with another schedule where its own is none.
  std::string whole_line(const Line& line) const {
    std::string text(tab_.bytes_of(line));
    if (text.ends_with('\n')) text.pop_back();
    if (line.expr || line.field_columns.empty()) return text;
    const auto first = static_cast<std::size_t>(line.field_columns.front()) - 1;
    const auto last = static_cast<std::size_t>(line.field_columns.back()) - 1;
    const std::size_t end =
        std::min(text.find_first_of(" \t", last), text.size());
    return text.replace(first, end - first, "@daily");
  }

  std::optional<Line> one_job(std::string text,
                              const crontab::Host& host) const {
    if (!text.ends_with('\n')) text += '\n';
    Crontab one =
        crontab::parse(std::move(text), file_.kind, file_.daemon, host);
    if (one.refused || one.lines.empty() ||
        one.lines[0].type != LineType::job) {
      return std::nullopt;
    }
    return std::move(one.lines[0]);
  }

  std::uint32_t uid_of_line(const Line& line) const {
    return file_.kind == crontab::Kind::system ? uid_of_(line.user) : file_.uid;
  }

  // What it records behind sudo or su is that user's.
  core::JobKey key_of(const Line& line, const record::JobName& name,
                      const std::optional<record::OwnRecord>& own) const {
    const bool other = own && !own->user.empty();
    return {other ? uid_of_(own->user) : uid_of_line(line), name.str()};
  }

  // `#0 1 * * * root backup`: the line without its mark is a job.
  void commented(const Line& line) {
    std::string text(tab_.bytes_of(line));
    const std::size_t mark = text.find('#');
    if (mark == std::string::npos) return;
    text = text.substr(text.find_first_not_of("# \t", mark) == std::string::npos
                           ? text.size()
                           : text.find_first_not_of("# \t", mark));
    // Prose begins with a word; a schedule never with a letter.
    if (text.empty() || (text[0] != '*' && text[0] != '@' &&
                         (text[0] < '0' || text[0] > '9'))) {
      return;
    }
    const auto job = one_job(std::move(text), host_);
    if (!job) return;
    const auto named = record::job_name(job->command);
    const auto note = [&](const core::JobKey& key) {
      into_.commented_out.push_back({key, file_.shown(), line.number});
    };
    note(key_of(*job, named.name, named.own));
    for (const record::OwnRecord& own : record::further_records(named)) {
      note(key_of(*job, own.job, own));
    }
  }

  const app::CrontabFile& file_;
  const UidOf& uid_of_;
  const schedule::Zone& zone_;
  const Timestamp now_;
  app::Inventory& into_;
  const Crontab tab_;
  const crontab::Host& host_;
};

}  // namespace

record::StartRecord start_record_of(
    Watch watch, const std::optional<record::OwnRecord>& own) {
  if (watch == Watch::shell) return record::StartRecord::at_once;
  if (watch == Watch::command && own) return own->start;
  return record::StartRecord::none;
}

bool is_our_own(const std::string& command) {
  if (command.find("bezalel") == std::string::npos) return false;
  const crontab::ShellText shell = crontab::read_shell(command);
  if (shell.unsure || shell.unclosed) return false;
  bool own = false;
  for (const crontab::SimpleCommand& c : shell.commands) {
    if (c.words.empty()) continue;  // sets a variable alone
    const std::string_view program = base_of(c.words[0].text);
    if (program == "[" || program == "test") continue;
    const auto word = [&](std::size_t i) {
      return i < c.words.size() ? std::string_view(c.words[i].text)
                                : std::string_view();
    };
    const auto verb = word(word(1) == "--mine" ? 2 : 1);
    if (program != "bezalel" || (verb != "check" && verb != "report")) {
      return false;
    }
    own = true;
  }
  return own;
}

void hide_command(const std::string& command, std::uint32_t uid,
                  Finding::Hides& hides) {
  const auto named = record::job_name(command);
  hides.jobs.push_back({uid, named.name.str()});
  for (const record::OwnRecord& own : record::further_records(named)) {
    hides.jobs.push_back({uid, own.job.str()});
  }
  if (const auto parts = run_parts_of(command)) {
    hides.places.push_back(parts->directory);
  }
}

void hide_jobs(const app::CrontabFile& file, const UidOf& uid_of,
               std::string why, Finding& finding) {
  Finding::Hides hides{{file.shown()}, {}, std::move(why)};
  const Crontab tab = crontab::parse(file.text, file.kind, file.daemon);
  for (const Line& line : tab.lines) {
    if (line.type != LineType::job) continue;
    const std::uint32_t uid =
        file.kind == crontab::Kind::system ? uid_of(line.user) : file.uid;
    hide_command(line.command, uid, hides);
  }
  finding.hides = std::move(hides);
}

std::optional<RunParts> run_parts_of(const std::string& command) {
  const auto words = words_of(command);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (base_of(words[i]) != "run-parts") continue;
    for (std::size_t k = i + 1; k < words.size(); ++k) {
      if (chooses(words[k])) return std::nullopt;
      if (!words[k].starts_with('/')) continue;
      RunParts out;
      out.directory = words[k];
      while (out.directory.size() > 1 && out.directory.ends_with('/')) {
        out.directory.pop_back();
      }
      out.through_bezalel = i > 0 && base_of(words[i - 1]) == "bezalel";
      out.guarded_by_anacron = std::find(words.begin(), words.end(),
                                         "/usr/sbin/anacron") != words.end();
      return out;
    }
  }
  return std::nullopt;
}

bool starts_anacron(const std::string& command) {
  const auto words = words_of(command);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (base_of(words[i]) != "anacron") continue;
    // No "?:" of a string and a literal: the view would outlive its copy.
    std::string_view before;
    if (i > 0) before = words[i - 1];
    if (before != "-x" && before != "-e" && before != "-f") return true;
  }
  return false;
}

void add_jobs(const app::CrontabFile& file, const crontab::Host& host,
              const UidOf& uid_of, const schedule::Zone& zone, Timestamp now,
              app::Inventory& into) {
  Reader(file, host, uid_of, zone, now, into).read();
}

}  // namespace bezalel::discover
