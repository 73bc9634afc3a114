// What `main` hands to every command of the small program.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace bezalel::run {

// The process we are, as `main` found it. Borrowed by everything below; lives
// as long as the process.
struct Host {
  const Clock& clock;
  char** environment;  // ours; never changed in place
  uid_t uid;           // effective: it will own what is written
  std::string root;    // --root or BEZALEL_ROOT; empty: the host's own places
  std::string name;    // BEZALEL_HOST, else the node name

  // A variable of the environment; nullptr when it is not set.
  const char* variable(std::string_view name) const;
};

// Made from the environment of this process (root and name included).
Host make_host(const Clock& clock, char** environment);

// The environment with NAME=VALUE entries put in place of, or added to, what
// is there; the order of the others stays. Ends with nullptr. The pointers
// borrow `environment` and `entries`.
std::vector<char*> with_entries(char** environment,
                                std::vector<std::string>& entries);

// "bezalel: TEXT" on standard error, one line, one write.
void say(std::string_view text);

// Says each, and gives them all, "; " between them, for the record.
std::string told(const std::vector<std::string>& problems,
                 std::string_view before = {});

}  // namespace bezalel::run
