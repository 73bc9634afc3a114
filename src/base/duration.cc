#include "base/duration.h"

#include <charconv>
#include <limits>

namespace bezalel {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;
constexpr std::uint64_t kWeek = 7 * kDay;
constexpr std::uint64_t kMonth = 2'629'800 * kSecond;
constexpr std::uint64_t kYear = 31'557'600 * kSecond;
constexpr std::uint64_t kLongest = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::uint64_t micros;
};

// Longer spellings first: a unit ends where the longest known name ends.
constexpr Unit kUnits[] = {
    {"seconds", kSecond}, {"second", kSecond},
    {"sec", kSecond},     {"s", kSecond},
    {"minutes", kMinute}, {"minute", kMinute},
    {"min", kMinute},     {"months", kMonth},
    {"month", kMonth},    {"M", kMonth},
    {"msec", 1000},       {"ms", 1000},
    {"m", kMinute},       {"hours", kHour},
    {"hour", kHour},      {"hr", kHour},
    {"h", kHour},         {"days", kDay},
    {"day", kDay},        {"d", kDay},
    {"weeks", kWeek},     {"week", kWeek},
    {"w", kWeek},         {"years", kYear},
    {"year", kYear},      {"y", kYear},
    {"usec", 1},          {"us", 1},
    {"\xc2\xb5s", 1},     {"\xce\xbcs", 1},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// A byte that can only belong to a word: a letter or part of a UTF-8 one.
bool is_wordy(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

constexpr const char* kNotNumber =
    "not a number; expected a span like 90s, "
    "15min, 1h 30min or 2d";
constexpr const char* kUnknownUnit = "unknown unit; expected s, min, h, d";
constexpr const char* kTooLong = "too long; expected less than 290000 years";
constexpr const char* kNegative = "negative; expected a span of 0 or more";
constexpr const char* kEndless =
    "endless; expected a span like 90s, 15min or 2d";

// Adds up the terms of one text; where it fails, `at()` is the trouble.
class SpanParser {
 public:
  explicit SpanParser(std::string_view text) : text_(text) {}

  // Null when all is read, else what is wrong.
  const char* parse() {
    skip_blanks();
    if (at_end()) return "empty; expected a span like 90s, 15min or 2d";
    for (; !at_end(); skip_blanks()) {
      if (const char* trouble = term()) return trouble;
    }
    return total_ > kLongest ? kTooLong : nullptr;
  }

  std::size_t at() const { return at_; }
  std::uint64_t total() const { return total_; }

 private:
  bool at_end() const { return at_ == text_.size(); }
  bool digit_here() const { return !at_end() && is_digit(text_[at_]); }
  void skip_blanks() {
    while (!at_end() && is_blank(text_[at_])) ++at_;
  }

  const char* term() {
    const std::size_t start = at_;
    if (text_[at_] == '-') return kNegative;
    if (text_.substr(at_) == "infinity") return kEndless;
    if (text_[at_] == '+') {
      ++at_;
      if (!digit_here()) return fail(start, kNotNumber);
    }
    std::uint64_t whole = 0;
    const std::size_t digits = at_;
    for (; digit_here(); ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (whole > (kLongest - digit) / 10) return fail(digits, kTooLong);
      whole = whole * 10 + digit;
    }
    const bool has_whole = at_ > digits;
    std::string_view fraction;
    if (!at_end() && text_[at_] == '.') {
      const std::size_t begin = ++at_;
      while (digit_here()) ++at_;
      fraction = text_.substr(begin, at_ - begin);
      if (fraction.empty()) return kNotNumber;
    } else if (!has_whole) {
      return kNotNumber;
    }
    const std::size_t number_end = at_;
    std::uint64_t unit = kSecond;
    if (const char* trouble = read_unit(unit)) return trouble;
    // "12.34.56" is a slip; "12 .5" and "1h30" are two terms.
    if (at_ == number_end && !at_end()) return kNotNumber;
    if (!add(whole, unit, fraction)) return fail(start, kTooLong);
    return nullptr;
  }

  // The unit here, past blanks; where a new number begins, it stays seconds.
  const char* read_unit(std::uint64_t& unit) {
    skip_blanks();
    if (at_end() || !is_wordy(text_[at_])) return nullptr;
    for (const Unit& known : kUnits) {
      if (!text_.substr(at_).starts_with(known.name)) continue;
      const std::size_t end = at_ + known.name.size();
      if (end < text_.size() && is_wordy(text_[end])) break;
      unit = known.micros;
      at_ = end;
      return nullptr;
    }
    return kUnknownUnit;
  }

  bool add(std::uint64_t whole, std::uint64_t unit, std::string_view fraction) {
    if (whole > kLongest / unit) return false;
    total_ += whole * unit;
    std::uint64_t place = unit / 10;
    for (const char c : fraction) {
      total_ += static_cast<std::uint64_t>(c - '0') * place;
      place /= 10;
    }
    return total_ <= kLongest;
  }

  const char* fail(std::size_t where, const char* why) {
    at_ = where;
    return why;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t total_ = 0;
};

void append_number(std::string& out, std::uint64_t n) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, n).ptr);
}

