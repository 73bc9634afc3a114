// Edits of a crontab that leave every other byte as it is.
//
// Adopting takes one setting: `SHELL=.../bezalel-sh` above the first job, below
// two comments that say how to undo it by hand. A SHELL that was set before is
// kept as BEZALEL_SHELL; each later `SHELL=` line is rewritten the same way.
// Releasing takes out what adopting put in, also after later edits of other
// lines. Doing either twice changes nothing.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crontab/crontab.h"

namespace bezalel::crontab {

struct Adoption {
  std::string shell;    // absolute path of bezalel-sh
  std::string date;     // "2026-11-24", in the comment
  std::string release;  // "bezalel release --file /etc/cron.d/x"
};

// The new text. Kind::invalid where the daemon ignores the file as it is, or
// where the result would not be the same jobs (entries_of).
Result<std::string> adopt(const Crontab& tab, const Adoption& adoption);

// `--wrap`: each job line that bezalel does not hold yet gets
// `BEZALEL run NAME -- /bin/sh -c '...'` in its place; Kind::invalid where a
// line would grow beyond what the daemon takes.
Result<std::string> wrap(const Crontab& tab, const Adoption& adoption,
                         std::string_view bezalel);

// The text without what adopt() or wrap() put in; the same text where there is
// nothing of ours.
std::string release(const Crontab& tab);

// How a job line is held: by SHELL=bezalel-sh above it, by its own `bezalel
// run` / `beat`, or not at all.
enum class Hold { none, shell, command };
Hold hold_of(const Crontab& tab, const Line& line);

}  // namespace bezalel::crontab
