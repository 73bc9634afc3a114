#include "crontab/anacrontab.h"

#include <charconv>

#include "base/escape.h"

namespace bezalel::crontab {
namespace {

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view skip_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

// Takes the first word off.
std::string_view take_word(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && !is_blank(text[end])) ++end;
  const std::string_view word = text.substr(0, end);
  text = skip_blanks(text.substr(end));
  return word;
}

bool is_number(std::string_view word) {
  return !word.empty() &&
         word.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<int> number_of(std::string_view word) {
  int value = 0;
  const auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) {
    return std::nullopt;
  }
  return value;
}

struct Setting {
  std::string_view name, value;
};

std::optional<Setting> setting_of(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  std::string_view name = line.substr(0, equals);
  while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
  if (name.empty() || name.find_first_of(" \t") != std::string_view::npos) {
    return std::nullopt;
  }
  return Setting{name, line.substr(equals + 1)};
}

// By its first letters: @monthlyx is @monthly.
std::optional<int> days_of_name(std::string_view name, Daemon daemon) {
  if (name.starts_with("@monthly")) return 31;
  if (name.starts_with("@yearly")) return 366;
  if (daemon != Daemon::cronie) return std::nullopt;
  if (name.starts_with("@annually")) return 366;
  if (name.starts_with("@weekly")) return 7;
  if (name.starts_with("@daily")) return 1;
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(Daemon daemon) : daemon_(daemon) {}

  Anacrontab parse(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      ++number_;
      begin_ = text.data();
      line(skip_blanks(text.substr(0, end)));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    for (AnacronEntry& e : out_.entries) {
      e.delay += random_delay_;
      e.not_before = not_before_;
    }
    return std::move(out_);
  }

 private:
  int column_of(std::string_view part) const {
    return static_cast<int>(part.data() - begin_) + 1;
  }

  Problem problem(std::string_view part, const char* rule,
                  std::string message) const {
    return {number_, column_of(part), rule, std::move(message)};
  }

  void line(std::string_view text) {
    if (number_ == 1 && text.starts_with(kByteOrderMark + std::string("#"))) {
      return;
    }
    if (text.empty() || text.front() == '#' || text == "\r") return;
    if (const auto setting = setting_of(text)) {
      out_.settings.push_back(
          {number_, std::string(setting->name), std::string(setting->value)});
      if (daemon_ == Daemon::cronie) setting_of_cronie(*setting);
      return;
    }
    entry(text);
  }

  void setting_of_cronie(const Setting& setting) {
    const std::string_view value = skip_blanks(setting.value);
    if (setting.name == "RANDOM_DELAY") {
      const auto minutes = number_of(value);
      if (minutes) random_delay_ = std::chrono::minutes(*minutes);
    } else if (setting.name == "START_HOURS_RANGE") {
      const auto hour = number_of(value.substr(0, value.find('-')));
      if (hour && *hour < 24) not_before_ = std::chrono::hours(*hour);
    }
  }

  void entry(std::string_view text) {
    const std::string_view whole = text;
    const std::string_view period = take_word(text);
    const std::string_view delay = take_word(text);
    const std::string_view id = take_word(text);
    const bool named = period.size() > 1 && period.front() == '@';
    if ((!named && !is_number(period)) || !is_number(delay) || id.empty() ||
        id.find('/') != std::string::npos || text.empty()) {
      out_.dropped.push_back(
          problem(whole, "anacron-line", "expected `period delay id command`"));
      return;
    }
    auto days = named ? days_of_name(period, daemon_) : number_of(period);
    const auto minutes = number_of(delay);
    if ((!named && !days) || !minutes) {
      out_.dropped.push_back(
          problem(days ? delay : period, "anacron-number",
                  "number out of range; expected at most 2147483647"));
      return;
    }
    if (!days) {
      out_.misread.push_back(
          problem(period, "anacron-period",
                  "unknown period " + escape_line(period, 40) +
                      "; expected a number of days, @monthly or @yearly"));
      days = 0;
    }
    out_.entries.push_back({number_, column_of(period), column_of(delay),
                            column_of(id), column_of(text), std::string(period),
                            *days, std::chrono::minutes(*minutes), Duration{},
                            std::string(id), std::string(text)});
  }

  const Daemon daemon_;
  int number_ = 0;
  const char* begin_ = nullptr;  // of the line
  Duration random_delay_{};
  Duration not_before_{};
  Anacrontab out_;
};

}  // namespace

Anacrontab parse_anacrontab(std::string_view text, Daemon daemon) {
  return Parser(daemon).parse(text);
}

std::optional<std::chrono::sys_days> parse_anacron_stamp(
    std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || is_blank(text.back()))) {
    text.remove_suffix(1);
  }
  if (text.size() != 8 || !is_number(text)) return std::nullopt;
  const std::chrono::year_month_day day{
      std::chrono::year(*number_of(text.substr(0, 4))),
      std::chrono::month(static_cast<unsigned>(*number_of(text.substr(4, 2)))),
      std::chrono::day(static_cast<unsigned>(*number_of(text.substr(6, 2))))};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day);
}

}  // namespace bezalel::crontab
