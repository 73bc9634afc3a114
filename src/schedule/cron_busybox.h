// A field of a crontab as busybox crond reads it. Inside of schedule.
//
// Nothing is refused: what it does not understand it logs, and goes on with
// what it has (observed with 1.35):
//
//   22-6, fri-mon   wrap around
//   5/10            is 5 alone
//   61, dow 7       a value outside never ends its range: every value is set
//   mon#1, sunday   what follows is dropped; "L" sets nothing at all
#pragma once

#include <cstdint>
#include <string_view>

namespace bezalel::schedule {

struct BusyboxField {
  int modulus;             // values are 0 to modulus - 1
  int offset;              // added to a number as written
  std::string_view names;  // three letters each; may be empty
};

// Bits of the values that match, `modulus` of them.
std::uint64_t busybox_field(const BusyboxField& field, std::string_view text);

}  // namespace bezalel::schedule
