#include "report/status.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/local_time.h"
#include "app/typed_command.h"
#include "base/duration.h"
#include "base/escape.h"
#include "record/redact.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

using app::HostView;
using app::JobView;
using app::RunView;

constexpr std::size_t kRunsShown = 10;
constexpr std::size_t kLinesShown = 5;
constexpr std::size_t kLogColumns = 80;
constexpr char kNotShown[] =
    "  what it prints is not shown: output = \"none\"\n";

std::optional<Timestamp> started_of(const RunView& run) {
  if (run.start) return run.start->at;
  if (run.end) return run.end->started;
  return std::nullopt;
}

std::string bytes_text(std::uint64_t n) {
  if (n == 0) return "no output";
  if (n < 1024) return fmt::format("{} bytes", n);
  const double kib = static_cast<double>(n) / 1024;
  if (kib < 1024) return fmt::format("{:.1f} KiB", kib);
  return fmt::format("{:.1f} MiB", kib / 1024);
}

std::string output_text(const RunView& run) {
  return run.output_hidden
             ? "not shown"
             : bytes_text(run.end->out.bytes + run.end->err.bytes);
}

bool hides_output(const std::vector<RunView>& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const RunView& run) {
    return run.end && run.output_hidden;
  });
}

// Runs of one second begin alike: as much as tells each from the others, of
// what is an id at all.
std::size_t short_size(const std::vector<RunView>& runs) {
  constexpr std::size_t kWhole = 26;
  std::size_t size = 8;
  std::vector<std::string_view> ids;
  for (const RunView& run : runs) ids.push_back(run.run_id);
  std::sort(ids.begin(), ids.end());
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const auto [a, b] = std::mismatch(ids[i - 1].begin(), ids[i - 1].end(),
                                      ids[i].begin(), ids[i].end());
    if (b == ids[i].end()) continue;  // equal
    size = std::max(size, static_cast<std::size_t>(b - ids[i].begin()) + 1);
  }
  return std::min(size, kWhole);
}

char mark_of_run(const RunView& run) {
  if (!run.end) return end_text(run) == "lost" ? '-' : '~';
  switch (run.end->outcome) {
    case record::Outcome::ok:
      return '+';
    case record::Outcome::skipped:
      return '.';
    case record::Outcome::fail:
    case record::Outcome::signal:
    case record::Outcome::timeout:
    case record::Outcome::exec_failed:
    case record::Outcome::assertion:
      break;
  }
  return '-';
}

// Not where it runs already, or where another run would change nothing.
bool running_helps(core::Status status) {
  using core::Status;
  return status == Status::stale || status == Status::late ||
         status == Status::never || status == Status::failed ||
         status == Status::lost;
}

class StatusText {
 public:
  StatusText(const HostView& host, const JobView& job,
             const std::vector<RunView>& runs, const TextOptions& options)
      : host_(host),
        job_(job),
        runs_(runs),
        id_size_(short_size(runs)),
        columns_(std::max<std::size_t>(options.columns, 80)) {}

  std::string make() {
    title();
    schedule();
    command();
    last_success();
    due();
    field("evidence", evidence());
    told();
    if (job_.closing) field("alarm", closing_text(host_, *job_.closing));
    field("tried", escape_line(job_.tried, 300));
    quiet();
    run_table();
    last_lines();
    next();
    return std::move(out_);
  }

 private:
  std::string when(Timestamp t) const {
    return app::local_short(t, host_.now, host_.zone);
  }

  void title() {
    out_ = fmt::format("{}@{}  {}", name_of(host_, job_),
                       escape_line(host_.host, 40), verdict_of(job_));
    if (job_.severity) {
      out_ += fmt::format(" {}", core::to_string(*job_.severity));
    }
    if (job_.since) {
      out_ += "  since " + app::local_long(*job_.since, host_.zone);
    }
    out_ += "\n\n";
  }

  void field(std::string_view name, const std::string& text) {
    if (text.empty()) return;
    out_ += wrap(text, columns_, fmt::format("  {:<14}", name),
                 std::string(16, ' '));
  }

