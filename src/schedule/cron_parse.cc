// The reading half of CronExpr: text to bits, as each daemon reads it.
#include <array>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <vector>

#include "base/escape.h"
#include "schedule/cron.h"
#include "schedule/cron_busybox.h"

namespace bezalel::schedule {
namespace {

struct Field {
  const char* name;
  int low;
  int high;
  const char* expected;
};

constexpr Field kSecond = {"second", 0, 59, "0-59"};
constexpr Field kMinute = {"minute", 0, 59, "0-59"};
constexpr Field kHour = {"hour", 0, 23, "0-23"};
constexpr Field kMonthDay = {"day-of-month", 1, 31, "1-31"};
constexpr Field kMonth = {"month", 1, 12, "1-12 or jan-dec"};
constexpr Field kWeekday = {"day-of-week", 0, 7, "0-7 or sun-sat"};

constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
constexpr std::string_view kWeekdays = "sunmontuewedthufrisat";

struct Word {
  std::string_view text;
  std::size_t column;
};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::vector<Word> split(std::string_view text) {
  std::vector<Word> words;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_blank(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && !is_blank(text[i])) ++i;
    words.push_back({text.substr(begin, i - begin), begin});
  }
  return words;
}

// Three-letter names in any case; -1 if it is none.
int name_index(std::string_view names, std::string_view word) {
  if (word.size() != 3) return -1;
  const char key[3] = {lower(word[0]), lower(word[1]), lower(word[2])};
  for (std::size_t i = 0; i < names.size(); i += 3) {
    if (names.substr(i, 3) == std::string_view(key, 3)) {
      return static_cast<int>(i / 3);
    }
  }
  return -1;
}

int field_name_index(const Field& field, std::string_view word) {
  if (field.name == kMonth.name) {
    const int index = name_index(kMonths, word);
    return index < 0 ? -1 : index + 1;
  }
  if (field.name == kWeekday.name) return name_index(kWeekdays, word);
  return -1;
}

// atoi() of the C library the daemon runs on: saturates at 64 bits, then
// keeps the low 32.
int wrapping_int(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, c - '0', &value)) {
      value = std::numeric_limits<std::int64_t>::max();
      break;
    }
  }
  return static_cast<int>(static_cast<std::uint32_t>(value));
}

constexpr const char* kOutOfRange = "out of range";
constexpr const char* kNotValue = "not a value";
constexpr const char* kBadStep = "bad step";
constexpr const char* kStepAfterNumber = "a step needs * or a range before it";

}  // namespace

// Reads one expression. Each field function returns what is wrong with the
// field, or null; `at_` is then where in the field.
class CronParser {
 public:
  CronParser(std::string_view text, Dialect dialect) : text_(text) {
    expr_.text_ = std::string(text);
    expr_.dialect_ = dialect;
  }

  Result<CronExpr> run(std::size_t* column) {
    const auto trouble = parse();
    if (!trouble) return std::move(expr_);
    if (column != nullptr) *column = trouble_at_;
    return *trouble;
  }

 private:
  using Failure = std::optional<Error>;

  Failure fail(std::size_t column, std::string what) {
    trouble_at_ = column;
    return err(Kind::invalid, std::move(what));
  }

  Failure parse() {
    if (text_.find_first_of(std::string_view("\n\0", 2)) !=
        std::string_view::npos) {
      return fail(text_.find_first_of(std::string_view("\n\0", 2)),
                  "line break or zero byte; expected one line");
    }
    const std::vector<Word> words = split(text_);
    const bool quartz = expr_.dialect_ == Dialect::quartz;
    const std::string five = "minute hour day-of-month month day-of-week";
    const std::string expected =
        quartz ? "6 fields: second " + five : "5 fields: " + five;
    if (words.empty()) return fail(0, "empty; expected " + expected);
    if (!quartz && words[0].text.starts_with('@')) return nickname(words);
    const std::size_t count = quartz ? 6 : 5;
    if (words.size() < count) {
      return fail(text_.size(), std::to_string(words.size()) +
                                    " fields; expected " + expected);
    }
    if (words.size() > count) {
      return fail(words[count].column, std::to_string(words.size()) +
                                           " fields; expected " + expected);
    }
    if (expr_.dialect_ == Dialect::busybox) return busybox(words);
    return fields(words);
  }

