// What `doctor` says to type next, where it is not one of its fixes.
#include "setup/doctor.h"

#include <doctest/doctest.h>

namespace bezalel::setup {
namespace {

std::string next_of(const Examination& e) {
  const std::string text = render(e);
  return text.substr(text.rfind("next: "));
}

TEST_CASE("the next thing to type works as it stands") {
  Examination e;
  e.host = "db7";
  e.arrives = true;
  CHECK(next_of(e) == "next: bezalel drill\n");

  // A channel that is refused, after its fix in words.
  e.lines.push_back({Mark::bad, "pager", "401: refused", "put the new key in"});
  e.dead_channel = "pager";
  CHECK(next_of(e) == "next: bezalel channel test pager\n");

  // What stands in words is done first, then it is looked at again.
  e.dead_channel.clear();
  CHECK(next_of(e) == "next: bezalel doctor\n");

  // A command wins; one with words to be put in is none.
  e.lines.push_back({Mark::bad, "cron", "dead", "service cron start"});
  CHECK(next_of(e) == "next: service cron start\n");
  e.arrives = false;
  e.lines = {{Mark::bad, "channels", "none",
              "bezalel init --gitea URL OWNER/REPO --token-file FILE"}};
  CHECK(next_of(e) == "next: bezalel init --help\n");
}

}  // namespace
}  // namespace bezalel::setup
