#include "app/make_notice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/action_limit.h"
#include "app/local_time.h"
#include "app/notice_text.h"
#include "app/remedy.h"
#include "app/schedule_findings.h"
#include "app/sight.h"
#include "app/typed_command.h"
#include "base/duration.h"
#include "base/escape.h"
#include "record/redact.h"
#include "schedule/suspect.h"

namespace bezalel::app {
namespace {

constexpr std::size_t kMaxOutputLines = 20;
constexpr std::size_t kMaxLine = 500;

const RunRow* newest_run(const JudgedJob& job, bool ended) {
  for (auto i = job.runs.rbegin(); i != job.runs.rend(); ++i) {
    if (!ended || i->end) return &*i;
  }
  return nullptr;
}

// The run that the verdict is about, where runs overlap: else the newest.
const RunRow* run_in_question(const JudgedJob& job) {
  std::optional<Timestamp> started;
  if (const auto* hung = std::get_if<core::Hung>(&job.verdict)) {
    started = hung->started;
  } else if (const auto* lost = std::get_if<core::Lost>(&job.verdict)) {
    started = lost->since;
  }
  if (!started) return newest_run(job, false);
  const auto found =
      std::find_if(job.runs.begin(), job.runs.end(), [&](const RunRow& run) {
        return run.start && !run.end && run.start->at == *started;
      });
  return found == job.runs.end() ? newest_run(job, false) : &*found;
}

// "/etc/cron.d/x, line 7, as root (Debian cron)"; a unit's owner is its
// source's.
std::string place_of(const ScheduledJob& job) {
  std::string text = escape_line(job.source);
  if (job.line) text += fmt::format(", line {}", *job.line);
  if (job.source.starts_with('/')) text += ", as " + escape_line(job.user);
  const auto dialect = schedule::parse_dialect(job.dialect);
  const std::string_view scheduler =
      dialect ? schedule::daemon_name(*dialect) : std::string_view(job.dialect);
  return scheduler.empty() ? text : fmt::format("{} ({})", text, scheduler);
}

std::string_view words_of_evidence(std::string_view evidence) {
  if (evidence == "systemd") return "systemd's own result";
  if (evidence == "log") return "cron's log, which shows starts only";
  if (evidence == "trigger") return "its timer, which shows starts only";
  if (evidence == "wrapped") return "wrapped run; owner verified";
  return evidence == "heartbeat" ? "heartbeat file only" : evidence;
}

// Of a silent job: one that nobody starts is another trouble than one that is
// skipped each time.
std::string runs_since(const JudgedJob& job) {
  const auto& last = job.facts.last_success;
  int started = 0;
  int skipped = 0;
  for (const RunRow& run : job.runs) {
    if (!run.start || (last && run.start->at <= *last)) continue;
    const bool skip = run.end && run.end->outcome == record::Outcome::skipped;
    ++(skip ? skipped : started);
  }
  if (started > 0) return fmt::format("{} started", started);
  return skipped > 0 ? fmt::format("{} skipped", skipped) : "none started";
}

// Whether a finding's fix can be typed as it is. What is not known to be a
// command is shown as a comment, which harms nobody who pastes it.
bool is_command(std::string_view fix) {
  static constexpr std::array<std::string_view, 22> kPrograms = {
      "apt-get",    "bezalel",   "chage",
      "chmod",      "chown",     "cp",
      "crontab",    "dnf",       "echo",
      "ln",         "loginctl",  "mkdir",
      "mount",      "mv",        "rc-service",
      "rc-update",  "rm",        "service",
      "sudo",       "systemctl", "systemd-analyze",
      "update-rc.d"};
  return std::find(kPrograms.begin(), kPrograms.end(),
                   fix.substr(0, fix.find(' '))) != kPrograms.end() &&
         fix.find("; ") == std::string_view::npos;
}

// A notice begins with its cause: of what a job's own words are wrong in, whose
// they are.
std::string cause_of(const core::OpenIncident& i) {
  const std::string& source = i.key.source;
  const bool of_job =
      i.key.kind == core::IncidentKey::Kind::finding &&
      (i.key.name == kScheduleInvalid || i.key.name == kOptionInvalid) &&
      !source.starts_with('/');
  const std::string job = escape_line(source) + ": ";
  return of_job && !i.cause.starts_with(job) ? job + i.cause : i.cause;
}

class Maker {
 public:
  Maker(NoticeKind kind, const core::OpenIncident& incident,
        const NoticeContext& context)
      : context_(context),
        incident_(incident),
        job_(find_job(context.look, incident.key)) {
    notice_.kind = kind;
    notice_.event_id = context.event_id;
    notice_.host =
        context.opened_as.empty() ? context.settings.host : context.opened_as;
    notice_.zone = context.settings.zone;
    notice_.key = incident.key;
    notice_.marker =
        core::marker_key(notice_.host, incident.key, context.settings.own_of);
    notice_.number = incident.number;
    notice_.incident_id = incident.id;
    notice_.severity = incident.severity;
    notice_.verdict = incident.verdict;
    notice_.cause = cause_of(incident);
    notice_.since = incident.since;
    notice_.opened = incident.opened;
    notice_.at = context.look.now.wall;
    if (incident.key.kind == core::IncidentKey::Kind::job) {
      notice_.user = context.users.name_of(incident.key.uid);
      notice_.name_is_shared =
          context.look.shared_names.contains(incident.key.name);
    }
  }