// What a person typed, short enough to repeat in a one-line error.
std::string in_quotes(std::string_view text) {
  return '"' + std::string(text.substr(0, 64)) + "\": ";
}

}  // namespace

Result<Duration> parse_time_span(std::string_view text, std::size_t* column) {
  SpanParser parser(text);
  if (const char* trouble = parser.parse()) {
    if (column != nullptr) *column = parser.at();
    return err(Kind::invalid, in_quotes(text) + trouble);
  }
  return Duration(static_cast<std::int64_t>(parser.total()));
}

std::string format_time_span(Duration d) {
  if (d <= Duration::zero()) return "0";
  constexpr Unit kShown[] = {
      {"y", kYear},   {"month", kMonth}, {"w", kWeek},
      {"d", kDay},    {"h", kHour},      {"min", kMinute},
      {"s", kSecond}, {"ms", 1000},      {"us", 1}};
  auto left = static_cast<std::uint64_t>(d.count());
  std::string out;
  for (const Unit& unit : kShown) {
    if (left < unit.micros) continue;
    if (!out.empty()) out += ' ';
    append_number(out, left / unit.micros);
    const std::uint64_t rest = left % unit.micros;
    if (left < kMinute && rest > 0) {
      std::string decimals = std::to_string(rest);
      const std::size_t places = unit.micros == kSecond ? 6 : 3;
      out += '.';
      out.append(places - decimals.size(), '0');
      out += decimals;
      out += unit.name;
      return out;
    }
    out += unit.name;
    left = rest;
    if (left == 0) break;
  }
  return out;
}

std::string format_age(Duration d) {
  if (d <= Duration::zero()) return "0s";
  auto left = static_cast<std::uint64_t>(d.count());
  if (left < kSecond) {
    const std::uint64_t tenths = left / (kSecond / 10);
    return tenths == 0 ? "0s" : "0." + std::to_string(tenths) + "s";
  }
  constexpr Unit kShown[] = {
      {"d", kDay}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}};
  std::string out;
  for (std::size_t i = 0; i < std::size(kShown); ++i) {
    if (left < kShown[i].micros) continue;
    append_number(out, left / kShown[i].micros);
    out += kShown[i].name;
    left %= kShown[i].micros;
    if (i + 1 < std::size(kShown) && left >= kShown[i + 1].micros) {
      out += ' ';
      append_number(out, left / kShown[i + 1].micros);
      out += kShown[i + 1].name;
    }
    break;
  }
  return out;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, status] = std::from_chars(text.data(), last, number);
  unsigned shift = 0;
  const std::string_view suffix(end, static_cast<std::size_t>(last - end));
  if (suffix == "k" || suffix == "K") {
    shift = 10;
  } else if (suffix == "M") {
    shift = 20;
  } else if (suffix == "G") {
    shift = 30;
  } else if (!suffix.empty() || status == std::errc::invalid_argument) {
    return err(Kind::invalid, in_quotes(text) +
                                  "not a size; expected bytes "
                                  "like 512, 4k, 1M or 2G");
  }
  if (status != std::errc() || number > (~std::uint64_t{0} >> shift)) {
    return err(Kind::invalid, in_quotes(text) +
                                  "too large; expected less than "
                                  "16 EiB");
  }
  return number << shift;
}

}  // namespace bezalel
