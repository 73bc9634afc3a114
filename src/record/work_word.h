// Which word of a command does the work. Inside of record.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bezalel::record {

struct Work {
  std::string word;               // as written, quotes taken off
  std::vector<std::string> args;  // what follows it
  std::string user;  // whom sudo, su and the like make it; empty: the caller's
  bool rooted = false;  // it gets a BEZALEL_ROOT of the command's own
};

// The rule is told at the top of job_name.cc; the tables of wrappers,
// interpreters and guards are in work_word.cc.
std::optional<Work> find_work(std::string_view command);

// The first of all commands that is `wanted`, be it a guard, one that prepares
// or within the string of `sh -c`; unwrapped by the same rule.
using Wanted = std::function<bool(const Work&)>;
std::optional<Work> find_command(std::string_view command,
                                 const Wanted& wanted);

// The command behind its wrappers and interpreter; nullopt: no words.
std::optional<Work> unwrap(const std::vector<std::string>& words);

// What follows the last `/`.
std::string_view base_name(std::string_view word);

}  // namespace bezalel::record
