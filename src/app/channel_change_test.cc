#include "app/channel_change.h"

#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "store/memory/memory_store.h"

namespace bezalel::app {
namespace {

ChannelSettings forge() {
  ChannelSettings c;
  c.name = "forge";
  c.type = "gitea";
  c.url = "https://forge.example";
  c.repo = "ops/alerts";
  c.token = Secret("old-token");
  c.to = {"a", "b"};
  return c;
}

TEST_CASE("everything that bears on delivery counts") {
  const std::vector<std::function<void(ChannelSettings&)>> edits = {
      [](auto& c) { c.type = "forgejo"; },
      [](auto& c) { c.url = "https://forge.example:3000"; },
      [](auto& c) { c.repo = "ops/other"; },
      [](auto& c) { c.assignees = {"ops"}; },
      [](auto& c) { c.token = Secret("new-token"); },
      [](auto& c) { c.password = Secret("x"); },
      [](auto& c) { c.username = "bot"; },
      [](auto& c) { c.routing_key = Secret("x"); },
      [](auto& c) { c.topic = "x"; },
      [](auto& c) { c.from = "x"; },
      [](auto& c) { c.to = {"ab"}; },
      [](auto& c) {
        c.to = {"a"};
        c.argv = {"b"};
      },
      [](auto& c) { c.tls = "none"; },
      [](auto& c) { c.ca_file = "/ca.pem"; },
      [](auto& c) { c.insecure = true; },
      [](auto& c) { c.proxy = "http://proxy:3128"; },
      [](auto& c) { c.timeout = std::chrono::seconds(3); },
      [](auto& c) { c.allow_private = {"10.0.0.0/8"}; }};
  std::set<std::string> digests = {digest_of(forge())};
  for (const auto& edit : edits) {
    ChannelSettings c = forge();
    edit(c);
    digests.insert(digest_of(c));
  }
  CHECK(digests.size() == edits.size() + 1);
}

TEST_CASE("where a channel is written does not count, nor its secret shows") {
  ChannelSettings moved = forge();
  moved.where = "/etc/bezalel/bezalel.toml:9";
  CHECK(digest_of(moved) == digest_of(forge()));
  CHECK(digest_of(forge()).find("old-token") == std::string::npos);
  CHECK(digest_of(forge()).size() == 64);
}

TEST_CASE("a change is seen until it is remembered") {
  store::MemoryStore store;
  Settings settings;
  settings.channels = {forge()};
  const auto changes = [&] {
    std::vector<ChannelChange> found;
    REQUIRE(store.read([&](StoreReader& reader) -> Result<void> {
      BZ_ASSIGN(found, changed_channels(reader, settings));
      return {};
    }));
    return found;
  };
  const auto remember = [&] {
    REQUIRE(store.transact([&](Txn& txn) -> Result<void> {
      for (const auto& c : changes()) BZ_TRY(remember_channel(txn, c));
      return {};
    }));
  };
  REQUIRE(changes().size() == 1);
  CHECK_FALSE(changes()[0].known);
  remember();
  CHECK(changes().empty());
  settings.channels[0].token = Secret("new-token");
  REQUIRE(changes().size() == 1);
  CHECK(changes()[0].known);
  CHECK(changes()[0].channel == "forge");
  remember();
  CHECK(changes().empty());
}

}  // namespace
}  // namespace bezalel::app
