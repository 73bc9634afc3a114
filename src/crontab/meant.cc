#include "crontab/meant.h"

#include <algorithm>
#include <string_view>

#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What the schedule was meant to be where that is plain; else empty.
std::string meant_nickname(std::string_view text) {
  std::string lower;
  for (const char c : text) {
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  for (const char* known : {"@reboot", "@yearly", "@annually", "@monthly",
                            "@weekly", "@daily", "@midnight", "@hourly"}) {
    if (lower == known) return known;
  }
  return "";
}

// One field in the form that every daemon takes: `?` as `*`, a long month or
// day as its first three letters, `0/5` as `*/5`.
std::string meant_field(std::string_view field, std::size_t index) {
  if (field == "?") return "*";
  const bool named = index == 3 || index == 4;
  if (named && field.size() > 3 &&
      field.find_first_of("0123456789*/,-#") == std::string_view::npos) {
    return std::string(field.substr(0, 3));
  }
  const std::size_t slash = field.find('/');
  if (slash != std::string_view::npos && is_number(field.substr(0, slash)) &&
      is_number(field.substr(slash + 1))) {
    static constexpr const char* kLast[] = {"59", "23", "31", "12", "6"};
    const std::string_view start = field.substr(0, slash);
    const bool first = start == (index == 2 || index == 3 ? "1" : "0");
    return first ? "*" + std::string(field.substr(slash))
                 : std::string(start) + "-" +
                       kLast[std::min<std::size_t>(index, 4)] +
                       std::string(field.substr(slash));
  }
  return std::string(field);
}

// Where `month` names October, whom systemd-cron's generator does not know and
// so takes November and December for the month before: the last three by their
// numbers. Else as it was.
std::string months_by_number(std::string_view month) {
  std::string out;
  bool october = false;
  for (std::size_t at = 0; at < month.size();) {
    std::size_t end = at;
    std::string name;
    for (; end < month.size(); ++end) {
      const char c = month[end];
      const bool capital = c >= 'A' && c <= 'Z';
      if (!capital && (c < 'a' || c > 'z')) break;
      name += capital ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const std::string_view first = std::string_view(name).substr(0, 3);
    october = october || first == "oct";
    if (first == "oct" || first == "nov" || first == "dec") {
      out += first == "oct" ? "10" : first == "nov" ? "11" : "12";
    } else if (!name.empty()) {
      out += name;
    } else {
      out += month[end++];
    }
    at = end;
  }
  return october ? out : std::string(month);
}

}  // namespace

std::string_view month_of(std::string_view schedule) {
  for (int i = 0; i < 3; ++i) {
    schedule.remove_prefix(std::min(schedule.find(' '), schedule.size() - 1) +
                           1);
  }
  return schedule.substr(0, schedule.find(' '));
}

bool is_for_october(const Crontab& tab, const Problem& problem,
                    const Line& line) {
  return tab.daemon == Daemon::systemd_cron && problem.rule == "bad-month" &&
         months_by_number(month_of(line.schedule)) != month_of(line.schedule);
}

std::string meant_schedule(const Crontab& tab, const Line& line) {
  if (line.schedule.starts_with("@")) return meant_nickname(line.schedule);
  std::string out;
  std::size_t index = 0;
  for (std::size_t at = 0; at <= line.schedule.size(); ++index) {
    const std::size_t end =
        std::min(line.schedule.find(' ', at), line.schedule.size());
    if (index > 0) out += ' ';
    const auto field = std::string_view(line.schedule).substr(at, end - at);
    const bool month = index == 3 && tab.daemon == Daemon::systemd_cron;
    out += meant_field(month ? months_by_number(field) : field, index);
    at = end + 1;
  }
  const auto expr = schedule::CronExpr::parse(out, dialect_of(tab.daemon));
  return expr && !expr->never_runs() ? out : "";
}

std::string expected_instead(const Problem& problem) {
  if (problem.rule == "bad-nickname") {
    return "write the five fields, as */5 * * * * for every five minutes";
  }
  constexpr std::string_view kExpected = "; expected ";
  const std::size_t at = problem.message.rfind(kExpected);
  if (at == std::string::npos) return "";
  const std::string range = problem.message.substr(at + kExpected.size());
  constexpr std::size_t kLongestRange = 30;
  // Of a field alone: "0-59", "1-12 or jan-dec".
  if (range.size() > kLongestRange || range[0] < '0' || range[0] > '9') {
    return "";
  }
  return "write one of " + range + " there, a list (1,5), a range (1-5) or */2";
}

}  // namespace bezalel::crontab