  Notice make(const std::string& previous,
              std::optional<core::CloseReason> reason) {
    notice_.previous_verdict = previous;
    if (job_) fill_job();
    commands();
    sentence(reason);
    return std::move(notice_);
  }

 private:
  std::string local(Timestamp t) const { return local_long(t, notice_.zone); }

  void fact(std::string name, std::string text) {
    notice_.facts.push_back({std::move(name), std::move(text)});
  }

  void fill_job() {
    const core::Facts& facts = job_->facts;
    const Timestamp now = context_.look.now.wall;
    notice_.last_success = facts.last_success;
    notice_.interval = core::interval_of(job_->job, facts, now);
    notice_.ratio = core::ratio_of(job_->job, facts, now);
    const auto window = core::window_of(job_->job, facts);
    if (window) notice_.deadline = window->deadline;
    if (const auto& e = job_->job.expectation) {
      std::string text = schedule::describe(e->schedule);
      if (window) {
        text += fmt::format("; alarm after {}", local(window->deadline));
      }
      fact("Expected", std::move(text));
    }
    const core::Status status = core::status_of(job_->verdict);
    const bool silent =
        status == core::Status::stale || status == core::Status::never;
    if (silent && facts.has_runs) fact("Runs since", runs_since(*job_));
    fill_places();
    fill_runs();
    fact("Evidence", std::string(words_of_evidence(evidence_of(*job_))));
    std::string untried = why_untried(job_->declared, incident_.verdict);
    if (!untried.empty()) fact("Tried", std::move(untried));
  }

  // What expects it, and what starts it; often they are one line.
  void fill_places() {
    const auto& e = job_->job.expectation;
    const ScheduledJob* line =
        job_->scheduled ? &job_->scheduled->job : nullptr;
    const bool is_line = e && (e->source == core::ExpectationSource::crontab ||
                               e->source == core::ExpectationSource::timer);
    if (e && !e->where.empty() && !(line && is_line)) {
      fact("Declared in", e->where);
    }
    if (line) fact("Scheduled in", place_of(*line));
  }

  void fill_runs() {
    const RunRow* last = run_in_question(*job_);
    if (!last) {
      if (job_->scheduled) notice_.command = job_->scheduled->job.command;
      return;
    }
    if (last->start) {
      notice_.command = record::redact(last->start->cmd);
      typed_ = typed_command(incident_.key.name, *last->start,
                             context_.settings.bezalel);
      if (!notice_.command.empty()) fact("Command", notice_.command);
    }
    const char* label = "Last run";
    if (!last->end) {
      const RunRow* const ended = newest_run(*job_, true);
      const bool before =
          !last->start || !ended || ended->end->started < last->start->at;
      if (before) label = "Run before";
      if (last->start) {
        fact("This run", "started " + local(last->start->at) + ", no end");
      }
      last = ended;
    }
    if (!last || !last->end) return;
    const record::RunEnd& end = *last->end;
    fact(label, fmt::format("{}, {}, {}", local(end.started),
                            format_age(end.duration), describe_end(end)));
    const OutputPolicy policy =
        job_->declared ? job_->declared->output : OutputPolicy::notice;
    if (policy == OutputPolicy::notice) take_output(end);
  }

