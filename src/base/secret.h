// A value that must not reach a log, a report, an issue or a terminal.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace bezalel {

// Holds the bytes of a token. It has no stream operator and no conversion, so
// printing one does not compile; `reveal` is the only, greppable, way out.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace bezalel
