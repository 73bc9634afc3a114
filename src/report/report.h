// The nightly and the morning report, and one page of many hosts.
#pragma once

#include <string>
#include <vector>

#include "app/view.h"

namespace bezalel::report {

// nightly: every section. morning: title, headline, blockers and the panel as
// a list of marks.
enum class Style { nightly, morning };
enum class Section { all, panel, blockers };

// LOOK 6. No section is ever dropped for want of content, so that a missing one
// is not taken for a quiet night.
std::string report_markdown(const app::ReportView& view, Style style,
                            Section section);
std::string report_text(const app::ReportView& view, Style style,
                        Section section);
// Of the mail that carries it: what its headline says.
std::string report_subject(const app::ReportView& view);
// DESIGN 9; "coverage" is null where nobody looked at the host's schedule.
std::string report_json(const app::ReportView& view);

struct MergeInput {
  std::string file;  // for the error
  // What `bezalel check --format json` printed there, or why it is not here.
  Result<std::string> text;
};
struct Merged {
  std::string text;
  // One line each: files passed over; hosts whose file says nothing of `now`;
  // hosts given twice, of which the newer counts.
  std::vector<std::string> troubles, doubts, twice;
  std::size_t hosts = 0;
};
// One page of many hosts, worst first; `format` is markdown, text or json. A
// bad file costs itself only: it is named on the page and in `troubles`. A file
// older than 45 minutes (three cycles), or of a time to come, makes its host
// one that needs somebody: a dead host must not be shown as well for ever.
Merged merge(const std::vector<MergeInput>& inputs, Timestamp now,
             const std::string& format);

}  // namespace bezalel::report
