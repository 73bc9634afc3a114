#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "app/local_time.h"
#include "base/duration.h"
#include "base/escape.h"
#include "report/check.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

using app::HostView;
using app::JobView;
using app::Rank;

constexpr std::size_t kColumns = 80;
constexpr std::size_t kNameColumns = 24;

// Fields ended or begun at fixed columns; a field that is too long moves the
// next one by what it needs, and never touches it.
class Row {
 public:
  explicit Row(std::size_t name_columns) : shift_(name_columns) {}

  void left(std::size_t column, std::string_view text) {
    pad(shift_ + column);
    line_ += text;
  }
  void right(std::size_t column, std::string_view text) {
    const std::size_t end = shift_ + column;
    pad(end > text.size() ? end - text.size() : 0);
    line_ += text;
  }
  void start(std::string_view text) { line_ += text; }
  std::string take() { return std::move(line_); }

 private:
  void pad(std::size_t column) {
    const std::size_t blanks =
        column > line_.size() ? column - line_.size() : 1;
    line_.append(blanks, ' ');
  }

  std::size_t shift_;
  std::string line_;
};

class CheckText {
 public:
  CheckText(const HostView& host, const TextOptions& options)
      : host_(host),
        options_(options),
        columns_(std::max(options.columns, kColumns)),
        name_columns_(kNameColumns + columns_ - kColumns) {
    if (options_.all == All::yes) return;
    for (const app::Finding& f : host_.findings) {
      if (f.alarm && is_shown(f)) waiting_[app::key_of(f)];
    }
    for (const JobView& job : host_.jobs) {
      if (!job.explained_by || job.silenced) continue;
      const auto cause = waiting_.find(*job.explained_by);
      if (cause != waiting_.end()) cause->second.push_back(&job);
    }
  }

  std::string make() {
    out_ = page_title(host_.host, host_.now, host_.zone, headline(host_));
    for (const JobView& job : host_.jobs) {
      if (!shown(job)) continue;
      best_ = std::min(best_, app::rank_of(job));
      worst_ = std::max(worst_, app::rank_of(job));
    }
    findings(Place::above);
    table();
    findings(Place::below);
    sums();
    told();
    next();
    return std::move(out_);
  }

 private:
  bool shown(const JobView& job) const {
    if (options_.all == All::yes) return true;
    return app::rank_of(job) <= Rank::waiting && !is_waiting(job);
  }

  static Rank rank_of(core::Severity severity) {
    switch (severity) {
      case core::Severity::p1:
        return Rank::p1;
      case core::Severity::p2:
        return Rank::p2;
      case core::Severity::p3:
        break;
    }
    return Rank::p3;
  }

  // One cause, many jobs: it stands in their place.
  bool is_waiting(const JobView& job) const {
    if (!job.explained_by || job.silenced) return false;
    const auto cause = waiting_.find(*job.explained_by);
    return cause != waiting_.end();
  }

  bool is_shown(const app::Finding& f) const {
    if (told_as_not_seen(f)) return false;
    const bool minor =
        mark_of(host_, f) == '.' || f.severity == app::FindingSeverity::info;
    return !minor || options_.all == All::yes;
  }

  void table() {
    bool any = false;
    for (const JobView& job : host_.jobs) {
      if (!shown(job)) continue;
      if (!any) header();
      any = true;
      row(job);
      details(job);
    }
    if (any) out_ += '\n';
  }

  void header() {
    Row row(name_columns_);
    row.start("  JOB");
    row.left(3, "STATUS");
    row.right(20, "AGE");
    row.right(30, "INTERVAL");
    row.right(37, "RATIO");
    row.left(39, "SINCE");
    out_ += row.take() + "\n";
  }

  void row(const JobView& job) {
    const std::string name = cut_middle(name_of(host_, job), name_columns_);
    Row row(name_columns_);
    row.start(fmt::format("{} {}", mark_of(app::rank_of(job)), name));
    row.left(3, verdict_of(job));
    row.right(20, age_text(job));
    row.right(30, interval_text(job));
    row.right(37, ratio_text(job));
    row.left(39, since_text(host_, job));
    out_ += paint(row.take(), job, name.size() + 2) + "\n";
  }

