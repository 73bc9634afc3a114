// The reading half of CronExpr: text to bits, as each daemon reads it.
#include <array>
#include <vector>

#include "base/escape.h"
#include "schedule/cron.h"
#include "schedule/cron_busybox.h"
#include "schedule/cron_field.h"
#include "schedule/cron_systemd.h"

namespace bezalel::schedule {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
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

constexpr Complaint kStepAfterNumber = "a step needs * or a range before it";

}  // namespace

// Reads one expression.
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

  static constexpr std::uint64_t kAllHours = (1U << 24) - 1;
  static constexpr std::uint64_t kAllDays = 0xfffffffe;
  static constexpr std::uint64_t kAllMonths = 0x1ffe;
  static constexpr std::uint64_t kAllWeek = 0x7f;

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
        quartz ? "6 fields, without a year: second " + five
               : "5 fields: " + five;
    if (words.empty()) return fail(0, "empty; expected " + expected);
    if (!quartz && words[0].text.starts_with('@')) {
      return expr_.dialect_ == Dialect::systemd_cron ? systemd_name(words)
                                                     : nickname(words);
    }
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
    if (expr_.dialect_ == Dialect::systemd_cron) return systemd(words);
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
    const std::uint64_t weekdays = read(4, {7, 0, kWeekdayNames});
    set(read(1, {24, 0, {}}), days & 0xfffffffe,
        read(3, {12, -1, kMonthNames}) << 1, weekdays);
    expr_.wildcard_ = true;
    expr_.both_days_ = days == 0xffffffff || weekdays == 0x7f;
    return std::nullopt;
  }

  // A line becomes a timer, or none; garbled weekdays are left out of it.
  Failure systemd(const std::vector<Word>& words) {
    constexpr std::array<const Field*, 4> kFields = {&kMinute, &kHour,
                                                     &kMonthDay, &kMonth};
    std::array<std::uint64_t, 5> bits{};
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      const auto read =
          systemd_field(static_cast<SystemdField>(i), words[i].text);
      if (!read) return complain(*kFields[i], words[i], 0, "garbled");
      bits[i] = *read;
    }
    bits[4] =
        systemd_field(SystemdField::weekday, words[4].text).value_or(0x7f);
    expr_.minutes_ = bits[0];
    set(bits[1], bits[2], bits[3], bits[4]);
    return timer(systemd_event(bits));
  }

  Failure systemd_name(const std::vector<Word>& words) {
    if (words.size() > 1) return nickname(words);
    const std::string name = systemd_event_of(words[0].text.substr(1));
    if (name == "reboot") {
      expr_.reboot_ = true;
      return std::nullopt;
    }
    expr_.minutes_ = 1;
    set(name == "hourly" || name == "minutely" ? kAllHours : 1, kAllDays,
        kAllMonths, kAllWeek);
    if (!timer(name)) return std::nullopt;
    return fail(words[0].column,
                '"' + escape_line(words[0].text, 40) +
                    "\": not a calendar event; expected one like @daily");
  }

  Failure timer(const std::string& event) {
    auto calendar = Calendar::parse(event);
    if (!calendar) return fail(0, calendar.error().what);
    expr_.timer_ = std::make_shared<const Calendar>(*std::move(calendar));
    expr_.wildcard_ = true;
    expr_.both_days_ = true;
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
      const std::string_view text = words[minute + k].text;
      return text.starts_with('*') ||
             (expr_.dialect_ == Dialect::quartz && text == "?");
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
    FieldText text(word.text);
    bits = 0;
    const Complaint why = expr_.dialect_ == Dialect::quartz
                              ? quartz_field(rule, text, bits, expr_.quartz_)
                          : expr_.dialect_ == Dialect::cronie
                              ? cronie_list(rule, text, bits)
                              : debian_list(rule, text, bits);
    if (why == nullptr) return std::nullopt;
    return complain(rule, word, text.at(), why);
  }

  Failure complain(const Field& rule, const Word& word, std::size_t at,
                   Complaint why) {
    return fail(word.column + at,
                std::string(rule.name) + " \"" + escape_line(word.text, 40) +
                    "\": " + why + "; expected " + expected_of(rule));
  }

  std::string expected_of(const Field& rule) const {
    if (expr_.dialect_ == Dialect::quartz) {
      if (&rule == &kMonthDay) return "1-31, L, LW or 15W";
      if (&rule == &kWeekday) return "0-7 (0 is Sunday), sun-sat, 5L or 5#2";
    }
    return rule.expected;
  }

  // Ranges up to the first character that is no comma; the rest is dropped,
  // as the daemon drops it.
  Complaint debian_list(const Field& rule, FieldText& text,
                        std::uint64_t& bits) {
    while (true) {
      if (Complaint why = debian_range(rule, text, bits)) return why;
      if (text.here() != ',') return nullptr;
      text.skip();
    }
  }

  // cronie reads the same way, and refuses what is left over.
  Complaint cronie_list(const Field& rule, FieldText& text,
                        std::uint64_t& bits) {
    if (Complaint why = debian_list(rule, text, bits)) return why;
    return text.at_end() ? nullptr : kNotValue;
  }

  Complaint debian_range(const Field& rule, FieldText& text,
                         std::uint64_t& bits) {
    const bool cronie = expr_.dialect_ == Dialect::cronie;
    const std::size_t begin = text.at();
    int first = rule.low;
    int last = rule.high;
    int step = 1;
    if (cronie && text.here() == '~') {
      return cronie_random(rule, text, first, bits);
    }
    if (text.here() == '*') {
      text.skip();
    } else {
      if (Complaint why = text.take_value(rule, first)) return why;
      if (text.here() == '/') return kStepAfterNumber;
      if (cronie && text.here() == '~') {
        if (first < rule.low || first > rule.high) {
          return text.out_of_range_at(begin);
        }
        return cronie_random(rule, text, first, bits);
      }
      if (text.here() != '-') {
        return set_range(rule, first, first, 1, bits)
                   ? nullptr
                   : text.out_of_range_at(begin);
      }
      text.skip();
      if (Complaint why = text.take_value(rule, last)) return why;
      // Meant for sat-sun; cronie does it in every field.
      if (cronie && last == 0 && first > 0) last = 7;
    }
    if (text.here() == '/') {
      text.skip();
      const std::size_t number = text.at();
      if (text.take_number(step) != nullptr || step == 0) {
        text.back_to(number);
        return kBadStep;
      }
    }
    return set_range(rule, first, last, step, bits)
               ? nullptr
               : text.out_of_range_at(begin);
  }

  // a~b: one value that cronie draws when it loads the table. The first one
  // stands for it, and spread() says how much later it may be.
  Complaint cronie_random(const Field& rule, FieldText& text, int first,
                          std::uint64_t& bits) {
    text.skip();
    const std::size_t begin = text.at();
    int last = rule.high;
    if (!text.at_end() && text.here() != ',') {
      if (Complaint why = text.take_value(rule, last)) return why;
      if (last < first || last > rule.high) return text.out_of_range_at(begin);
    }
    const Duration unit = &rule == &kMinute ? std::chrono::minutes(1)
                          : &rule == &kHour ? std::chrono::hours(1)
                          : &rule == &kMonth
                              ? Duration(std::chrono::hours(24) * 31)
                              : Duration(std::chrono::hours(24));
    expr_.spread_ += unit * (last - first);
    set_range(rule, first, first, 1, bits);
    return nullptr;
  }

  std::string_view text_;
  std::size_t trouble_at_ = 0;
  CronExpr expr_;
};

Result<Dialect> parse_dialect(std::string_view name) {
  if (name == "debian") return Dialect::debian;
  if (name == "cronie") return Dialect::cronie;
  if (name == "busybox") return Dialect::busybox;
  if (name == "systemd-cron") return Dialect::systemd_cron;
  if (name == "quartz") return Dialect::quartz;
  return err(Kind::invalid, "dialect \"" + escape_line(name, 40) +
                                "\": unknown; expected debian, cronie, "
                                "busybox, systemd-cron or quartz");
}

std::string_view to_string(Dialect dialect) {
  switch (dialect) {
    case Dialect::debian:
      return "debian";
    case Dialect::cronie:
      return "cronie";
    case Dialect::busybox:
      return "busybox";
    case Dialect::systemd_cron:
      return "systemd-cron";
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
