#include "report/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/local_time.h"
#include "app/order.h"
#include "app/report_data.h"
#include "base/duration.h"
#include "base/escape.h"
#include "report/check.h"
#include "report/doc.h"
#include "report/panel.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

using app::HostView;
using app::JobView;
using app::ReportView;

constexpr std::size_t kEventsShown = 50;

// "forge #119", as our own channels name what they made: the number may link.
bool is_reference(std::string_view told) {
  return std::all_of(told.begin(), told.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == ' ' || c == '#';
  });
}

std::string asleep_text(const core::Gap& gap) {
  if (gap.asleep < std::chrono::minutes(1)) return {};
  return "; the host was asleep for " + format_age(gap.asleep);
}

class Report {
 public:
  Report(const ReportView& view, Format format)
      : view_(view), host_(view.host), doc_(format) {}

  std::string make(Style style, Section section) {
    const bool morning = style == Style::morning;
    if (section == Section::all) {
      title(morning);
      headline_of_report();
    }
    if (section != Section::panel) blockers();
    if (section != Section::blockers) {
      doc_.heading("Heartbeat Panel");
      morning ? put_marks(doc_, host_) : put_panel(doc_, host_);
    }
    if (section == Section::all && !morning) {
      since_last();
      coverage();
      watcher();
      quiet();
      footer();
    }
    return doc_.take();
  }

 private:
  std::string when(Timestamp t) const {
    return app::local_short(t, host_.now, host_.zone);
  }

  void title(bool morning) {
    doc_.title(Line()
                   .foreign(host_.host)
                   .own(fmt::format(", {} of {}", morning ? "morning" : "night",
                                    date_text(host_, host_.now))));
  }

  void headline_of_report() {
    const int well = well_jobs(host_);
    const int of = host_.counts.of;
    const int blocking = app::blocker_count(view_);
    std::string text = blocking > 0 ? plural(blocking, "blocker") + ". " : "";
    if (of == 0) {
      text += "Nothing is watched here.";
    } else if (well == of) {
      text += of == 1 ? "The only job is well."
                      : fmt::format("All {} jobs are well.", of);
    } else {
      text += fmt::format("{} of {} {} well.", well, plural(of, "job"),
                          well == 1 || of == 1 ? "is" : "are");
    }
    if (host_.counts.evaluated < of) {
      text += fmt::format(" {} could not be judged.",
                          plural(of - host_.counts.evaluated, "job"));
    }
    if (const auto& c = host_.coverage; c && c->of > 0) {
      text += fmt::format(" {} of {} are watched.", c->watched, c->of);
    }
    doc_.paragraph(Line().strong().own(text).strong());
    const std::string since = date_text(host_, view_.since);
    std::string as_of =
        fmt::format("As of {}, since {} {}", time_text(host_, host_.now),
                    since.substr(0, since.size() - 5),  // without the year
                    time_text(host_, view_.since).substr(0, 5));
    as_of += host_.last_cycle
                 ? "; last full check " + clock_text(host_, *host_.last_cycle)
                 : "; no full check yet";
    doc_.paragraph(Line().own(as_of + "."));
    for (const std::string& what : host_.not_seen) {
      doc_.paragraph(Line().own("Not seen: ").foreign(what).own("."));
    }
  }

