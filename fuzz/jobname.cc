#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/job_name.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bezalel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto named = record::job_name(text);
  if (!record::is_job_name(named.name.str())) std::abort();
  if (!(record::job_name(text).name == named.name)) std::abort();
  if (named.own && !(named.own->job == named.name)) std::abort();
  (void)record::is_checking(text);
  return 0;
}
