#include "report/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/local_time.h"
#include "app/remedy.h"
#include "base/escape.h"
#include "report/unwrapped.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

using app::Coverage;
using app::CoveredJob;
using app::Finding;
using app::KnownSchedule;
using app::Proof;
using app::ScheduledJob;
using app::SchedulerKind;

constexpr std::size_t kColumns = 80;
constexpr int kNameColumns = 24;

// What stands together in the first table.
std::string group_of(const ScheduledJob& job) {
  switch (job.kind) {
    case SchedulerKind::timer:
      return "systemd timers";
    case SchedulerKind::run_parts:
    case SchedulerKind::anacron: {
      if (job.line) return job.source;  // of the table itself
      const std::string dir = job.source.substr(0, job.source.rfind('/'));
      return dir + (job.kind == SchedulerKind::anacron ? " (anacron)"
                                                       : " (run-parts)");
    }
    case SchedulerKind::at:
      return "at queue";
    case SchedulerKind::cron:
      break;
  }
  return job.source.starts_with("/etc/cron.d/") ? "/etc/cron.d" : job.source;
}

struct Group {
  int watched = 0, of = 0;
  Proof best = Proof::none;
};

class Audit {
 public:
  Audit(const Coverage& coverage, const AuditPage& page)
      : c_(coverage), page_(page) {
    for (const KnownSchedule& k : c_.gone) {
      hidden_by_.push_back(app::what_hides(c_.findings, k));
    }
  }

  std::string make() {
    headline();
    if (nothing_to_say()) {
      sums_of_all_well();
      return std::move(out_);
    }
    sources();
    not_watched();
    gone();
    will_not_run();
    twice();
    changed();
    sums();
    return std::move(out_);
  }

 private:
  std::string when(const std::optional<Timestamp>& t) const {
    return t ? app::local_short(*t, page_.now, page_.zone) : "-";
  }

  bool nothing_to_say() const {
    return c_.of() > 0 && c_.watched() == c_.of() && c_.gone.empty() &&
           c_.twice.empty() && c_.findings.empty() && !has_changed();
  }

  // By which evidence, the most frequent kinds of it first.
  void sums_of_all_well() {
    std::map<Proof, int> by_proof;
    for (const CoveredJob& c : c_.jobs) ++by_proof[c.proof];
    std::string line =
        fmt::format("{} scheduled, {} watched:", c_.of(), c_.watched());
    const char* between = " ";
    for (auto i = by_proof.rbegin(); i != by_proof.rend(); ++i) {
      line += fmt::format("{}{} {}", between, i->second, words_of(i->first));
      between = ", ";
    }
    out_ += wrap(line, kColumns, "", "  ");
    std::string unseen;
    for (const std::string& source : c_.sources_unseen) {
      unseen += (unseen.empty() ? "" : ", ") + escape_line(source, 200);
    }
    line = "not readable: " + (unseen.empty() ? "nothing" : unseen) +
           "; ignored files: none";
    if (!page_.unchanged_since.empty()) {
      line += "; unchanged since " + page_.unchanged_since;
    } else if (!page_.yesterday.empty()) {
      line += "; yesterday " + page_.yesterday;
    }
    out_ += wrap(line, kColumns, "", "  ");
  }

  static std::string_view words_of(Proof proof) {
    if (proof == Proof::heartbeat) return "by their heartbeats";
    if (proof == Proof::systemd) return "by systemd's own result";
    if (proof == Proof::starts) return "by their starts";
    return "wrapped";
  }

  // A row with its place, which goes below where it does not fit beside.
  void row(char mark, const std::string& name, const std::string& what,
           const std::string& place) {
    const std::string start = fmt::format("{} {:<24} {:<26}", mark,
                                          cut_middle(name, kNameColumns), what);
    if (start.size() + 1 + place.size() <= kColumns) {
      out_ += start + " " + place + "\n";
      return;
    }
    out_ += start.substr(0, start.find_last_not_of(' ') + 1) + "\n    " +
            cut_middle(place, kColumns - 4) + "\n";
  }