  void schedule() {
    std::string text = escape_line(job_.schedule, 200);
    if (text.empty()) text = "not known: nobody said how often";
    if (job_.deadline && job_.due && job_.interval) {
      // For an interval the span of silence is the limit; for slots it is
      // counted from the time at which the run was due.
      const bool every = job_.schedule.starts_with("every");
      if (every && job_.last_success) {
        text +=
            ", alarm after " + format_age(*job_.deadline - *job_.last_success);
      } else {
        text += fmt::format(", alarm {} after due",
                            format_age(*job_.deadline - *job_.due));
      }
    }
    const std::string where = job_.where.empty() ? job_.source : job_.where;
    text += fmt::format("  ({}{}{})", escape_line(where, 200),
                        where.empty() ? "" : ", ", escape_line(job_.user, 40));
    field("schedule", text);
  }

  void command() {
    const std::string text = whole_command();
    if (!text.empty()) field("command", escape_line(text, 600));
    field("now", what_happened(host_, job_));
    if (ends_by_retiring(host_, job_)) {
      field("cause", escape_line(job_.because, 300));
    }
    for (const app::Finding& f : host_.findings) {
      if (f.about != job_.key) continue;
      field("finding",
            escape_line(f.id, 40) + ": " + escape_line(f.message, 600));
    }
  }

  void last_success() {
    if (!job_.last_success) return field("last success", "never");
    const auto& run = job_.last_ok_run;
    if (run && run->end && run->end->at >= *job_.last_success - kSlack) {
      field("last success",
            fmt::format("{} to {}, {}", when(run->end->started),
                        clock_of(run->end->at, run->end->started),
                        format_age(run->end->duration)));
    } else {
      field("last success", when(*job_.last_success));
    }
  }

  // "01:06" where the day is the one of `before`.
  std::string clock_of(Timestamp t, Timestamp before) const {
    return date_text(host_, t) == date_text(host_, before)
               ? time_text(host_, t).substr(0, 5)
               : when(t);
  }

  void due() {
    if (!job_.due) return;
    std::string text = when(*job_.due);
    if (*job_.due < host_.now) text += ", passed";
    if (job_.last_success && job_.deadline && host_.check_every) {
      text +=
          "; time to detect at most " +
          limit_text(*job_.deadline - *job_.last_success + *host_.check_every);
    }
    field("next due", text);
  }

  std::string evidence() const {
    if (job_.evidence == "wrapped") {
      return "wrapped; runs are recorded with boot and run id";
    }
    if (job_.evidence == "heartbeat") return "heartbeat file only";
    if (job_.evidence == "systemd") return "systemd's own result";
    if (job_.evidence == "log") return "cron's log, which shows starts only";
    if (job_.evidence == "trigger") return "its timer, which shows starts only";
    return job_.evidence == "none" ? "none" : escape_line(job_.evidence, 100);
  }

  void told() {
    std::string text;
    for (const std::string& channel : app::told_of(host_, app::key_of(job_))) {
      text += (text.empty() ? "" : "; ") + escape_line(channel, 60);
    }
    if (job_.acked) {
      text += (text.empty() ? "acked " : "; acked ") + when(*job_.acked);
      if (!job_.acked_by.empty())
        text += " by " + escape_line(job_.acked_by, 40);
    }
    if (text.empty() && job_.incident) text = "nobody yet";
    field("told", text);
  }

  void quiet() {
    if (!job_.silenced) return;
    field("silenced",
          fmt::format("until {} by {}: {}", when(job_.silenced->until),
                      escape_line(job_.silenced->who, 40),
                      escape_line(job_.silenced->why, 200)));
  }

  std::string short_id(const RunView& run) const {
    return escape_line(run.run_id, 200).substr(0, id_size_);
  }

