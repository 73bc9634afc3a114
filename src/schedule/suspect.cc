#include "schedule/suspect.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>

#include "base/escape.h"
#include "schedule/civil.h"
#include "schedule/field_terms.h"
#include "schedule/suspect_rewrite.h"

namespace bezalel::schedule {
namespace {

using Form = FieldTerm::Form;

constexpr std::array<const char*, 5> kNouns = {"minutes", "hours", "days",
                                               "months", "weekdays"};
constexpr std::array<std::int64_t, 5> kCycle = {60, 24, 31, 12, 7};
constexpr std::size_t kDays = 2;
constexpr std::size_t kMonth = 3;
constexpr std::size_t kWeekdays = 4;
constexpr std::size_t kQuoted = 24;
// Bytes. Nobody writes a longer one, and each term may be found odd.
constexpr std::size_t kLongest = 4096;

bool is_full(std::uint64_t bits, std::size_t field) {
  return std::popcount(bits) == kCycle[field];
}

bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

std::uint64_t bits_of(const CronExpr& expr, std::size_t field) {
  const std::array<std::uint64_t, 5> all = {expr.minutes(), expr.hours(),
                                            expr.month_days(), expr.months(),
                                            expr.weekdays()};
  return all[field];
}

class Suspicion {
 public:
  explicit Suspicion(const CronExpr& expr)
      : expr_(expr),
        text_(expr.text()),
        fields_(field_terms(expr)),
        never_(expr.never_runs()) {}

  std::vector<Oddity> all() && {
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      if (never_ && bits(f) == 0) {
        never(f);
        continue;
      }
      if (misread(f)) continue;
      for (const FieldTerm& term : fields_[f].terms) of_term(f, term);
      junk(f);
    }
    if (never_ && out_.empty()) no_such_date();
    if (!never_ && !fields_.empty()) days();
    return std::move(out_);
  }

 private:
  std::uint64_t bits(std::size_t field) const { return bits_of(expr_, field); }

  std::string daemon() const { return std::string(daemon_name(dialect())); }
  Dialect dialect() const { return expr_.dialect(); }

  std::string_view slice(std::size_t begin, std::size_t end) const {
    return text_.substr(begin, end - begin);
  }
  std::string quoted(std::size_t begin, std::size_t end) const {
    return '"' + escape_line(slice(begin, end), kQuoted) + '"';
  }
  std::string quoted_field(std::size_t f) const {
    return quoted(fields_[f].begin, fields_[f].end);
  }

  Oddity& add(std::string rule, std::size_t field, std::size_t begin,
              std::size_t end) {
    Oddity odd;
    odd.rule = std::move(rule);
    odd.field = static_cast<int>(field);
    odd.begin = begin;
    odd.end = end;
    odd.message = std::string(kNouns[field]) + ' ' + quoted(begin, end);
    out_.push_back(std::move(odd));
    return out_.back();
  }

  std::string with(std::size_t begin, std::size_t end,
                   std::string_view instead) const {
    return replaced(text_, begin, end, instead);
  }

  // Only what the daemon would take, and run.
  void propose(Oddity& odd, std::string rewrite) const {
    const auto expr = CronExpr::parse(rewrite, dialect());
    if (expr && !expr->never_runs()) odd.rewrite = std::move(rewrite);
  }

  bool is_backward(std::size_t f, const FieldTerm& term) const {
    if (term.form != Form::range || dialect() == Dialect::busybox) return false;
    if (dialect() == Dialect::cronie && term.last == 0 && term.first > 0) {
      return term.first > 7 || f != kWeekdays;
    }
    return term.first > term.last;
  }

  // The whole expression with each backward range of the field put right.
  std::string all_wrapped(std::size_t f) const {
    std::string out(text_);
    const auto& terms = fields_[f].terms;
    for (auto term = terms.rbegin(); term != terms.rend(); ++term) {
      if (!is_backward(f, *term)) continue;
      out.replace(term->begin, term->end - term->begin,
                  wrapped(text_, f, fields_[f].range, *term));
    }
    return out;
  }

