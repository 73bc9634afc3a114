// `PERIOD DELAY` of an anacrontab in words. Anacron reckons by the stamp of a
// job, so nobody can tell its next runs from the line.
#include "app/explain.h"
#include "base/escape.h"
#include "crontab/anacrontab.h"

namespace bezalel::app {
namespace {

using crontab::AnacronEntry;

std::string often(const AnacronEntry& entry) {
  if (entry.days == 0) return "each time anacron starts";
  if (entry.days == 1) return "once a day";
  const std::string by = " by the date of the last run";
  if (entry.period.front() != '@') {
    return "every " + std::to_string(entry.days) + " days" + by;
  }
  return (entry.days == 31 ? "once a month" : "once a year") + by;
}

std::string words_of(const AnacronEntry& entry) {
  const auto minutes = entry.delay / std::chrono::minutes(1);
  if (minutes == 0) return often(entry) + ", at once";
  return often(entry) + ", " + std::to_string(minutes) +
         (minutes == 1 ? " minute" : " minutes") +
         (entry.days == 0 ? " later" : " after anacron starts");
}

}  // namespace

Result<Explanation> explain_anacron(const std::string& text,
                                    const std::string& host_zone) {
  constexpr std::string_view kBlanks = " \t";
  const std::string typed = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  const std::size_t begin = typed.find_first_not_of(kBlanks);
  const std::size_t delay =
      typed.find_first_not_of(kBlanks, typed.find_first_of(kBlanks, begin));
  // A whole line says what it says; else there is no more than the schedule.
  const bool alone = typed.find_first_of(kBlanks, delay) == typed.npos;
  const auto table = crontab::parse_anacrontab(
      alone ? typed + " id command" : typed, crontab::Daemon::debian);
  if (!alone && !table.dropped.empty()) {
    const crontab::Problem& problem = table.dropped.front();
    return err(Kind::invalid, "column " + std::to_string(problem.column) +
                                  ": " + problem.message);
  }
  if (typed.find('\n') != typed.npos || crontab::is_cron_line(typed) ||
      table.entries.size() != 1) {
    return err(Kind::invalid,
               "expected a period and a delay: \"7 10\", \"@monthly 15\"");
  }
  const AnacronEntry& entry = table.entries.front();
  Explanation out;
  out.text = entry.period + " " +
             std::to_string(entry.delay / std::chrono::minutes(1));
  out.kind = out.dialect = out.scheduler = "anacron";
  out.zone = host_zone;
  out.words = words_of(entry);
  out.oddities = crontab::anacron_oddities(out.text, crontab::Daemon::debian);
  return out;
}

}  // namespace bezalel::app
