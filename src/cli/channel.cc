// `bezalel channel`: list the channels; test one with a notice.
#include <fmt/format.h>

#include "app/deliver.h"
#include "base/escape.h"
#include "cli/commands.h"
#include "report/words.h"

namespace bezalel::cli {
namespace {

app::Notice test_notice(const app::World& world) {
  const Timestamp now = world.clock.wall();
  app::Notice n;
  n.event_id = world.new_id(now);
  n.kind = app::NoticeKind::test;
  n.host = world.settings.host;
  n.key = core::IncidentKey::of_finding("test", n.event_id);
  n.marker = core::marker_key(n.host, n.key);
  n.severity = core::Severity::p3;
  n.verdict = "test";
  n.cause = "A test of this channel; nothing is wrong.";
  n.sentence = n.cause;
  n.since = n.opened = n.at = now;
  n.zone = world.settings.zone;
  return n;
}

std::string outcome_text(const app::Delivery& outcome) {
  if (std::holds_alternative<app::Sent>(outcome)) return "";
  if (const auto* retry = std::get_if<app::RetryLater>(&outcome)) {
    return retry->why;
  }
  return std::get<app::GaveUp>(outcome).why;
}

// What gave up is tried again now that the channel works.
Result<void> works_again(app::World& world, const std::string& name) {
  const Timestamp now = world.clock.wall();
  return world.store.transact([&](app::Txn& txn) -> Result<void> {
    BZ_TRY(app::revive(txn, name, now));
    return txn.put_channel_state({name, now, {}, {}, false});
  });
}

}  // namespace

Said run_channel(app::World& world, const Place&,
                 const ChannelOptions& options) {
  Said said;
  if (options.verb == "list") {
    for (const auto& channel : world.channels) {
      const app::Health health = channel->probe();
      said.out += report::wrap(
          escape_line(health.detail, 300), 80,
          fmt::format("{} {:<12} ", health.ok ? '+' : '-', channel->name()),
          std::string(15, ' '));
      if (!health.ok) said.status = 1;
    }
    return said;
  }
  if (options.name.empty()) {
    return failure(err(Kind::usage, "channel test: expected NAME"));
  }
  for (const auto& channel : world.channels) {
    if (channel->name() != options.name) continue;
    const app::Delivery outcome = channel->deliver(test_notice(world), {});
    const std::string trouble = outcome_text(outcome);
    if (!trouble.empty()) {
      return {"",
              fmt::format("bezalel: channel {}: {}\n", options.name,
                          escape_line(trouble, 200)),
              1};
    }
    if (auto done = works_again(world, options.name); !done) {
      return failure(done.error());
    }
    const auto& sent = std::get<app::Sent>(outcome);
    said.out = fmt::format("{}: delivered{}\n", options.name,
                           sent.remote_ref ? " as #" + *sent.remote_ref : "");
    return said;
  }
  return failure(
      err(Kind::not_found,
          escape_line(options.name, 60) +
              ": no such channel; expected one of `bezalel channel`"));
}

}  // namespace bezalel::cli