  void take_output(const record::RunEnd& end) {
    const bool use_err = end.out.bytes == 0;
    const record::KeptOutput& kept = use_err ? end.err : end.out;
    std::string text =
        record::redact(kept.tail.empty() ? kept.head : kept.tail);
    if (!use_err && end.err.bytes > 0) {
      text += "\n" + record::redact(end.err.tail.empty() ? end.err.head
                                                         : end.err.tail);
    }
    std::vector<std::string> lines;
    std::size_t from = 0;
    while (from <= text.size()) {
      const std::size_t to = std::min(text.find('\n', from), text.size());
      const std::string_view line(text.data() + from, to - from);
      if (!line.empty()) lines.emplace_back(utf8_prefix(line, kMaxLine));
      from = to + 1;
    }
    notice_.output_lines = lines.size();
    const std::size_t drop =
        lines.size() > kMaxOutputLines ? lines.size() - kMaxOutputLines : 0;
    notice_.output.assign(lines.begin() + static_cast<std::ptrdiff_t>(drop),
                          lines.end());
  }

  void commands() {
    const std::string& bezalel = context_.settings.bezalel;
    if (incident_.key.kind != core::IncidentKey::Kind::job) {
      notice_.commands = {bezalel + " doctor", bezalel + " check"};
      if (notice_.kind == NoticeKind::resolved) return;
      std::string mends = fix_line();
      auto& all = notice_.commands;
      if (!mends.empty() &&
          std::find(all.begin(), all.end(), mends) == all.end())
        all.insert(all.begin(), std::move(mends));
      return;
    }
    const std::string& job = incident_.key.name;
    const std::string name =
        shell_quote(notice_.name_is_shared ? notice_.user + "/" + job : job);
    auto& lines = notice_.commands;
    lines.push_back(bezalel + " status " + name);
    // Over: there is nothing to run, to quieten or to retire.
    if (notice_.kind == NoticeKind::resolved) return;
    if (incident_.verdict == core::to_string(core::Status::unwatched) && job_ &&
        job_->scheduled) {
      const bool trigger = job_->scheduled->job.watch == Watch::trigger;
      lines.push_back(trigger ? "# what it starts, to be watched itself:"
                              : "# have it watched:");
      lines.push_back(remedy(job_->scheduled->job, bezalel));
    }
    // One that hangs would have a second beside it.
    const bool hung = incident_.verdict == core::to_string(core::Status::hung);
    if (!typed_.empty() && !hung) {
      lines.push_back("# run it now:");
      const std::string as_user =
          incident_.key.uid == 0 ? "" : as_user_of(notice_.user);
      lines.push_back(as_user + typed_);
    }
    lines.push_back("# quiet, with an end:");
    lines.push_back(bezalel + " silence " + name +
                    " --until \"tomorrow 09:00\" --reason \"...\"");
    const DeclaredJob* declared =
        declaration_of(context_.settings, {incident_.key.uid, job});
    lines.push_back(declared == nullptr
                        ? "# no longer needed:"
                        : "# no longer needed: remove its table, " +
                              declared->where + ", then:");
    lines.push_back(bezalel + " retire " + name);
  }

  // What check says to do: a command, or a comment; may be empty. Of one file's
  // findings that of the cause that is told.
  std::string fix_line() const {
    const Finding* found = nullptr;
    for (const Finding& f : context_.look.findings) {
      if (core::IncidentKey::of_finding(f.id, f.source) != incident_.key) {
        continue;
      }
      if (found == nullptr) found = &f;
      if (f.message == incident_.cause) {
        found = &f;
        break;
      }
    }
    if (found == nullptr || found->fix.empty()) return {};
    std::string line = escape_line(found->fix, kMaxLine);
    const bool whole = line == found->fix;
    const bool typed =
        is_command(line) || line.starts_with(context_.settings.bezalel + " ");
    return whole && typed ? line : "# " + line;
  }

