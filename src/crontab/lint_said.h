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

// The same on a host where of all programs only those of `there` can be run; of
// a user who gets no mail.
inline std::vector<Remark> on_host(std::string text,
                                   std::vector<std::string> there) {
  Where where;
  where.path = "/etc/cron.d/x";
  where.program = [there](const std::string& path) -> ProgramFacts {
    if (path == "/opt/dos") return {ProgramState::no_interpreter, "/bin/sh\r"};
    if (path == "/opt/plain" || path == "/bin/plain") {
      return {ProgramState::not_executable, ""};
    }
    if (path == "/srv") return {ProgramState::no_file, ""};
    const bool known =
        std::find(there.begin(), there.end(), path) != there.end();
    return {known ? ProgramState::runs : ProgramState::missing, ""};
  };
  where.sends_mail = false;
  return lint(parse(std::move(text), Kind::user, Daemon::debian), where);
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