  // Mark and status only, and only the foreground: never needed to understand.
  std::string paint(std::string line, const JobView& job,
                    std::size_t after) const {
    const char* colour = nullptr;
    switch (mark_of(app::rank_of(job))) {
      case '-':
        colour = "\x1b[31m";
        break;
      case '~':
        colour = "\x1b[33m";
        break;
      case '+':
        colour = "\x1b[32m";
        break;
      default:
        break;
    }
    if (options_.colour == Colour::no || !colour) return line;
    const std::string_view status = verdict_of(job);
    const std::size_t at = line.find(status, after);
    line.insert(at + status.size(), "\x1b[0m");
    line.insert(at, colour);
    line.insert(1, "\x1b[0m");
    line.insert(0, colour);
    return line;
  }

  void say(std::string_view first, std::string_view text,
           std::string_view rest = "        ") {
    out_ += wrap(text, columns_, first, rest);
  }

  void details(const JobView& job) {
    const core::Status status = core::status_of(job.verdict);
    const std::string fact = what_happened(host_, job);
    if (job.silenced) {
      const std::string who = escape_line(job.silenced->who, 40);
      say("    ", fmt::format("silenced until {} by {}: {}",
                              app::local_short(job.silenced->until, host_.now,
                                               host_.zone),
                              who, escape_line(job.silenced->why, 200)));
    }
    if (!fact.empty() && status != core::Status::running) {
      say("    " + prefix_of(job), fact);
    }
    const bool said = fact.find(job.because) != std::string::npos;
    if (!said && status != core::Status::vanished) {
      say("        cause: ", escape_line(job.because, 300));
    }
    if (const auto* v = std::get_if<core::Undeclared>(&job.verdict);
        v && !v->never_matches && (v->alarming || v->next)) {
      how_to_declare(job);
    }
    if (job.unwatched) {
      out_ += "        do:  " + escape_line(job.unwatched->fix) + "\n";
    }
    if (status == core::Status::vanished || ends_by_retiring(host_, job)) {
      how_to_retire(job);
    }
    if (status == core::Status::failed) {
      const std::string words = last_words(job);
      if (!words.empty()) {
        // 23 for what stands around it.
        out_ += fmt::format("        last output: \"{}\"\n",
                            escape_line(words, columns_ - 23));
      }
    }
  }

  void how_to_declare(const JobView& job) {
    const std::string user =
        job.key.uid == host_.owner
            ? ""
            : fmt::format("  user = \"{}\"", escape_line(job.user));
    const std::string what =
        fmt::format("        add:  [job.{}]{}  every = \"1d\"",
                    toml_key(job.key.job), user);
    std::string where = escape_line(host_.jobs_dir);
    if (!where.ends_with('/')) where += '/';
    const bool fits = what.size() + where.size() + 6 <= columns_;
    out_ += what + (fits ? "   to " : "\n         to  ") + where + "\n";
    how_to_retire(job);
  }

  void how_to_retire(const JobView& job) {
    out_ += "        gone: " + host_.bezalel + " retire " +
            typed_name(host_, job) + "\n";
  }

  static std::string prefix_of(const JobView& job) {
    if (job.severity) return std::string(core::to_string(*job.severity)) + "  ";
    // Without such a moment its line alarms, not the job.
    const auto* v = std::get_if<core::Undeclared>(&job.verdict);
    return v && v->next ? "P2 after 1d: " : "";
  }

  // A bare key where TOML allows one.
  static std::string toml_key(const std::string& name) {
    const bool bare = std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    return bare ? name : "\"" + escape_line(name) + "\"";
  }

  bool told_as_not_seen(const app::Finding& f) const {
    return !f.alarm && std::find(host_.not_seen.begin(), host_.not_seen.end(),
                                 f.message) != host_.not_seen.end();
  }