  // The same of a row whose text is a sentence.
  void row(char mark, const std::string& name, const std::string& text) {
    const std::string start =
        fmt::format("{} {:<24} ", mark, cut_middle(name, kNameColumns));
    if (start.size() + text.size() <= kColumns) {
      out_ += start + text + "\n";
      return;
    }
    out_ += start.substr(0, start.find_last_not_of(' ') + 1) + "\n" +
            wrap(text, kColumns, "    ", "    ");
  }

  // The command of a `do:` line that may be the one to go on with.
  void fix(const Finding& f) {
    if (f.fix.empty()) return;
    out_ += "    do:  " + escape_line(f.fix) + "\n";
    if (next_.empty() && f.fix.starts_with("bezalel ")) next_ = f.fix;
  }

  void headline() {
    const int of = c_.of();
    const int watched = c_.watched();
    std::string text =
        fmt::format("{} of {} scheduled jobs are watched", watched, of);
    // Of what could not be read nothing is claimed.
    const bool saw_all = c_.sources_unseen.empty();
    if (of == 0) {
      text = saw_all ? "nothing is scheduled here"
                     : "no scheduled job was seen; not all could be read";
    } else if (watched == of && saw_all) {
      text = of == 1 ? "the only scheduled job is watched"
                     : fmt::format("all {} scheduled jobs are watched", of);
    } else if (watched == of) {
      text = of == 1
                 ? "the only job that was seen is watched"
                 : fmt::format("all {} jobs that were seen are watched", of);
    }
    out_ += page_title(page_.host, page_.now, page_.zone, text);
  }

  void sources() {
    std::map<std::string, Group> groups;
    for (const CoveredJob& c : c_.jobs) {
      Group& g = groups[group_of(c.job)];
      ++g.of;
      if (c.watched) ++g.watched;
      g.best = std::max(g.best, c.proof);
    }
    if (groups.empty()) return;
    out_ +=
        fmt::format("  {:<34} {:>9}  {}\n", "SOURCE", "WATCHED", "EVIDENCE");
    // What is not whole comes first.
    for (const bool whole : {false, true}) {
      for (const auto& [name, g] : groups) {
        if ((g.watched == g.of) != whole) continue;
        out_ += beside(
            fmt::format("{} {}", whole ? '+' : '-', path_of(name)), 37,
            fmt::format("{:>9}  {}", fmt::format("{} of {}", g.watched, g.of),
                        app::to_string(g.best)));
      }
    }
    out_ += '\n';
  }

  void not_watched() {
    std::vector<const CoveredJob*> open;
    for (const CoveredJob& c : c_.jobs) {
      if (!c.watched) open.push_back(&c);
    }
    if (open.empty()) return;
    out_ += "not watched\n";
    for (std::size_t i = 0; i < open.size(); ++i) {
      unwatched(*open[i]);
      // One command for all that it takes in.
      const std::string todo = app::remedy(open[i]->job, page_.bezalel);
      // Files of packages stay out of --all.
      if (!todo.ends_with(" --packaged")) for_all_ = true;
      if (i + 1 < open.size() &&
          app::remedy(open[i + 1]->job, page_.bezalel) == todo) {
        continue;
      }
      out_ += "    do:  " + todo + "\n";
    }
    out_ += '\n';
  }

  void unwatched(const CoveredJob& c) {
    std::string why = "not watched yet";
    if (c.lost_wrapper) {
      why = "lost its wrapper " + when(c.known.unwatched_since);
    } else if (!c.known.baseline) {
      why = "new since " + when(c.known.first_seen);
    }
    row('-', c.job.key.job, why,
        place_of(c.job.source, c.job.line.value_or(0)));
    out_ += "    " +
            escape_line(c.job.schedule + " " + c.job.command, kColumns - 4) +
            "\n";
    std::string cause = c.lost_wrapper ? what_unwraps(c.job) : "";
    if (c.job.watch == app::Watch::trigger) {
      cause = fmt::format("{} is no service: systemd keeps no result of it",
                          escape_line(c.job.command));
    }
    if (!cause.empty()) out_ += wrap(cause, kColumns, "    ", "    ");
  }

