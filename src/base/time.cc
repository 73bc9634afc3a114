#include "base/time.h"

#include <charconv>

namespace bezalel {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kDay = 86'400;

struct Civil {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// std::chrono::year holds 16 bits; a Timestamp reaches the year 294247. The
// era arithmetic is the usual one on a year that starts in March.
Civil civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto doe = static_cast<unsigned>(days - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  return {static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0),
          month, doy - (153 * mp + 2) / 5 + 1};
}

std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  if (month <= 2) --year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto yoe = static_cast<unsigned>(year - era * 400);
  const unsigned doy =
      (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

void append_padded(std::string& out, std::uint64_t value, std::size_t width) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  const auto length = static_cast<std::size_t>(end - buffer);
  if (length < width) out.append(width - length, '0');
  out.append(buffer, length);
}

void append_date(std::string& out, const Civil& date, std::string_view dash) {
  if (date.year < 0) out += '-';
  append_padded(
      out, static_cast<std::uint64_t>(date.year < 0 ? -date.year : date.year),
      4);
  out += dash;
  append_padded(out, date.month, 2);
  out += dash;
  append_padded(out, date.day, 2);
}

std::string format_micros(std::int64_t micros) {
  std::string out;
  if (micros < 0) out += '-';
  // Through unsigned, so that the smallest value has an absolute value too.
  const std::uint64_t size = micros < 0 ? 0 - static_cast<std::uint64_t>(micros)
                                        : static_cast<std::uint64_t>(micros);
  append_padded(out, size / kMicros, 1);
  if (const auto fraction = size % kMicros; fraction != 0) {
    out += '.';
    append_padded(out, fraction, 6);
    while (out.back() == '0') out.pop_back();
  }
  return out;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads exact numbers of digits off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  bool skip(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool next_is_digit() const { return !text_.empty() && is_digit(text_[0]); }
  std::optional<int> digits(std::size_t n) {
    if (text_.size() < n) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (!is_digit(text_[i])) return std::nullopt;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(n);
    return value;
  }
  // Any number of decimals, as microseconds; further ones are cut off.
  std::optional<std::int64_t> fraction() {
    if (!next_is_digit()) return std::nullopt;
    std::int64_t value = 0;
    for (std::int64_t unit = kMicros / 10; next_is_digit(); unit /= 10) {
      value += unit * (text_[0] - '0');
      text_.remove_prefix(1);
    }
    return value;
  }

 private:
  std::string_view text_;
};

int days_in_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Days since 1970, off "2026-03-29".
std::optional<std::int64_t> read_date(Reader& in) {
  const auto year = in.digits(4);
  if (!year || !in.skip('-')) return std::nullopt;
  const auto month = in.digits(2);
  if (!month || !in.skip('-')) return std::nullopt;
  const auto day = in.digits(2);
  if (!day || *month < 1 || *month > 12) return std::nullopt;
  if (*day < 1 || *day > days_in_month(*year, *month)) return std::nullopt;
  return days_from_civil(*year, static_cast<unsigned>(*month),
                         static_cast<unsigned>(*day));
}

// Microseconds of the day, off "01:00", "01:00:00" or "01:00:00.25". A leap
// second counts as the second before it.
std::optional<std::int64_t> read_time(Reader& in) {
  const auto hour = in.digits(2);
  if (!hour || *hour > 23 || !in.skip(':')) return std::nullopt;
  const auto minute = in.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t micros = (*hour * 60 + *minute) * 60 * kMicros;
  if (!in.skip(':')) return micros;
  const auto second = in.digits(2);
  if (!second || *second > 60) return std::nullopt;
  micros += (*second == 60 ? 59 : *second) * kMicros;
  if (in.skip('.') || in.skip(',')) {
    const auto fraction = in.fraction();
    if (!fraction) return std::nullopt;
    micros += *fraction;
  }
  return micros;
}

// Seconds east of Greenwich, off what is left.
std::optional<std::int64_t> read_offset(Reader& in) {
  if (in.at_end() || in.skip('Z') || in.skip('z')) return 0;
  const bool west = in.skip('-');
  if (!west && !in.skip('+')) return std::nullopt;
  const auto hour = in.digits(2);
  if (!hour || *hour > 23) return std::nullopt;
  int minute = 0;
  if (!in.at_end()) {
    in.skip(':');
    const auto m = in.digits(2);
    if (!m || *m > 59) return std::nullopt;
    minute = *m;
  }
  const std::int64_t seconds = (*hour * 60 + minute) * 60;
  return west ? -seconds : seconds;
}

std::optional<Timestamp> read_rfc3339(std::string_view text) {
  Reader in(text);
  const auto days = read_date(in);
  if (!days || !(in.skip('T') || in.skip('t') || in.skip(' '))) return {};
  const auto time = read_time(in);
  if (!time) return {};
  const auto offset = read_offset(in);
  if (!offset || !in.at_end()) return {};
  return Timestamp(Duration((*days * kDay - *offset) * kMicros + *time));
}

}  // namespace

std::string format_unix(Timestamp t) {
  return format_micros(t.time_since_epoch().count());
}

std::optional<Timestamp> parse_unix(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto whole = text.substr(0, text.find('.'));
  std::int64_t seconds = 0;
  const auto [end, status] =
      std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
  if (status != std::errc() || end != whole.data() + whole.size() ||
      !is_digit(whole.front())) {
    return std::nullopt;
  }
  std::int64_t micros = 0;
  if (whole.size() < text.size()) {
    Reader rest(text.substr(whole.size() + 1));
    const auto fraction = rest.fraction();
    if (!fraction || !rest.at_end()) return std::nullopt;
    micros = *fraction;
  }
  std::int64_t total = 0;
  if (__builtin_mul_overflow(seconds, kMicros, &total) ||
      __builtin_add_overflow(total, micros, &total)) {
    return std::nullopt;
  }
  return Timestamp(Duration(negative ? -total : total));
}

double to_unix_seconds(Timestamp t) {
  return to_seconds(t.time_since_epoch());
}

Timestamp from_unix_seconds(std::int64_t seconds) {
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(seconds, kMicros, &micros)) {
    return seconds < 0 ? Timestamp::min() : Timestamp::max();
  }
  return Timestamp(Duration(micros));
}

std::string format_rfc3339(Timestamp t) {
  const auto seconds = floor_div(t.time_since_epoch().count(), kMicros);
  const auto days = floor_div(seconds, kDay);
  const auto second = static_cast<std::uint64_t>(seconds - days * kDay);
  std::string out;
  out.reserve(20);
  append_date(out, civil_from_days(days), "-");
  out += 'T';
  append_padded(out, second / 3600, 2);
  out += ':';
  append_padded(out, second / 60 % 60, 2);
  out += ':';
  append_padded(out, second % 60, 2);
  out += 'Z';
  return out;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  if (const auto t = read_rfc3339(text)) return *t;
  return err(Kind::invalid, '"' + std::string(text.substr(0, 64)) +
                                "\": not a time; expected one like "
                                "2026-03-29T01:00:00Z");
}

std::string format_utc_day(Timestamp t) {
  std::string out;
  append_date(
      out,
      civil_from_days(floor_div(t.time_since_epoch().count(), kDay * kMicros)),
      "");
  return out;
}

std::string format_seconds(Duration d) {
  return format_micros(d.count());
}

double to_seconds(Duration d) {
  return static_cast<double>(d.count()) / 1e6;
}

}  // namespace bezalel
