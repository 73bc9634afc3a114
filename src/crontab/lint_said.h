// For tests of lint's rules: what is said of a text.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "crontab/lint.h"

namespace bezalel::crontab {

inline std::vector<Remark> of(std::string text, Kind kind = Kind::user,
                              Daemon daemon = Daemon::debian) {
  auto remarks = lint(parse(std::move(text), kind, daemon), {"/etc/cron.d/x"});
  for (const Remark& r : remarks) {
    CAPTURE(r.rule);
    CHECK(std::binary_search(rule_names().begin(), rule_names().end(), r.rule));
  }
  return remarks;
}

// "RULE:COLUMN" of each, joined by blanks; info left out.
inline std::string rules_of(std::string text, Kind kind = Kind::user,
                            Daemon daemon = Daemon::debian) {
  std::string out;
  for (const Remark& r : of(std::move(text), kind, daemon)) {
    if (r.weight == Weight::info) continue;
    if (!out.empty()) out += ' ';
    out += r.rule + ":" + std::to_string(r.column);
  }
  return out;
}

}  // namespace bezalel::crontab