  // It has no rule for a change of the clocks: each matching wall time counts.
  // Days are joined by "or" where neither field takes every value.
  Failure busybox(const std::vector<Word>& words) {
    const auto read = [&](std::size_t i, BusyboxField field) {
      return busybox_field(field, words[i].text);
    };
    expr_.minutes_ = read(0, {60, 0, {}});
    const std::uint64_t days = read(2, {32, 0, {}});
    const std::uint64_t weekdays = read(4, {7, 0, kWeekdays});
    set(read(1, {24, 0, {}}), days & 0xfffffffe,
        read(3, {12, -1, kMonths}) << 1, weekdays);
    expr_.wildcard_ = true;
    expr_.both_days_ = days == 0xffffffff || weekdays == 0x7f;
    return std::nullopt;
  }

  Failure fields(const std::vector<Word>& words) {
    std::size_t i = 0;
    std::uint64_t days = 0;
    std::uint64_t hours = 0;
    std::uint64_t months = 0;
    std::uint64_t weekdays = 0;
    Failure trouble;
    if (expr_.dialect_ == Dialect::quartz) {
      trouble = field(kSecond, words[i++], expr_.seconds_);
    }
    const std::size_t minute = i;
    if (!trouble) trouble = field(kMinute, words[i++], expr_.minutes_);
    if (!trouble) trouble = field(kHour, words[i++], hours);
    if (!trouble) trouble = field(kMonthDay, words[i++], days);
    if (!trouble) trouble = field(kMonth, words[i++], months);
    if (!trouble) trouble = field(kWeekday, words[i++], weekdays);
    if (trouble) return trouble;
    const auto star = [&](std::size_t k) {
      return words[minute + k].text.starts_with('*');
    };
    expr_.wildcard_ = expr_.dialect_ == Dialect::quartz || star(0) || star(1);
    expr_.both_days_ = star(2) || star(4);
    set(hours, days, months, weekdays);
    return std::nullopt;
  }

  void set(std::uint64_t hours, std::uint64_t days, std::uint64_t months,
           std::uint64_t weekdays) {
    expr_.hours_ = static_cast<std::uint32_t>(hours);
    expr_.month_days_ = static_cast<std::uint32_t>(days);
    expr_.months_ = static_cast<std::uint32_t>(months);
    // Sunday is both 0 and 7.
    if ((weekdays >> 7 & 1) != 0) weekdays |= 1;
    expr_.weekdays_ = static_cast<std::uint32_t>(weekdays & 0x7f);
  }

  Failure nickname(const std::vector<Word>& words) {
    if (words.size() > 1) {
      return fail(words[1].column, "text after " +
                                       escape_line(words[0].text, 40) +
                                       "; expected nothing more");
    }
    const std::string_view name = words[0].text.substr(1);
    constexpr std::uint64_t kAllHours = (1U << 24) - 1;
    constexpr std::uint64_t kAllDays = 0xfffffffe;
    constexpr std::uint64_t kAllMonths = 0x1ffe;
    constexpr std::uint64_t kAllWeek = 0x7f;
    expr_.minutes_ = 1;
    expr_.both_days_ = true;
    if (name == "reboot") {
      expr_.reboot_ = true;
    } else if (name == "yearly" || name == "annually") {
      set(1, 2, 2, kAllWeek);
    } else if (name == "monthly") {
      set(1, 2, kAllMonths, kAllWeek);
    } else if (name == "weekly") {
      set(1, kAllDays, kAllMonths, 1);
    } else if (name == "daily" || name == "midnight") {
      set(1, kAllDays, kAllMonths, kAllWeek);
    } else if (name == "hourly") {
      set(kAllHours, kAllDays, kAllMonths, kAllWeek);
      expr_.wildcard_ = true;
    } else {
      return fail(words[0].column,
                  '"' + escape_line(words[0].text, 40) +
                      "\": unknown nickname; expected @reboot, @yearly, "
                      "@annually, @monthly, @weekly, @daily, @midnight or "
                      "@hourly");
    }
    return std::nullopt;
  }

  Failure field(const Field& rule, const Word& word, std::uint64_t& bits) {
    word_ = word.text;
    at_ = 0;
    bits = 0;
    const char* why =
        expr_.dialect_ == Dialect::quartz   ? quartz_list(rule, bits)
        : expr_.dialect_ == Dialect::cronie ? cronie_list(rule, bits)
                                            : debian_list(rule, bits);
    if (why == nullptr) return std::nullopt;
    return fail(word.column + at_,
                std::string(rule.name) + " \"" + escape_line(word.text, 40) +
                    "\": " + why + "; expected " + rule.expected);
  }

