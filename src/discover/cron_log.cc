#include "discover/cron_log.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "record/redact.h"
#include "schedule/civil.h"

namespace bezalel::discover {
namespace {

constexpr std::string_view kBlanks = " \t";
// A stamp a little ahead is one of this year all the same.
constexpr Duration kAhead = std::chrono::hours(24);

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Takes the next word off the front.
std::string_view next_word(std::string_view& rest) {
  const std::size_t first = rest.find_first_not_of(' ');
  if (first == std::string_view::npos) {
    rest = {};
    return {};
  }
  rest.remove_prefix(first);
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

std::optional<int> month_of(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun",
      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::find(kMonths.begin(), kMonths.end(), word);
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<int>(found - kMonths.begin()) + 1;
}

std::optional<int> second_of_day(std::string_view clock) {
  if (clock.size() != 8 || clock[2] != ':' || clock[5] != ':') return {};
  const auto hour = number_of(clock.substr(0, 2));
  const auto minute = number_of(clock.substr(3, 2));
  const auto second = number_of(clock.substr(6, 2));
  if (!hour || !minute || !second) return std::nullopt;
  if (*hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || *second < 0 ||
      *second > 60) {
    return std::nullopt;
  }
  return *hour * 3600 + *minute * 60 + *second;
}

Timestamp instant_of(std::int64_t civil, const schedule::Zone& zone) {
  const std::int64_t guess = civil - zone.offset_at(from_unix_seconds(civil));
  return from_unix_seconds(civil - zone.offset_at(from_unix_seconds(guess)));
}

// "Nov 26 12:50:01": it does not say of which year.
std::optional<Timestamp> yearless_stamp(std::string_view& rest, Timestamp now,
                                        const schedule::Zone& zone) {
  const auto month = month_of(next_word(rest));
  if (!month) return std::nullopt;
  const auto day = number_of(next_word(rest));
  const auto second = second_of_day(next_word(rest));
  if (!day || *day < 1 || *day > 31 || !second) return std::nullopt;
  const auto today = static_cast<std::int64_t>(to_unix_seconds(now));
  const int year = schedule::date_from_days(
                       schedule::floor_div(today, schedule::kSecondsPerDay))
                       .year +
                   1;
  for (int back = 0; back < 3; ++back) {
    if (*day > schedule::days_in_month(year - back, *month)) continue;
    const std::int64_t days =
        schedule::days_from_date(year - back, *month, *day);
    const Timestamp at =
        instant_of(days * schedule::kSecondsPerDay + *second, zone);
    if (at <= now + kAhead) return at;
  }
  return std::nullopt;
}

// "command" of "[12] command", as cron -L with its bit for the pid writes it.
std::string_view without_pid(std::string_view command) {
  if (!command.starts_with('[')) return command;
  const std::size_t close = command.find("] ");
  if (close == std::string_view::npos ||
      !number_of(command.substr(1, close - 1))) {
    return command;
  }
  return command.substr(close + 2);
}

std::string key_of(std::string_view user, std::string_view command) {
  std::string key(user);
  key += '\n';
  key += command;
  return key;
}

// As cron logs bytes that do not print.
std::string as_logged(std::string_view command) {
  std::string out;
  for (const char c : command) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += '^';
      out += static_cast<char>(byte + '@');
    } else if (byte == 0x7f) {
      out += "^?";
    } else if (byte > 0x7f) {
      out += '\\';
      out += static_cast<char>('0' + (byte >> 6));
      out += static_cast<char>('0' + (byte >> 3 & 7));
      out += static_cast<char>('0' + (byte & 7));
    } else {
      out += c;
    }
  }
  return out;
}

template <class Map>
void note(Map& map, std::string key, Timestamp at) {
  if (const auto found = map.find(key); found != map.end()) {
    found->second = std::max(found->second, at);
  } else if (map.size() < kMostStarts) {
    map.emplace(std::move(key), at);
  }
}

bool contains(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

// The word of a text that follows `before`; empty: none.
std::string_view word_after(std::string_view text, std::string_view before) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  std::string_view rest = text.substr(at + before.size());
  return next_word(rest);
}

}  // namespace

std::optional<LogLine> parse_log_line(std::string_view line, Timestamp now,
                                      const schedule::Zone& zone) {
  LogLine out;
  std::string_view rest = line;
  if (line.starts_with('2')) {
    const auto at = parse_rfc3339(next_word(rest));
    if (!at) return std::nullopt;
    out.at = *at;
  } else {
    const auto at = yearless_stamp(rest, now, zone);
    if (!at) return std::nullopt;
    out.at = *at;
  }
  // The host; some syslogs name facility and level after it.
  for (int word = 0; word < 3; ++word) {
    std::string_view tag = next_word(rest);
    if (!tag.ends_with(':')) continue;
    tag.remove_suffix(1);
    out.program = tag.substr(0, tag.find('['));
    out.text = rest.empty() ? rest : rest.substr(1);
    return out;
  }
  return std::nullopt;
}