  void sentence(std::optional<core::CloseReason> reason) {
    const Timestamp now = context_.look.now.wall;
    const std::string lasted = format_age(now - incident_.since);
    switch (notice_.kind) {
      case NoticeKind::opened:
      case NoticeKind::test:
      case NoticeKind::report:
        notice_.sentence = notice_.cause;
        break;
      case NoticeKind::changed:
        notice_.sentence = changed_head(notice_) + notice_.cause;
        break;
      case NoticeKind::reminder:
        notice_.sentence = fmt::format(
            "Still {} after {}: {}", incident_.verdict, lasted, notice_.cause);
        break;
      case NoticeKind::resolved:
        resolved(reason.value_or(core::CloseReason::well_again));
        break;
      case NoticeKind::action:
        break;
    }
  }

  void resolved(core::CloseReason reason) {
    const Timestamp now = context_.look.now.wall;
    notice_.downtime = lasted(context_.look, incident_);
    const std::string open_for = format_age(now - incident_.opened);
    switch (reason) {
      case core::CloseReason::well_again:
        notice_.sentence = fmt::format(
            "Well again: {}. {} for {}, open for {}. Closed.", well_since(),
            ends_by_success(incident_) ? "Silent" : "Lasted",
            format_age(*notice_.downtime), open_for);
        break;
      case core::CloseReason::retired:
        notice_.sentence = fmt::format("Retired{} ({}). Open for {}. Closed.",
                                       by_whom(), local(now), open_for);
        break;
      case core::CloseReason::explained:
        notice_.sentence = fmt::format(
            "Explained by another incident. Open for {}. Closed.", open_for);
        break;
    }
  }

  // "success Tue 24 Nov 09:12 +0200, 6m 9s, exit 0"
  std::string well_since() const {
    const Timestamp well = well_again(context_.look, incident_);
    const std::string text = local_day(well, notice_.zone);
    const auto success = job_ ? job_->facts.last_success : std::nullopt;
    if (success != well) return text;
    const RunRow* run = newest_run(*job_, true);
    const bool ok = run && run->end->outcome == record::Outcome::ok;
    if (!ok || run->end->at < incident_.since) return "success " + text;
    return fmt::format("success {}, {}, {}", text,
                       format_age(run->end->duration), describe_end(*run->end));
  }

  // ` by root on db7: "moved to db9"`
  std::string by_whom() const {
    const auto found = context_.look.retired.find(incident_.key);
    if (found == context_.look.retired.end()) return {};
    const Retirement& how = found->second;
    return fmt::format(" by {} on {}", how.by, context_.settings.host) +
           (how.why.empty() ? "" : ": \"" + how.why + "\"");
  }

  const NoticeContext& context_;
  const core::OpenIncident& incident_;
  const JudgedJob* job_;
  Notice notice_;
  std::string typed_;  // what runs the job again; may be empty
};

}  // namespace

Timestamp well_again(const Look& look, const core::OpenIncident& incident) {
  const JudgedJob* job = find_job(look, incident.key);
  const auto success = job ? job->facts.last_success : std::nullopt;
  return success && *success > incident.since ? *success : look.now.wall;
}

Duration lasted(const Look& look, const core::OpenIncident& incident) {
  const Timestamp well = well_again(look, incident);
  const Timestamp from = incident.since;
  const JudgedJob* job = find_job(look, incident.key);
  if (!job || !ends_by_success(incident)) return well - from;
  std::optional<Timestamp> before;
  const auto take = [&](std::optional<Timestamp> success) {
    if (success && *success <= from) before = std::max(before, success);
  };
  take(job->success_before);
  for (const RunRow& run : job->runs) {
    if (run.end && run.end->outcome == record::Outcome::ok) take(run.end->at);
  }
  return well - before.value_or(from);
}

Notice make_notice(NoticeKind kind, const core::OpenIncident& incident,
                   const NoticeContext& context,
                   const std::string& previous_verdict,
                   std::optional<core::CloseReason> reason) {
  return Maker(kind, incident, context).make(previous_verdict, reason);
}

Notice make_action_notice(const core::OpenIncident& incident,
                          const NoticeContext& context,
                          const std::string& what) {
  Notice notice = Maker(NoticeKind::action, incident, context).make({}, {});
  notice.sentence = "Tried to help: " + what;
  return notice;
}

}  // namespace bezalel::app
