#include "record/job_name.h"

#include "base/escape.h"

namespace bezalel::record {

namespace {

constexpr std::size_t kMaxName = 128;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9');
}

}  // namespace

bool is_job_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxName || !is_alnum(text[0])) {
    return false;
  }
  for (const char c : text) {
    if (!is_alnum(c) && c != '.' && c != '_' && c != '@' && c != '-') {
      return false;
    }
  }
  return true;
}

Result<JobName> JobName::parse(std::string_view text) {
  if (!is_job_name(text)) {
    return err(Kind::invalid,
               "\"" + escape_line(text, 40) +
                   "\" is not a job name; expected 1 to 128 of A-Z a-z 0-9 . "
                   "_ @ -, the first a letter or digit");
  }
  return JobName(std::string(text));
}

}  // namespace bezalel::record