  // Worst first: above the table is what is no better than any row of it, and
  // worse than some, or perhaps their cause.
  bool stands_above(const app::Finding& f) const {
    if (mark_of(host_, f) == '.' || !f.alarm) return false;
    const Rank rank = rank_of(*f.alarm);
    const bool cause = f.id == app::kStateFull || f.id == app::kHeartbeatsFull;
    return rank <= best_ && (rank < worst_ || cause);
  }

  enum class Place { above, below };

  void findings(Place place) {
    bool any = false;
    for (const app::Finding& f : host_.findings) {
      if (!is_shown(f)) continue;
      if (stands_above(f) != (place == Place::above)) continue;
      any = true;
      finding(f, mark_of(host_, f));
    }
    if (any) out_ += '\n';
  }

  void finding(const app::Finding& f, char mark) {
    std::string source = place_of(f.source, f.line.value_or(0));
    if (f.line && f.column) source += fmt::format(":{}", *f.column);
    std::string line = escape_line(f.id, 40) + "  ";
    line += f.alarm ? core::to_string(*f.alarm) : app::to_string(f.severity);
    if (f.since) {
      line += ", since " + app::local_short(*f.since, host_.now, host_.zone);
    }
    out_ += beside(fmt::format("{} {}", mark, source), name_columns_ + 3, line);
    say("    ", escape_line(f.message, 600), "    ");
    if (const auto cause = waiting_.find(app::key_of(f));
        f.alarm && cause != waiting_.end() && !cause->second.empty()) {
      explains(cause->second);
    }
    if (!f.fix.empty()) out_ += "    do:  " + escape_line(f.fix, 600) + "\n";
  }

  void explains(const std::vector<const JobView*>& jobs) {
    constexpr std::size_t kNamed = 3;
    std::string text = "explains " +
                       plural(static_cast<int>(jobs.size()), "job") +
                       (jobs.size() > kNamed ? ", first: " : ": ");
    for (std::size_t i = 0; i < std::min(jobs.size(), kNamed); ++i) {
      text += (i > 0 ? ", " : "") + name_of(host_, *jobs[i]);
    }
    say("    ", text, "    ");
  }

  // " (1 cause)" of "23 bad (1 cause)"; " (20 by 1 cause)" of 23 bad.
  std::string cause_text() const {
    int jobs = 0;
    int causes = 0;
    for (const auto& [key, waiting] : waiting_) {
      if (waiting.empty()) continue;
      ++causes;
      jobs += static_cast<int>(waiting.size());
    }
    if (jobs == 0) return {};
    const std::string by = plural(causes, "cause");
    return jobs == host_.counts.bad ? " (" + by + ")"
                                    : fmt::format(" ({} by {})", jobs, by);
  }

  void sums() {
    const app::Counts& c = host_.counts;
    std::string line = fmt::format("evaluated {} of {}", c.evaluated, c.of);
    if (c.of == 0) {
      line += fmt::format(": no heartbeat in {}, no declared job",
                          escape_line(host_.heartbeats_dir));
    } else if (c.evaluated > 0) {
      std::string sum = sum_text(c);
      const std::string bad = fmt::format("{} bad", c.bad);
      if (sum.starts_with(bad)) sum.insert(bad.size(), cause_text());
      line += ": " + sum + silence_text();
    }
    out_ += wrap(line, columns_, "", "  ");
    coverage();
    const auto silenced = std::count_if(
        host_.findings.begin(), host_.findings.end(),
        [&](const app::Finding& f) { return app::is_silenced(host_, f); });
    if (silenced > 0) {
      out_ += wrap(fmt::format("{} silenced ({} check --all)",
                               plural(static_cast<int>(silenced), "finding"),
                               host_.bezalel),
                   columns_, "", "  ");
    }
    for (const std::string& what : host_.not_seen) {
      out_ += wrap(escape_line(what, 600), columns_, "not seen: ", "  ");
    }
  }

