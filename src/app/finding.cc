#include "app/finding.h"

namespace bezalel::app {

std::string_view to_string(FindingSeverity s) {
  switch (s) {
    case FindingSeverity::error:
      return "error";
    case FindingSeverity::warning:
      return "warning";
    case FindingSeverity::info:
      return "info";
  }
  return "error";
}

}  // namespace bezalel::app
