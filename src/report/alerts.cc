#include "report/alerts.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "app/local_time.h"
#include "app/order.h"
#include "base/escape.h"
#include "report/json_parts.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

using app::HostView;
using app::JobView;
using core::OpenIncident;

bool is_job(const OpenIncident& i) {
  return i.key.kind == core::IncidentKey::Kind::job;
}

const JobView* job_of(const HostView& host, const OpenIncident& incident) {
  if (!is_job(incident)) return nullptr;
  for (const JobView& j : host.jobs) {
    if (core::IncidentKey::of(j.key) == incident.key) return &j;
  }
  return nullptr;
}

// On purpose, for a time.
bool is_quiet(const HostView& host, const OpenIncident& incident) {
  if (const JobView* job = job_of(host, incident)) {
    return job->silenced || job->paused;
  }
  return app::is_silenced(host, incident.key);
}

// Worst first; what is quiet on purpose comes last.
std::vector<OpenIncident> sorted(const HostView& host,
                                 std::vector<OpenIncident> open) {
  std::sort(open.begin(), open.end(), [&](const auto& a, const auto& b) {
    const bool quiet_a = is_quiet(host, a);
    const bool quiet_b = is_quiet(host, b);
    return std::tie(quiet_a, a.severity, a.since, a.key) <
           std::tie(quiet_b, b.severity, b.since, b.key);
  });
  return open;
}

std::string shown(const HostView& host, const OpenIncident& i) {
  if (is_job(i)) {
    return cut_middle(name_of(host, core::JobKey{i.key.uid, i.key.name}), 24);
  }
  return i.key.source.empty() ? cut_middle(escape_line(i.key.name), 24)
                              : path_of(i.key.source);
}

// Not of what is bad again since the last cycle.
std::optional<app::ClosingView> closing_of(const HostView& host,
                                           const OpenIncident& i) {
  const JobView* job = job_of(host, i);
  const auto& all = host.findings;
  const bool bad =
      job ? app::is_bad(*job)
          : std::any_of(all.begin(), all.end(),
                        [&](const auto& f) { return app::key_of(f) == i.key; });
  if (bad) return std::nullopt;
  return app::closing_of(i, host.close_hold);
}

// As `check` says it of the job.
std::string silence_text(const HostView& host, const OpenIncident& i) {
  const auto text = [&](const auto& s) {
    return fmt::format("silenced until {} by {}: {}",
                       app::local_short(s.until, host.now, host.zone),
                       escape_line(s.who, 40), escape_line(s.why, 200));
  };
  if (const JobView* job = job_of(host, i)) {
    return job->silenced ? text(*job->silenced) : "";
  }
  if (!app::is_silenced(host, i.key)) return {};
  const auto subject = app::subject_of(host.findings, i.key);
  for (const app::Silence& s : host.silences) {
    const bool holds = !s.key || *s.key == i.key ||
                       (subject && *s.key == core::IncidentKey::of(*subject));
    if (holds && s.until > host.now) return text(s);
  }
  return {};
}

std::string told_text(const HostView& host, const OpenIncident& i) {
  std::string text;
  for (const std::string& channel : app::told_of(host, i.key)) {
    text += (text.empty() ? "told: " : ", ") + escape_line(channel, 60);
  }
  const std::string acked =
      i.acked ? "acked " + app::local_short(*i.acked, host.now, host.zone)
              : "not acked";
  text += (text.empty() ? "" : "; ") + acked;
  if (const auto closing = closing_of(host, i)) {
    text += "; " + closing_text(host, *closing);
  }
  return text;
}

}  // namespace

