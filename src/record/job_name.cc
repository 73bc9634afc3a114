// How a command gets its name: that of the job which it records by itself, that
// of its comment, or, where nobody named it:
//
// 1. A comment `# bezalel: key=value ...` at the end of the command is taken
//    off; `#` begins one only at the start of a word, outside of quotes. Its
//    `job=` is the name, and nothing below matters.
// 2. What is left is split as a shell would: at && || ; | & ( ) and newlines
//    into commands, each into words. Redirections, assignments in front and
//    reserved words (if, then, for, {, !, ...) do not count.
// 3. Passed over are commands that prepare or ask: cd, test, [, command -v,
//    which, echo, sleep, export and the like; the condition of an `if` or
//    `while`; grep, pgrep, mountpoint ... before && or ||. If nothing else is
//    there, the first of them does the work.
// 4. The first command that stays is unwrapped: known wrappers (nice, sudo,
//    timeout, flock, ...) with their options, operands and assignments; then
//    an interpreter gives way to the script, module or archive that it runs,
//    `sh -c` to what is inside the string (by 2 to 4 again). Program text
//    (perl -e) is not a name: there it is the interpreter.
// 5. The word's base name; every byte but A-Z a-z 0-9 . _ @ - becomes `-`,
//    what is no letter or digit is taken off the front, at most 40 stay.
//    No word, or nothing left of it: `command`.
// 6. `-` and the first 4 hex digits of SHA-256 of what 1 left, blanks at both
//    ends trimmed.
//
// Names of unnamed jobs depend on every detail of this: a change renames jobs
// on hosts. It is as fixed as a file format.
#include "record/job_name.h"

#include <algorithm>

#include "base/escape.h"
#include "base/sha256.h"
#include "record/own_record.h"
#include "record/shell_words.h"