  void run_table() {
    if (runs_.empty()) return;
    const std::size_t id_columns = std::max<std::size_t>(id_size_ + 1, 10);
    out_ +=
        fmt::format("\n  {:<{}} STARTED      TOOK     END           OUTPUT\n",
                    "RUN", id_columns);
    const std::size_t n = std::min(runs_.size(), kRunsShown);
    for (std::size_t i = 0; i < n; ++i) {
      const RunView& run = runs_[i];
      const auto started = started_of(run);
      std::string line = fmt::format(
          "{} {:<{}} {:<12} {:<8} {:<13}", mark_of_run(run), short_id(run),
          id_columns, started ? when(*started) : "-",
          run.end ? format_age(run.end->duration) : "-", end_text(run));
      if (run.end) {
        line += " " + output_text(run);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out_ += line + "\n";
    }
    if (runs_.size() > n) {
      out_ += wrap(fmt::format("and {} older ({} logs)", runs_.size() - n,
                               host_.bezalel),
                   columns_, "  ", "    ");
    }
  }

  void last_lines() {
    if (hides_output(runs_)) out_ += std::string("\n") + kNotShown;
    const auto ended = std::find_if(runs_.begin(), runs_.end(),
                                    [](const RunView& r) { return !!r.end; });
    if (ended == runs_.end()) return;
    const bool ok = ended->end->outcome == record::Outcome::ok;
    auto lines = kept_lines(ok ? ended->end->out : ended->end->err);
    if (lines.empty())
      lines = kept_lines(ok ? ended->end->err : ended->end->out);
    if (lines.empty()) return;
    out_ += fmt::format("\n  last lines of {}\n", short_id(*ended));
    const std::size_t from = lines.size() - std::min(lines.size(), kLinesShown);
    for (std::size_t i = from; i < lines.size(); ++i) {
      out_ += "  | " + escape_line(lines[i], columns_ - 4) + "\n";
    }
  }

  std::string whole_command() const {
    if (job_.last_run && job_.last_run->start) {
      return record::redact(job_.last_run->start->cmd);
    }
    return job_.unwatched ? job_.unwatched->command : "";
  }

  std::string command_to_type() const {
    if (app::rank_of(job_) > app::Rank::waiting) return {};
    if (!running_helps(core::status_of(job_.verdict))) return {};
    if (!job_.last_run || !job_.last_run->start) return {};
    const std::string line =
        app::typed_command(job_.key.job, *job_.last_run->start, host_.bezalel);
    if (line.empty()) return {};
    if (job_.user != "root") {
      return app::as_user_of(job_.user) + line;
    }
    return (host_.as_root ? "" : "sudo ") + line;
  }

  void next() {
    std::string command =
        job_.unwatched ? escape_line(job_.unwatched->fix) : command_to_type();
    if (ends_by_retiring(host_, job_)) {
      command = host_.bezalel + " retire " + typed_name(host_, job_);
    }
    if (command.empty() && !runs_.empty()) {
      command = host_.bezalel + " logs " + typed_name(host_, job_);
    }
    if (command.empty()) {
      const bool gone = core::status_of(job_.verdict) == core::Status::vanished;
      command = host_.bezalel +
                (gone ? " retire " + typed_name(host_, job_) : " doctor");
    }
    out_ += "next: " + command + "\n";
  }

  // `.last` and the run's end are two records of one instant.
  static constexpr Duration kSlack = std::chrono::seconds(5);

  const HostView& host_;
  const JobView& job_;
  const std::vector<RunView>& runs_;
  const std::size_t id_size_;
  const std::size_t columns_;
  std::string out_;
};

void stream(std::string& out, const record::KeptOutput& output, char mark) {
  for (const std::string& line : kept_lines(output)) {
    out += fmt::format("{} {}\n", mark, escape_line(line));
  }
}

}  // namespace

std::string status_panel_text(const HostView& host,
                              const TextOptions& options) {
  TextOptions all = options;
  all.all = All::yes;
  return check_text(host, all);
}

std::string status_job_text(const HostView& host, const JobView& job,
                            const std::vector<RunView>& runs,
                            const TextOptions& options) {
  return StatusText(host, job, runs, options).make();
}

std::string logs_text(const HostView& host, const JobView& job,
                      const std::vector<RunView>& runs) {
  std::string out = fmt::format(
      "{}@{}  {}\n", name_of(host, job), escape_line(host.host, 40),
      runs.empty()
          ? "no run is recorded"
          : plural(static_cast<int>(runs.size()), "run") + ", newest first");
  if (hides_output(runs)) out += kNotShown;
  for (const RunView& run : runs) {
    const auto started = started_of(run);
    std::string head =
        fmt::format("{} {}  {}", mark_of_run(run), escape_line(run.run_id, 40),
                    started ? app::local_long(*started, host.zone) : "-");
    if (run.end) head += "  " + format_age(run.end->duration);
    std::string how = end_text(run);
    if (run.end && !run.end->detail.empty()) {
      how += ": " + escape_line(run.end->detail, 200);
    }
    const bool fits = columns_of(head) + 2 + columns_of(how) <= kLogColumns;
    out += '\n' + head;
    out += fits ? "  " + how + "\n"
                : "\n" + wrap(how, kLogColumns, "    ", "    ");
    if (!run.end) continue;
    stream(out, run.end->out, '|');
    stream(out, run.end->err, '!');
  }
  return out;
}

}  // namespace bezalel::report
