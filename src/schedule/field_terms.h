// The terms of a cron expression's fields, as the daemon reads them: what each
// says, where it stands in the text, and where the daemon stopped to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "schedule/cron.h"

namespace bezalel::schedule {

// One of the terms between commas.
struct FieldTerm {
  enum class Form {
    star,   // *
    value,  // 5, mon
    range,  // 1-5
    drawn,  // cronie's 1~5
  };

  Form form = Form::star;
  std::int64_t first = 0;  // as written; Sunday may be 7
  std::int64_t last = 0;
  std::int64_t step = 1;
  bool has_step = false;
  std::size_t begin = 0;  // bytes in the expression
  std::size_t end = 0;
};

// What a field may hold. Sunday is 0 and, except in busybox, 7.
struct FieldRange {
  std::int64_t low;
  std::int64_t high;
};

struct FieldTerms {
  std::vector<FieldTerm> terms;
  FieldRange range{};
  std::size_t begin = 0;    // bytes in the expression
  std::size_t end = 0;      // behind the field
  std::size_t read_to = 0;  // what follows, up to `end`, the daemon drops
};

// minute, hour, day-of-month, month, day-of-week; empty for a nickname and for
// the quartz dialect, which is read strictly and drops nothing.
std::vector<FieldTerms> field_terms(const CronExpr& expr);

}  // namespace bezalel::schedule
