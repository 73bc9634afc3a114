#include "sys/entropy.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

namespace bezalel::sys {
namespace {

// splitmix64 over whatever differs between two processes.
std::uint64_t poor_entropy() {
  static std::uint64_t state = 0;
  struct timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  state += 0x9e3779b97f4a7c15U;
  state ^= static_cast<std::uint64_t>(now.tv_nsec) << 20U;
  state ^= static_cast<std::uint64_t>(now.tv_sec) << 44U;
  state ^= static_cast<std::uint64_t>(::getpid());
  state ^= reinterpret_cast<std::uintptr_t>(&now);
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

}  // namespace

void fill_random(std::span<unsigned char> bytes) {
  const ssize_t n = ::getrandom(bytes.data(), bytes.size(), GRND_NONBLOCK);
  const std::size_t done = n > 0 ? static_cast<std::size_t>(n) : 0;
  for (std::size_t i = done; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(poor_entropy());
  }
}

std::string random_hex(std::size_t bytes) {
  std::string hex(bytes * 2, '0');
  constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t i = 0; i < bytes; i += 8) {
    unsigned char raw[8];
    fill_random(raw);
    for (std::size_t j = 0; j < 8 && i + j < bytes; ++j) {
      hex[2 * (i + j)] = kDigits[raw[j] >> 4U];
      hex[2 * (i + j) + 1] = kDigits[raw[j] & 15U];
    }
  }
  return hex;
}

}  // namespace bezalel::sys
