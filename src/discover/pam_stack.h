// Whether the PAM stack of a cron daemon lets the jobs of a user run, by what
// its files say. The modules themselves are never asked: one of them may send a
// push to a telephone, run a command or wait for a directory server. Inside of
// discover.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discover/access_conf.h"
#include "discover/root.h"

namespace bezalel::discover {

class PamStack {
 public:
  struct Line {
    std::string type;     // "account", "session", ...
    std::string control;  // "required", "[success=1 default=ignore]"
    std::string module;   // "pam_access"
    std::vector<std::string> arguments;
    std::string place;  // FILE:LINE
  };
  struct Refusal {
    std::string because, fix;
  };

  // Reads /etc/pam.d/SERVICE and what it includes; of no such file, nothing.
  PamStack(const Root& root, const std::string& service);

  // By pam_access, where no rule before it can have decided otherwise.
  std::optional<Refusal> refusal_of(const std::string& user) const;
  // By a module that can only ask a person, in a place where cron's daemon has
  // other questions: it can not answer them, and that counts as a no.
  std::optional<Refusal> refusal_of_all() const;

 private:
  void read(const std::string& file, std::string_view type, int depth);
  void take(std::string_view text, const std::string& place,
            std::string_view only, int depth);
  bool decides(std::size_t index) const;
  std::optional<Refusal> ask_access(const Line& rule,
                                    const std::string& user) const;

  const Root& root_;
  std::vector<Line> lines_;
};

}  // namespace bezalel::discover
