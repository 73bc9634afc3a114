// Times that a coming change of the clocks leaves out, or repeats.
#include <algorithm>

#include "crontab/lint_rules.h"
#include "schedule/clock_changes.h"

namespace bezalel::crontab {
namespace {

using Effect = schedule::ClockChange::Effect;

constexpr Duration kAhead = std::chrono::hours(400 * 24);

// A job that is only put off loses nothing.
bool is_told(const schedule::ClockChange& change) {
  return change.effect == Effect::skipped || change.effect == Effect::doubled ||
         change.effect == Effect::stops;
}

std::vector<schedule::ClockChange> changes_of(const schedule::Cron& cron,
                                              Timestamp now) {
  auto changes = schedule::clock_changes(cron, now, kAhead);
  std::erase_if(changes, [](const auto& c) { return !is_told(c); });
  return changes;
}

// The same minutes in the first hour behind the changes, where that is a plain
// number, and no change does anything to it.
std::optional<std::string> moved_out(const schedule::Cron& cron,
                                     Timestamp now) {
  const std::string& text = cron.expr.text();
  const std::size_t begin = text.find(' ') + 1;
  const std::size_t end = text.find(' ', begin);
  if (begin == 0 || end == std::string::npos || end - begin > 2 ||
      text.substr(begin, end - begin).find_first_not_of("0123456789") !=
          std::string::npos) {
    return std::nullopt;
  }
  const int hour = std::stoi(text.substr(begin, end - begin));
  for (int later = hour + 1; later < std::min(hour + 4, 24); ++later) {
    std::string moved = text;
    moved.replace(begin, end - begin, std::to_string(later));
    const auto expr = schedule::CronExpr::parse(moved, cron.expr.dialect());
    if (expr && changes_of({*expr, cron.zone}, now).empty()) return moved;
  }
  return std::nullopt;
}

Remark remark_of(const Line& line, const schedule::Cron& cron,
                 const std::vector<schedule::ClockChange>& changes) {
  Remark r;
  r.rule = "clock-change";
  const bool lost =
      std::any_of(changes.begin(), changes.end(),
                  [](const auto& c) { return c.effect != Effect::doubled; });
  r.weight = lost ? Weight::warning : Weight::info;
  r.line = line.number;
  r.column = line.field_columns.front();
  // "Sun 28 Mar 2027 02:30 does not exist: busybox crond skips it"
  for (const auto& change : changes) {
    const std::string words = schedule::in_words(cron, change);
    const std::size_t colon = words.find(": ");
    if (r.message.empty()) {
      r.message = words.substr(0, colon);
      r.effect = words.substr(colon + 2);
      continue;
    }
    r.effect += "; " + words.substr(0, colon);
    break;
  }
  r.effect += '.';
  return r;
}

}  // namespace

void lint_clock(const Linted& in) {
  if (!in.where.clock) return;
  schedule::Zone zone = in.where.clock->zone;
  for (const Line& line : in.tab.lines) {
    // cronie's word for the lines that follow it.
    if (line.type == LineType::setting && line.name == "CRON_TZ" &&
        in.tab.daemon == Daemon::cronie) {
      if (auto named = schedule::Zone::load(line.value)) zone = *named;
      continue;
    }
    if (line.type != LineType::job || line.field_columns.empty()) continue;
    const auto expr =
        schedule::CronExpr::parse(line.schedule, dialect_of(in.tab.daemon));
    if (!expr) continue;
    const schedule::Cron cron{*expr, zone};
    const auto changes = changes_of(cron, in.where.clock->now);
    if (changes.empty()) continue;
    Remark r = remark_of(line, cron, changes);
    r.width = schedule_width(in.tab, line);
    if (const auto moved = moved_out(cron, in.where.clock->now)) {
      r.fix = with_schedule(in.tab, line, *moved);
      r.schedule = *moved;
    }
    in.remarks.push_back(std::move(r));
  }
}

}  // namespace bezalel::crontab
