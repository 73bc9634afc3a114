#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "report/check.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

using app::HostView;
using app::JobView;
using app::Rank;
using core::Severity;

bool finding_alarms(const HostView& host, Severity severity) {
  return std::any_of(host.findings.begin(), host.findings.end(),
                     [&](const app::Finding& f) {
                       return f.alarm == severity && mark_of(host, f) == '-';
                     });
}

bool any_job(const HostView& host, Rank rank) {
  return std::any_of(host.jobs.begin(), host.jobs.end(),
                     [&](const auto& j) { return app::rank_of(j) == rank; });
}

// What follows a pipe is performance data, and there is one line only.
std::string harmless(std::string text) {
  std::replace(text.begin(), text.end(), '|', '!');
  return text;
}

constexpr std::size_t kNamed = 2;

// "a hung, b stale, .." of the jobs and findings that are bad.
std::string names(const HostView& host) {
  std::string text;
  std::size_t bad = 0;
  const auto add = [&](const auto& describe) {
    if (++bad <= kNamed) text += (bad > 1 ? ", " : "") + describe();
  };
  for (const JobView& j : host.jobs) {
    if (app::rank_of(j) > Rank::p2) continue;
    add([&] { return fmt::format("{} {}", name_of(host, j), verdict_of(j)); });
  }
  for (const app::Finding& f : host.findings) {
    if (mark_of(host, f) != '-') continue;
    add([&] {
      return escape_line(f.id, 40) + " " + escape_line(f.source, 60);
    });
  }
  return bad > kNamed ? text + ", .." : text;
}

}  // namespace

int nagios_exit(const HostView& host) {
  if (any_job(host, Rank::p1) || finding_alarms(host, Severity::p1)) return 2;
  if (any_job(host, Rank::p2) || finding_alarms(host, Severity::p2)) return 1;
  if (host.exit != 0) return 3;
  return host.counts.late > 0 ? 1 : 0;
}

std::string check_nagios(const HostView& host) {
  static constexpr const char* kStates[] = {"OK", "WARNING", "CRITICAL",
                                            "UNKNOWN"};
  const int status = nagios_exit(host);
  const auto bad =
      std::count_if(host.jobs.begin(), host.jobs.end(),
                    [](const auto& j) { return app::rank_of(j) <= Rank::p2; });
  std::string text = headline(host);
  const std::string listed = names(host);
  if (bad > 0) text = fmt::format("{} of {} bad", bad, host.counts.of);
  if (!listed.empty()) text += ": " + listed;
  return fmt::format("BEZALEL {} - {}|bad={}\n", kStates[status],
                     harmless(std::move(text)), bad);
}

}  // namespace bezalel::report
