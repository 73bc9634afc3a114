// What lint found: `bezalel lint`.
#pragma once

#include <string>

#include "app/lint.h"

namespace bezalel::report {

enum class LintDetail { important, all };  // all: what is just worth knowing

struct LintPage {
  std::string zone;  // IANA name, for local times
  Timestamp now;
  LintDetail detail = LintDetail::important;
};

// LOOK 5, at 80 columns.
std::string lint_text(const app::LintResult& result, const LintPage& page);

// One file as DESIGN 9 has it.
std::string lint_file_json(const app::LintedFile& file);
// {"v":1,"files":[one a file as above],"unread":[findings],"errors","warnings"}
std::string lint_json(const app::LintResult& result);

// 0 nothing, or warnings alone; 1 errors; 3 not everything could be read.
int lint_exit(const app::LintResult& result);

}  // namespace bezalel::report
