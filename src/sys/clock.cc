#include "sys/clock.h"

#include <fcntl.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "sys/fd.h"

namespace bezalel::sys {
namespace {

Duration read_clock(clockid_t id) {
  struct timespec now = {};
  ::clock_gettime(id, &now);
  return std::chrono::duration_cast<Duration>(
      std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

#ifdef BEZALEL_TEST_CLOCK
// "+90" and "-90" are relative to the real clock, "1795500000" stands alone.
Duration moved(const char* variable, Duration real) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return real;
  const double seconds = std::strtod(text, nullptr);
  const auto given =
      std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
  return *text == '+' || *text == '-' ? real + given : given;
}
#else
Duration moved(const char*, Duration real) {
  return real;
}
#endif

}  // namespace

Timestamp SystemClock::wall() const {
  return Timestamp(moved("BEZALEL_TEST_NOW", read_clock(CLOCK_REALTIME)));
}

BootTime SystemClock::boot() const {
  return BootTime(moved("BEZALEL_TEST_BOOT", read_clock(CLOCK_BOOTTIME)));
}

std::optional<Duration> SystemClock::asleep() const {
  const Duration awake = read_clock(CLOCK_MONOTONIC);
  return moved("BEZALEL_TEST_ASLEEP", read_clock(CLOCK_BOOTTIME) - awake);
}

bool SystemClock::is_synchronized() const {
#ifdef BEZALEL_TEST_CLOCK
  if (std::getenv("BEZALEL_TEST_NOW") != nullptr) return false;
#endif
  // systemd-timesyncd(8) says so here, also to who may not ask the kernel.
  if (::access("/run/systemd/timesync/synchronized", F_OK) == 0) return true;
  // Asks only: adjtimex(2), the bit that timedatectl(1) shows.
  struct timex state = {};
  return ::adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

std::string boot_id() {
#ifdef BEZALEL_TEST_CLOCK
  if (const char* text = std::getenv("BEZALEL_TEST_BOOT_ID")) return text;
#endif
  const Fd fd(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  std::array<char, 64> buffer;
  const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  if (n <= 0) return {};
  std::string id(buffer.data(), static_cast<std::size_t>(n));
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace bezalel::sys