  void gone() {
    bool any = false;
    for (std::size_t i = 0; i < c_.gone.size(); ++i) {
      const KnownSchedule& k = c_.gone[i];
      if (hidden_by_[i]) continue;
      if (!any) out_ += "gone without \"retire\"\n";
      any = true;
      row('-', k.key.job, "since " + when(k.gone_since),
          place_of(k.source, k.line));
      out_ += fmt::format("    {}; still wanted? bring it back, else\n",
                          k.commented_out ? "commented out" : "not there");
      out_ += "    do:  " + page_.bezalel + " retire " + typed(k.key) + "\n";
    }
    if (any) out_ += '\n';
  }

  // USER/NAME where another user's job has the name.
  std::string typed(const core::JobKey& key) const {
    const auto other = [&](const core::JobKey& k) {
      return k.job == key.job && k.uid != key.uid;
    };
    const bool shared =
        std::any_of(c_.jobs.begin(), c_.jobs.end(),
                    [&](const CoveredJob& c) { return other(c.job.key); }) ||
        std::any_of(c_.gone.begin(), c_.gone.end(),
                    [&](const KnownSchedule& k) { return other(k.key); });
    return shared ? std::to_string(key.uid) + "/" + key.job : key.job;
  }

  // The jobs that only look gone while it stands.
  void hidden(const Finding& f) {
    if (!f.hides) return;
    std::string names;
    for (std::size_t i = 0; i < c_.gone.size(); ++i) {
      if (hidden_by_[i] != &f) continue;
      names += (names.empty() ? "" : ", ") + c_.gone[i].key.job;
    }
    if (names.empty()) return;
    out_ += wrap("not scheduled meanwhile: " + names, kColumns, "    ", "    ");
  }

  static bool keeps_from_running(const Finding& f) {
    return f.id != "source-unreadable" && f.id != "cron-outdated" &&
           f.id != "timer-reload";
  }

  void will_not_run() {
    bool any = false;
    for (const Finding& f : c_.findings) {
      if (!keeps_from_running(f)) continue;
      if (!any) out_ += "will not run as it should\n";
      any = true;
      out_ += beside("- " + place_of(f.source, f.line.value_or(0)), 27,
                     escape_line(f.id, 40));
      out_ += wrap(escape_line(f.message, 400), kColumns, "    ", "    ");
      hidden(f);
      fix(f);
    }
    if (any) out_ += '\n';
    any = false;
    for (const Finding& f : c_.findings) {
      if (keeps_from_running(f)) continue;
      if (!any) out_ += "besides\n";
      any = true;
      out_ += wrap(escape_line(f.source + ": " + f.message, 400), kColumns,
                   "~ ", "    ");
      fix(f);
    }
    if (any) out_ += '\n';
  }

  void twice() {
    if (c_.twice.empty()) return;
    out_ += "twice\n";
    for (const app::Twice& t : c_.twice) {
      const ScheduledJob& a = c_.jobs[t.first].job;
      const ScheduledJob& b = c_.jobs[t.second].job;
      const std::string second =
          t.first == t.second ? "a second line of that name at the same times"
                              : place_of(b.source, b.line.value_or(0));
      row('~', a.key.job,
          fmt::format("{} and {}", place_of(a.source, a.line.value_or(0)),
                      second));
    }
    out_ += '\n';
  }

  // For a week, so that nobody misses it.
  bool has_changed(const CoveredJob& c) const {
    const auto& at = c.known.schedule_changed;
    return at && page_.now - *at <= std::chrono::days(7);
  }
  bool has_changed() const {
    return std::any_of(c_.jobs.begin(), c_.jobs.end(),
                       [&](const CoveredJob& c) { return has_changed(c); });
  }

