// Commands that are printed for somebody to paste.
#pragma once

#include <string>
#include <string_view>

namespace bezalel {

// One word for a shell that reads it back as it was, whatever bytes it has, on
// one line of ASCII that can be printed: as shell_quote() of escape.h where
// that does, else by printf(1). For sh, bash, dash and busybox alike, so no
// $'..'.
std::string paste_word(std::string_view word);

}  // namespace bezalel
