// For tests: the rows of tests/data/schedules, answers of programs that are
// not ours (the real Debian daemon, systemd-analyze, cronsim).
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "base/json_read.h"
#include "base/time.h"

namespace bezalel::schedule {

// One line of a .jsonl file.
class Row {
 public:
  explicit Row(std::string line)
      : line_(std::move(line)), value_(*JsonValue::parse(line_)) {}
  Row(const Row&) = delete;

  const std::string& line() const { return line_; }
  bool has(std::string_view name) const {
    return value_.member(name).has_value();
  }
  std::string text(std::string_view name) const {
    const auto value = value_.member(name);
    return value ? value->as_string().value_or("") : "";
  }
  std::int64_t integer(std::string_view name) const {
    const auto value = value_.member(name);
    return value ? value->as_int().value_or(-1) : -1;
  }
  double number(std::string_view name) const {
    const auto value = value_.member(name);
    return value ? value->as_double().value_or(-1) : -1;
  }
  bool flag(std::string_view name) const {
    const auto value = value_.member(name);
    return value && value->as_bool().value_or(false);
  }
  Timestamp time(std::string_view name) const {
    return to_time(*value_.member(name));
  }
  std::vector<Timestamp> times(std::string_view name) const {
    std::vector<Timestamp> out;
    const auto list = value_.member(name);
    if (!list) return out;
    for (std::size_t i = 0; const auto item = list->element(i); ++i) {
      out.push_back(to_time(*item));
    }
    return out;
  }

 private:
  static Timestamp to_time(const JsonValue& value) {
    if (const auto t = value.as_unix()) return *t;
    return *parse_rfc3339(*value.as_string());
  }

  std::string line_;
  JsonValue value_;
};

// Calls f(row) for every row of a file.
template <class F>
int for_each_row(const std::string& file, F&& f) {
  std::ifstream in(BEZALEL_SOURCE_DIR "/tests/data/schedules/" + file);
  int count = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    ++count;
    f(Row(line));
  }
  return count;
}

inline std::string show(const std::vector<Timestamp>& times) {
  std::string out;
  for (const Timestamp t : times) out += format_rfc3339(t) + ' ';
  return out;
}

}  // namespace bezalel::schedule
