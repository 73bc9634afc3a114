// What a schedule matches, as sets; how words say them. Inside of schedule.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bezalel::schedule {

// Bits as in CronExpr: seconds, minutes, hours from 0; days 1-31; months
// 1-12; weekdays from Sunday.
struct When {
  enum class Join { both, either };     // how day and weekday are joined
  enum class CountFrom { start, end };  // where days of a month are counted

  std::uint64_t seconds = 1;
  std::uint64_t minutes = 1;
  std::uint64_t hours = 1;
  std::uint64_t days = 0;
  std::uint64_t months = 0;
  std::uint64_t weekdays = 0;
  Join join = Join::both;
  CountFrom count_from = CountFrom::start;
  // Besides `days` and `weekdays`: "the last day", "the 2nd Friday".
  std::vector<std::string> more_days;
  std::vector<std::string> more_weekdays;
};

constexpr std::uint64_t kAllMinutes = (1ULL << 60) - 1;
constexpr std::uint64_t kAllHours = (1ULL << 24) - 1;
constexpr std::uint64_t kAllDays = 0xfffffffe;
constexpr std::uint64_t kAllMonths = 0x1ffe;
constexpr std::uint64_t kAllWeek = 0x7f;

// "at 03:00", "every 15 minutes from 08:00 to 18:45".
std::string time_words(const When& when);

// " every day", ", Monday to Friday", " on the 1st of every month": to be put
// behind the time. Empty for every day where the time repeats by itself.
std::string day_words(const When& when);

// "Friday"; 0 is Sunday.
const char* weekday_name(int weekday);
// "1st", "2nd", "3rd", "4th".
std::string ordinal(int n);

}  // namespace bezalel::schedule