namespace bezalel::record {

namespace {

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxWord = 40;
constexpr std::size_t kHashDigits = 4;
constexpr std::string_view kBlanks = " \t\r\n";

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9');
}

bool is_name_byte(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '@' || c == '-';
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The part of a name that a person reads.
std::string readable_part(std::string_view bare) {
  const auto work = find_work(bare);
  std::string name(work ? base_name(work->word) : std::string_view());
  for (char& c : name) {
    if (!is_name_byte(c)) c = '-';
  }
  name.erase(name.begin(), std::ranges::find_if(name, is_alnum));
  if (name.size() > kMaxWord) name.resize(kMaxWord);
  return name.empty() ? "command" : name;
}

// Takes `key=value` words off a comment, one at a time.
class CommentReader {
 public:
  explicit CommentReader(std::string_view text) : rest_(trim(text)) {}

  CommandComment read() {
    while (!rest_.empty()) {
      read_pair();
      rest_ = trim(rest_);
    }
    return std::move(comment_);
  }

 private:
  void read_pair() {
    const std::size_t n = rest_.find_first_of("= \t\r\n");
    const std::string_view key = rest_.substr(0, n);
    if (n == std::string_view::npos || rest_[n] != '=') {
      rest_.remove_prefix(key.size());
      complain(key, "expected key=value");
      return;
    }
    rest_.remove_prefix(n + 1);
    set(key, take_value());
  }

  std::string take_value() {
    const bool quoted = rest_.starts_with('"') || rest_.starts_with('\'');
    if (!quoted) {
      const std::size_t n =
          std::min(rest_.find_first_of(kBlanks), rest_.size());
      std::string value(rest_.substr(0, n));
      rest_.remove_prefix(n);
      return value;
    }
    const std::size_t end = rest_.find(rest_[0], 1);
    std::string value(rest_.substr(
        1, end == std::string_view::npos ? std::string_view::npos : end - 1));
    if (end == std::string_view::npos) complain(value, "quote not closed");
    rest_.remove_prefix(std::min(end, rest_.size() - 1) + 1);
    return value;
  }

  void set(std::string_view key, std::string value) {
    if (key == "job") return set_job(value);
    if (key == "allow") return;  // a rule of lint
    std::optional<std::string>* target = comment_.schedule.field(key);
    if (target == nullptr) {
      return complain(key,
                      "unknown key; expected job every cron calendar tz "
                      "grace max");
    }
    if (value.empty()) return complain(key, "without a value");
    if (*target) return complain(key, "given twice");
    const bool is_when = key == "every" || key == "cron" || key == "calendar";
    if (is_when && !comment_.schedule.empty()) {
      return complain(key, "only one of every, cron and calendar");
    }
    *target = std::move(value);
  }

  void set_job(std::string_view value) {
    auto name = JobName::parse(value);
    if (!name) {
      comment_.problems.push_back(std::move(name).error().what);
    } else if (comment_.job) {
      complain("job", "given twice");
    } else {
      comment_.job = *std::move(name);
    }
  }

  void complain(std::string_view what, std::string_view why) {
    comment_.problems.push_back("\"" + escape_line(what, 40) +
                                "\": " + std::string(why));
  }

  std::string_view rest_;
  CommandComment comment_;
};

struct CutCommand {
  std::string_view bare;
  std::optional<std::string_view> comment;  // what follows `bezalel:`
};

CutCommand cut_comment(std::string_view command) {
  constexpr std::string_view kMark = "bezalel:";
  const std::string_view text = trim(command);
  const std::size_t at = split_shell(text).comment;
  if (at == std::string_view::npos) return {text, std::nullopt};
  const std::string_view comment = trim(text.substr(at + 1));
  if (!comment.starts_with(kMark)) return {text, std::nullopt};
  return {trim(text.substr(0, at)), comment.substr(kMark.size())};
}

JobName name_of_words(std::string_view bare) {
  const std::string hash = to_hex(sha256(bare));
  return *JobName::parse(readable_part(bare) + "-" +
                         hash.substr(0, kHashDigits));
}

}  // namespace

JobName unit_job_name(std::string_view unit) {
  if (unit.size() > kMaxName) unit.remove_prefix(unit.size() - kMaxName);
  std::string name(unit);
  for (char& c : name) {
    if (!is_name_byte(c)) c = '-';
  }
  if (name.empty() || !is_alnum(name[0])) name.replace(0, 1, "u");
  return JobName(std::move(name));
}

bool is_job_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && is_alnum(text[0]) &&
         std::ranges::all_of(text, is_name_byte);
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

NamedCommand job_name(std::string_view command) {
  const CutCommand cut = cut_comment(command);
  CommandComment comment;
  if (cut.comment) comment = CommentReader(*cut.comment).read();
  std::string bare(cut.bare);
  if (auto own = own_record(bare)) {
    if (comment.job && comment.job != own->job) {
      comment.problems.push_back("\"job\": the command itself records " +
                                 own->job.str());
    }
    JobName name = own->job;
    return {std::move(name), std::move(comment), std::move(bare),
            std::move(own)};
  }
  if (comment.job) {
    JobName name = *comment.job;
    return {std::move(name), std::move(comment), std::move(bare)};
  }
  JobName name = name_of_words(bare);
  return {std::move(name), std::move(comment), std::move(bare)};
}

std::optional<JobName> former_name(const NamedCommand& named) {
  if (!named.own && !named.comment.job) return std::nullopt;
  const std::string words =
      named.own ? recorded_words(named.bare, *named.own) : named.bare;
  if (words.empty()) return std::nullopt;
  return name_of_words(words);
}

bool is_checking(std::string_view command) {
  if (!may_call_us(command)) return false;
  const auto work = find_work(cut_comment(command).bare);
  const std::string_view verb = work ? call_of(*work).verb : "";
  return verb == "check" || verb == "report";
}

std::string_view name_stem(std::string_view job) {
  constexpr std::size_t kSuffix = 5;  // "-" and four hex digits
  if (job.size() <= kSuffix || job[job.size() - kSuffix] != '-') return job;
  const std::string_view hex = job.substr(job.size() - kSuffix + 1);
  const bool is_hex =
      hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_hex ? job.substr(0, job.size() - kSuffix) : job;
}

}  // namespace bezalel::record
