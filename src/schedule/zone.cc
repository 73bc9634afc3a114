#include "schedule/zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "schedule/civil.h"

namespace bezalel::schedule {
namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::min();

// Schedules end at the year 2199 (systemd) or some decades ahead (cron).
constexpr int kLastYear = 2300;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' || c == '/';
}

// Keeps out paths, and the names by which the zone library itself would look
// at the environment.
bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/') return false;
  if (name == "localtime" || name.starts_with("Fixed/")) return false;
  return std::all_of(name.begin(), name.end(), is_name_char);
}

std::vector<Stretch> read_stretches(const absl::TimeZone& zone) {
  std::vector<Stretch> out;
  const auto begin = zone.At(absl::FromUnixSeconds(-10'000'000'000));
  out.push_back({kForever, begin.offset, begin.is_dst});
  absl::Time at = absl::InfinitePast();
  absl::TimeZone::CivilTransition step;
  while (zone.NextTransition(at, &step) && step.to.year() < kLastYear) {
    const auto info = zone.At(step.to);
    // After a gap the wall time exists once; in an overlap it exists twice,
    // and the step is where its second pass begins.
    at = info.kind == absl::TimeZone::TimeInfo::UNIQUE ? info.pre : info.trans;
    const auto now = zone.At(at);
    if (now.offset == out.back().offset && now.is_dst == out.back().dst) {
      continue;
    }
    out.push_back({absl::ToUnixSeconds(at), now.offset, now.is_dst});
  }
  return out;
}

}  // namespace

Zone Zone::make(std::string name, std::vector<Stretch> stretches) {
  return Zone(std::make_shared<const Data>(
      Data{std::move(name), std::move(stretches)}));
}

Zone Zone::utc() {
  static const Zone zone = make("UTC", {{kForever, 0, false}});
  return zone;
}

Result<Zone> Zone::load(std::string_view iana) {
  if (iana == "UTC") return utc();
  if (!is_zone_name(iana)) {
    return err(Kind::invalid, "zone \"" + std::string(iana.substr(0, 64)) +
                                  "\": not a zone name; expected one like "
                                  "Europe/Riga");
  }
  // Reading a zone costs as much as thousands of lookups, and thousands of
  // jobs name the same few.
  static std::mutex mutex;
  static std::map<std::string, Zone, std::less<>> known;
  const std::lock_guard lock(mutex);
  if (const auto it = known.find(iana); it != known.end()) return it->second;
  absl::TimeZone zone;
  std::string name(iana);
  if (!absl::LoadTimeZone(name, &zone)) {
    return err(Kind::not_found, "zone \"" + name +
                                    "\": unknown; expected a name of the zone "
                                    "database like Europe/Riga");
  }
  const Zone loaded = make(name, read_stretches(zone));
  known.emplace(std::move(name), loaded);
  return loaded;
}

std::size_t Zone::index_at(std::int64_t unix_seconds) const {
  const auto& all = data_->stretches;
  const auto after = std::upper_bound(
      all.begin(), all.end(), unix_seconds,
      [](std::int64_t t, const Stretch& s) { return t < s.start; });
  return static_cast<std::size_t>(after - all.begin()) - 1;
}

std::int32_t Zone::offset_at(Timestamp t) const {
  const auto seconds = floor_div(t.time_since_epoch().count(), 1'000'000);
  return data_->stretches[index_at(seconds)].offset;
}

}  // namespace bezalel::schedule
