#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/run_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bezalel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto r = record::decode_run_record(text);
  if (!r) return 0;
  std::string line =
      std::visit([](const auto& x) { return record::encode(x); }, *r);
  if (line.size() > record::kMaxRunLogLine) std::abort();
  line.pop_back();
  if (!record::decode_run_record(line)) std::abort();
  return 0;
}
