// Which word of a command does the work. Inside of record.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bezalel::record {

struct Work {
  std::string word;               // as written, quotes taken off
  std::vector<std::string> args;  // what follows it
};

// The rule is told at the top of job_name.cc; the tables of wrappers,
// interpreters and guards are in work_word.cc.
std::optional<Work> find_work(std::string_view command);

// What follows the last `/`.
std::string_view base_name(std::string_view word);

}  // namespace bezalel::record
