#include "report/panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/duration.h"
#include "report/check.h"
#include "report/words.h"

namespace bezalel::report {

using app::HostView;
using app::JobView;

namespace {

// Where the clock says when, a ratio is one of the time until the job was due,
// which need not be its interval.
bool is_of_interval(const JobView& job) {
  if (!job.age || !job.ratio || !job.interval) return false;
  const double of_interval = static_cast<double>(job.age->count()) /
                             static_cast<double>(job.interval->count());
  return std::abs(*job.ratio - of_interval) <=
         std::max(0.1, 0.05 * of_interval);
}

// "3.9x of 1h", or what else is true of how often.
std::string measure_of(const JobView& job, Timestamp now) {
  const std::string interval = interval_text(job);
  if (is_of_interval(job)) {
    return fmt::format("{}x of {}", ratio_text(job), interval);
  }
  if (!job.due || *job.due >= now) return "every " + interval;
  return fmt::format("every {}, due {} ago", interval,
                     format_age(now - *job.due));
}

}  // namespace

void put_panel(Doc& doc, const HostView& host) {
  if (host.jobs.empty()) {
    doc.paragraph(Line().own("Nothing is watched here."));
    return;
  }
  Table table{{{""},
               {"job", Align::left, 17},
               {"status", Align::left, 8},
               {"age", Align::right, 6},
               {"interval", Align::right},
               {"ratio", Align::right}},
              {}};
  for (const JobView& j : host.jobs) {
    table.rows.push_back({std::string(1, mark_of(app::rank_of(j))),
                          name_of(host, j), std::string(verdict_of(j)),
                          age_text(j), interval_text(j), ratio_text(j)});
  }
  doc.table(table);
}

void put_marks(Doc& doc, const HostView& host) {
  if (host.jobs.empty()) {
    doc.paragraph(Line().own("Nothing is watched here."));
    return;
  }
  std::vector<std::pair<char, Line>> items;
  for (const JobView& j : host.jobs) {
    const core::Status status = core::status_of(j.verdict);
    const bool well =
        status == core::Status::ok || status == core::Status::running;
    Line line;
    line.foreign(name_of(host, j)).own(fmt::format(" {}", verdict_of(j)));
    if (j.age && (j.ratio || !j.interval)) line.own(" " + age_text(j));
    if (j.interval && !j.ratio) {
      line.own(fmt::format(", no success yet (every {})", interval_text(j)));
    } else if (j.interval) {
      line.own(fmt::format(" ({})", measure_of(j, host.now)));
    }
    if (j.silenced) line.own(", silenced");
    items.emplace_back(well ? '+' : '-', std::move(line));
  }
  doc.marked(items);
}

std::string check_markdown(const HostView& host) {
  Doc doc(Format::markdown);
  doc.title(Line().foreign(host.host).own(fmt::format(
      ", {} {}", date_text(host, host.now), time_text(host, host.now))));
  doc.paragraph(Line()
                    .strong()
                    .own(headline(host) + ".")
                    .strong()
                    .own(fmt::format(" Evaluated {} of {}.",
                                     host.counts.evaluated, host.counts.of)));
  put_panel(doc, host);
  std::vector<Line> items;
  for (const JobView& j : host.jobs) {
    const std::string happened = what_happened(host, j);
    if (app::rank_of(j) > app::Rank::waiting || happened.empty()) continue;
    items.push_back(Line().code(name_of(host, j)).own(": ").foreign(happened));
  }
  for (const app::Finding& f : host.findings) {
    items.push_back(
        Line().code(f.id).own(" ").code(f.source).own(": ").foreign(f.message));
  }
  for (const std::string& what : host.not_seen) {
    items.push_back(Line().own("not seen: ").foreign(what));
  }
  if (!items.empty()) doc.bullets(items);
  return doc.take();
}

}  // namespace bezalel::report
