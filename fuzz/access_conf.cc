// Any text as access.conf(5), and as the PAM rules that name it: a decision has
// a line that is there, and the line alone decides the same.
#include "discover/access_conf.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace bezalel::discover;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto in_group = [](const std::string& group) {
    return group.size() % 2 == 1;
  };
  AccessOptions odd;
  odd.field_separators = "|";
  odd.list_separators = ",";
  odd.bare_groups = false;
  AccessOptions none;
  none.field_separators.clear();
  none.list_separators.clear();
  for (const AccessOptions& options : {AccessOptions(), odd, none}) {
    const auto rule = access_of(text, options, "ann", in_group);
    if (!rule) continue;
    const auto lines = std::count(text.begin(), text.end(), '\n');
    if (rule->line < 1 || rule->line > lines) std::abort();
    std::size_t begin = 0;
    for (int i = 1; i < rule->line; ++i) begin = text.find('\n', begin) + 1;
    const std::string line =
        text.substr(begin, text.find('\n', begin) + 1 - begin);
    const auto alone = access_of(line, options, "ann", in_group);
    if (!alone || alone->access != rule->access) std::abort();
  }
  return 0;
}
