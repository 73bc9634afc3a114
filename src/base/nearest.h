// The word that was probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bezalel {

// Of the known words the one that at most two letters tell from `word`; empty:
// none is that near.
std::string nearest_word(std::string_view word,
                         const std::vector<std::string>& known);

}  // namespace bezalel
