#include <algorithm>

#include "base/json_write.h"
#include "report/audit.h"
#include "report/json_parts.h"

namespace bezalel::report {
namespace {

using app::CoveredJob;
using app::Finding;
using app::KnownSchedule;
using app::ScheduledJob;

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
  w.key("package").value(job.package).key("record_user");
  job.record_user.empty() ? w.null() : w.value(job.record_user);
}

void put_all(JsonWriter& w, const std::vector<Finding>& findings) {
  w.key("findings").begin_array();
  for (const Finding& f : findings) put_finding(w, f);
  w.end_array();
}

}  // namespace

std::string audit_json(const app::Coverage& coverage, const AuditPage& page) {
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
    w.key("commented_out").value(k.commented_out).key("hidden_by");
    const Finding* hidden_by = app::what_hides(coverage.findings, k);
    hidden_by ? w.value(hidden_by->source) : w.null();
    w.end_object();
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

}  // namespace bezalel::report
