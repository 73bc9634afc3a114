#include "schedule/suspect_rewrite.h"

#include "schedule/cron_field.h"

namespace bezalel::schedule {
namespace {

constexpr std::size_t kMonths = 3;
constexpr std::size_t kWeekdays = 4;

bool is_number(std::string_view s) {
  return !s.empty() &&
         s.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string replaced(std::string_view text, std::size_t begin, std::size_t end,
                     std::string_view instead) {
  return std::string(text.substr(0, begin)) + std::string(instead) +
         std::string(text.substr(end));
}

std::string written_like(std::string_view text, std::size_t field,
                         const FieldTerm& term, std::int64_t value) {
  const char first = text[term.begin];
  if (first >= '0' && first <= '9') return std::to_string(value);
  const auto at =
      static_cast<std::size_t>(field == kMonths ? value - 1 : value);
  return std::string(
      (field == kMonths ? kMonthNames : kWeekdayNames).substr(at * 3, 3));
}

std::string wrapped(std::string_view text, std::size_t field,
                    const FieldRange& range, const FieldTerm& term) {
  const std::int64_t low = range.low;
  if (term.last < low) return {};
  const bool is_week = field == kWeekdays;
  const std::int64_t high = is_week ? 6 : range.high;
  const std::int64_t first = is_week && term.first == 7 ? 0 : term.first;
  std::string out;
  const auto part = [&](std::int64_t from, std::int64_t to) {
    if (!out.empty()) out += ',';
    out += written_like(text, field, term, from);
    if (to > from) out += '-' + written_like(text, field, term, to);
  };
  if (term.step > 1) {
    const std::int64_t cycle = high - low + 1;
    const std::int64_t span = (term.last - first + cycle) % cycle;
    for (std::int64_t i = 0; i <= span; i += term.step) {
      const std::int64_t at = low + (first - low + i) % cycle;
      part(at, at);
    }
  } else if (first <= term.last) {
    part(first, term.last);
  } else {
    part(first, high);
    part(low, term.last);
  }
  return out;
}

std::string untangled(std::string_view text, const FieldTerms& field) {
  const auto slice = [&](std::size_t begin, std::size_t end) {
    return text.substr(begin, end - begin);
  };
  const std::string_view whole = slice(field.begin, field.end);
  const std::string_view rest = slice(field.read_to, field.end);
  // *5, *-5, **/5
  for (const std::string_view star : {"*", "*-", "**/"}) {
    if (!whole.starts_with(star)) continue;
    const std::string_view step = whole.substr(star.size());
    if (is_number(step)) {
      return replaced(text, field.begin, field.end, "*/" + std::string(step));
    }
  }
  if (!is_number(slice(field.begin, field.read_to))) return {};
  if (rest.starts_with("..") && is_number(rest.substr(2))) {
    return replaced(text, field.read_to, field.read_to + 2, "-");
  }
  const bool separates =
      rest.size() > 1 && (rest[0] == '.' || rest[0] == ';' || rest[0] == '|');
  if (separates && is_number(rest.substr(1))) {
    return replaced(text, field.read_to, field.read_to + 1, ",");
  }
  return {};
}

std::string listed(std::uint64_t bits, const FieldRange& range) {
  const auto has = [&](std::int64_t i) { return (bits >> i & 1) != 0; };
  std::string out;
  for (std::int64_t i = range.low; i <= range.high; ++i) {
    if (!has(i)) continue;
    std::int64_t last = i;
    while (last < range.high && has(last + 1)) ++last;
    if (i == range.low && last == range.high) return "*";
    if (!out.empty()) out += ',';
    out += std::to_string(i);
    if (last > i) out += (last == i + 1 ? ',' : '-') + std::to_string(last);
    i = last;
  }
  return out;
}

}  // namespace bezalel::schedule
