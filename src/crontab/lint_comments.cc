// What a comment `# bezalel: key=value` behind a command gets wrong.
#include <algorithm>

#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

constexpr std::string_view kMark = "bezalel:";
// Of a text that is no crontab at all.
constexpr std::size_t kMostTold = 20;

// Where the word begins in the comment; npos: it is not there as it was told,
// cut or escaped.
std::size_t place_of(std::string_view comment, const CommentFault& fault) {
  if (fault.word.empty()) return std::string_view::npos;
  std::size_t at = std::string_view::npos;
  for (std::size_t n = comment.find(fault.word); n != std::string_view::npos;
       n = comment.find(fault.word, n + 1)) {
    const bool begins =
        n > 0 && std::string_view(" \t=\"':").find(comment[n - 1]) !=
                     std::string_view::npos;
    if (!begins) continue;
    at = n;
    if (!fault.last) break;
  }
  return at;
}

Remark remark_of(const Linted& in, const Line& line, std::size_t mark,
                 const CommentFault& fault) {
  const std::string_view comment = shell_part(line).substr(mark);
  const std::size_t at = place_of(comment, fault);
  const bool found = at != std::string_view::npos;
  Remark r;
  r.rule = "comment-invalid";
  r.weight = Weight::warning;
  r.line = line.number;
  r.column = line.command_column + static_cast<int>(mark + (found ? at : 0));
  r.width = found ? fault.word.size() : kMark.size();
  r.message = fault.message;
  r.effect = fault.effect;
  r.fix = found && !fault.meant.empty()
              ? with(in.tab, line, r.column, r.width, fault.meant)
              : "correct the comment at the end of the command";
  return r;
}

}  // namespace

void lint_comments(const Linted& in) {
  if (!in.where.comment_faults) return;
  std::size_t told = 0;
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::job) continue;
    const std::size_t mark = shell_part(line).rfind(kMark);
    // Nearly no line: not worth to be taken apart for.
    if (mark == std::string_view::npos) continue;
    for (const CommentFault& fault : in.where.comment_faults(line.command)) {
      if (told++ == kMostTold) return;
      in.remarks.push_back(remark_of(in, line, mark, fault));
    }
  }
}

}  // namespace bezalel::crontab