  void never(std::size_t f) {
    const FieldTerms& field = fields_[f];
    Oddity& odd = add("never-runs", f, field.begin, field.end);
    odd.weight = Oddity::Weight::never_runs;
    odd.message += " never match";
    odd.why = daemon() + " accepts this line and never runs it";
    const bool backward =
        std::any_of(field.terms.begin(), field.terms.end(),
                    [&](const FieldTerm& t) { return is_backward(f, t); });
    if (backward) {
      odd.why += ": the range runs backwards";
      propose(odd, all_wrapped(f));
    } else if (field.terms.empty()) {
      odd.why += ": it understands no part of it";
    }
    odd.why += '.';
  }

  // Every field matches something, and no date matches them all.
  void no_such_date() {
    if (fields_.empty()) {
      Oddity odd;
      odd.rule = "never-runs";
      odd.end = text_.size();
      odd.message = quoted(0, text_.size()) + " never matches";
      odd.why = daemon() + " accepts it and never runs it: no such date.";
      odd.weight = Oddity::Weight::never_runs;
      out_.push_back(std::move(odd));
      return;
    }
    const FieldTerms& day = fields_[kDays];
    Oddity& odd = add("never-runs", kDays, day.begin, fields_[kMonth].end);
    odd.weight = Oddity::Weight::never_runs;
    odd.message = "days " + quoted_field(kDays) + " never match in months " +
                  quoted_field(kMonth);
    odd.why = daemon() +
              " accepts this line and never runs it: there is no such date.";
    int shortest = 31;
    for (int m = 1; m <= 12; ++m) {
      if ((expr_.months() >> m & 1) == 0) continue;
      shortest = std::min(shortest, days_in_month(2001, m));
    }
    propose(odd, with(day.begin, day.end, std::to_string(shortest)));
  }

  void of_term(std::size_t f, const FieldTerm& term) {
    if (wraps(f, term)) return;
    if (is_backward(f, term)) return backward(f, term);
    const bool starts = term.form == Form::star || term.form == Form::range;
    if (dialect() == Dialect::busybox) {
      if (out_of_range(f, term)) return;
    }
    if (term.has_step && term.form == Form::value) {
      Oddity& odd = add("step-ignored", f, term.begin, term.end);
      odd.message += " match " + std::to_string(term.first) + " alone";
      odd.why = daemon() + " takes a step only after \"*\" or a range.";
      propose(odd, with(term.begin, term.end,
                        std::to_string(term.first) + '-' +
                            std::to_string(fields_[f].range.high) + '/' +
                            std::to_string(term.step)));
      return;
    }
    if (starts && term.has_step) step(f, term);
  }

  void backward(std::size_t f, const FieldTerm& term) {
    Oddity& odd = add("backward-range", f, term.begin, term.end);
    const bool seven = term.last == 0 && term.first <= 7;
    if (dialect() == Dialect::cronie && seven) {
      const std::string read = std::to_string(term.first) + "-7";
      odd.message += " are read as " + read;
      odd.why = "cronie takes a range to 0 for one to 7, in every field.";
    } else {
      odd.message += " match nothing";
      odd.why = daemon() + " passes over it: the range runs backwards.";
    }
    propose(odd, with(term.begin, term.end,
                      wrapped(text_, f, fields_[f].range, term)));
  }

  // What systemd-cron takes for something else than Debian's cron does.
  bool misread(std::size_t f) {
    if (dialect() != Dialect::systemd_cron) return false;
    const FieldTerms& field = fields_[f];
    std::string alone;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      alone += i == f ? slice(field.begin, field.end) : "*";
      alone += ' ';
    }
    const auto plain = CronExpr::parse(alone);
    if (!plain) return false;
    const std::uint64_t meant = bits_of(*plain, f);
    const std::uint64_t read = bits(f);
    if (meant == read) return false;
    FieldRange range = field.range;
    if (f == kWeekdays) range.high = 6;
    Oddity& odd = add("misread", f, field.begin, field.end);
    odd.message += is_full(read, f)
                       ? " match every value"
                       : " are read as \"" + listed(read, range) + '"';
    odd.why = daemon() + " reads this in its own way.";
    propose(odd, meant == 0
                     ? all_wrapped(f)
                     : with(field.begin, field.end, listed(meant, range)));
    return true;
  }

