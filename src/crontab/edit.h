// Edits of a crontab that leave every other byte as it is.
//
// Adopting takes one setting: `SHELL=/usr/bin/bezalel-sh` at the top, below two
// comments that say how to undo it by hand. A SHELL that a table sets itself is
// kept as BEZALEL_SHELL, which bezalel-sh hands on. No job line is touched, and
// jobs added later are covered. Releasing takes out what adopting put in, also
// after later edits of other lines. Doing either twice changes nothing.
#pragma once

#include <string>

#include "base/result.h"
#include "crontab/crontab.h"

namespace bezalel::crontab {

struct Adoption {
  std::string shell;    // absolute path of bezalel-sh
  std::string date;     // "2026-11-24", in the comment
  std::string release;  // "bezalel release --file /etc/cron.d/x"
};

// Whether the table set SHELL itself: that line is kept as BEZALEL_SHELL, and
// has to be turned back where the adoption is undone by hand.
enum class FormerShell { none, kept };

// The lines that go to the top, for configuration management too.
std::string header_of(const Adoption& adoption,
                      FormerShell former = FormerShell::none);

// The new text. Kind::invalid where the daemon ignores the file as it is, has
// no job in it, does not honour SHELL (systemd-cron), or where the result would
// not be the same jobs.
Result<std::string> adopt(const Crontab& tab, const Adoption& adoption,
                          const Host& host = {});

// The text without what adopt() and wrap() (wrap.h) put in; the same text where
// there is nothing of ours. Never fails: also of a file that its daemon
// refuses.
std::string release(const Crontab& tab);

// The comments above the jobs of a file that wrap() has wrapped.
std::string wrap_header(const std::string& date, const std::string& release);

// A whole line of those comments.
bool is_wrap_header(std::string_view bytes);

// Some line of adopt()'s or wrap()'s is in it.
bool is_adopted(const Crontab& tab);

}  // namespace bezalel::crontab
