// The fields of a cron expression, and a place in the text of one. Inside of
// schedule.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bezalel::schedule {

struct Field {
  const char* name;
  int low;
  int high;
  const char* expected;
  std::string_view names;  // three letters each, from `first_name` on
  int first_name;
};

inline constexpr std::string_view kMonthNames =
    "janfebmaraprmayjunjulaugsepoctnovdec";
inline constexpr std::string_view kWeekdayNames = "sunmontuewedthufrisat";

inline constexpr Field kSecond = {"second", 0, 59, "0-59", {}, 0};
inline constexpr Field kMinute = {"minute", 0, 59, "0-59", {}, 0};
inline constexpr Field kHour = {"hour", 0, 23, "0-23", {}, 0};
inline constexpr Field kMonthDay = {"day-of-month", 1, 31, "1-31", {}, 0};
inline constexpr Field kMonth = {"month",           1,           12,
                                 "1-12 or jan-dec", kMonthNames, 1};
inline constexpr Field kWeekday = {"day-of-week", 0, 7, "0-7 or sun-sat",
                                   kWeekdayNames, 0};

// A word between blanks; `column` is where it begins in the expression.
struct Word {
  std::string_view text;
  std::size_t column;
};

// What a reader says of a field that it cannot take; null where it could.
using Complaint = const char*;
inline constexpr Complaint kOutOfRange = "out of range";
inline constexpr Complaint kNotValue = "not a value";
inline constexpr Complaint kBadStep = "bad step";

// The value of a three-letter name in any case; -1 if it is none of them.
int name_index(std::string_view names, std::string_view word);

// atoi() of the C library the daemons run on: saturates at 64 bits, then
// keeps the low 32.
int wrapping_int(std::string_view digits);

// Sets first, first + step, ... up to last; false where one is out of range.
bool set_range(const Field& rule, int first, int last, int step,
               std::uint64_t& bits);

// The text of one field and how far it is read.
class FieldText {
 public:
  explicit FieldText(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }
  std::size_t at() const { return at_; }
  bool at_end() const { return at_ == text_.size(); }
  // The next character; '\0' at the end.
  char here() const { return at_end() ? '\0' : text_[at_]; }

  void skip() { ++at_; }
  void back_to(std::size_t at) { at_ = at; }
  // Letters and digits up to the next other character; may be empty.
  std::string_view take_word();

  // A number, or a name of `names`; nothing is taken where it is neither.
  Complaint take_value(const Field& names, int& value);
  Complaint take_number(int& value);

  Complaint out_of_range_at(std::size_t at) {
    at_ = at;
    return kOutOfRange;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace bezalel::schedule
