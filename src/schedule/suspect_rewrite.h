// What was probably meant by an odd part of a cron expression. Inside of
// schedule; whoever proposes it sees to it that the daemon takes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schedule/field_terms.h"

namespace bezalel::schedule {

// `text` with the bytes from `begin` to `end` replaced.
std::string replaced(std::string_view text, std::size_t begin, std::size_t end,
                     std::string_view instead);

// A value in the manner in which the term is written: 5 or fri. `field` counts
// from 0, the minutes.
std::string written_like(std::string_view text, std::size_t field,
                         const FieldTerm& term, std::int64_t value);

// 22-2 as 22-23,0-2: from the first value to the end, and from the start to
// the last. Empty where the last value is out of range.
std::string wrapped(std::string_view text, std::size_t field,
                    const FieldRange& range, const FieldTerm& term);

// The expression with what the daemon drops of a field put right: "*5" as
// "*/5", "1..5" as "1-5", "1.5" as "1,5". Empty where that cannot be said.
std::string untangled(std::string_view text, const FieldTerms& field);

// Bits as a list of values and ranges: 1-5,10. "*" for all from low to high.
std::string listed(std::uint64_t bits, const FieldRange& range);

}  // namespace bezalel::schedule
