#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "app/local_time.h"
#include "base/duration.h"
#include "base/escape.h"
#include "report/audit.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

using app::Finding;
using app::ScheduledJob;
using app::SchedulerKind;

constexpr std::size_t kColumns = 80;
constexpr int kNameColumns = 20;

// A basic string of TOML, without its quotes.
std::string toml_string(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (c < ' ' || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

// What waits for at runs once, and is none of the jobs that audit counts.
std::string count_of(const std::vector<ScheduledJob>& jobs) {
  int once = 0;
  std::set<core::JobKey> keys;  // lines of one name are one job
  for (const ScheduledJob& j : jobs) {
    if (j.kind == SchedulerKind::at) {
      ++once;
    } else {
      keys.insert(j.key);
    }
  }
  const auto scheduled = static_cast<int>(keys.size());
  const std::string queued = plural(once, "job") + " of at";
  if (scheduled == 0) return queued;
  const std::string text = plural(scheduled, "scheduled job");
  return once == 0 ? text : text + ", " + queued;
}

}  // namespace

std::string discover_text(const app::Inventory& inventory,
                          const AuditPage& page) {
  std::string out = page_title(
      page.host, page.now, page.zone,
      !inventory.jobs.empty() ? count_of(inventory.jobs)
      : inventory.sources_unseen.empty()
          ? std::string("nothing is scheduled here")
          : std::string("no scheduled job was seen; not all could be read"));
  if (!inventory.jobs.empty()) {
    out += fmt::format("  {:<20} {:<8} {:<9} {:<11} {}\n", "JOB", "USER",
                       "WATCHED", "NEXT", "SOURCE");
  }
  for (const ScheduledJob& j : inventory.jobs) {
    const std::string next =
        j.next ? app::local_short(*j.next, page.now, page.zone) : "-";
    const bool watched = app::is_watched(j, app::proof_of(j.watch));
    std::string row = fmt::format(
        "{} {:<20} {:<8} {:<9} {:<11} ", watched ? '+' : '-',
        cut_middle(j.key.job, kNameColumns), cut_middle(escape_line(j.user), 8),
        app::to_string(j.watch), next);
    const std::string place = place_of(j.source, j.line.value_or(0));
    // A path is not cut: one that is too long stands below.
    if (row.size() + place.size() > kColumns) {
      row.erase(row.find_last_not_of(' ') + 1);
      row += "\n    ";
    }
    out += row + place + "\n";
    if (j.kind == SchedulerKind::timer) continue;
    out +=
        "    " + escape_line(j.schedule + " " + j.command, kColumns - 4) + "\n";
    if (j.record_user.empty()) continue;
    out += "    the record is of " + escape_line(j.record_user, 40) + "\n";
  }
  for (const Finding& f : inventory.findings) {
    if (!out.ends_with("\n\n")) out += '\n';
    out +=
        wrap(place_of(f.source, f.line.value_or(0)) + ": " +
                 escape_line(f.message, 400),
             kColumns, f.severity == app::FindingSeverity::error ? "- " : "~ ",
             "    ");
    if (f.fix.empty()) continue;
    // Typed as it stands it would change this host.
    const std::string where =
        page.sysroot.empty() ? "" : "below " + escape_line(page.sysroot) + ": ";
    out += "    do:  " + where + escape_line(f.fix) + "\n";
  }
  return out;
}

std::string discover_toml(const app::Inventory& inventory) {
  std::string out;
  // TOML refuses a file that has a table twice.
  std::map<std::string, std::string> first;
  for (const ScheduledJob& j : inventory.jobs) {
    if (j.kind == SchedulerKind::at) continue;
    const std::string place = place_of(j.source, j.line.value_or(0));
    const auto left_out = [&] {
      out += fmt::format(
          "# {}: {} has no table:\n# it is not known when it is due\n\n", place,
          j.key.job);
    };
    if (!j.expectation) {
      left_out();
      continue;
    }
    std::string key;
    std::string value = j.schedule;
    if (j.kind == SchedulerKind::timer || j.kind == SchedulerKind::anacron) {
      const bool calendar =
          std::holds_alternative<schedule::OnCalendar>(j.expectation->schedule);
      const auto* every =
          std::get_if<schedule::Every>(&j.expectation->schedule);
      if (!calendar && !every) {
        left_out();
        continue;
      }
      key = calendar ? "calendar" : "every";
      // Of several the rarest, which stands first.
      if (calendar) value = value.substr(0, value.find("; "));
      if (every) value = format_time_span(every->interval);
    } else {
      key = "cron";
    }
    if (const auto [at, fresh] = first.emplace(j.key.job, place); !fresh) {
      out += fmt::format(
          "# {}: {} has its table above ({});\n"
          "# of several schedules or users one can be declared\n\n",
          place, j.key.job, at->second);
      continue;
    }
    out += fmt::format("# {}\n[job.\"{}\"]\n{} = \"{}\"\n", place, j.key.job,
                       key, toml_string(value));
    if (key == "cron") out += fmt::format("tz = \"{}\"\n", j.zone);
    const std::string& user = j.record_user.empty() ? j.user : j.record_user;
    if (!user.empty()) {
      out += fmt::format("user = \"{}\"\n", escape_line(user, 64));
    }
    out += '\n';
  }
  return out;
}

}  // namespace bezalel::report
