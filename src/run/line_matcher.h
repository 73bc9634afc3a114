// Patterns looked for in a job's output, line by line.
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bezalel::run {

// One POSIX extended expression.
class Pattern {
 public:
  // Kind::invalid with the expression and regcomp's reason.
  static Result<Pattern> compile(const std::string& text);

  bool matches(std::string_view line) const;
  const std::string& text() const { return text_; }

 private:
  struct Free {
    void operator()(regex_t* regex) const {
      ::regfree(regex);
      delete regex;
    }
  };
  Pattern(std::string text, std::unique_ptr<regex_t, Free> regex)
      : text_(std::move(text)), regex_(std::move(regex)) {}

  std::string text_;
  std::unique_ptr<regex_t, Free> regex_;
};

// Which patterns have matched some line; shared by the streams of a run.
class Sightings {
 public:
  explicit Sightings(std::vector<Pattern> patterns)
      : patterns_(std::move(patterns)), seen_(patterns_.size(), false) {}

  void look_at(std::string_view line);
  bool empty() const { return patterns_.empty(); }
  const std::vector<Pattern>& patterns() const { return patterns_; }
  bool seen(std::size_t i) const { return seen_[i]; }

 private:
  std::vector<Pattern> patterns_;
  std::vector<bool> seen_;
};

// Cuts one stream into lines, of which the first 4 KiB count, and shows them
// to the patterns.
class LineMatcher {
 public:
  static constexpr std::size_t kMaxLine = 4096;

  explicit LineMatcher(Sightings& sightings) : sightings_(sightings) {}

  void add(std::string_view bytes);
  // The last line may lack its newline.
  void finish();

 private:
  Sightings& sightings_;
  std::string line_;
  bool any_ = false;  // the line has begun, were it even empty
};

}  // namespace bezalel::run
