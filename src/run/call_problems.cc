#include "run/call_problems.h"

#include "run/beat_options.h"
#include "run/run_options.h"

namespace bezalel::run {

std::vector<std::string> call_problems(const record::OwnCall& call) {
  std::vector<std::string> args = call.args;
  std::vector<char*> pointers;
  for (std::string& arg : args) pointers.push_back(arg.data());
  return call.verb == "beat" ? parse_beat_line(pointers, {}).problems
                             : parse_run_line(pointers).problems;
}

}  // namespace bezalel::run
