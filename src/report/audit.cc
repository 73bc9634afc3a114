#include "report/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/local_time.h"
#include "base/duration.h"
#include "base/escape.h"
#include "base/json_write.h"
#include "report/json_parts.h"
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

std::string place_of(const std::string& source, int line) {
  std::string text = escape_line(source, 120);
  return line > 0 ? text + ":" + std::to_string(line) : text;
}

// What stands together in the first table.
std::string group_of(const ScheduledJob& job) {
  switch (job.kind) {
    case SchedulerKind::timer:
      return "systemd timers";
    case SchedulerKind::run_parts:
    case SchedulerKind::anacron: {
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
      : c_(coverage), page_(page) {}

  std::string make() {
    headline();
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

  void headline() {
    const int of = c_.of();
    const int watched = c_.watched();
    std::string text =
        fmt::format("{} of {} scheduled jobs are watched", watched, of);
    if (of == 0) {
      text = "nothing is scheduled here";
    } else if (watched == of) {
      text = of == 1 ? "the only scheduled job is watched"
                     : fmt::format("all {} scheduled jobs are watched", of);
    }
    out_ += fmt::format("{}  {}  {}\n\n", escape_line(page_.host, 40),
                        app::local_long(page_.now, page_.zone), text);
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
        out_ += fmt::format("{} {:<34} {:>9}  {}\n", whole ? '+' : '-',
                            cut_middle(escape_line(name), 34),
                            fmt::format("{} of {}", g.watched, g.of),
                            app::to_string(g.best));
      }
    }
    out_ += '\n';
  }

  void not_watched() {
    const bool any =
        std::any_of(c_.jobs.begin(), c_.jobs.end(),
                    [](const CoveredJob& c) { return !c.watched; });
    if (!any) return;
    out_ += "not watched\n";
    for (const CoveredJob& c : c_.jobs) {
      if (c.watched) continue;
      std::string why = "not watched yet";
      if (c.lost_wrapper) {
        why = "lost its wrapper " + when(c.known.unwatched_since);
      } else if (!c.known.baseline) {
        why = "new since " + when(c.known.first_seen);
      }
      out_ += fmt::format("- {:<24} {:<24} {}\n",
                          cut_middle(c.job.key.job, kNameColumns), why,
                          place_of(c.job.source, c.job.line.value_or(0)));
      out_ += "    " +
              escape_line(c.job.schedule + " " + c.job.command, kColumns - 4) +
              "\n";
      out_ += "    do:  " + remedy(c) + "\n";
    }
    out_ += '\n';
  }

  static std::string remedy(const CoveredJob& c) {
    const ScheduledJob& job = c.job;
    if (job.kind == SchedulerKind::run_parts ||
        job.kind == SchedulerKind::anacron) {
      return "bezalel adopt --packaged --file /etc/crontab";
    }
    std::string command =
        job.source.starts_with("crontab of ")
            ? "bezalel adopt --user " + job.user
            : "bezalel adopt --file " + escape_line(job.source, 120);
    if (!job.package.empty()) command += " --packaged";
    return command;
  }

  void gone() {
    if (c_.gone.empty()) return;
    out_ += "gone without \"retire\"\n";
    for (const KnownSchedule& k : c_.gone) {
      out_ += fmt::format(
          "- {:<24} {:<24} {}\n", cut_middle(k.key.job, kNameColumns),
          "since " + when(k.gone_since), place_of(k.source, k.line));
      out_ += fmt::format(
          "    {}; still wanted? bring it back, or: bezalel retire {}\n",
          k.commented_out ? "commented out" : "no longer there", k.key.job);
    }
    out_ += '\n';
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
      out_ +=
          fmt::format("- {:<24} {}\n", place_of(f.source, f.line.value_or(0)),
                      escape_line(f.id, 40));
      out_ += wrap(escape_line(f.message, 400), kColumns, "    ", "    ");
      if (!f.fix.empty()) out_ += "    do:  " + escape_line(f.fix) + "\n";
    }
    if (any) out_ += '\n';
    any = false;
    for (const Finding& f : c_.findings) {
      if (keeps_from_running(f)) continue;
      if (!any) out_ += "besides\n";
      any = true;
      out_ += wrap(escape_line(f.source + ": " + f.message, 400), kColumns,
                   "~ ", "    ");
      if (!f.fix.empty()) out_ += "    do:  " + escape_line(f.fix) + "\n";
    }
    if (any) out_ += '\n';
  }

  void twice() {
    if (c_.twice.empty()) return;
    out_ += "twice\n";
    for (const app::Twice& t : c_.twice) {
      const ScheduledJob& a = c_.jobs[t.first].job;
      const ScheduledJob& b = c_.jobs[t.second].job;
      const std::string second = t.first == t.second
                                     ? "a second line at the same times"
                                     : place_of(b.source, b.line.value_or(0));
      out_ += fmt::format("~ {:<24} {} and {}\n",
                          cut_middle(a.key.job, kNameColumns),
                          place_of(a.source, a.line.value_or(0)), second);
    }
    out_ += '\n';
  }

  // For a week, so that nobody misses it.
  void changed() {
    bool any = false;
    for (const CoveredJob& c : c_.jobs) {
      const auto& at = c.known.schedule_changed;
      if (!at || page_.now - *at > std::chrono::days(7)) continue;
      if (!any) out_ += "expected at other times than before\n";
      any = true;
      out_ += fmt::format("~ {:<24} \"{}\", was \"{}\" until {}\n",
                          cut_middle(c.job.key.job, kNameColumns),
                          escape_line(c.known.schedule, 40),
                          escape_line(c.known.former_schedule, 40), when(at));
    }
    if (any) out_ += '\n';
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
      out_ += "yesterday " + page_.yesterday + "\n";
    } else if (!page_.unchanged_since.empty()) {
      out_ += "unchanged since " + page_.unchanged_since + "\n";
    }
    for (const std::string& source : c_.sources_unseen) {
      out_ += wrap(escape_line(source, 200), kColumns, "not readable: ", "  ");
    }
    if (watched < of) out_ += "next: bezalel adopt --all --dry-run\n";
  }

  const Coverage& c_;
  const AuditPage& page_;
  std::string out_;
};

