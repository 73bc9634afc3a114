#include "base/nearest.h"

#include <algorithm>
#include <utility>

namespace bezalel {
namespace {

constexpr std::size_t kMostRead = 40;
constexpr std::size_t kTooFar = 3;

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t swap = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
      diagonal =
          std::exchange(row[j], std::min({swap, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_word(std::string_view word,
                         const std::vector<std::string>& known) {
  std::string nearest;
  std::size_t best = kTooFar;
  for (const std::string& other : known) {
    const std::size_t d = distance(word.substr(0, kMostRead), other);
    if (d >= best) continue;
    best = d;
    nearest = other;
  }
  return nearest;
}

}  // namespace bezalel