  char here() const { return at_ < word_.size() ? word_[at_] : '\0'; }

  std::string_view take_word() {
    const std::size_t begin = at_;
    while (at_ < word_.size() && is_alnum(word_[at_])) ++at_;
    return word_.substr(begin, at_ - begin);
  }

  // A number or, unless it is a step, a name.
  const char* number(const Field* rule, int& value) {
    const std::size_t begin = at_;
    const std::string_view word = take_word();
    // The daemon's buffer for one word holds 99 characters.
    if (!word.empty() && word.size() < 100) {
      if (rule != nullptr) {
        value = field_name_index(*rule, word);
        if (value >= 0) return nullptr;
      }
      if (word.find_first_not_of("0123456789") == std::string_view::npos) {
        value = wrapping_int(word);
        return nullptr;
      }
    }
    at_ = begin;
    return kNotValue;
  }

  static bool set_bit(const Field& rule, int value, std::uint64_t& bits) {
    if (value < rule.low || value > rule.high) return false;
    bits |= std::uint64_t{1} << value;
    return true;
  }

  static bool set_range(const Field& rule, int first, int last, int step,
                        std::uint64_t& bits) {
    // In 64 bits, so that a huge step leaves the range instead of wrapping.
    for (std::int64_t i = first; i <= last; i += step) {
      if (i < rule.low || i > rule.high) return false;
      set_bit(rule, static_cast<int>(i), bits);
    }
    return true;
  }

  // Ranges up to the first character that is no comma; the rest is dropped,
  // as the daemon drops it.
  const char* debian_list(const Field& rule, std::uint64_t& bits) {
    while (true) {
      if (const char* why = debian_range(rule, bits)) return why;
      if (here() != ',') return nullptr;
      ++at_;
    }
  }

  // cronie reads the same way, and refuses what is left over.
  const char* cronie_list(const Field& rule, std::uint64_t& bits) {
    if (const char* why = debian_list(rule, bits)) return why;
    return at_ == word_.size() ? nullptr : kNotValue;
  }

  const char* debian_range(const Field& rule, std::uint64_t& bits) {
    const bool cronie = expr_.dialect_ == Dialect::cronie;
    const std::size_t begin = at_;
    int first = rule.low;
    int last = rule.high;
    int step = 1;
    if (cronie && here() == '~') return cronie_random(rule, first, bits);
    if (here() == '*') {
      ++at_;
    } else {
      if (const char* why = number(&rule, first)) return why;
      if (here() == '/') return kStepAfterNumber;
      if (cronie && here() == '~') {
        if (first < rule.low || first > rule.high) return fail_at(begin);
        return cronie_random(rule, first, bits);
      }
      if (here() != '-') {
        return set_bit(rule, first, bits) ? nullptr : fail_at(begin);
      }
      ++at_;
      if (const char* why = number(&rule, last)) return why;
      // Meant for sat-sun; cronie does it in every field.
      if (cronie && last == 0 && first > 0) last = 7;
    }
    if (here() == '/') {
      const std::size_t slash = ++at_;
      if (number(nullptr, step) != nullptr || step == 0) {
        at_ = slash;
        return kBadStep;
      }
    }
    return set_range(rule, first, last, step, bits) ? nullptr : fail_at(begin);
  }

  // a~b: one value that cronie draws when it loads the table. The first one
  // stands for it, and spread() says how much later it may be.
  const char* cronie_random(const Field& rule, int first, std::uint64_t& bits) {
    const std::size_t begin = ++at_;
    int last = rule.high;
    if (at_ < word_.size() && here() != ',') {
      if (const char* why = number(&rule, last)) return why;
      if (last < first || last > rule.high) return fail_at(begin);
    }
    const Duration unit = rule.name == kMinute.name ? std::chrono::minutes(1)
                          : rule.name == kHour.name ? std::chrono::hours(1)
                          : rule.name == kMonth.name
                              ? Duration(std::chrono::hours(24) * 31)
                              : Duration(std::chrono::hours(24));
    expr_.spread_ += unit * (last - first);
    set_bit(rule, first, bits);
    return nullptr;
  }

