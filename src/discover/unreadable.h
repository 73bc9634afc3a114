// What could not be read is a finding, never "nothing is there". Inside of
// discover.
#pragma once

#include <string>
#include <utility>

#include "app/finding.h"
#include "base/result.h"

namespace bezalel::discover {

// An error says its place, which the finding has anyway.
inline app::Finding unreadable(const std::string& source, const Error& why,
                               std::string fix = "") {
  app::Finding f;
  f.id = "source-unreadable";
  f.severity = app::FindingSeverity::warning;
  f.source = source;
  const bool named = why.what.starts_with(source + ": ");
  f.message = named ? why.what.substr(source.size() + 2) : why.what;
  f.fix = std::move(fix);
  return f;
}

}  // namespace bezalel::discover
