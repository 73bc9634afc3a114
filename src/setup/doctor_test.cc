// What `doctor` says of channels, and to type next where it is none of its
// fixes.
#include "setup/doctor.h"

#include <doctest/doctest.h>

#include "app/fake_world.h"

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

std::string channel_line(app::fake::FakeHost& host, const std::string& name) {
  record::Paths paths;
  paths.state_dir = "/tmp";
  const std::string text =
      render(examine(host.world, paths, Scope::flat, true));
  const std::size_t at = text.find(" " + name);
  return at == std::string::npos
             ? ""
             : text.substr(at - 1, text.find('\n', at) - at + 1);
}

TEST_CASE("a channel that took nothing last time is no way for an alarm") {
  app::fake::FakeHost host;
  CHECK(channel_line(host, "pager") == "+ pager      fake");
  app::ChannelState failing{
      "pager", {}, host.clock.wall_now, "ended with 1", false};
  REQUIRE(host.store.transact(
      [&](app::Txn& txn) { return txn.put_channel_state(failing); }));
  CHECK(channel_line(host, "pager").starts_with("- pager      fake; nothing"));
  record::Paths paths;
  paths.state_dir = "/tmp";
  const Examination e = examine(host.world, paths, Scope::flat, true);
  CHECK(e.channels == 2);
  CHECK(e.channels_ok == 1);
  CHECK(e.dead_channel == "pager");
}

TEST_CASE("a channel that could not be made counts among the channels") {
  app::fake::FakeHost host;
  app::Finding f;
  f.id = app::kChannelInvalid;
  f.source = "mail";
  f.message = "bezalel.toml:3: channel mail: to is missing";
  host.settings.findings.push_back(f);
  CHECK(channel_line(host, "mail")
            .starts_with(
                "- mail       bezalel.toml:3: channel mail: to is missing"));
  record::Paths paths;
  paths.state_dir = "/tmp";
  CHECK(examine(host.world, paths, Scope::flat, true).channels == 3);
}

}  // namespace
}  // namespace bezalel::setup