  const char* fail_at(std::size_t where) {
    at_ = where;
    return kOutOfRange;
  }

  // Quartz reads strictly: what is not understood is refused.
  const char* quartz_list(const Field& rule, std::uint64_t& bits) {
    while (true) {
      if (const char* why = quartz_term(rule, bits)) return why;
      if (at_ == word_.size()) return nullptr;
      if (here() != ',') return kNotValue;
      ++at_;
    }
  }

  const char* quartz_term(const Field& rule, std::uint64_t& bits) {
    const std::size_t begin = at_;
    const bool is_day = rule.name == kMonthDay.name;
    const bool is_weekday = rule.name == kWeekday.name;
    if (is_day && quartz_last_day()) return nullptr;
    int first = rule.low;
    int last = rule.high;
    int step = 1;
    if (here() == '*') {
      ++at_;
    } else {
      if (is_weekday && quartz_last_weekday()) return nullptr;
      if (const char* why = quartz_number(rule, first)) return why;
      if (is_weekday && here() == '#') return quartz_nth(first);
      last = first;
      if (here() == '-') {
        ++at_;
        if (const char* why = quartz_number(rule, last)) return why;
        if (last < first) {
          at_ = begin;
          return "a range that runs backwards";
        }
      } else if (here() == '/') {
        last = rule.high;
      }
    }
    if (here() == '/') {
      const std::size_t slash = ++at_;
      if (number(nullptr, step) != nullptr || step <= 0) {
        at_ = slash;
        return kBadStep;
      }
    }
    return set_range(rule, first, last, step, bits) ? nullptr : fail_at(begin);
  }

  const char* quartz_number(const Field& rule, int& value) {
    const std::size_t begin = at_;
    if (const char* why = number(&rule, value)) return why;
    return value < rule.low || value > rule.high ? fail_at(begin) : nullptr;
  }

  // L or LW, alone in its term.
  bool quartz_last_day() {
    const std::size_t begin = at_;
    const std::string_view word = take_word();
    if (word == "L" || word == "l") {
      expr_.last_day_ = true;
      return true;
    }
    if (word == "LW" || word == "lw") {
      expr_.last_workday_ = true;
      return true;
    }
    at_ = begin;
    return false;
  }

  // 5L: the month's last Friday.
  bool quartz_last_weekday() {
    const std::size_t begin = at_;
    const std::string_view word = take_word();
    if (word.size() == 2 && word[0] >= '0' && word[0] <= '7' &&
        (word[1] == 'L' || word[1] == 'l')) {
      expr_.last_weekdays_ |= 1U << (word[0] - '0') % 7;
      return true;
    }
    at_ = begin;
    return false;
  }

  // 5#2: the month's second Friday.
  const char* quartz_nth(int weekday) {
    const std::size_t begin = ++at_;
    int nth = 0;
    if (number(nullptr, nth) != nullptr || nth < 1 || nth > 5) {
      at_ = begin;
      return "not a week of the month (#1 to #5)";
    }
    auto& weeks = expr_.nth_[static_cast<std::size_t>(weekday % 7)];
    weeks = static_cast<std::uint8_t>(weeks | 1 << nth);
    return nullptr;
  }

  std::string_view text_;
  std::string_view word_;
  std::size_t at_ = 0;
  std::size_t trouble_at_ = 0;
  CronExpr expr_;
};

Result<Dialect> parse_dialect(std::string_view name) {
  if (name == "debian") return Dialect::debian;
  if (name == "cronie") return Dialect::cronie;
  if (name == "busybox") return Dialect::busybox;
  if (name == "quartz") return Dialect::quartz;
  return err(Kind::invalid, "dialect \"" + escape_line(name, 40) +
                                "\": unknown; expected debian, cronie, "
                                "busybox or quartz");
}

std::string_view to_string(Dialect dialect) {
  switch (dialect) {
    case Dialect::debian:
      return "debian";
    case Dialect::cronie:
      return "cronie";
    case Dialect::busybox:
      return "busybox";
    case Dialect::quartz:
      return "quartz";
  }
  return "";
}

Result<CronExpr> CronExpr::parse(std::string_view expr, Dialect dialect,
                                 std::size_t* column) {
  return CronParser(expr, dialect).run(column);
}

}  // namespace bezalel::schedule
