#include "schedule/when.h"

#include <doctest/doctest.h>

namespace bezalel::schedule {
namespace {

When when(std::uint64_t minutes, std::uint64_t hours,
          std::uint64_t seconds = 1) {
  When out;
  out.seconds = seconds;
  out.minutes = minutes;
  out.hours = hours;
  out.days = kAllDays;
  out.months = kAllMonths;
  out.weekdays = kAllWeek;
  return out;
}

std::uint64_t every(int step, int begin, int end) {
  std::uint64_t bits = 0;
  for (int i = begin; i < end; i += step) bits |= 1ULL << i;
  return bits;
}

TEST_CASE("the ending of an ordinal follows the last two digits") {
  struct Case {
    int n;
    const char* words;
  };
  const Case cases[] = {{1, "1st"},   {2, "2nd"},   {3, "3rd"},   {4, "4th"},
                        {10, "10th"}, {11, "11th"}, {12, "12th"}, {13, "13th"},
                        {21, "21st"}, {22, "22nd"}, {23, "23rd"}, {31, "31st"}};
  for (const Case& c : cases) CHECK(ordinal(c.n) == c.words);
}

TEST_CASE("a time that repeats is told by its step only where it goes round") {
  struct Case {
    When when;
    const char* words;
  };
  const Case cases[] = {
      {when(every(15, 0, 60), kAllHours), "every 15 minutes"},
      {when(every(15, 5, 60), kAllHours), "every 15 minutes, from minute 5"},
      {when(every(7, 0, 60), kAllHours),
       "at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour"},
      {when(1, kAllHours), "every hour, on the hour"},
      {when(1ULL << 5, kAllHours), "every hour, at minute 5"},
      {when(1, every(6, 0, 24)), "every 6 hours from 00:00 to 18:00"},
      {when(1, every(8, 0, 24)), "at 00:00, 08:00 and 16:00"},
      {when(every(20, 0, 60), 1ULL << 3), "at 03:00, 03:20 and 03:40"},
      {when(kAllMinutes, every(1, 9, 18)), "every minute from 09:00 to 17:59"},
      {when(1, 1ULL << 3, 1ULL << 30), "at 03:00:30"},
      {when(kAllMinutes, kAllHours, every(10, 0, 60)), "every 10 seconds"},
      {when(1ULL << 5, kAllHours, 3),
       "at seconds 0 and 1 of minute 5 of every "
       "hour"},
  };
  for (const Case& c : cases) CHECK(time_words(c.when) == c.words);
}

TEST_CASE("days are told by their runs, both fields by how they are joined") {
  const auto said = [](const auto& change) {
    When w = when(1, 1ULL << 3);
    change(w);
    return day_words(w);
  };
  CHECK(said([](When&) {}) == " every day");
  CHECK(said([](When& w) { w.months = 3ULL << 1; }) ==
        " every day in January and February");
  CHECK(said([](When& w) { w.weekdays = every(1, 1, 6); }) ==
        ", Monday to Friday");
  CHECK(said([](When& w) { w.weekdays = (1 << 0) | (1 << 6); }) ==
        " on Saturdays and Sundays");
  CHECK(said([](When& w) { w.days = every(2, 1, 32); }) ==
        " on every 2nd day from the 1st to the 31st of every month");
  CHECK(said([](When& w) { w.days = every(1, 1, 8); }) ==
        " on the 1st to 7th of every month");
  CHECK(said([](When& w) {
          w.days = 1 << 1;
          w.weekdays = 1 << 1;
        }) == " on Mondays that fall on the 1st of every month");
  CHECK(said([](When& w) {
          w.days = 1 << 1;
          w.weekdays = 1 << 1;
          w.join = When::Join::either;
        }) == " on the 1st of the month and also on Mondays");
  CHECK(said([](When& w) {
          w.days = every(1, 1, 4);
          w.count_from = When::CountFrom::end;
        }) == " on the last 3 days of every month");
  // Where the time repeats by itself, every day goes without saying.
  When hourly = when(1, kAllHours);
  CHECK(day_words(hourly).empty());
  hourly.months = 1 << 12;
  CHECK(day_words(hourly) == ", in December");
}

}  // namespace
}  // namespace bezalel::schedule
