// `bezalel check`: judge all jobs now.
#include "report/check.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "app/notify_cycle.h"
#include "app/resolve.h"
#include "app/storm.h"
#include "base/escape.h"
#include "cli/commands.h"

namespace bezalel::cli {
namespace {

// The incident whose notices tell of this one: its own, or the storm it is in.
std::int64_t teller_of(app::StoreReader& reader, std::int64_t incident) {
  const auto storm = reader.meta(app::folded_name(incident));
  std::int64_t id = incident;
  if (storm && *storm) {
    const std::string& text = **storm;
    std::from_chars(text.data(), text.data() + text.size(), id);
  }
  return id;
}

// "opened P1 ..." gets "(forge #119)" of what was sent for it, and of what was
// sent for the storm it went into.
Result<void> add_told(app::NotifyOutcome& outcome, app::StoreReader& reader) {
  std::map<std::int64_t, std::vector<std::string>> told, opened;
  for (const app::Delivered& d : outcome.delivery.sent) {
    if (d.kind == app::NoticeKind::action) continue;
    const std::string whom =
        d.remote_ref.empty() ? d.channel : d.channel + " #" + d.remote_ref;
    told[d.incident_id].push_back(whom);
    if (d.kind == app::NoticeKind::opened)
      opened[d.incident_id].push_back(whom);
  }
  for (app::TransitionView& t : outcome.cycle.transitions) {
    t.told = told[t.incident];
    if (t.told.empty() && t.what == "opened") {
      t.told = opened[teller_of(reader, t.incident)];
    }
  }
  return {};
}

std::string troubles_of(const app::NotifyOutcome& outcome) {
  std::string text;
  const auto line = [&](const std::string& what) {
    text += "bezalel: " + what + "\n";
  };
  for (const std::string& f : outcome.delivery.failed) line(f);
  for (const std::string& t : outcome.troubles) line(t);
  if (!outcome.cycle.uncommitted.empty()) {
    line("nothing could be committed: " + outcome.cycle.uncommitted);
  }
  if (!outcome.delivery.holder.empty()) {
    line("standby: " + outcome.delivery.holder + " delivers");
  }
  return text;
}

std::string render(const app::HostView& view, const CheckOptions& options,
                   const Terminal& terminal) {
  if (options.format == "json") return report::check_json(view);
  if (options.format == "markdown") return report::check_markdown(view);
  if (options.format == "nagios") return report::check_nagios(view);
  if (options.format == "prometheus") return report::check_prometheus(view);
  report::TextOptions text;
  text.columns = terminal.columns;
  text.colour = terminal.colour ? report::Colour::yes : report::Colour::no;
  text.all = options.all ? report::All::yes : report::All::no;
  return report::check_text(view, text);
}

// Transitions and the plugin's line name what is bad, the text by itself also
// what is late.
app::Keep keep_for(const CheckOptions& options) {
  if (!options.jobs.empty()) return app::Keep::all;
  if (options.quiet || options.format == "nagios") return app::Keep::bad;
  return options.format == "text" && !options.all ? app::Keep::unwell
                                                  : app::Keep::all;
}

// What would open, change and close, and how many notices each channel would
// get, those that wait since earlier cycles among them.
std::string dry_run_text(const app::CycleResult& cycle,
                         const std::string& host) {
  std::map<std::string, int> notices;
  for (const app::OutboxRow& row : cycle.memory.outbox) ++notices[row.channel];
  if (cycle.transitions.empty() && notices.empty()) {
    return "would send nothing\n";
  }
  std::string text = "would happen, nothing is changed now:\n" +
                     report::check_quiet(cycle.transitions, host);
  std::string to;
  for (const auto& [channel, count] : notices) {
    to += (to.empty() ? "" : ", ") + escape_line(channel, 60) + " " +
          std::to_string(count);
  }
  return text + "would send: " + (to.empty() ? "nothing" : to) + "\n";
}

Said refused(const Error& error, const CheckOptions& options) {
  Said said = failure(error);
  return options.format == "nagios" ? as_plugin(std::move(said)) : said;
}

}  // namespace

Said run_check(app::World& world, const Place& place,
               const CheckOptions& options) {
  Said said;
  app::CycleResult cycle;
  const app::Keep keep = keep_for(options);
  if (options.notify && !options.dry_run) {
    auto outcome = app::check_and_notify(world, keep);
    if (!outcome) return refused(outcome.error(), options);
    // Failing to say who was told must not hide what is wrong.
    static_cast<void>(world.store.read(
        [&](app::StoreReader& reader) { return add_told(*outcome, reader); }));
    said.err = troubles_of(*outcome);
    if (!outcome->cycle.uncommitted.empty()) said.status = 1;
    cycle = std::move(outcome->cycle);
  } else {
    auto looked = options.dry_run ? app::rehearse(world, keep)
                                  : app::only_look(world, keep);
    if (!looked) return refused(looked.error(), options);
    cycle = *std::move(looked);
  }
  std::vector<core::JobKey> only;
  for (const std::string& name : options.jobs) {
    auto key = app::resolve(name, keys_of(cycle.look), world.users,
                            world.settings.bezalel + " status");
    if (!key) return refused(key.error(), options);
    only.push_back(*key);
  }
  const app::HostView view = view_of(world, place, cycle, only);
  std::string text;
  if (options.dry_run) {
    text = dry_run_text(cycle, view.host);
  } else if (options.quiet) {
    text = report::check_quiet(cycle.transitions, view.host);
  } else {
    text = render(view, options, place.terminal);
  }
  const int status =
      options.format == "nagios" ? report::nagios_exit(view) : view.exit;
  if (said.status == 0) said.status = status;
  if (options.output.empty()) {
    said.out = std::move(text);
  } else if (auto written = place.write_file(options.output, text); !written) {
    // An alarm is one, whether it could be written there or not.
    Said failed = refused(written.error(), options);
    failed.err = said.err + failed.err;
    if (said.status == 1) failed.status = 1;
    return failed;
  }
  return said;
}

}  // namespace bezalel::cli
