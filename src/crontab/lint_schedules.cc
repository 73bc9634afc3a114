// Schedules that never match or mean something else than they seem to.
#include <algorithm>

#include "crontab/anacrontab.h"
#include "crontab/lint_rules.h"
#include "schedule/suspect.h"

namespace bezalel::crontab {
namespace {

// Where byte `at` of line.schedule, where blanks are single, stands in the
// file: a column.
int column_of(const Line& line, std::size_t at) {
  std::size_t field = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < at && i < line.schedule.size(); ++i) {
    if (line.schedule[i] != ' ') continue;
    ++field;
    begin = i + 1;
  }
  if (field >= line.field_columns.size()) return line.field_columns.back();
  return line.field_columns[field] + static_cast<int>(at - begin);
}

// Two schedules that fall on the same days may be meant, and often are.
Weight weight_of(const schedule::Oddity& odd) {
  return odd.weight == schedule::Oddity::Weight::never_runs ? Weight::error
                                                            : Weight::warning;
}

std::vector<schedule::Oddity> oddities_in(const Crontab& tab,
                                          const Line& line) {
  if (tab.kind == Kind::anacron) {
    return anacron_oddities(line.schedule, tab.daemon);
  }
  return schedule::oddities_of(line.schedule, dialect_of(tab.daemon));
}

}  // namespace

void lint_schedules(const Linted& in) {
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::job || line.field_columns.empty()) continue;
    for (schedule::Oddity& odd : oddities_in(in.tab, line)) {
      Remark r;
      r.rule = odd.rule;
      r.weight = weight_of(odd);
      r.line = line.number;
      r.column = column_of(line, odd.begin);
      r.width = std::max<std::size_t>(odd.end - odd.begin, 1);
      if (odd.field < 0) {
        // The whole schedule, as far as it stands on the page.
        r.column = line.field_columns.front();
        r.width = schedule_width(in.tab, line);
      }
      r.message = std::move(odd.message);
      r.effect = std::move(odd.why);
      if (!odd.rewrite.empty()) {
        r.fix = with_schedule(in.tab, line, odd.rewrite);
        r.schedule = std::move(odd.rewrite);
      }
      in.remarks.push_back(std::move(r));
    }
  }
}

}  // namespace bezalel::crontab
