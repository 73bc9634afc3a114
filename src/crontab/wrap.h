// Each line of a crontab wrapped in `bezalel run`, for those who want to see it
// in the line or may not change SHELL.
//
//   0 1 * * * root tar c /x | gzip >y
//   0 1 * * * root /usr/bin/bezalel run tar-1f -- /bin/sh -c 'tar c /x | gzip
//   >y'
//
// What stands behind a `%`, and the comment `# bezalel: ...`, stay outside. The
// lines come back byte for byte; a line that is added later is not covered
// until the file is wrapped again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crontab/edit.h"

namespace bezalel::crontab {

struct Wrapping {
  std::string program;        // absolute path of bezalel
  std::string date, release;  // as in Adoption
  // The name of a job by its command; nullopt: it speaks for itself.
  std::function<std::optional<std::string>(std::string_view command)> name_of;
};

// The new text; the same where every job is wrapped already. Kind::invalid
// where the daemon ignores the file or would ignore the result (a line may grow
// to 998 bytes), where it is adopted by its SHELL, where a line looks as if it
// was wrapped by hand, or where the result would not be the same jobs.
Result<std::string> wrap(const Crontab& tab, const Wrapping& wrapping,
                         const Host& host = {});

// The same for the commands of an anacrontab: anacron has no SHELL to adopt it
// by. Its jobs keep their ids, and so their stamps.
Result<std::string> wrap_anacrontab(const std::string& text, Daemon daemon,
                                    const Wrapping& wrapping);
// The text without what wrap_anacrontab() put in.
std::string release_anacrontab(const std::string& text, Daemon daemon);
bool is_wrapped_anacrontab(std::string_view text);

// The comments of wrap() are in it.
bool is_wrapped(const Crontab& tab);

// The line without what wrap() put in; nullopt: not of that form.
std::optional<std::string> unwrapped(const Crontab& tab, const Line& line);
// `plain`, another text for that line unwrapped, in what the line is wrapped
// in; `plain` itself where it is no job. Without a newline both.
std::string wrapped_again(const Crontab& tab, const Line& line,
                          const std::string& plain);

}  // namespace bezalel::crontab
