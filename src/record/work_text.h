// What a command does, for a comparison of two.
#pragma once

#include <string>
#include <string_view>

namespace bezalel::record {

// Without what runs it alike: `bezalel run JOB --`, `nice`, `sh -c` and other
// wrappers, redirections, the comment. A line of several commands is as it is
// written: which of them does the work does not say what the others do.
std::string work_text(std::string_view command);

}  // namespace bezalel::record