  void blockers() {
    doc_.heading("Blockers");
    // Worst first; of one weight the jobs, then the host.
    std::vector<std::pair<Weight, Line>> found;
    for (const JobView& j : view_.blocking_jobs) {
      const Weight weight = j.silenced   ? kQuiet
                            : j.severity ? static_cast<Weight>(*j.severity)
                                         : kP2;
      found.emplace_back(weight, blocker(j));
    }
    for (const app::Finding& f : view_.blocking_findings) {
      found.emplace_back(
          app::is_silenced(host_, f) ? kQuiet : static_cast<Weight>(*f.alarm),
          blocker(f));
    }
    for (const auto& c : view_.dead_channels) found.emplace_back(kP2, dead(c));
    for (const core::Gap& g : view_.gaps) {
      found.emplace_back(
          kP2, Line()
                   .strong()
                   .own("nobody checked")
                   .strong()
                   .own(fmt::format(" from {} to {} ({}{}).", when(g.from),
                                    when(g.to), format_age(g.to - g.from),
                                    asleep_text(g))));
    }
    for (const app::Silence& s : view_.long_silences) {
      found.emplace_back(kQuiet, long_one(s));
    }
    std::stable_sort(
        found.begin(), found.end(),
        [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Line> items;
    for (auto& [weight, line] : found) items.push_back(std::move(line));
    if (items.empty()) {
      doc_.paragraph(Line().own("None."));
    } else {
      doc_.numbered(items);
    }
  }

  // As severities, and what somebody keeps quiet.
  enum Weight { kP1, kP2, kP3, kQuiet };

  Line blocker(const JobView& job) const {
    Line line;
    line.strong()
        .code(name_of(host_, job))
        .own(fmt::format(" {}", verdict_of(job)));
    line.strong();
    if (job.severity) {
      line.own(fmt::format(" ({})", core::to_string(*job.severity)));
    }
    if (job.since) line.own(" since " + when(*job.since));
    const std::string happened = what_happened(host_, job);
    if (!happened.empty()) line.own(": ").foreign(happened);
    const std::string words = last_words(job);
    if (!words.empty()) {
      line.own(", \"").foreign(escape_line(words, 120)).own("\"");
    }
    line.own(".");
    const bool told = add_told(line, app::key_of(job));
    if (job.silenced) {
      line.own(told ? " silenced until " : " Silenced until ");
      line.own(when(job.silenced->until) + ".");
    } else if (job.acked && !job.acked_by.empty()) {
      line.own(told ? " acked by " : " Acked by ")
          .foreign(job.acked_by)
          .own(".");
    } else {
      line.own(seen_text(told, job.acked.has_value()));
    }
    return line;
  }

  Line blocker(const app::Finding& f) const {
    Line line;
    std::string where = f.source;
    if (f.line) where += fmt::format(":{}", *f.line);
    line.strong().code(where).own(" ").foreign(f.id).own(
        fmt::format(" ({})", core::to_string(*f.alarm)));
    line.strong();
    if (f.since) line.own(" since " + when(*f.since));
    line.own(": ").foreign(f.message).own(".");
    const core::IncidentKey key = app::key_of(f);
    const bool told = add_told(line, key);
    const auto open = std::find_if(view_.open.begin(), view_.open.end(),
                                   [&](const auto& i) { return i.key == key; });
    if (app::is_silenced(host_, f)) {
      return line.own(told ? " silenced." : " Silenced.");
    }
    return line.own(seen_text(told, open != view_.open.end() && open->acked));
  }

  // " Told: forge #119;" and true, where somebody was.
  bool add_told(Line& line, const core::IncidentKey& key) const {
    const auto& told = app::told_of(host_, key);
    for (std::size_t i = 0; i < told.size(); ++i) {
      line.own(i > 0 ? ", " : " Told: ");
      is_reference(told[i]) ? line.own(told[i]) : line.foreign(told[i]);
    }
    if (!told.empty()) line.own(";");
    return !told.empty();
  }

  static std::string seen_text(bool after_told, bool acked) {
    if (acked) return after_told ? " acked." : " Acked.";
    return after_told ? " seen by nobody." : " Seen by nobody.";
  }

  Line dead(const app::ChannelView& channel) const {
    Line line;
    line.strong().own("channel ").code(channel.name).own(" cannot deliver");
    line.strong();
    if (channel.failing_since) {
      line.own(" since " + when(*channel.failing_since));
    }
    line.own(": ").foreign(channel.last_error);
    return line.own(fmt::format("; {} waiting.", channel.waiting));
  }

  Line silence_line(const app::Silence& s) const {
    Line line;
    if (!s.key) {
      line.own("the whole host");
    } else {
      const bool is_job = s.key->kind == core::IncidentKey::Kind::job;
      line.code(is_job ? name_of(host_, core::JobKey{s.key->uid, s.key->name})
                       : app::finding_name(*s.key));
    }
    line.own(fmt::format(", {} to {}, ", when(s.since), when(s.until)));
    return line.foreign(s.who).own(", \"").foreign(s.why).own("\"");
  }

  Line long_one(const app::Silence& s) const {
    Line line;
    line.own("Silenced for ");
    line.strong().own(format_age(s.until - s.since)).strong().own(": ");
    line.add(silence_line(s));
    return line.own(".");
  }

  // What is told by other lines, or by nobody's eyes.
  static bool is_told_elsewhere(const app::Event& e) {
    static constexpr std::string_view kElsewhere[] = {
        "opened", "resolved", "changed",  "reminded",
        "cycle",  "report",   "delivered"};
    return std::find(std::begin(kElsewhere), std::end(kElsewhere), e.kind) !=
           std::end(kElsewhere);
  }

  // An action is one line, once it has a result.
  bool has_result(std::size_t action) const {
    const auto& events = view_.events;
    if (events[action].kind != "action") return false;
    for (std::size_t i = action + 1; i < events.size(); ++i) {
      if (events[i].incident_id != events[action].incident_id) continue;
      if (events[i].kind == "action") return false;
      if (events[i].kind == "action_result") return true;
    }
    return false;
  }

  // Of these the text says by whom and why alone.
  static std::string_view deed_of(const app::Event& e) {
    if (e.kind == "silenced") return "silenced ";
    if (e.kind == "silence_ended") return "silence ended ";
    if (e.kind == "paused") return "paused ";
    if (e.kind == "resumed") return "judged again ";
    if (e.kind == "retired") return "retired ";
    return {};
  }

  // "well again after 10s", in the words of that moment: of a silence more than
  // its incident is told, and a report knows the incident alone.
  std::string how_closed(const app::ClosedIncident& c) const {
    for (const app::Event& e : view_.events) {
      const bool same = e.kind == "resolved" && e.incident_id == c.incident.id;
      if (same && !e.text.empty()) return e.text;
    }
    return fmt::format("{} after {}", core::to_string(c.reason),
                       format_age(c.closed - c.incident.since));
  }

  void since_last() {
    doc_.heading("Since the last report");
    std::vector<Line> items;
    for (const app::ClosedIncident& c : view_.closed) {
      Line line;
      line.own(when(c.incident.since) + " ").code(c.incident.key.name);
      if (c.incident.key.kind == core::IncidentKey::Kind::job) {
        line.own(" ").foreign(c.incident.verdict);
      }
      line.own("; ").foreign(how_closed(c));
      items.push_back(line.own(", " + when(c.closed) + "."));
    }
    std::size_t shown = 0;
    std::size_t more = 0;
    for (std::size_t i = 0; i < view_.events.size(); ++i) {
      const app::Event& e = view_.events[i];
      if (is_told_elsewhere(e) || has_result(i)) continue;
      if (++shown > kEventsShown) {
        ++more;
        continue;
      }
      Line line;
      line.own(when(e.at) + " ");
      if (e.key) line.code(e.key->name).own(" ");
      line.own(std::string(deed_of(e)));
      items.push_back(line.foreign(e.text.empty() ? e.kind : e.text));
    }
    if (more > 0) items.push_back(Line().own(fmt::format("and {} more", more)));
    items.push_back(Line().own(fmt::format(
        "{}{}, {} succeeded, {} failed{}. {} opened, {} closed.",
        view_.more_runs ? "at least " : "", plural(view_.runs, "run"),
        view_.runs_ok, view_.runs_failed, other_runs(),
        plural(view_.incidents_opened, "incident"), view_.incidents_closed)));
    doc_.bullets(items);
  }

  // ", 1 skipped, 1 without an end": the sum has to come out.
  std::string other_runs() const {
    std::string text;
    const auto add = [&](int n, const char* what) {
      if (n > 0) text += fmt::format(", {} {}", n, what);
    };
    add(view_.runs_skipped, "skipped");
    add(view_.runs_in_flight, "in flight");
    add(view_.runs_without_end, "without an end");
    return text;
  }

  void coverage() {
    const auto& c = host_.coverage;
    if (!c) return;
    doc_.heading("Coverage");
    Line line;
    line.own(fmt::format("{} of {} watched.", c->watched, c->of));
    if (!c->not_watched.empty()) {
      line.own(" Next: ").code(host_.bezalel + " audit").own(". Not watched:");
    }
    doc_.paragraph(line);
    if (c->not_watched.empty()) return;
    // The audit lists them all; here the first few.
    constexpr std::size_t kMost = 8;
    std::vector<Line> items;
    for (std::size_t i = 0; i < c->not_watched.size() && i < kMost; ++i) {
      Line item;
      item.code(c->not_watched[i].job);
      const std::string& why = c->not_watched[i].why;
      if (!why.empty()) item.own(" (" + why + ")");
      items.push_back(std::move(item));
    }
    if (c->not_watched.size() > kMost) {
      items.push_back(Line().own(
          fmt::format("and {} more", c->not_watched.size() - kMost)));
    }
    doc_.bullets(items);
  }

  void watcher() {
    doc_.heading("Watching the watcher");
    Table table{{{"leg"}, {"last"}}, {}};
    std::string check =
        host_.last_cycle ? clock_text(host_, *host_.last_cycle) : "never";
    if (view_.cycles_expected > 0) {
      check +=
          fmt::format(", {} of {} cycles", view_.cycles, view_.cycles_expected);
    }
    if (view_.longest_gap) {
      check += ", longest gap " + format_age(*view_.longest_gap);
    }
    table.rows.push_back({"check", check});
    for (const app::ChannelView& c : host_.channels) {
      table.rows.push_back({c.name, channel_text(c)});
    }
    for (const auto& [channel, waiting] : host_.outbox_absent) {
      table.rows.push_back(
          {channel, fmt::format("not in the settings, {} waiting", waiting)});
    }
    std::string ping = host_.dead_man_ping
                           ? clock_text(host_, *host_.dead_man_ping)
                           : "none is set or it never left";
    if (host_.dead_man_failing) {
      ping += ", fails since " + clock_text(host_, *host_.dead_man_failing);
    }
    table.rows.push_back({"dead-man ping", ping});
    doc_.table(table);
  }

  std::string channel_text(const app::ChannelView& c) const {
    std::string text = c.last_sent
                           ? "delivered " + clock_text(host_, *c.last_sent)
                           : "nothing delivered yet";
    text += c.waiting == 0 ? ", nothing waiting"
                           : fmt::format(", {} waiting", c.waiting);
    if (c.dead || c.failing_since) text += ", cannot deliver";
    return text;
  }

  void quiet() {
    for (const app::Silence& s : host_.silences) {
      Line line;
      line.own("Quiet on purpose: ");
      line.add(silence_line(s));
      doc_.paragraph(line.own("."));
    }
    for (const JobView& j : host_.jobs) {
      if (!j.paused) continue;
      doc_.paragraph(Line()
                         .own("Paused: ")
                         .code(name_of(host_, j))
                         .own(" since " + when(j.paused->since) + ", ")
                         .foreign(j.paused->who)
                         .own(", \"")
                         .foreign(j.paused->why)
                         .own("\"."));
    }
  }

  void footer() {
    Line line;
    line.own("bezalel ").foreign(view_.version).own(" on ").foreign(host_.host);
    if (view_.slowest && !view_.slowest_job.empty()) {
      line.own("; slowest alarm possible today: ")
          .foreign(view_.slowest_job)
          .own(", " + limit_text(*view_.slowest));
    }
    doc_.footer(line);
  }

  const ReportView& view_;
  const HostView& host_;
  Doc doc_;
};

}  // namespace

std::string report_markdown(const ReportView& view, Style style,
                            Section section) {
  return Report(view, Format::markdown).make(style, section);
}

std::string report_subject(const ReportView& view) {
  return fmt::format("{}: {}, {} of {} jobs are well", view.host.host,
                     plural(app::blocker_count(view), "blocker"),
                     well_jobs(view.host), view.host.counts.of);
}

std::string report_text(const ReportView& view, Style style, Section section) {
  return Report(view, Format::text).make(style, section);
}

}  // namespace bezalel::report