bool is_cron(std::string_view program) {
  return program == "CRON" || program == "cron" || program == "CROND" ||
         program == "crond";
}

void CronLog::add(const LogLine& line) {
  if (!is_cron(line.program)) return;
  newest_line_ = std::max(newest_line_, std::optional(line.at));
  std::string_view text = line.text;
  if (text.starts_with("USER ")) {  // busybox
    text.remove_prefix(5);
    const std::string_view user = next_word(text);
    if (next_word(text) != "pid" || !number_of(next_word(text))) return;
    if (next_word(text) != "cmd") return;
    start(line.at, user, text);
    return;
  }
  if (trouble(line.at, text) || !text.starts_with('(')) return;
  constexpr std::string_view kStarts = ") CMD (";
  const std::size_t close = text.find(kStarts);
  if (close == std::string_view::npos) return;
  const std::string_view user = text.substr(1, close - 1);
  const std::string_view command =
      without_pid(text.substr(close + kStarts.size()));
  if (command.ends_with(')')) {
    start(line.at, user, command.substr(0, command.size() - 1));
  } else {
    cut_short(line.at, user, command);
  }
}

void CronLog::start(Timestamp at, std::string_view user,
                    std::string_view command) {
  command = trimmed(command);
  newest_start_ = std::max(newest_start_, std::optional(at));
  note(users_, std::string(user), at);
  // Removing secrets costs more than all the rest: once for each job.
  std::string logged = key_of(user, command);
  auto known = redacted_.find(logged);
  if (known == redacted_.end()) {
    if (redacted_.size() >= kMostStarts) return;
    known =
        redacted_
            .emplace(std::move(logged), key_of(user, record::redact(command)))
            .first;
  }
  note(started_, known->second, at);
}

void CronLog::cut_short(Timestamp at, std::string_view user,
                        std::string_view begin) {
  newest_start_ = std::max(newest_start_, std::optional(at));
  note(users_, std::string(user), at);
  for (Cut& cut : cut_) {
    if (cut.user != user || cut.begin != begin) continue;
    cut.at = std::max(cut.at, at);
    return;
  }
  constexpr std::size_t kMostCut = 100;
  if (cut_.size() < kMostCut) {
    cut_.push_back({std::string(user), std::string(begin), at});
  }
}

bool CronLog::trouble(Timestamp at, std::string_view text) {
  if (contains(text, "No MTA installed, discarding output")) {
    ++outputs_lost_;
    return true;
  }
  if (text.ends_with("(can't fork)") || contains(text, ") CAN'T FORK (")) {
    cannot_fork_ = std::max(cannot_fork_, std::optional(at));
    return true;
  }
  constexpr std::string_view kAccount = "pam_unix(cron:account): ";
  if (text.starts_with(kAccount)) {
    const std::string_view why = text.substr(kAccount.size());
    std::string_view user = word_after(why, " for user ");
    if (user.empty()) user = word_after(why, "account ");
    if (!user.empty()) refuse(at, user, why);
    return true;
  }
  const std::size_t failed = text.find(") FAILED to authorize user");
  if (text.starts_with('(') && failed != std::string_view::npos) {
    refuse(at, text.substr(1, failed - 1), text.substr(failed + 2));
    return true;
  }
  return false;
}

void CronLog::refuse(Timestamp at, std::string_view user,
                     std::string_view why) {
  const auto found = refused_.find(user);
  if (found == refused_.end()) {
    if (refused_.size() < kMostStarts) {
      refused_.emplace(std::string(user), Refused{at, std::string(why)});
    }
  } else if (found->second.at <= at) {
    found->second = {at, std::string(why)};
  }
}

std::optional<Timestamp> CronLog::newest_start(const std::string& user,
                                               std::string_view command) const {
  const std::string logged = as_logged(trimmed(command));
  std::optional<Timestamp> newest;
  const auto found = started_.find(key_of(user, logged));
  if (found != started_.end()) newest = found->second;
  for (const Cut& cut : cut_) {
    // What was cut could hold half a secret; it is compared as it is.
    if (cut.user == user && logged.starts_with(cut.begin)) {
      newest = std::max(newest, std::optional(cut.at));
    }
  }
  return newest;
}

std::map<std::string, CronLog::Refused> CronLog::refused() const {
  std::map<std::string, Refused> out;
  for (const auto& [user, refused] : refused_) {
    const auto started = users_.find(user);
    if (started == users_.end() || started->second < refused.at) {
      out.emplace(user, refused);
    }
  }
  return out;
}

}  // namespace bezalel::discover