  void coverage() {
    const auto& c = host_.coverage;
    if (!c || c->of == 0) return;
    if (host_.counts.of == 0) {
      out_ += fmt::format("{} scheduled {} found on this host.\n", c->of,
                          c->of == 1 ? "job was" : "jobs were");
      return;
    }
    std::string line =
        fmt::format("coverage {} of {} watched", c->watched, c->of);
    if (c->watched < c->of) line += " (" + host_.bezalel + " audit)";
    out_ += wrap(line, columns_, "", "  ");
  }

  // " until Tue 09:00 (moving disks)" after the count of the only silenced job
  // of a host on which all is well.
  std::string silence_text() const {
    if (host_.exit != 0 || host_.counts.silenced != 1 ||
        host_.counts.paused > 0) {
      return {};
    }
    for (const JobView& job : host_.jobs) {
      if (!job.silenced) continue;
      return fmt::format(
          " until {} ({})",
          app::local_short(job.silenced->until, host_.now, host_.zone),
          escape_line(job.silenced->why, 60));
    }
    return {};
  }

  std::string outbox_text() const {
    if (host_.outbox_waiting == 0) return "outbox empty";
    std::string text =
        plural(host_.outbox_waiting, "notice") + " in the outbox";
    for (const auto& [channel, waiting] : host_.outbox_absent) {
      text += fmt::format(", {} for {}, which is not in the settings", waiting,
                          escape_line(channel, 40));
    }
    return text;
  }

  // Of one channel, by number.
  using References = std::vector<std::pair<std::string, std::set<std::string>>>;

  // "pager; forge #118 #119", of the rows that need somebody: whom something
  // else was told knows nothing of these. Channels without a reference first.
  std::string channels_told() const {
    References with;
    std::vector<std::string> without;
    const auto add_all = [&](const core::IncidentKey& key) {
      for (const std::string& told : app::told_of(host_, key)) {
        add_told(told, with, without);
      }
    };
    for (const JobView& job : host_.jobs) {
      if (app::rank_of(job) <= Rank::p2) add_all(app::key_of(job));
    }
    for (const app::Finding& f : host_.findings) {
      if (mark_of(host_, f) == '-') add_all(app::key_of(f));
    }
    std::string text;
    for (const std::string& channel : without) {
      text += (text.empty() ? "" : "; ") + channel;
    }
    for (const auto& [channel, refs] : with) {
      text += (text.empty() ? "" : "; ") + channel;
      std::vector<std::string> by_number(refs.begin(), refs.end());
      std::stable_sort(
          by_number.begin(), by_number.end(),
          [](const auto& a, const auto& b) { return a.size() < b.size(); });
      for (const std::string& ref : by_number) text += ref;
    }
    return text;
  }

  static void add_told(const std::string& told, References& with,
                       std::vector<std::string>& without) {
    const std::string text = escape_line(told, 60);
    const std::size_t blank = text.find(' ');
    if (blank == std::string::npos) {
      if (std::find(without.begin(), without.end(), text) == without.end()) {
        without.push_back(text);
      }
      return;
    }
    const std::string channel = text.substr(0, blank);
    const std::string ref = text.substr(blank);
    for (auto& [name, refs] : with) {
      if (name != channel) continue;
      refs.insert(ref);
      return;
    }
    with.push_back({channel, {ref}});
  }

  void told() {
    if (host_.exit == 1) {
      const std::string channels = channels_told();
      if (channels.empty() && host_.channels.empty()) return;
      out_ += wrap(
          (channels.empty() ? "nobody yet" : channels) + "; " + outbox_text(),
          columns_, "told: ", "  ");
    } else if (host_.exit == 0 && host_.last_cycle) {
      out_ += wrap(clock_text(host_, *host_.last_cycle) + ", " + outbox_text(),
                   columns_, "last full cycle ", "  ");
    }
  }

