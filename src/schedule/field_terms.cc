#include "schedule/field_terms.h"

#include <algorithm>
#include <array>
#include <optional>

#include "schedule/cron_field.h"

namespace bezalel::schedule {
namespace {

constexpr std::array<FieldRange, 5> kRanges = {
    {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

class Reader {
 public:
  Reader(const CronExpr& expr, std::size_t field, std::size_t begin,
         std::size_t end)
      : expr_(expr), field_(field), at_(begin) {
    out_.range = kRanges[field];
    out_.begin = begin;
    out_.end = end;
    if (is_busybox() && field == 4) out_.range.high = 6;
  }

  FieldTerms read() && {
    while (term() && here() == ',') ++at_;
    // A comma with nothing behind it is dropped, too.
    out_.read_to = out_.terms.empty() ? out_.begin : out_.terms.back().end;
    return std::move(out_);
  }

 private:
  bool is_busybox() const { return expr_.dialect() == Dialect::busybox; }

  char here() const { return at_ < out_.end ? expr_.text()[at_] : '\0'; }

  std::int64_t digits() {
    constexpr std::int64_t kMost = 1'000'000'000'000'000'000;
    std::int64_t value = 0;
    for (; is_digit(here()); ++at_) {
      value = value >= kMost / 10 ? kMost : value * 10 + (here() - '0');
    }
    return value;
  }

  std::optional<std::int64_t> value() {
    if (is_digit(here())) return digits();
    const std::string_view names = field_ == 3   ? kMonthNames
                                   : field_ == 4 ? kWeekdayNames
                                                 : "";
    if (out_.end - at_ < 3) return std::nullopt;
    for (std::size_t i = 0; i < names.size(); i += 3) {
      const std::string_view text = expr_.text();
      const bool same =
          std::equal(names.begin() + static_cast<long>(i),
                     names.begin() + static_cast<long>(i) + 3,
                     text.begin() + static_cast<long>(at_),
                     [](char a, char b) { return a == lower(b); });
      if (!same) continue;
      at_ += 3;
      return static_cast<std::int64_t>(i / 3) + (field_ == 3 ? 1 : 0);
    }
    return std::nullopt;
  }

  bool is_drawing() const {
    return expr_.dialect() == Dialect::cronie && here() == '~';
  }

  // True if a term was read whole.
  bool term() {
    FieldTerm term;
    term.begin = at_;
    term.first = out_.range.low;
    term.last = out_.range.high;
    if (here() == '*') {
      ++at_;
    } else if (!is_drawing()) {
      const auto first = value();
      if (!first) return false;
      term.form = FieldTerm::Form::value;
      term.first = term.last = *first;
    }
    if (term.form == FieldTerm::Form::value && here() == '-') {
      ++at_;
      const auto last = value();
      if (!last) return false;
      term.form = FieldTerm::Form::range;
      term.last = *last;
    } else if (is_drawing()) {
      ++at_;
      term.form = FieldTerm::Form::drawn;
      term.last = value().value_or(out_.range.high);
    }
    if (here() == '/') {
      ++at_;
      term.has_step = true;
      term.step = digits();
    }
    term.end = at_;
    out_.terms.push_back(term);
    return true;
  }

  const CronExpr& expr_;
  std::size_t field_;
  std::size_t at_;
  FieldTerms out_;
};

}  // namespace

std::vector<FieldTerms> field_terms(const CronExpr& expr) {
  std::vector<FieldTerms> fields;
  const std::string_view text = expr.text();
  if (expr.dialect() == Dialect::quartz) return fields;
  std::size_t at = text.find_first_not_of(" \t");
  if (at == std::string_view::npos || text[at] == '@') return fields;
  while (at < text.size() && fields.size() < kRanges.size()) {
    const std::size_t end =
        std::min(text.find_first_of(" \t", at), text.size());
    fields.push_back(Reader(expr, fields.size(), at, end).read());
    at = std::min(text.find_first_not_of(" \t", end), text.size());
  }
  return fields;
}

}  // namespace bezalel::schedule
