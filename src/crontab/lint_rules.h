// The rules of lint, by what they look at. Inside of crontab.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crontab/lint.h"
#include "crontab/shell_text.h"

namespace bezalel::crontab {

// Each appends what it finds, in any order.
struct Linted {
  const Crontab& tab;
  const Where& where;
  std::vector<Remark>& remarks;
  // Of lines that were wrapped, by number: the shell that gets the command.
  std::map<int, std::string> wrapped = {};
  // Of jobs, by number: several rules look at it. Empty for a table so large
  // that it is not kept.
  std::map<int, ShellText> shells = {};
};

// What a shell makes of the line's part for it; kept, or read into `spare`.
const ShellText& shell_text(const Linted& in, const Line& line,
                            ShellText& spare);

// The table as it was before wrap(), line by line; `shells` as above.
Crontab without_wrappers(const Crontab& tab,
                         std::map<int, std::string>& shells);
// What is told of such a line put where it stands in `tab`.
void put_into_wrapper(const Crontab& tab, Remark& r);

// file-ignored, line-ignored, not-installed, carriage-return, no-break-space,
// unread-table.
void lint_lines(const Linted& in);
// never-runs, and what schedule/suspect.h finds odd, under its names.
void lint_schedules(const Linted& in);
// stamp-shared, cron-line, setting-literal: of an anacrontab alone.
void lint_anacron(const Linted& in);
// What a line that anacron skips was meant to be.
void put_anacron_right(const Linted& in, const Line& line, Remark& r);
// clock-change: only where the clock is known.
void lint_clock(const Linted& in);
// command-empty, percent, quote-open, bashism, output-discarded.
void lint_commands(const Linted& in);
// status-masked, guarded.
void lint_status(const Linted& in);
// setting-ignored, setting-unexpanded, setting-comment, setting-swallows,
// shell-missing.
void lint_settings(const Linted& in);
// extra-user, missing-user.
void lint_users(const Linted& in);
// command-missing, guard-missing, mail-nowhere: only where the host is known.
void lint_programs(const Linted& in);
// command-missing of one line.
void lint_program(const Linted& in, const Line& line);

// comment-invalid, option-invalid: only where somebody can judge them.
void lint_comments(const Linted& in);
void lint_calls(const Linted& in);

// Takes out what comments allow, of the remarks and of `more`, and tells of a
// rule in one that there is none of: allow-unknown.
void leave_out_allowed(const Linted& in, std::vector<Remark>& more);

// The text of a line, without its newline.
std::string_view text_of(const Crontab& tab, const Line& line);
// The line with the bytes from column `column` on, `width` of them, replaced,
// and without a carriage return at its end.
std::string with(const Crontab& tab, const Line& line, int column,
                 std::size_t width, std::string_view replacement);
// The line with another schedule before what follows the old one.
std::string with_schedule(const Crontab& tab, const Line& line,
                          const std::string& schedule);
// Bytes from its first field to the end of its last.
std::size_t schedule_width(const Crontab& tab, const Line& line);
// The part of the command, as written, that the shell gets.
std::string_view shell_part(const Line& line);
// "sh", "bash": who gets the line.
std::string shell_of(const Linted& in, const Line& line);
// That shell is one that knows no bash.
bool is_plain_shell(const Linted& in, const Line& line);
// What to do that the line is run by bash.
std::string have_bash(const Linted& in, const Line& line);
// In quotes, escaped, the end of it where it is long.
std::string quoted_tail(std::string_view text);
// In quotes, escaped, cut to what fits into a heading.
std::string quoted_word(std::string_view text);
// "1 job", "6 jobs".
std::string count_of(std::size_t n, std::string_view noun);
std::size_t jobs_of(const Crontab& tab);

}  // namespace bezalel::crontab