std::string alerts_text(const HostView& host,
                        const std::vector<OpenIncident>& open) {
  const auto all = sorted(host, open);
  std::string out = page_title(
      host.host, host.now, host.zone,
      all.empty() ? "no open incident"
                  : plural(static_cast<int>(all.size()), "open incident"));
  const JobView* first = nullptr;
  const OpenIncident* finding = nullptr;
  for (const OpenIncident& i : all) {
    const JobView* job = job_of(host, i);
    const bool quiet = is_quiet(host, i);
    const bool closing = closing_of(host, i).has_value();
    const bool to_see = !i.acked && !quiet && !closing;
    if (!first && to_see) first = job;
    if (!finding && !is_job(i) && to_see) finding = &i;
    const char mark = quiet                              ? '.'
                      : closing                          ? '+'
                      : i.severity == core::Severity::p3 ? '~'
                                                         : '-';
    out += beside(fmt::format("{} {}", mark, shown(host, i)), 27,
                  fmt::format("{:<12} {}  since {}", escape_line(i.verdict, 30),
                              core::to_string(i.severity),
                              app::local_short(i.since, host.now, host.zone)));
    if (!i.cause.empty()) {
      out += wrap(escape_line(i.cause, 300), 80, "    ", "    ");
    }
    if (const std::string silence = silence_text(host, i); !silence.empty()) {
      out += wrap(silence, 80, "    ", "    ");
    }
    out += wrap(told_text(host, i), 80, "        ", "        ");
  }
  if (!all.empty()) out += '\n';
  out += host.outbox_waiting == 0
             ? "outbox empty\n"
             : plural(host.outbox_waiting, "notice") + " in the outbox\n";
  for (const app::ChannelView& c : host.channels) {
    if (!c.failing_since && !c.dead) continue;
    out +=
        wrap(fmt::format("{}: {}{}", escape_line(c.name, 40),
                         escape_line(c.last_error, 300),
                         c.waiting > 0 ? fmt::format("; {} waiting", c.waiting)
                                       : std::string()),
             80, "- ", "    ");
  }
  for (const auto& [channel, waiting] : host.outbox_absent) {
    out += wrap(fmt::format("{}: is not in the settings; {} waiting, dropped "
                            "when a week old",
                            escape_line(channel, 40), waiting),
                80, "- ", "    ");
  }
  if (first) {
    out +=
        "next: " + host.bezalel + " ack " + typed_name(host, first->key) + "\n";
  } else if (host.outbox_waiting > 0) {
    out += "next: " + host.bezalel + " doctor\n";
  } else if (finding) {
    const bool is_one =
        std::count_if(all.begin(), all.end(), [&](const OpenIncident& i) {
          return !is_job(i) && i.key.name == finding->key.name;
        }) == 1;
    const std::string name =
        is_one ? finding->key.name : app::finding_name(finding->key);
    out += "next: " + host.bezalel + " ack " + shell_quote(escape_line(name)) +
           "\n";
  }
  return out;
}

std::string alerts_json(const HostView& host,
                        const std::vector<OpenIncident>& open) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("v").value(1).key("host").value(host.host);
  put_instant(w, "as_of", host.now);
  w.key("outbox").value(host.outbox_waiting);
  w.key("incidents").begin_array();
  for (const OpenIncident& i : sorted(host, open)) {
    const JobView* job = job_of(host, i);
    w.begin_object();
    w.key("id").value(i.id).key("number").value(i.number);
    w.key("kind").value(is_job(i) ? "job" : "finding");
    w.key("name").value(i.key.name);
    w.key("user");
    job ? w.value(job->user) : w.null();
    w.key("source").value(i.key.source);
    w.key("severity").value(core::to_string(i.severity));
    w.key("verdict").value(i.verdict).key("cause").value(i.cause);
    put_instant(w, "since", i.since);
    put_instant(w, "opened", i.opened);
    put_instant(w, "acked", i.acked);
    const auto closing = closing_of(host, i);
    std::optional<Timestamp> well_since, closes;
    if (closing) {
      well_since = closing->well_since;
      closes = closing->closes;
    }
    put_instant(w, "well_since", well_since);
    put_instant(w, "closes", closes);
    w.key("told").begin_array();
    for (const std::string& channel : app::told_of(host, i.key)) {
      w.value(channel);
    }
    w.end_array().end_object();
  }
  w.end_array().end_object();
  return out + "\n";
}

std::string silences_text(const HostView& host) {
  auto silences = host.silences;
  std::stable_sort(
      silences.begin(), silences.end(),
      [](const auto& a, const auto& b) { return a.until < b.until; });
  std::string out = fmt::format(
      "{}  {}  {}\n", escape_line(host.host, 40),
      app::local_long(host.now, host.zone),
      silences.empty() ? "nothing is silenced"
                       : plural(static_cast<int>(silences.size()), "silence"));
  if (!silences.empty()) out += '\n';
  for (const app::Silence& s : silences) {
    const std::string text = fmt::format(
        "until {} by {}: {}", app::local_short(s.until, host.now, host.zone),
        escape_line(s.who, 40), escape_line(s.why, 200));
    std::string name = "the whole host";
    if (s.key && s.key->kind == core::IncidentKey::Kind::job) {
      name = cut_middle(escape_line(s.key->name), 24);
    } else if (s.key) {
      // Whole, as it is typed to end it.
      name = escape_line(app::finding_name(*s.key));
    }
    const std::string indent(27, ' ');
    if (name.size() > 24) {
      out += ". " + name + "\n" + wrap(text, 80, indent, indent);
    } else {
      out += wrap(text, 80, fmt::format(". {:<24} ", name), indent);
    }
  }
  return out;
}

}  // namespace bezalel::report
