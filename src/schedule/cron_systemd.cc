#include "schedule/cron_systemd.h"

#include <algorithm>

#include "schedule/cron_field.h"

namespace bezalel::schedule {
namespace {

struct Values {
  std::int64_t count;
  std::int64_t base;  // the first value
};

constexpr std::array<Values, 5> kValues = {
    {{60, 0}, {24, 0}, {31, 1}, {12, 1}, {7, 0}}};
// As the generator has it.
constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepnovdec";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::optional<std::int64_t> integer(std::string_view text) {
  constexpr std::int64_t kMost = 1'000'000'000;
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + (c - '0'), kMost);
  }
  return value;
}

std::optional<std::int64_t> name(std::string_view names,
                                 std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  for (std::size_t i = 0; i < names.size(); i += 3) {
    if (lower(text[0]) == names[i] && lower(text[1]) == names[i + 1] &&
        lower(text[2]) == names[i + 2]) {
      return static_cast<std::int64_t>(i / 3);
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> value(SystemdField field, std::string_view text) {
  if (field == SystemdField::weekday) {
    if (const auto day = name(kWeekdayNames, text)) return day;
    const auto day = integer(text);
    return day ? std::optional(*day % 7) : std::nullopt;
  }
  const auto number = integer(text);
  if (number || field != SystemdField::month) return number;
  const auto month = name(kMonths, text);
  return month ? std::optional(*month + 1) : std::nullopt;
}

struct Halves {
  std::string_view first, second;
};

// Where the separator is there exactly once.
std::optional<Halves> halves(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  if (text.find(separator, at + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return Halves{text.substr(0, at), text.substr(at + 1)};
}

// One part of a list: a slice of the values, with Python's rules for what lies
// outside. False where it is garbled.
bool add_part(SystemdField field, std::string_view part, std::uint64_t& bits) {
  const Values values = kValues[static_cast<std::size_t>(field)];
  std::int64_t step = 1;
  if (const auto with_step = halves(part, '/')) {
    const auto given = integer(with_step->second);
    if (!given || *given == 0) return false;
    step = *given;
    part = with_step->first;
  }
  std::int64_t begin = 0;
  std::int64_t end = values.count;
  if (part != "*") {
    const Halves range = halves(part, '-').value_or(Halves{part, part});
    const auto first = value(field, range.first);
    const auto last = value(field, range.second);
    if (!first || !last) return false;
    begin = *first - values.base;
    end = *last - values.base + 1;
    // Day 0 is before the first, which Python counts from the end.
    if (begin < 0) begin += values.count;
    if (end < 0) end += values.count;
  }
  end = std::min(end, values.count);
  for (std::int64_t i = begin; i < end; i += step) {
    bits |= std::uint64_t{1} << (i + values.base);
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> systemd_field(SystemdField field,
                                           std::string_view text) {
  std::uint64_t bits = 0;
  while (true) {
    const std::size_t comma = text.find(',');
    if (!add_part(field, text.substr(0, comma), bits)) return std::nullopt;
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return bits == 0 ? std::nullopt : std::optional(bits);
}

std::string systemd_event(const std::array<std::uint64_t, 5>& bits) {
  const auto numbers = [&](std::size_t field) {
    std::string out;
    for (int i = 0; i < 64; ++i) {
      if ((bits[field] >> i & 1) == 0) continue;
      out += (out.empty() ? "" : ",") + std::to_string(i);
    }
    return out;
  };
  constexpr std::uint64_t kEveryDay = 0x7f;
  std::string out;
  for (std::size_t w = 0; w < 7 && bits[4] != kEveryDay; ++w) {
    if ((bits[4] >> w & 1) == 0) continue;
    out += out.empty() ? "" : ",";
    out += kWeekdayNames.substr(w * 3, 3);
  }
  if (!out.empty()) out += ' ';
  return out + "*-" + numbers(3) + '-' + numbers(2) + ' ' + numbers(1) + ':' +
         numbers(0) + ":00";
}

std::string systemd_event_of(std::string_view word) {
  std::string name(word);
  for (char& c : name) c = lower(c);
  if (name == "midnight") return "daily";
  if (name == "anually" || name == "annually") return "yearly";
  if (name == "biannually" || name == "bi-annually" || name == "semiannually") {
    return "semi-annually";
  }
  const bool days = !name.empty() && name.size() <= 2 &&
                    name.find_first_not_of("0123456789") == std::string::npos;
  return days ? "*-*-1/" + name + " 0:0:0" : name;
}

}  // namespace bezalel::schedule
