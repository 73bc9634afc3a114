// Bytes nobody can guess, from the kernel.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace bezalel::sys {

// Fills all of `bytes`. Never waits: where the kernel has no randomness yet
// (the first seconds of a boot) or getrandom is missing, the clock, the process
// id and addresses are mixed instead; good enough for names, not for keys.
void fill_random(std::span<unsigned char> bytes);

// 2 * `bytes` lower-case hexadecimal digits.
std::string random_hex(std::size_t bytes);

}  // namespace bezalel::sys
