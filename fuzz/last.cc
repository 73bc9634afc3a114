#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/heartbeat_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bezalel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto h = record::decode_heartbeat(text, from_unix_seconds(1));
  if (!h) return 0;
  // What was taken for a heartbeat can be told on, unless it is too long.
  const std::string bytes = record::encode(*h);
  if (bytes.size() > record::kMaxHeartbeatBytes) std::abort();
  const auto back = record::decode_heartbeat(bytes, from_unix_seconds(1));
  if (!back || back->at != h->at || back->interval != h->interval) {
    std::abort();
  }
  return 0;
}
