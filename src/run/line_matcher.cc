#include "run/line_matcher.h"

#include <algorithm>
#include <array>

namespace bezalel::run {

Result<Pattern> Pattern::compile(const std::string& text) {
  std::unique_ptr<regex_t, Free> regex(new regex_t{});
  const int code = ::regcomp(regex.get(), text.c_str(), REG_EXTENDED);
  if (code == 0) return Pattern(text, std::move(regex));
  std::array<char, 128> reason;
  ::regerror(code, regex.get(), reason.data(), reason.size());
  return err(Kind::invalid, "\"" + text + "\": " + reason.data() +
                                "; expected a POSIX extended expression");
}

bool Pattern::matches(std::string_view line) const {
  // REG_STARTEND: a NUL byte is a byte like any other.
  regmatch_t range[1];
  range[0].rm_so = 0;
  range[0].rm_eo = static_cast<regoff_t>(line.size());
  return ::regexec(regex_.get(), line.data(), 1, range, REG_STARTEND) == 0;
}

void Sightings::look_at(std::string_view line) {
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    if (!seen_[i] && patterns_[i].matches(line)) seen_[i] = true;
  }
}

void LineMatcher::add(std::string_view bytes) {
  if (sightings_.empty()) return;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    line_ += part.substr(0, kMaxLine - std::min(kMaxLine, line_.size()));
    any_ = true;
    if (end == std::string_view::npos) return;
    finish();
    bytes.remove_prefix(end + 1);
  }
}

void LineMatcher::finish() {
  if (!any_) return;
  sightings_.look_at(line_);
  line_.clear();
  any_ = false;
}

}  // namespace bezalel::run
