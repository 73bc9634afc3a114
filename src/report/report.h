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
// DESIGN 9; "coverage" is null where nobody looked at the host's schedule.
std::string report_json(const app::ReportView& view);

struct MergeInput {
  std::string file;  // for the error
  // What `bezalel check --format json` printed there, or why it is not here.
  Result<std::string> text;
};
struct Merged {
  std::string text;
  std::vector<std::string> troubles;  // one line each: files passed over
  std::size_t hosts = 0;
};
// One page of many hosts, worst first; `format` is markdown, text or json. A
// bad file costs itself only: it is named on the page and in `troubles`.
Merged merge(const std::vector<MergeInput>& inputs, const std::string& format);

}  // namespace bezalel::report