  void changed() {
    if (!has_changed()) return;
    out_ += "expected at other times than before\n";
    for (const CoveredJob& c : c_.jobs) {
      if (!has_changed(c)) continue;
      row('~', c.job.key.job,
          fmt::format("\"{}\", was \"{}\" until {}",
                      escape_line(c.known.schedule, 40),
                      escape_line(c.known.former_schedule, 40),
                      when(c.known.schedule_changed)));
    }
    out_ += '\n';
  }

  // "; since then +1 logwatch-28f0, -1 db_backup"
  std::string since_then() const {
    const Timestamp day_ago = page_.now - std::chrono::hours(24);
    int came = 0, went = 0;
    std::string came_names, went_names;
    const auto name = [](std::string& names, int n, const std::string& job) {
      if (n <= 3) names += " " + job;
      if (n == 4) names += " ..";
    };
    for (const CoveredJob& c : c_.jobs) {
      if (c.known.first_seen <= day_ago) continue;
      name(came_names, ++came, c.job.key.job);
    }
    for (const KnownSchedule& k : c_.gone) {
      if (!k.gone_since || *k.gone_since <= day_ago) continue;
      name(went_names, ++went, k.key.job);
    }
    std::string text;
    if (came > 0) text += fmt::format("+{}{}", came, came_names);
    if (went > 0) {
      text += fmt::format("{}-{}{}", came > 0 ? ", " : "", went, went_names);
    }
    return text.empty() ? text : "; since then " + text;
  }

  void sums() {
    const int of = c_.of();
    const int watched = c_.watched();
    std::string line = fmt::format("{} scheduled, {} watched", of, watched);
    const auto add = [&](std::size_t n, std::string_view what) {
      if (n > 0) line += fmt::format(", {} {}", n, what);
    };
    add(static_cast<std::size_t>(of - watched), "not");
    add(c_.gone.size(), "gone");
    const auto ignored =
        std::count_if(c_.findings.begin(), c_.findings.end(),
                      [](const Finding& f) { return f.id == "file-ignored"; });
    add(static_cast<std::size_t>(ignored),
        ignored == 1 ? "ignored file" : "ignored files");
    add(c_.twice.size(), "twice");
    out_ += wrap(line, kColumns, "", "  ");
    if (!page_.yesterday.empty()) {
      out_ += wrap("yesterday " + page_.yesterday + since_then(), kColumns, "",
                   "  ");
    } else if (!page_.unchanged_since.empty()) {
      out_ += "unchanged since " + page_.unchanged_since + "\n";
    }
    for (const std::string& source : c_.sources_unseen) {
      out_ += wrap(escape_line(source, 200), kColumns, "not readable: ", "  ");
    }
    if (watched < of && for_all_) {
      next_ = page_.bezalel + " adopt --all --dry-run";
    } else if (next_.empty() && !c_.gone.empty()) {
      next_ = page_.bezalel + " check";
    }
    if (!next_.empty()) out_ += "next: " + escape_line(next_) + "\n";
  }

  const Coverage& c_;
  const AuditPage& page_;
  std::vector<const Finding*> hidden_by_;  // of gone
  bool for_all_ = false;  // `adopt --all` would take some of them
  std::string next_;      // to type
  std::string out_;
};

}  // namespace

std::string audit_text(const Coverage& coverage, const AuditPage& page) {
  return Audit(coverage, page).make();
}

int audit_exit(const Coverage& coverage) {
  const bool bad_finding = std::any_of(
      coverage.findings.begin(), coverage.findings.end(), [](const Finding& f) {
        return f.alarm && *f.alarm != core::Severity::p3;
      });
  if (coverage.watched() < coverage.of() || !coverage.gone.empty() ||
      bad_finding) {
    return 1;
  }
  return coverage.sources_unseen.empty() ? 0 : 3;
}

}  // namespace bezalel::report