  // Where the finding can be seen, or what ends it.
  std::string what_shows(const app::Finding& f) const {
    if (f.fix.starts_with("bezalel ")) return escape_line(f.fix);
    std::string command = "doctor";
    if (f.about) {
      command = "status " + typed_name(host_, *f.about);
    } else if (f.source.starts_with('/') && f.line &&
               !f.source.ends_with(".toml")) {
      command = "lint " + shell_quote(f.source);
    }
    return host_.bezalel + " " + command;
  }

  // Of the first finding that is an alarm, where it is a command of ours.
  std::string fix_of_alarm() const {
    for (const app::Finding& f : host_.findings) {
      if (mark_of(host_, f) != '-' || !f.fix.starts_with("bezalel ")) continue;
      return escape_line(f.fix);
    }
    return {};
  }

  void next() {
    const auto first =
        std::find_if(host_.jobs.begin(), host_.jobs.end(),
                     [&](const JobView& job) { return !is_waiting(job); });
    const bool job_needs =
        first != host_.jobs.end() && app::rank_of(*first) <= Rank::p2;
    const auto worst =
        std::find_if(host_.findings.begin(), host_.findings.end(),
                     [&](const auto& f) { return mark_of(host_, f) == '-'; });
    const bool host_is_worse =
        job_needs && worst != host_.findings.end() &&
        (stands_above(*worst) || rank_of(*worst->alarm) < app::rank_of(*first));
    std::string command;
    if (host_is_worse && cause_text().empty()) {
      out_ += "next: " + what_shows(*worst) + "\n";
    } else if (job_needs && !host_is_worse) {
      command = "status " + typed_name(host_, first->key);
    } else if (!cause_text().empty()) {
      command = "check --all";
    } else if (host_.counts.of == 0 && host_.coverage &&
               host_.coverage->of > 0 && host_.settings_exist) {
      command = "audit";
    } else if (!host_.settings_exist) {
      command = "init";
    } else if (worst != host_.findings.end() && worst->about) {
      out_ += "next: " + what_shows(*worst) + "\n";
    } else if (const std::string fix = fix_of_alarm(); !fix.empty()) {
      out_ += "next: " + fix + "\n";
      return;
    } else if (worst != host_.findings.end()) {
      out_ += "next: " + what_shows(*worst) + "\n";
    } else if (host_.exit != 0 || !host_.last_cycle) {
      command = "doctor";
    }
    if (!command.empty())
      out_ += "next: " + host_.bezalel + " " + command + "\n";
  }

  const HostView& host_;
  const TextOptions options_;
  const std::size_t columns_;
  const std::size_t name_columns_;
  // The causes that stand in the place of jobs, and those: none where all are
  // shown.
  std::map<core::IncidentKey, std::vector<const JobView*>> waiting_;
  // Of the rows of the table; none: no finding stands above it.
  Rank best_ = Rank::quiet;
  Rank worst_ = Rank::p1;
  std::string out_;
};

}  // namespace

std::string check_text(const HostView& host, const TextOptions& options) {
  return CheckText(host, options).make();
}

std::string check_quiet(const std::vector<app::TransitionView>& transitions,
                        const std::string& host) {
  std::string out;
  for (const app::TransitionView& t : transitions) {
    const bool job = t.key.kind == core::IncidentKey::Kind::job;
    const std::string where = escape_line(host, 64);
    const std::string whose = t.user.empty() ? "" : t.user + "/";
    std::string name = escape_line(whose + t.key.name, 130) + "@" + where;
    if (!job) name = where;
    out += fmt::format("{:<9} {} {} {}", escape_line(t.what, 20),
                       core::to_string(t.severity), name,
                       escape_line(t.verdict, 40));
    if (!job && t.key.source != "host" && !t.key.source.empty()) {
      out += " " + escape_line(t.key.source, 130);
    }
    if (!t.text.empty()) out += ": " + escape_line(t.text, 400);
    std::string told;
    for (const std::string& channel : t.told) {
      told += (told.empty() ? "" : ", ") + escape_line(channel, 60);
    }
    if (!told.empty()) out += " (" + told + ")";
    out += '\n';
  }
  return out;
}

}  // namespace bezalel::report