void put_scheduled(JsonWriter& w, const ScheduledJob& job) {
  w.begin_object();
  w.key("job").value(job.key.job).key("user").value(job.user);
  w.key("schedule").value(job.schedule).key("dialect").value(job.dialect);
  w.key("tz").value(job.zone).key("command").value(job.command);
  w.key("source").value(job.source).key("line");
  job.line ? w.value(*job.line) : w.null();
  w.key("watched").value(app::to_string(job.watch));
  put_instant(w, "next", job.next);
  put_instant(w, "previous", job.previous);
  w.key("kind").value(app::to_string(job.kind));
  w.key("package").value(job.package);
}

void put_all(JsonWriter& w, const std::vector<Finding>& findings) {
  w.key("findings").begin_array();
  for (const Finding& f : findings) put_finding(w, f);
  w.end_array();
}

}  // namespace

std::string audit_text(const Coverage& coverage, const AuditPage& page) {
  return Audit(coverage, page).make();
}

std::string audit_json(const Coverage& coverage, const AuditPage& page) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("v").value(1).key("host").value(page.host);
  put_instant(w, "as_of", page.now);
  w.key("watched").value(coverage.watched()).key("of").value(coverage.of());
  w.key("jobs").begin_array();
  for (const CoveredJob& c : coverage.jobs) {
    put_scheduled(w, c.job);
    w.key("covered").value(c.watched);
    w.key("evidence").value(app::to_string(c.proof));
    w.key("baseline").value(c.known.baseline);
    w.key("lost_wrapper").value(c.lost_wrapper);
    w.end_object();
  }
  w.end_array().key("gone").begin_array();
  for (const KnownSchedule& k : coverage.gone) {
    w.begin_object().key("job").value(k.key.job);
    w.key("uid").value(static_cast<std::int64_t>(k.key.uid));
    w.key("source").value(k.source).key("line").value(k.line);
    put_instant(w, "since", k.gone_since);
    w.key("commented_out").value(k.commented_out).end_object();
  }
  w.end_array().key("twice").begin_array();
  for (const app::Twice& t : coverage.twice) {
    w.begin_object();
    w.key("job").value(coverage.jobs[t.first].job.key.job);
    w.key("first").value(coverage.jobs[t.first].job.source);
    w.key("second").value(coverage.jobs[t.second].job.source);
    w.end_object();
  }
  w.end_array();
  put_all(w, coverage.findings);
  w.end_object();
  return out + "\n";
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

