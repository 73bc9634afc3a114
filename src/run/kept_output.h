// The first and the last of what a job printed, in bounded memory.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "record/run_log.h"

namespace bezalel::run {

// Takes any bytes, any number of them, in pieces of any size.
class OutputKeeper {
 public:
  static constexpr std::size_t kHead = 4096;
  static constexpr std::size_t kTail = 16384;

  void add(std::string_view bytes);

  std::uint64_t bytes() const { return total_; }

  // What is kept, as it came: head, then tail.
  std::string raw_head() const;
  std::string raw_tail() const;
  // Bytes between the two that are gone.
  std::uint64_t missing() const;

  // As the run log wants it: valid UTF-8, no character cut in two.
  record::KeptOutput kept() const;

 private:
  std::uint64_t total_ = 0;
  std::array<char, kHead> head_;
  std::array<char, kTail>
      tail_;  // a ring: byte n past the head is at n % kTail
};

}  // namespace bezalel::run
