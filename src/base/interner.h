// Equal values held once.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace bezalel {

// Gives equal values that come close to each other the same place in memory.
// Looks among the last `kKept` different ones only, so that a stream in which
// all differ costs no more than it is long. Shared, for values outlive the
// interner and belong to nobody in particular.
template <class T>
class Interner {
 public:
  std::shared_ptr<const T> of(T value) {
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      if (*kept_[i] != value) continue;
      // Towards the front, where it is found sooner.
      if (i > 0) std::swap(kept_[i], kept_[i - 1]);
      return kept_[i > 0 ? i - 1 : 0];
    }
    auto made = std::make_shared<const T>(std::move(value));
    if (kept_.size() < kKept) {
      kept_.push_back(made);
    } else {
      kept_[oldest_] = made;
      // The front half stays for those that were asked for again.
      oldest_ = oldest_ + 1 < kKept ? oldest_ + 1 : kKept / 2;
    }
    return made;
  }

 private:
  static constexpr std::size_t kKept = 16;
  std::vector<std::shared_ptr<const T>> kept_;
  std::size_t oldest_ = kKept / 2;
};

}  // namespace bezalel