  // Debian's cron and cronie keep the low 32 bits of what they read.
  bool wraps(std::size_t f, const FieldTerm& term) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    if (dialect() == Dialect::busybox || dialect() == Dialect::systemd_cron) {
      return false;
    }
    if (std::max({term.first, term.last, term.step}) <= kMost) return false;
    Oddity& odd = add("number-wraps", f, term.begin, term.end);
    odd.message += " are read as other numbers";
    odd.why = daemon() + " counts modulo 2^32.";
    return true;
  }

  bool out_of_range(std::size_t f, const FieldTerm& term) {
    const FieldRange& range = fields_[f].range;
    const auto outside = [&](std::int64_t value) {
      return value < range.low || value > range.high;
    };
    if (!outside(term.first) && !outside(term.last)) return false;
    Oddity& odd = add("out-of-range", f, term.begin, term.end);
    const bool all = is_full(bits(f), f);
    odd.message += all ? " match every value" : " are out of range";
    odd.why = daemon() + " logs an error and" +
              (all ? " takes every value." : " takes what it makes of it.");
    if (f == kWeekdays && term.last == 7 && term.step == 1) {
      const std::string sunday =
          term.first == 7   ? "0"
          : term.first == 0 ? "*"
                            : written_like(text_, f, term, term.first) + "-6,0";
      propose(odd, with(term.begin, term.end, sunday));
    }
    return true;
  }

  void step(std::size_t f, const FieldTerm& term) {
    const bool star = term.form == Form::star;
    // "*/60" runs once an hour, as it says.
    const bool fits =
        star ? term.step <= kCycle[f]
             : term.first + term.step <= term.last || term.first == term.last;
    if (fits && term.step > 0) return;
    Oddity& odd = add("step-too-large", f, term.begin, term.end);
    const std::string first = std::to_string(term.first);
    odd.message += " match " + first + " alone";
    odd.why = daemon() + " begins at " + first + "; the next step leads past " +
              std::to_string(term.last) + '.';
    // 120 minutes are 2 hours.
    const FieldTerms& hour = fields_[1];
    if (f == 0 && star && term.step > 0 && term.step % 60 == 0 &&
        term.step < 24 * 60 && 24 * 60 % term.step == 0 &&
        slice(hour.begin, hour.end) == "*" && fields_[0].begin == term.begin &&
        fields_[0].end == term.end) {
      propose(odd, std::string(text_.substr(0, term.begin)) + "0 */" +
                       std::to_string(term.step / 60) +
                       std::string(text_.substr(hour.end)));
    }
  }

  void junk(std::size_t f) {
    const FieldTerms& field = fields_[f];
    if (field.read_to == field.end) return;
    // It takes the first three letters of a longer name.
    if (dialect() == Dialect::systemd_cron &&
        is_word(slice(field.read_to, field.end))) {
      return;
    }
    Oddity& odd = add("junk-ignored", f, field.begin, field.end);
    if (field.read_to == field.begin) {
      odd.message += " match nothing";
    } else {
      odd.message += " are read as " + quoted(field.begin, field.read_to);
    }
    odd.why = daemon() + " drops " + quoted(field.read_to, field.end);
    odd.why += dialect() == Dialect::busybox ? " and logs an error."
                                             : " without a word.";
    propose(odd, untangled(text_, field));
  }

  bool is_restricted(std::size_t f) const { return !is_full(bits(f), f); }

  // Fields of days joined in a way that surprises. A plain "*" never does.
  void days() {
    const FieldTerms& date = fields_[kDays];
    const FieldTerms& week = fields_[kWeekdays];
    const bool plain = slice(date.begin, date.end) == "*" ||
                       slice(week.begin, week.end) == "*";
    if (plain) return;
    if (expr_.needs_both_days()) {
      if (!is_restricted(kDays) || !is_restricted(kWeekdays)) return;
      Oddity& odd = add("day-and", kDays, date.begin, date.end);
      odd.message +=
          " and weekdays " + quoted_field(kWeekdays) + ": both must match";
      odd.why = daemon() + " wants both";
      odd.why += dialect() == Dialect::systemd_cron
                     ? "."
                     : ", as one of them begins with \"*\".";
      return;
    }
    Oddity& odd = add("day-or", kDays, date.begin, date.end);
    odd.message += " or weekdays " + quoted_field(kWeekdays) + ": ";
    odd.why = daemon() + " wants both only where one ";
    odd.why += dialect() == Dialect::busybox ? "takes every value."
                                             : "begins with \"*\".";
    if (is_restricted(kDays) && is_restricted(kWeekdays)) {
      odd.message += "one is enough";
      return;
    }
    // 1-31 is as good as every day, whatever the other field says.
    odd.message += "every day matches";
    const std::size_t full = is_restricted(kDays) ? kWeekdays : kDays;
    propose(odd, with(fields_[full].begin, fields_[full].end, "*"));
  }

  const CronExpr& expr_;
  std::string_view text_;
  std::vector<FieldTerms> fields_;
  bool never_;
  std::vector<Oddity> out_;
};

