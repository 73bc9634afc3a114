#include "report/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "app/local_time.h"
#include "base/duration.h"
#include "base/escape.h"
#include "record/redact.h"

namespace bezalel::report {
namespace {

using app::HostView;
using app::JobView;
using app::Rank;
using core::Status;

std::string when(const HostView& host, Timestamp t) {
  return app::local_short(t, host.now, host.zone);
}

std::optional<Timestamp> started_of(const app::RunView& run) {
  if (run.start) return run.start->at;
  if (run.end) return run.end->started;
  return std::nullopt;
}

std::string ended_text(const app::RunView& run) {
  std::string text = end_text(run);
  if (run.end->outcome == record::Outcome::signal) {
    const char* const name = sigabbrev_np(run.end->signal.value_or(0));
    if (name != nullptr) text += fmt::format(" ({})", name);
  }
  text += " after " + format_age(run.end->duration);
  const bool failed = run.end->outcome != record::Outcome::ok;
  if (failed && !run.end->detail.empty()) {
    text += ": " + escape_line(run.end->detail, 200);
  }
  return text;
}

std::string hung_text(const HostView& host, const JobView& job,
                      const core::Hung& hung) {
  std::string text =
      fmt::format("running since {}, limit {}", when(host, hung.started),
                  format_age(hung.limit));
  if (hung.pid > 0) text += fmt::format("; pid {}", hung.pid);
  if (job.last_output) text += ", last output " + when(host, *job.last_output);
  return text;
}

std::string silent_text(const HostView& host, const JobView& job) {
  std::string text = escape_line(job.cause, 200);
  if (text.empty()) text = "no run has succeeded";
  const auto started = job.last_run ? started_of(*job.last_run) : std::nullopt;
  if (started && text.ends_with("started")) {
    text += " since " + when(host, *started);
  } else if (started && (!job.last_success || *started > *job.last_success)) {
    text += "; last start " + when(host, *started);
  }
  if (job.last_success)
    text += "; last success " + when(host, *job.last_success);
  if (!job.last_success && job.due) text += "; due " + when(host, *job.due);
  return text;
}

std::string failed_text(const HostView& host, const JobView& job) {
  if (!job.last_run || !job.last_run->end) return escape_line(job.cause, 200);
  std::string text = ended_text(*job.last_run);
  if (const auto* failed = std::get_if<core::Failed>(&job.verdict);
      failed && failed->in_row > 1) {
    text += fmt::format(", {} runs in a row", failed->in_row);
  }
  if (job.last_ok_run && job.last_ok_run->end) {
    text += fmt::format(" ({}: {})", when(host, job.last_ok_run->end->started),
                        ended_text(*job.last_ok_run));
  }
  return text;
}

std::string never_text(const HostView& host, const JobView& job) {
  std::string text = escape_line(job.cause, 200);
  if (job.due) text += "; first due " + when(host, *job.due);
  if (!job.where.empty()) text += "; declared in " + escape_line(job.where);
  return text;
}

std::string lost_text(const HostView& host, const JobView& job) {
  const auto* lost = std::get_if<core::Lost>(&job.verdict);
  return fmt::format("started {}, {}", lost ? when(host, lost->since) : "-",
                     escape_line(job.cause, 200));
}

std::string running_text(const HostView& host, const JobView& job) {
  const auto* running = std::get_if<core::Running>(&job.verdict);
  if (!running) return {};
  std::string text = "running since " + when(host, running->since);
  if (running->must_end) text += ", limit " + when(host, *running->must_end);
  return text;
}

std::string paused_text(const HostView& host, const JobView& job) {
  if (!job.paused) return "paused on purpose";
  std::string text =
      fmt::format("paused {} by {}", when(host, job.paused->since),
                  escape_line(job.paused->who, 40));
  if (!job.paused->why.empty()) {
    text += ": " + escape_line(job.paused->why, 200);
  }
  return text;
}

// What alarms beside the jobs themselves.
int alarming_findings(const HostView& host) {
  return static_cast<int>(
      std::count_if(host.findings.begin(), host.findings.end(),
                    [&](const auto& f) { return mark_of(host, f) == '-'; }));
}

std::string needs_text(const HostView& host, int jobs, int findings) {
  // What nothing watches is counted with the coverage, and may need somebody.
  const auto unwatched =
      std::count_if(host.jobs.begin(), host.jobs.end(), [](const auto& j) {
        return core::status_of(j.verdict) == Status::unwatched;
      });
  std::string text;
  if (jobs > 0) {
    text = fmt::format(
        "{} of {}", jobs,
        plural(host.counts.of + static_cast<int>(unwatched), "job"));
  }
  if (findings > 0) {
    if (jobs > 0) text += " and ";
    text += plural(findings, "finding");
  }
  return text + (jobs + findings == 1 ? " needs you" : " need you");
}

std::string unseen_text(const HostView& host) {
  const app::Counts& c = host.counts;
  if (c.of == 0 && host.jobs.empty()) {
    return host.not_seen.empty() ? "nothing is watched here"
                                 : "nothing could be seen here";
  }
  if (c.evaluated < c.of) {
    return plural(c.of - c.evaluated, "job") + " could not be judged";
  }
  return "not everything could be seen or judged";
}

std::string well_text(const HostView& host) {
  const app::Counts& c = host.counts;
  const int well = well_jobs(host);
  if (well == c.of) {
    return c.of == 1 ? "the only job is well"
                     : fmt::format("all {} jobs are well", c.of);
  }
  std::string text = fmt::format("{} of {} {} well", well, plural(c.of, "job"),
                                 well == 1 || c.of == 1 ? "is" : "are");
  if (c.p3 > 0) text += fmt::format(", {} P3", c.p3);
  if (c.late > 0) text += fmt::format(", {} late", c.late);
  const int quiet = c.of - well - c.p3 - c.late;
  if (quiet > 0) text += fmt::format(", {} quiet", quiet);
  return text;
}

}  // namespace

char mark_of(Rank rank) {
  switch (rank) {
    case Rank::p1:
    case Rank::p2:
      return '-';
    case Rank::p3:
    case Rank::waiting:
      return '~';
    case Rank::well:
      return '+';
    case Rank::quiet:
      return '.';
  }
  return '-';
}

char mark_of(const HostView& host, const app::Finding& finding) {
  if (app::is_silenced(host, finding)) return '.';
  return finding.alarm && *finding.alarm != core::Severity::p3 ? '-' : '~';
}

std::string_view verdict_of(const JobView& job) {
  return core::to_string(core::status_of(job.verdict));
}

std::string name_of(const HostView& host, const JobView& job) {
  const bool shared = host.shared_names.contains(job.key.job);
  return escape_line(shared ? job.user + "/" + job.key.job : job.key.job);
}

std::string name_of(const HostView& host, const core::JobKey& key) {
  if (host.shared_names.contains(key.job)) {
    for (const JobView& j : host.jobs) {
      if (j.key == key) return name_of(host, j);
    }
  }
  return escape_line(key.job);
}

std::string typed_name(const HostView& host, const JobView& job) {
  return shell_quote(name_of(host, job));
}

std::string typed_name(const HostView& host, const core::JobKey& key) {
  return shell_quote(name_of(host, key));
}

std::string closing_text(const HostView& host,
                         const app::ClosingView& closing) {
  const auto when = [&](Timestamp t) {
    return app::local_short(t, host.now, host.zone);
  };
  return fmt::format(
      "well since {}, closes {}", when(closing.well_since),
      closing.closes > host.now ? when(closing.closes) : "with the next check");
}

std::string age_text(const JobView& job) {
  return job.age ? format_age(*job.age) : "-";
}

std::string interval_text(const JobView& job) {
  return job.interval ? format_age(*job.interval) : "-";
}

std::string ratio_text(const JobView& job) {
  if (!job.ratio || !std::isfinite(*job.ratio)) return "-";
  return *job.ratio >= 9999.5 ? ">9999" : fmt::format("{:.1f}", *job.ratio);
}

std::string since_text(const HostView& host, const JobView& job) {
  return job.since ? when(host, *job.since) : "-";
}

// What the longest line of our texts holds beside a mark and a line number.
constexpr std::size_t kPathColumns = 70;

std::string path_of(std::string_view path) {
  return cut_middle(escape_line(path), kPathColumns);
}

std::string place_of(std::string_view source, int line) {
  const std::string text = path_of(source);
  return line > 0 ? text + ":" + std::to_string(line) : text;
}

std::string beside(std::string_view start, std::size_t column,
                   std::string_view rest) {
  std::string row(start);
  if (row.size() >= column)
    row += '\n' + std::string(column, ' ');
  else
    row.append(column - row.size(), ' ');
  return row + std::string(rest) + '\n';
}

std::string page_title(std::string_view host, Timestamp now,
                       const std::string& zone, std::string_view text) {
  const std::string name = escape_line(host, 40);
  const std::string time = app::local_long(now, zone);
  const bool fits = name.size() + time.size() + text.size() + 4 <= 80;
  return fmt::format("{}{}{}  {}\n\n", name, fits ? "  " : "\n", time, text);
}

std::string plural(int n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

std::string date_text(const HostView& host, Timestamp t) {
  const std::string text = app::local_long(t, host.zone);
  return text.substr(0, text.size() - 12);
}

std::string time_text(const HostView& host, Timestamp t) {
  const std::string text = app::local_long(t, host.zone);
  return text.substr(text.size() - 11);
}

std::string clock_text(const HostView& host, Timestamp t) {
  if (date_text(host, t) != date_text(host, host.now)) return when(host, t);
  return time_text(host, t).substr(0, 5);
}

int well_jobs(const HostView& host) {
  const auto kept =
      std::count_if(host.jobs.begin(), host.jobs.end(), [](const auto& j) {
        const Status s = core::status_of(j.verdict);
        return s == Status::ok || s == Status::running;
      });
  return static_cast<int>(kept) + host.counted_ok;
}

// "no cron daemon runs; 23 jobs wait for it", where that is all there is.
std::string one_cause_text(const HostView& host, int jobs) {
  const app::Finding* cause = nullptr;
  for (const app::Finding& f : host.findings) {
    // Of the host: the words of others lack their place.
    if (mark_of(host, f) == '-' && f.source == "host") cause = &f;
  }
  const auto waits = [&](const JobView& j) {
    return j.explained_by && *j.explained_by == app::key_of(*cause);
  };
  if (!cause ||
      std::count_if(host.jobs.begin(), host.jobs.end(), waits) < jobs) {
    return {};
  }
  const std::string& why = cause->message;
  return fmt::format("{}; {} for it",
                     escape_line(why.substr(0, why.find_first_of(":;")), 60),
                     plural(jobs, "job") + (jobs == 1 ? " waits" : " wait"));
}

std::string headline(const HostView& host) {
  const int jobs = static_cast<int>(
      std::count_if(host.jobs.begin(), host.jobs.end(),
                    [](const auto& j) { return app::rank_of(j) <= Rank::p2; }));
  const int findings = alarming_findings(host);
  if (jobs > 0 && findings == 1) {
    if (auto text = one_cause_text(host, jobs); !text.empty()) return text;
  }
  if (jobs + findings > 0) return needs_text(host, jobs, findings);
  return host.exit == 0 ? well_text(host) : unseen_text(host);
}

std::string sum_text(const app::Counts& c) {
  const std::pair<int, std::string_view> parts[] = {
      {c.bad, "bad"},      {c.p3, "P3"},           {c.late, "late"},
      {c.ok, "ok"},        {c.running, "running"}, {c.silenced, "silenced"},
      {c.paused, "paused"}};
  std::string text;
  for (const auto& [n, what] : parts) {
    if (n == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, what);
  }
  return text;
}

std::string what_happened(const HostView& host, const JobView& job) {
  switch (core::status_of(job.verdict)) {
    case Status::hung:
      return hung_text(host, job, std::get<core::Hung>(job.verdict));
    case Status::stale:
      return silent_text(host, job);
    case Status::failed:
      return failed_text(host, job);
    case Status::never:
      return never_text(host, job);
    case Status::lost:
      return lost_text(host, job);
    case Status::running:
      return running_text(host, job);
    case Status::paused:
      return paused_text(host, job);
    case Status::late:
      // That it is due stands beside it; more may be known.
      if (job.cause == core::cause_of(job.verdict)) return {};
      break;
    case Status::ok:
      return {};
    case Status::undeclared:
    case Status::forged:
    case Status::corrupt:
    case Status::clock:
    case Status::vanished:
    case Status::unwatched:
      break;
  }
  return escape_line(job.cause, 300);
}

bool ends_by_retiring(const app::HostView& host, const app::JobView& job) {
  const core::Status status = core::status_of(job.verdict);
  if (status != core::Status::failed && status != core::Status::lost) {
    return false;
  }
  // What a finding hides is not gone.
  const auto& findings = host.findings;
  return !job.because.empty() &&
         std::none_of(findings.begin(), findings.end(), [&](const auto& f) {
           return f.hides && f.hides->why == job.because;
         });
}

std::string last_words(const JobView& job) {
  if (!job.last_run || !job.last_run->end) return {};
  const record::RunEnd& end = *job.last_run->end;
  if (end.outcome == record::Outcome::ok) return {};
  for (const record::KeptOutput* output : {&end.err, &end.out}) {
    const auto lines = kept_lines(*output);
    for (auto i = lines.rbegin(); i != lines.rend(); ++i) {
      if (i->find_first_not_of(" \t\r") != std::string::npos) return *i;
    }
  }
  return {};
}

std::string end_text(const app::RunView& run) {
  if (!run.end) {
    const bool gone =
        run.life == core::Life::gone || run.life == core::Life::rebooted;
    return gone ? "lost" : "running";
  }
  switch (run.end->outcome) {
    case record::Outcome::ok:
    case record::Outcome::fail:
      return fmt::format("exit {}", run.end->exit_code.value_or(0));
    case record::Outcome::signal:
      return fmt::format("signal {}", run.end->signal.value_or(0));
    case record::Outcome::timeout:
      return "timeout";
    case record::Outcome::exec_failed:
      return "not started";
    case record::Outcome::assertion:
      return "assertion";
    case record::Outcome::skipped:
      return "skipped";
  }
  return "-";
}

std::vector<std::string> kept_lines(const record::KeptOutput& output) {
  // A secret can span lines, so the whole is redacted before it is cut.
  std::string text = record::redact(output.head);
  const std::uint64_t kept = output.head.size() + output.tail.size();
  if (output.bytes > kept) {
    text +=
        fmt::format("\n.. {} bytes were not kept ..\n", output.bytes - kept);
  }
  text += record::redact(output.tail);
  std::vector<std::string> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

std::string wrap(std::string_view text, std::size_t columns,
                 std::string_view first, std::string_view rest) {
  std::string out;
  std::string line(first);
  bool empty = true;
  const auto flush = [&] {
    out += line + "\n";
    line = rest;
    empty = true;
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    std::string word(text.substr(at, end - at));
    at = end + 1;
    if (word.empty()) continue;
    const std::size_t room = columns - std::min(columns / 2, rest.size());
    if (columns_of(word) > room) word = escape_line(word, room);
    if (!empty && columns_of(line) + 1 + columns_of(word) > columns) flush();
    line += (empty ? "" : " ") + word;
    empty = false;
  }
  if (!empty || out.empty()) flush();
  return out;
}

std::string limit_text(Duration d) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(d).count();
  if (minutes < 60) return format_age(d);
  const std::pair<std::int64_t, char> parts[] = {
      {minutes / 1440, 'd'}, {minutes / 60 % 24, 'h'}, {minutes % 60, 'm'}};
  std::string text;
  int units = 0;
  for (const auto& [n, unit] : parts) {
    if (n == 0 || units == 2) continue;
    text += fmt::format("{}{}{}", units++ == 0 ? "" : " ", n, unit);
  }
  return text;
}

}  // namespace bezalel::report
