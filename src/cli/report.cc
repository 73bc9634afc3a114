// `bezalel report`: the nightly and the morning report, sent or printed.
#include "report/report.h"

#include "app/cycle.h"
#include "app/local_time.h"
#include "app/report_data.h"
#include "base/duration.h"
#include "base/escape.h"
#include "cli/commands.h"

namespace bezalel::cli {
namespace {

report::Style style_of(const ReportOptions& o) {
  return o.style == "morning" ? report::Style::morning : report::Style::nightly;
}

report::Section section_of(const ReportOptions& o) {
  if (o.section == "panel") return report::Section::panel;
  if (o.section == "blockers") return report::Section::blockers;
  return report::Section::all;
}

std::string render(const app::ReportView& view, const ReportOptions& o) {
  if (o.format == "json") return report::report_json(view);
  if (o.format == "text") {
    return report::report_text(view, style_of(o), section_of(o));
  }
  return report::report_markdown(view, style_of(o), section_of(o));
}

Result<Timestamp> since_of(app::World& world, const ReportOptions& options) {
  const Timestamp now = world.clock.wall();
  if (!options.since.empty()) {
    BZ_ASSIGN(const Duration back, parse_time_span(options.since));
    if (back > now.time_since_epoch()) {
      return err(Kind::invalid, "\"" + escape_line(options.since, 40) +
                                    "\": is before 1970; expected less");
    }
    return now - back;
  }
  Timestamp since = now;
  BZ_TRY(world.store.read([&](app::StoreReader& reader) -> Result<void> {
    BZ_ASSIGN(since, app::last_report(reader, now));
    return {};
  }));
  return since;
}

// To every sink; the report's own heartbeat only after the last took it.
Said send(app::World& world, const Place& place, const std::string& text,
          const app::ReportView& view, report::Style style) {
  Said said;
  const std::string subject = report::report_subject(view);
  std::vector<std::string> sinks = world.settings.report_to;
  sinks.insert(sinks.begin(), "file");
  const std::string file =
      app::local_date(view.host.now, world.settings.zone) +
      (style == report::Style::morning ? "-morning.md" : ".md");
  for (const std::string& sink : sinks) {
    auto sent = sink == "file" ? place.keep_report(file, text)
                               : place.send_report(sink, text, subject);
    if (sent) {
      said.out += "sent      " +
                  (sink == "file" ? place.reports_dir + "/" + file : sink) +
                  "\n";
    } else {
      said.err +=
          "bezalel: report to " + sink + ": " + sent.error().what + "\n";
      said.status = 1;
    }
  }
  if (said.status != 0) return said;
  auto noted = world.store.transact([&](app::Txn& txn) -> Result<void> {
    BZ_TRY(txn.set_meta("report.last", format_unix(view.host.now)));
    return txn.add_event({0, view.host.now, "report", {}, 0, "sent"});
  });
  if (noted) noted = place.record_report();
  if (!noted) return failure(noted.error());
  return said;
}

}  // namespace

Said run_report(app::World& world, const Place& place,
                const ReportOptions& options) {
  if (options.send && options.format != "markdown") {
    return failure(err(Kind::invalid,
                       "report: --send sends Markdown; expected "
                       "no --format " +
                           options.format + " with it"));
  }
  if (options.send && options.section != "all") {
    return failure(err(Kind::invalid,
                       "report: --send sends the whole report; expected no "
                       "--section with it"));
  }
  if (options.format == "json" && options.section != "all") {
    return failure(err(Kind::invalid,
                       "report: JSON has every section; expected no --section "
                       "with --format json"));
  }
  auto looked = app::only_look(world);
  if (!looked) return failure(looked.error());
  auto since = since_of(world, options);
  if (!since) {
    return failure(err(since.error().kind, "--since: " + since.error().what));
  }
  auto view = app::make_report(world, looked->memory,
                               view_of(world, place, *looked, {}), *since);
  if (!view) return failure(view.error());
  const std::string text = render(*view, options);
  if (options.send) return send(world, place, text, *view, style_of(options));
  return {text, "", 0};
}

Said run_merge(const app::World& world, const Place& place,
               const ReportOptions& options) {
  std::vector<report::MergeInput> pages;
  Said said;
  for (const std::string& file : options.merge) {
    pages.push_back({file, place.read_file(file)});
  }
  report::Merged merged =
      report::merge(pages, world.clock.wall(), options.format);
  said.out = std::move(merged.text);
  for (const auto* lines : {&merged.troubles, &merged.doubts}) {
    for (const std::string& line : *lines) {
      said.err += "bezalel: " + line + "\n";
      said.status = 3;
    }
  }
  for (const std::string& line : merged.twice) {
    said.err += "bezalel: " + line + "\n";
  }
  if (merged.hosts == 0) said.status = 2;
  return said;
}

}  // namespace bezalel::cli
