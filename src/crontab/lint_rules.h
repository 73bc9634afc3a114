// The rules of lint, by what they look at. Inside of crontab.
#pragma once

#include <string>
#include <vector>

#include "crontab/lint.h"

namespace bezalel::crontab {

// Each appends what it finds, in any order.
struct Linted {
  const Crontab& tab;
  const Where& where;
  std::vector<Remark>& remarks;
};

// file-ignored, line-ignored, carriage-return.
void lint_lines(const Linted& in);

// The text of a line, without its newline.
std::string_view text_of(const Crontab& tab, const Line& line);
// The line with the bytes from column `column` on, `width` of them, replaced.
std::string with(const Crontab& tab, const Line& line, int column,
                 std::size_t width, std::string_view replacement);
// In quotes, escaped, cut to what fits into a heading.
std::string quoted_word(std::string_view text);
// "1 job", "6 jobs".
std::string count_of(std::size_t n, std::string_view noun);
std::size_t jobs_of(const Crontab& tab);

}  // namespace bezalel::crontab
