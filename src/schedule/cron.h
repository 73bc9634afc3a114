// Cron expressions: which instants they mean.
//
// A cron job is judged by what the daemon that reads its crontab does, not by
// what the expression seems to say. Today that is Debian's cron 3.0pl1 (also
// Ubuntu's), quirks included:
//
//   reading    What follows a number is dropped ("1.5" is 1, "MON#1" is every
//              Monday); a reversed range ("22-6", "FRI-MON") is accepted and
//              never matches; numbers wrap at 32 bits; steps only after "*" or
//              a range.
//   days       If day-of-month or day-of-week begins with "*", both must
//              match; otherwise one of them is enough.
//   DST        A wildcard job (minute or hour begins with "*", or @hourly)
//              runs at every instant whose wall time matches: never in a gap,
//              twice in an overlap. Any other job is fixed: what a gap skips
//              runs at the first instant after it, and in an overlap it runs
//              in the first pass only. A step of more than three hours is just
//              a jump: nothing is caught up and nothing held back.
//
// cronie reads strictly what Debian's cron drops, takes x-0 for x-7, and draws
// a value for a~b when it loads the table; it keeps Debian's rules of days and
// DST. busybox crond refuses nothing: a range may wrap ("22-6" runs at night),
// a value outside sets every value ("0 3 * * 7" runs every day), days are
// joined by "or" where neither field takes every value, and each matching wall
// time runs: none in a gap, both in an overlap.
//
// systemd-cron makes a timer of each line: days and weekdays must both match,
// the clocks change as in calendar.h, @weekly is Monday, and what it cannot
// read in a line leaves it without a timer (cron_systemd.h).
//
// The quartz dialect has six fields, seconds first, with ?, L, LW, nW, nL and
// n#k (cron_quartz.h); it knows no catching up: an instant matches by its wall
// time or does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "schedule/calendar.h"
#include "schedule/cron_quartz.h"
#include "schedule/zone.h"

namespace bezalel::schedule {

enum class Dialect { debian, cronie, busybox, systemd_cron, quartz };

// "debian", "cronie", "busybox", "systemd-cron", "quartz".
Result<Dialect> parse_dialect(std::string_view name);
std::string_view to_string(Dialect dialect);

class CronExpr {
 public:
  // Five fields (quartz: six) or an @nickname; the text must hold nothing
  // else. An error names the field and what it takes:
  //   minute "60": out of range; expected 0-59
  // and `column` (0-based, where given) is where the trouble starts.
  static Result<CronExpr> parse(std::string_view expr,
                                Dialect dialect = Dialect::debian,
                                std::size_t* column = nullptr);

  const std::string& text() const { return text_; }
  Dialect dialect() const { return dialect_; }

  // @reboot: runs once per boot, at no instant that could be foretold.
  bool is_reboot() const { return reboot_; }

  // True for a wildcard job, false for a fixed one (see above).
  bool is_wildcard() const { return wildcard_; }

  // Accepted, but no date matches, ever: a reversed range, the 31st of
  // February. False for @reboot.
  bool never_runs() const;

  // How much later than its slot the job may start because cronie draws the
  // time (a~b). Zero for every other expression.
  Duration spread() const { return spread_; }

  friend bool operator==(const CronExpr& a, const CronExpr& b) {
    return a.text_ == b.text_ && a.dialect_ == b.dialect_;
  }

  // The days of a month that match, as bits 1-31. `weekday` is that of the
  // first (0 is Sunday), `length` the number of days.
  std::uint32_t days(int weekday, int length) const;

  // Bits of what matches; months are bits 1-12, the others from 0.
  std::uint64_t seconds() const { return seconds_; }
  std::uint64_t minutes() const { return minutes_; }
  std::uint32_t hours() const { return hours_; }
  std::uint32_t months() const { return months_; }
  std::uint32_t month_days() const { return month_days_; }  // bits 1-31
  std::uint32_t weekdays() const { return weekdays_; }      // bits 0-6

  // How the day fields are joined: true where both must match, false where
  // one of them is enough.
  bool needs_both_days() const { return both_days_; }

  // Besides the bits; empty but for quartz.
  const QuartzDays& quartz() const { return quartz_; }

  // The timer that systemd-cron makes; null for every other dialect.
  const std::shared_ptr<const Calendar>& timer() const { return timer_; }

 private:
  friend class CronParser;

  CronExpr() = default;

  std::string text_;
  Dialect dialect_ = Dialect::debian;
  bool reboot_ = false;
  bool wildcard_ = false;
  Duration spread_{};
  bool both_days_ = false;  // day-of-month and day-of-week must match
  std::uint64_t seconds_ = 1;
  std::uint64_t minutes_ = 0;
  std::uint32_t hours_ = 0;
  std::uint32_t month_days_ = 0;  // bits 1-31
  std::uint32_t months_ = 0;
  std::uint32_t weekdays_ = 0;  // bits 0-6, Sunday first
  QuartzDays quartz_;
  std::shared_ptr<const Calendar> timer_;
};

// The first instant strictly after / the last strictly before, at which the
// job runs; nullopt if there is none within some 60 years. Where the daemon
// starts a job several times to catch up, that is one instant.
std::optional<Timestamp> next(const CronExpr& expr, const Zone& zone,
                              Timestamp after);
std::optional<Timestamp> previous(const CronExpr& expr, const Zone& zone,
                                  Timestamp before);

}  // namespace bezalel::schedule
