// What a comment `# bezalel: key=value` behind a command gets wrong, and a call
// of ours in it.
#include <algorithm>
#include <array>

#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

constexpr std::string_view kMark = "bezalel:";
// Of a text that is no crontab at all.
constexpr std::size_t kMostTold = 20;

// Where the word begins in the text; npos: it is not there as it was told,
// cut or escaped.
std::size_t place_of(std::string_view text, const OwnFault& fault) {
  if (fault.word.empty()) return std::string_view::npos;
  std::size_t at = std::string_view::npos;
  for (std::size_t n = text.find(fault.word); n != std::string_view::npos;
       n = text.find(fault.word, n + 1)) {
    const bool begins =
        n > 0 && std::string_view(" \t=\"':").find(text[n - 1]) !=
                     std::string_view::npos;
    if (!begins) continue;
    at = n;
    if (!fault.last) break;
  }
  return at;
}

// `mark`: the word of the line, and where it begins, behind which the fault is.
Remark remark_of(const Linted& in, const Line& line, std::string_view rule,
                 std::string_view mark, std::size_t begin,
                 const OwnFault& fault) {
  const std::size_t at = place_of(shell_part(line).substr(begin), fault);
  const bool found = at != std::string_view::npos;
  Remark r;
  r.rule = rule;
  r.weight = fault.weight;
  r.line = line.number;
  r.column = line.command_column + static_cast<int>(begin + (found ? at : 0));
  r.width = found ? fault.word.size() : mark.size();
  r.message = fault.message;
  r.effect = fault.effect;
  r.fix = found && !fault.meant.empty()
              ? with(in.tab, line, r.column, r.width, fault.meant)
              : fault.otherwise;
  return r;
}

// Of the jobs whose commands hold the word, what `faults_of` finds behind it.
void tell_faults(const Linted& in, std::string_view rule, std::string_view mark,
                 const Where::FaultsOf& faults_of) {
  std::size_t told = 0;
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::job) continue;
    const std::string_view text = shell_part(line);
    const std::size_t begin =
        mark == kMark ? text.rfind(mark) : text.find(mark);
    // Nearly no line: not worth to be taken apart for.
    if (begin == std::string_view::npos) continue;
    for (const OwnFault& fault : faults_of(line.command)) {
      if (told++ == kMostTold) return;
      in.remarks.push_back(remark_of(in, line, rule, mark, begin, fault));
    }
  }
}

constexpr std::string_view kBlanks = " \t";

// "job=x": what a comment of ours is made of. `allow=` is lint's own, which
// reads it anywhere.
bool is_setting(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kKeys = {
      "job=", "every=", "cron=", "calendar=", "tz=", "grace=", "max="};
  return std::any_of(kKeys.begin(), kKeys.end(),
                     [&](auto key) { return word.starts_with(key); });
}

bool has_setting(std::string_view text) {
  for (std::size_t at = 0;
       (at = text.find_first_not_of(kBlanks, at)) != std::string_view::npos;) {
    const std::size_t end =
        std::min(text.find_first_of(kBlanks, at), text.size());
    if (is_setting(text.substr(at, end - at))) return true;
    at = end;
  }
  return false;
}

// `# nightly # bezalel: job=x`, `# Bezalel: job=x`, `# bezalel job=x`: meant
// for us, and of no form that is read.
void missed_comment(const Linted& in, const Line& line) {
  std::string lower(shell_part(line));
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  constexpr std::string_view kWord = "bezalel";
  std::size_t word = lower.rfind(kWord);
  // Nearly no line: not worth to be taken apart for.
  if (word == std::string::npos || lower.find('#') > word) return;
  const auto begin = read_shell(shell_part(line)).comment;
  if (!begin) return;
  const std::string_view comment = shell_part(line).substr(*begin + 1);
  const std::size_t first = comment.find_first_not_of(kBlanks);
  if (first == std::string_view::npos ||
      comment.substr(first).starts_with(kMark)) {
    return;  // it is read
  }
  // The last one that settings follow.
  std::size_t end = 0;
  for (;; word = lower.rfind(kWord, word - 1)) {
    if (word == std::string::npos || word < *begin) return;
    end = std::min(lower.find_first_not_of(" \t:", word + kWord.size()),
                   lower.size());
    if (has_setting(shell_part(line).substr(end))) break;
  }
  Remark r;
  r.rule = "comment-invalid";
  r.weight = Weight::warning;
  r.line = line.number;
  r.column = line.command_column + static_cast<int>(word);
  r.width = end - word;
  while (r.width > kWord.size() &&
         kBlanks.find(lower[word + r.width - 1]) != std::string_view::npos) {
    --r.width;
  }
  r.message = "a comment for bezalel that it does not read";
  r.effect =
      "It is passed over: the comment has to begin with \"bezalel:\", in small "
      "letters.";
  r.fix = with(in.tab, line, line.command_column + static_cast<int>(*begin),
               end - *begin, "# bezalel: ");
  in.remarks.push_back(std::move(r));
}

}  // namespace

void lint_comments(const Linted& in) {
  if (!in.where.comment_faults) return;
  for (const Line& line : in.tab.lines) {
    if (line.type == LineType::job) missed_comment(in, line);
  }
  tell_faults(in, "comment-invalid", kMark, in.where.comment_faults);
}

void lint_calls(const Linted& in) {
  if (!in.where.call_faults) return;
  tell_faults(in, "option-invalid", "bezalel", in.where.call_faults);
}

}  // namespace bezalel::crontab
