#include "app/report_data.h"
#include "report/json_parts.h"
#include "report/report.h"

namespace bezalel::report {
namespace {

void put_coverage(JsonWriter& w,
                  const std::optional<app::CoverageView>& coverage) {
  w.key("coverage");
  if (!coverage) {
    w.null();
    return;
  }
  w.begin_object().key("watched").value(coverage->watched);
  w.key("of").value(coverage->of).key("not_watched").begin_array();
  for (const app::CoverageView::Gap& gap : coverage->not_watched) {
    w.begin_object().key("job").value(gap.job).key("why");
    gap.why.empty() ? w.null() : w.value(gap.why);
    w.end_object();
  }
  w.end_array().end_object();
}

}  // namespace

std::string report_json(const app::ReportView& view) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("v").value(1).key("host").value(view.host.host);
  put_instant(w, "as_of", view.host.now);
  put_instant(w, "since", view.since);
  w.key("panel").begin_array();
  for (const app::JobView& j : view.host.jobs) put_job(w, j);
  w.end_array().key("blockers").begin_array();
  for (const app::JobView& j : view.blocking_jobs) put_job(w, j);
  w.end_array().key("findings").begin_array();
  for (const app::Finding& f : view.blocking_findings) put_finding(w, f);
  w.end_array().key("events").begin_array();
  for (const app::Event& e : view.events) {
    w.begin_object();
    put_instant(w, "at", e.at);
    w.key("kind").value(e.kind).key("name");
    e.key ? w.value(e.key->name) : w.null();
    w.key("text").value(e.text).end_object();
  }
  w.end_array();
  put_coverage(w, view.host.coverage);
  w.end_object();
  return out + "\n";
}

}  // namespace bezalel::report
