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

std::string fix_of_state(const Error& why) {
  if (why.what.find("ead-only") != std::string::npos) {
    return "mount the file system of the state directory writable again; it "
           "may be damaged (dmesg)";
  }
  if (why.kind == Kind::full || why.kind == Kind::io) {
    return "make room on the disk of the state directory";
  }
  return "correct its owner and mode, or move it away";
}

}  // namespace bezalel::app
