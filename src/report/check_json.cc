#include <fmt/format.h>

#include <cmath>

#include "app/order.h"
#include "base/json_write.h"
#include "report/check.h"
#include "report/json_parts.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

void put_seconds(JsonWriter& w, std::string_view name,
                 const std::optional<Duration>& d) {
  w.key(name);
  d ? w.raw(format_seconds(*d)) : w.null();
}

// JSON knows neither infinity nor "no number".
void put_ratio(JsonWriter& w, const std::optional<double>& ratio) {
  w.key("ratio");
  if (!ratio || !std::isfinite(*ratio)) {
    w.null();
  } else {
    w.raw(fmt::format("{}", std::round(*ratio * 1000) / 1000));
  }
}

void put_silenced(JsonWriter& w, const app::JobView& job) {
  w.key("silenced");
  if (!job.silenced) {
    w.null();
    return;
  }
  w.begin_object();
  put_instant(w, "until", job.silenced->until);
  w.key("who").value(job.silenced->who);
  w.key("why").value(job.silenced->why);
  w.end_object();
}

void put_members(JsonWriter& w, const app::Finding& f) {
  w.key("id").value(f.id);
  w.key("severity").value(app::to_string(f.severity));
  w.key("source").value(f.source);
  w.key("line");
  f.line ? w.value(*f.line) : w.null();
  w.key("column");
  f.line&& f.column ? w.value(*f.column) : w.null();
  w.key("message").value(f.message);
  w.key("fix").value(f.fix);
  w.key("alarm");
  f.alarm ? w.value(core::to_string(*f.alarm)) : w.null();
}

}  // namespace

void put_instant(JsonWriter& w, std::string_view name,
                 const std::optional<Timestamp>& t) {
  w.key(name);
  t ? w.value(format_rfc3339(*t)) : w.null();
}

void put_job(JsonWriter& w, const app::JobView& job) {
  w.begin_object();
  w.key("job").value(job.key.job);
  w.key("user").value(job.user);
  w.key("verdict").value(verdict_of(job));
  put_instant(w, "since", job.since);
  put_seconds(w, "age_seconds", job.age);
  put_seconds(w, "interval_seconds", job.interval);
  put_ratio(w, job.ratio);
  put_instant(w, "last_success", job.last_success);
  put_instant(w, "due", job.due);
  put_instant(w, "deadline", job.deadline);
  w.key("cause").value(job.cause);
  w.key("source").value(job.source);
  w.key("evidence").value(job.evidence);
  w.key("severity");
  job.severity ? w.value(core::to_string(*job.severity)) : w.null();
  put_silenced(w, job);
  w.end_object();
}

void put_finding(JsonWriter& w, const app::Finding& f) {
  w.begin_object();
  put_members(w, f);
  w.end_object();
}

void put_findings(JsonWriter& w, const app::HostView& host) {
  w.key("findings").begin_array();
  for (const app::Finding& f : host.findings) {
    w.begin_object();
    put_members(w, f);
    w.key("silenced").value(app::is_silenced(host, f));
    w.end_object();
  }
  w.end_array();
}

std::string check_json(const app::HostView& host) {
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  w.key("v").value(1);
  w.key("host").value(host.host);
  put_instant(w, "as_of", host.now);
  w.key("evaluated").value(host.counts.evaluated);
  w.key("of").value(host.counts.of);
  w.key("complete").value(host.complete);
  w.key("exit").value(host.exit);
  w.key("jobs").begin_array();
  for (const app::JobView& job : host.jobs) put_job(w, job);
  w.end_array();
  put_findings(w, host);
  w.end_object();
  return out + "\n";
}

}  // namespace bezalel::report
