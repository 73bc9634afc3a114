#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <set>

#include "base/duration.h"
#include "base/escape.h"
#include "base/json_write.h"
#include "report/doc.h"
#include "report/report.h"

namespace bezalel::report {
namespace {

namespace json = boost::json;

struct Job {
  std::string host, job, user, verdict, age, interval, ratio, severity;
  std::string since, cause;
  double worth = -1;
  bool quiet = false;
  bool never = false;
  bool past = false;  // of a host that says nothing of now
};

// What is wrong with a host itself, and needs somebody.
struct Trouble {
  std::string host, place, id, severity, message;
  bool past = false;
};

// A page of a host that stopped reporting says what was, not what is.
constexpr Duration kCurrent = 3 * std::chrono::minutes(15);
constexpr Duration kAhead = std::chrono::seconds(5);

struct Host {
  std::string name, as_of, file;
  std::string raw;
  std::optional<Timestamp> seen;  // as_of, where it can be read
  std::string doubt;              // why it says nothing of now; empty: it does
  std::int64_t evaluated = 0, of = 0, exit = 3;
  std::vector<Job> jobs;
  std::vector<Trouble> troubles;
};

std::string text_of(const json::object& o, std::string_view name) {
  const json::value* v = o.if_contains(name);
  return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

std::optional<double> number_of(const json::object& o, std::string_view name) {
  const json::value* v = o.if_contains(name);
  if (!v || !v->is_number()) return std::nullopt;
  const double number = v->to_number<double>();
  // Beyond a thousand years is no age.
  if (!std::isfinite(number) || std::abs(number) > 3e10) return std::nullopt;
  return number;
}

std::string age_of(const json::object& o, std::string_view name) {
  const auto seconds = number_of(o, name);
  if (!seconds) return "-";
  return format_age(Duration(static_cast<std::int64_t>(*seconds * 1e6)));
}

Job job_of(const json::object& o, const std::string& host) {
  Job job;
  job.host = host;
  job.job = text_of(o, "job");
  job.user = text_of(o, "user");
  job.since = text_of(o, "since");
  job.cause = text_of(o, "cause");
  job.verdict = text_of(o, "verdict");
  job.severity = text_of(o, "severity");
  job.age = age_of(o, "age_seconds");
  job.interval = age_of(o, "interval_seconds");
  const auto ratio = number_of(o, "ratio");
  job.ratio = ratio ? fmt::format("{:.1f}", *ratio) : "-";
  job.worth = ratio.value_or(-1);
  job.never = text_of(o, "last_success").empty();
  const json::value* silenced = o.if_contains("silenced");
  job.quiet = (silenced && silenced->is_object()) || job.verdict == "paused";
  return job;
}

// Nothing, of one that is no alarm or that somebody silenced.
std::optional<Trouble> trouble_of(const json::object& o,
                                  const std::string& host) {
  Trouble t;
  t.host = host;
  t.id = text_of(o, "id");
  t.severity = text_of(o, "alarm");
  const json::value* silenced = o.if_contains("silenced");
  if (silenced && silenced->is_bool() && silenced->get_bool()) return {};
  // Files of an older check do not say what alarms.
  const bool counts = o.contains("alarm")
                          ? t.severity == "P1" || t.severity == "P2"
                          : text_of(o, "severity") == "error";
  if (!counts) return {};
  t.place = text_of(o, "source");
  const auto line = number_of(o, "line");
  if (line) t.place += fmt::format(":{}", static_cast<std::int64_t>(*line));
  t.message = text_of(o, "message");
  return t;
}

// Two users' jobs of one name are told apart, as on the host itself.
void name_users(std::vector<Job>& jobs) {
  std::map<std::string, std::set<std::string>> users;
  for (const Job& j : jobs) users[j.job].insert(j.user);
  for (Job& j : jobs) {
    if (users[j.job].size() > 1) j.job = j.user + "/" + j.job;
  }
}

// Why what was true then cannot be taken for what is true now; or nothing.
std::string doubt_of(const Host& host, Timestamp now) {
  if (!host.seen) {
    return host.as_of.empty() ? "no \"as_of\": nobody can tell when that was"
                              : "\"as_of\" is no time: " + host.as_of;
  }
  if (now - *host.seen > kCurrent) {
    return fmt::format("last seen {} ago, {}", format_age(now - *host.seen),
                       format_rfc3339(*host.seen));
  }
  if (*host.seen - now > kAhead) {
    return fmt::format("as of {}, {} from now: a clock is wrong",
                       format_rfc3339(*host.seen),
                       format_age(*host.seen - now));
  }
  return {};
}

// Its ages were true then; only their place in the order still is.
void age_jobs(Host& host) {
  for (Job& job : host.jobs) {
    job.past = true;
    job.verdict = "was " + job.verdict;
    job.age = job.ratio = "-";
  }
  for (Trouble& t : host.troubles) t.past = true;
}

Result<Host> parse_host(const Result<std::string>& text, Timestamp now) {
  if (!text) return text.error();
  json::error_code wrong;
  const json::value value = json::parse(*text, wrong);
  if (wrong) return err(Kind::invalid, "not JSON: " + wrong.message());
  const json::object* o = value.if_object();
  const json::value* jobs = o ? o->if_contains("jobs") : nullptr;
  if (!jobs || !jobs->is_array() || text_of(*o, "host").empty()) {
    return err(Kind::invalid,
               "not the output of check; expected bezalel check --format json");
  }
  const json::value* version = o->if_contains("v");
  if (!version || !version->is_int64() || version->get_int64() != 1) {
    return err(Kind::invalid, "unknown version; expected \"v\":1");
  }
  Host host;
  host.name = text_of(*o, "host");
  host.as_of = text_of(*o, "as_of");
  host.evaluated =
      static_cast<std::int64_t>(number_of(*o, "evaluated").value_or(0));
  host.of = static_cast<std::int64_t>(number_of(*o, "of").value_or(0));
  host.exit = static_cast<std::int64_t>(number_of(*o, "exit").value_or(3));
  for (const json::value& v : jobs->get_array()) {
    if (const json::object* job = v.if_object()) {
      host.jobs.push_back(job_of(*job, host.name));
    }
  }
  name_users(host.jobs);
  const json::value* findings = o->if_contains("findings");
  if (findings && findings->is_array()) {
    for (const json::value& v : findings->get_array()) {
      const json::object* finding = v.if_object();
      auto trouble = finding ? trouble_of(*finding, host.name) : std::nullopt;
      if (trouble) host.troubles.push_back(*std::move(trouble));
    }
  }
  host.raw = json::serialize(value);
  if (const auto seen = parse_rfc3339(host.as_of)) host.seen = *seen;
  host.doubt = doubt_of(host, now);
  if (!host.doubt.empty()) age_jobs(host);
  return host;
}

int rank(const Job& job) {
  if (job.quiet) return 5;
  if (job.severity == "P1") return 0;
  if (job.severity == "P2") return 1;
  if (job.severity == "P3") return 2;
  if (job.past) return 3;
  return job.verdict == "ok" || job.verdict == "running" ? 4 : 3;
}

bool worse(const Job& a, const Job& b) {
  const auto place = [](const Job& j) {
    return std::tuple(rank(j), !j.never, -j.worth);
  };
  if (place(a) != place(b)) return place(a) < place(b);
  return std::tie(a.host, a.job) < std::tie(b.host, b.job);
}

bool needs_somebody(const Host& host) {
  return host.exit == 1 || !host.doubt.empty() ||
         std::any_of(host.jobs.begin(), host.jobs.end(),
                     [](const Job& j) { return rank(j) <= 1; });
}

bool all_well(const Host& host) {
  return host.exit == 0 && host.doubt.empty();
}

// A page of nothing must not read as one of hosts without jobs.
enum class Hosts { none, some };

void put_hosts(Doc& doc, const std::vector<Host>& hosts) {
  doc.heading("Hosts");
  if (hosts.empty()) {
    doc.paragraph(Line().own("None."));
    return;
  }
  Table table{{{""},
               {"host"},
               {"as of"},
               {"evaluated", Align::right},
               {"exit", Align::right}},
              {}};
  for (const Host& h : hosts) {
    const char* mark = needs_somebody(h) ? "-" : all_well(h) ? "+" : "~";
    table.rows.push_back({mark, h.name, h.as_of,
                          fmt::format("{} of {}", h.evaluated, h.of),
                          std::to_string(h.exit)});
  }
  doc.table(table);
}

// `severity` is P1, P2 or not known.
Line blocker(const std::string& what, const std::string& host,
             const std::string& state, const std::string& severity) {
  Line line;
  line.strong().code(what).own(" on ").code(host).own(" ").foreign(state);
  line.strong();
  const bool known = severity == "P1" || severity == "P2";
  return known ? line.own(" (" + severity + ")") : line;
}

// What needs somebody: jobs, then what is wrong with a host itself.
void put_blockers(Doc& doc, const std::vector<Host>& hosts,
                  const std::vector<Job>& worst_first) {
  doc.heading("Blockers");
  std::vector<Line> items;
  for (const Job& j : worst_first) {
    if (rank(j) > 1) break;
    Line line = blocker(j.job, j.host, j.verdict, j.severity);
    if (!j.since.empty()) line.own(" since ").foreign(j.since);
    if (!j.cause.empty()) line.own(": ").foreign(j.cause);
    items.push_back(line.own("."));
  }
  for (const Host& h : hosts) {
    for (const Trouble& t : h.troubles) {
      Line line =
          blocker(t.place, t.host, (t.past ? "was " : "") + t.id, t.severity);
      items.push_back(line.own(": ").foreign(t.message).own("."));
    }
  }
  if (!items.empty()) {
    doc.numbered(items);
  } else {
    doc.paragraph(
        Line().own(hosts.empty() ? "No host could be seen." : "None."));
  }
}

void put_jobs(Doc& doc, const std::vector<Job>& jobs, Hosts seen) {
  doc.heading("Heartbeat Panel");
  if (jobs.empty()) {
    doc.paragraph(Line().own(seen == Hosts::none ? "No host could be seen."
                                                 : "Nothing is watched."));
    return;
  }
  static constexpr const char* kMarks[] = {"-", "-", "~", "~", "+", "."};
  Table table{{{""},
               {"job"},
               {"host"},
               {"status"},
               {"age", Align::right},
               {"interval", Align::right},
               {"ratio", Align::right}},
              {}};
  for (const Job& j : jobs) {
    table.rows.push_back({kMarks[rank(j)], j.job, j.host, j.verdict, j.age,
                          j.interval, j.ratio});
  }
  doc.table(table);
}

std::string headline(const std::vector<Host>& hosts,
                     const std::vector<Job>& jobs, std::size_t unread) {
  const auto need = std::count_if(jobs.begin(), jobs.end(),
                                  [](const Job& j) { return rank(j) <= 1; });
  const auto well = std::count_if(hosts.begin(), hosts.end(), all_well);
  const auto past =
      std::count_if(hosts.begin(), hosts.end(),
                    [](const Host& h) { return !h.doubt.empty(); });
  std::string text = fmt::format(
      "{} of {} job{} need{} you. {} of {} host{} {} all well.", need,
      jobs.size(), jobs.size() == 1 ? "" : "s", need == 1 ? "s" : "", well,
      hosts.size(), hosts.size() == 1 ? "" : "s",
      well == 1 || hosts.size() == 1 ? "is" : "are");
  std::size_t troubles = 0;
  for (const Host& h : hosts) troubles += h.troubles.size();
  if (troubles > 0) {
    text += fmt::format(" {} finding{} need{} you.", troubles,
                        troubles == 1 ? "" : "s", troubles == 1 ? "s" : "");
  }
  if (hosts.empty()) text = "No host could be seen.";
  if (past > 0) {
    text += fmt::format(" {} {} not seen now.", past, past == 1 ? "is" : "are");
  }
  if (unread > 0) {
    text += fmt::format(" {} file{} could not be read.", unread,
                        unread == 1 ? "" : "s");
  }
  return text;
}

std::string page(const std::vector<Host>& hosts, const Merged& merged,
                 Timestamp now, Format format) {
  Doc doc(format);
  std::vector<Job> jobs;
  for (const Host& h : hosts) {
    jobs.insert(jobs.end(), h.jobs.begin(), h.jobs.end());
  }
  std::sort(jobs.begin(), jobs.end(), worse);
  doc.title(Line().own(
      fmt::format("{} host{}", hosts.size(), hosts.size() == 1 ? "" : "s")));
  doc.paragraph(Line()
                    .strong()
                    .own(headline(hosts, jobs, merged.troubles.size()))
                    .strong());
  doc.paragraph(Line().own("As of " + format_rfc3339(now) + "."));
  std::vector<Line> items;
  for (const auto* lines : {&merged.troubles, &merged.doubts, &merged.twice}) {
    for (const std::string& text : *lines)
      items.push_back(Line().foreign(text));
  }
  if (!items.empty()) doc.bullets(items);
  put_blockers(doc, hosts, jobs);
  put_hosts(doc, hosts);
  put_jobs(doc, jobs, hosts.empty() ? Hosts::none : Hosts::some);
  return doc.take();
}

std::string json_page(const std::vector<Host>& hosts, Timestamp now) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("v").value(1);
  w.key("as_of").value(format_rfc3339(now));
  w.key("hosts").begin_array();
  for (const Host& h : hosts) w.raw(h.raw);
  w.end_array().key("not_seen_now").begin_array();
  for (const Host& h : hosts) {
    if (h.doubt.empty()) continue;
    w.begin_object().key("host").value(h.name);
    w.key("why").value(h.doubt).end_object();
  }
  w.end_array().end_object();
  return out + "\n";
}

// What is of now counts before what is not, and the newer before the older.
bool counts_before(const Host& a, const Host& b) {
  if (a.doubt.empty() != b.doubt.empty()) return a.doubt.empty();
  const Timestamp never;
  return a.seen.value_or(never) > b.seen.value_or(never);
}

// A host that was given twice is one host.
void put(std::vector<Host>& hosts, Host host, Merged& merged) {
  const auto same =
      std::find_if(hosts.begin(), hosts.end(),
                   [&](const Host& h) { return h.name == host.name; });
  if (same == hosts.end()) {
    hosts.push_back(std::move(host));
    return;
  }
  if (counts_before(host, *same)) std::swap(host, *same);
  merged.twice.push_back(escape_line(host.name, 200) + ": given twice; " +
                         escape_line(same->file, 200) + " counts, not " +
                         escape_line(host.file, 200));
}

}  // namespace

Merged merge(const std::vector<MergeInput>& inputs, Timestamp now,
             const std::string& format) {
  Merged merged;
  std::vector<Host> hosts;
  for (const MergeInput& input : inputs) {
    auto host = parse_host(input.text, now);
    if (host) {
      host->file = input.file;
      put(hosts, *std::move(host), merged);
      continue;
    }
    const std::string file = escape_line(input.file, 200);
    const std::string why = escape_line(host.error().what, 300);
    // What could not be opened names itself.
    merged.troubles.push_back(why.starts_with(file) ? why : file + ": " + why);
  }
  // The hosts that need somebody first, then those not wholly seen.
  std::sort(hosts.begin(), hosts.end(), [](const Host& a, const Host& b) {
    const auto place = [](const Host& h) {
      return needs_somebody(h) ? 0 : h.exit != 0 ? 1 : 2;
    };
    return std::pair(place(a), a.name) < std::pair(place(b), b.name);
  });
  for (const Host& h : hosts) {
    if (h.doubt.empty()) continue;
    merged.doubts.push_back(escape_line(h.name, 200) + ": " +
                            escape_line(h.doubt, 200));
  }
  merged.hosts = hosts.size();
  merged.text = format == "json"
                    ? json_page(hosts, now)
                    : page(hosts, merged, now,
                           format == "text" ? Format::text : Format::markdown);
  return merged;
}

}  // namespace bezalel::report
