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

// Channels of the settings that could not be made, and why.
std::vector<const app::Finding*> invalid_channels(const app::World& world) {
  std::vector<const app::Finding*> found;
  for (const app::Finding& f : world.settings.findings) {
    if (f.id == app::kChannelInvalid) found.push_back(&f);
  }
  return found;
}

Said list_channels(app::World& world) {
  Said said;
  const auto line = [&](char mark, const std::string& name,
                        const std::string& text) {
    said.out += report::wrap(escape_line(text, 300), 80,
                             fmt::format("{} {:<12} ", mark, name),
                             std::string(15, ' '));
    if (mark == '-') said.status = 1;
  };
  for (const auto& channel : world.channels) {
    const app::Health health = channel->probe();
    line(health.ok ? '+' : '-', channel->name(), health.detail);
  }
  for (const app::Finding* f : invalid_channels(world)) {
    line('-', escape_line(f->source, 40), f->message);
  }
  return said;
}

Said no_such_channel(const app::World& world, const std::string& name) {
  for (const app::Finding* f : invalid_channels(world)) {
    if (f->source == name) return failure(err(Kind::invalid, f->message));
  }
  return failure(
      err(Kind::not_found, escape_line(name, 60) +
                               ": no such channel; expected one of `" +
                               world.settings.bezalel + " channel`"));
}

}  // namespace

Said run_channel(app::World& world, const Place&,
                 const ChannelOptions& options) {
  if (options.verb == "list") return list_channels(world);
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
    return {fmt::format("{}: delivered{}\n", options.name,
                        sent.remote_ref ? " as #" + *sent.remote_ref : ""),
            "", 0};
  }
  return no_such_channel(world, options.name);
}

}  // namespace bezalel::cli