std::string discover_text(const app::Inventory& inventory,
                          const AuditPage& page) {
  std::string out = fmt::format(
      "{}  {}  {}\n\n", escape_line(page.host, 40),
      app::local_long(page.now, page.zone),
      inventory.jobs.empty()
          ? std::string("nothing is scheduled here")
          : plural(static_cast<int>(inventory.jobs.size()), "scheduled job"));
  if (!inventory.jobs.empty()) {
    out += fmt::format("  {:<24} {:<10} {:<9} {:<11} {}\n", "JOB", "USER",
                       "WATCHED", "NEXT", "SOURCE");
  }
  for (const ScheduledJob& j : inventory.jobs) {
    const std::string next =
        j.next ? app::local_short(*j.next, page.now, page.zone) : "-";
    out += fmt::format("{} {:<24} {:<10} {:<9} {:<11} {}\n",
                       j.watch == app::Watch::none ? '-' : '+',
                       cut_middle(j.key.job, kNameColumns),
                       escape_line(j.user, 10), app::to_string(j.watch), next,
                       place_of(j.source, j.line.value_or(0)));
    if (j.kind == SchedulerKind::timer) continue;
    out +=
        "    " + escape_line(j.schedule + " " + j.command, kColumns - 4) + "\n";
  }
  for (const Finding& f : inventory.findings) {
    out += '\n';
    out += wrap(place_of(f.source, f.line.value_or(0)) + ": " +
                    escape_line(f.message, 400),
                kColumns, "~ ", "    ");
    if (!f.fix.empty()) out += "    do:  " + escape_line(f.fix) + "\n";
  }
  return out;
}

std::string discover_json(const app::Inventory& inventory) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("jobs").begin_array();
  for (const ScheduledJob& j : inventory.jobs) {
    put_scheduled(w, j);
    w.end_object();
  }
  w.end_array();
  put_all(w, inventory.findings);
  w.end_object();
  return out + "\n";
}

std::string discover_toml(const app::Inventory& inventory) {
  std::string out;
  for (const ScheduledJob& j : inventory.jobs) {
    if (!j.expectation) continue;
    std::string key;
    std::string value = j.schedule;
    if (j.kind == SchedulerKind::timer) {
      const bool calendar =
          std::holds_alternative<schedule::OnCalendar>(j.expectation->schedule);
      const auto* every =
          std::get_if<schedule::Every>(&j.expectation->schedule);
      if (!calendar && !every) continue;
      key = calendar ? "calendar" : "every";
      if (every) value = format_time_span(every->interval);
    } else {
      key = "cron";
    }
    std::string quoted;
    for (const char c : value) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    out += fmt::format("# {}\n[job.\"{}\"]\n{} = \"{}\"\n",
                       place_of(j.source, j.line.value_or(0)), j.key.job, key,
                       quoted);
    if (key == "cron") out += fmt::format("tz = \"{}\"\n", j.zone);
    if (!j.user.empty()) {
      out += fmt::format("user = \"{}\"\n", escape_line(j.user, 64));
    }
    out += '\n';
  }
  return out;
}

}  // namespace bezalel::report