// Seen of 1.35, Debian 12's: it dies while it reads the table, as often as it
// is started.
Oddity daemon_ends(std::string_view expr, std::string_view nickname) {
  struct Fields {
    std::string_view nickname, fields;
  };
  constexpr std::array<Fields, 7> kFields = {{{"@yearly", "0 0 1 1 *"},
                                              {"@annually", "0 0 1 1 *"},
                                              {"@monthly", "0 0 1 * *"},
                                              {"@weekly", "0 0 * * 0"},
                                              {"@daily", "0 0 * * *"},
                                              {"@midnight", "0 0 * * *"},
                                              {"@hourly", "0 * * * *"}}};
  Oddity odd;
  odd.rule = "daemon-ends";
  odd.begin = expr.find(nickname);
  odd.end = odd.begin + nickname.size();
  odd.message = '"' + std::string(nickname) + "\" ends the daemon";
  odd.why =
      "busybox crond 1.35, Debian 12's, dies of it (SIGSEGV): no job of any "
      "table is started.";
  odd.weight = Oddity::Weight::never_runs;
  for (const Fields& same : kFields) {
    if (same.nickname == nickname) odd.rewrite = same.fields;
  }
  return odd;
}

// Numbers of weekdays, which Quartz counts from 1, and we as cron.
std::optional<Oddity> numbered_weekdays(std::string_view expr) {
  const std::size_t end = expr.find_last_not_of(" \t") + 1;
  const std::size_t begin = expr.find_last_of(" \t", end - 1) + 1;
  std::string named;
  bool numbered = false;
  for (std::size_t i = begin; i < end; ++i) {
    const bool value = i == begin || expr[i - 1] == ',' || expr[i - 1] == '-';
    if (!value || expr[i] < '0' || expr[i] > '7') {
      named += expr[i];
      continue;
    }
    numbered = true;
    named += kWeekdayNames.substr(
        static_cast<std::size_t>((expr[i] - '0') % 7) * 3, 3);
  }
  if (!numbered) return std::nullopt;
  Oddity odd;
  odd.rule = "weekday-number";
  odd.field = kWeekdays;
  odd.begin = begin;
  odd.end = end;
  odd.message = "weekday \"" +
                escape_line(expr.substr(begin, end - begin), 40) +
                "\" is read as cron counts: 0 is Sunday";
  odd.why =
      "Quartz itself counts from 1, its Sunday; a name is one day to both.";
  odd.rewrite = std::string(expr.substr(0, begin)) + named +
                std::string(expr.substr(end));
  // Not from Friday to Sunday, which has another order of names.
  if (!CronExpr::parse(odd.rewrite, Dialect::quartz)) odd.rewrite.clear();
  return odd;
}

}  // namespace

std::vector<Oddity> oddities_of(std::string_view expr, Dialect dialect) {
  if (expr.size() > kLongest) return {};
  const auto parsed = CronExpr::parse(expr, dialect);
  if (!parsed) return {};
  const std::size_t at = expr.find_first_not_of(" \t");
  if (dialect == Dialect::busybox && expr[at] == '@') {
    return {daemon_ends(
        expr, expr.substr(at, expr.find_last_not_of(" \t") + 1 - at))};
  }
  if (parsed->is_reboot()) return {};
  auto all = Suspicion(*parsed).all();
  if (dialect == Dialect::quartz) {
    if (auto odd = numbered_weekdays(expr)) all.push_back(*std::move(odd));
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const Oddity& a, const Oddity& b) { return a.begin < b.begin; });
  return all;
}

std::string_view daemon_name(Dialect dialect) {
  switch (dialect) {
    case Dialect::debian:
      return "Debian cron";
    case Dialect::cronie:
      return "cronie";
    case Dialect::busybox:
      return "busybox crond";
    case Dialect::systemd_cron:
      return "systemd-cron";
    case Dialect::quartz:
      return "cron with Quartz's L, W and #";
  }
  return "";
}

}  // namespace bezalel::schedule
