// CronExpr against what the real Debian daemon did, and against cronsim.
//
// Where they differ the daemon holds. What it starts several times to catch
// up is one instant of ours, the first after the gap; a busy catch-up makes
// it late by up to ten minutes per hour, and so may be its runs.
#include <doctest/doctest.h>

#include <algorithm>

#include "schedule/cron.h"
#include "schedule/schedule.h"
#include "schedule/test_rows.h"

namespace bezalel::schedule {
namespace {

using namespace std::chrono_literals;

std::vector<Timestamp> run_of_next(const CronExpr& expr, const Zone& zone,
                                   Timestamp from, std::size_t n) {
  std::vector<Timestamp> out;
  auto t = next(expr, zone, from);
  for (; t && out.size() < n; t = next(expr, zone, *t)) out.push_back(*t);
  return out;
}

std::vector<Timestamp> run_of_previous(const CronExpr& expr, const Zone& zone,
                                       Timestamp from, std::size_t n) {
  std::vector<Timestamp> out;
  auto t = previous(expr, zone, from);
  for (; t && out.size() < n; t = previous(expr, zone, *t)) out.push_back(*t);
  return out;
}

bool is_near(Timestamp earlier, Timestamp later, Duration slack) {
  return earlier <= later && later <= earlier + slack;
}

// The rows were made with the zone database of 2025; where a newer one tells
// another story of a zone, its rows say nothing about us.
bool knows_step(const Zone& zone, Timestamp step, double hours) {
  const auto offset = [&](Timestamp t) { return zone.offset_at(t); };
  return offset(step) - offset(step - 1us) ==
         static_cast<std::int32_t>(hours * 3600);
}

TEST_CASE("around every change of the clocks the job runs as Debian ran it") {
  int passed_over = 0;
  const int rows = for_each_row("debian_dst_runs.jsonl", [&](const Row& row) {
    CAPTURE(row.line());
    const auto expr = CronExpr::parse(row.text("expr"));
    const auto zone = Zone::load(row.text("tz"));
    REQUIRE(expr.has_value());
    REQUIRE(zone.has_value());
    if (!knows_step(*zone, row.time("transition"), row.number("shift_h"))) {
      ++passed_over;
      return;
    }
    const auto runs = row.times("runs");
    std::vector<Timestamp> ours;
    for (auto t = next(*expr, *zone, row.time("from") - 1us);
         t && *t < row.time("to"); t = next(*expr, *zone, *t)) {
      ours.push_back(*t);
    }
    CAPTURE(show(runs));
    CAPTURE(show(ours));
    // Every run of the daemon answers one of our instants, at once or while
    // it was catching up; every instant of ours was answered.
    const Timestamp step = row.time("transition");
    const auto slack = [&](Timestamp slot) -> Duration {
      const double hours = row.number("shift_h");
      const bool catching_up = hours > 0 && slot >= step && slot < step + 30min;
      return catching_up ? Duration(static_cast<std::int64_t>(hours * 600e6))
                         : Duration::zero();
    };
    for (const Timestamp run : runs) {
      CHECK(std::any_of(ours.begin(), ours.end(), [&](Timestamp slot) {
        return is_near(slot, run, slack(slot));
      }));
    }
    for (const Timestamp slot : ours) {
      CHECK(std::any_of(runs.begin(), runs.end(), [&](Timestamp run) {
        return is_near(slot, run, slack(slot));
      }));
    }
    // The same instants come out backwards.
    std::vector<Timestamp> back;
    for (auto t = previous(*expr, *zone, row.time("to"));
         t && *t >= row.time("from"); t = previous(*expr, *zone, *t)) {
      back.push_back(*t);
    }
    std::reverse(back.begin(), back.end());
    CHECK(show(back) == show(ours));
  });
  CHECK(rows == 863);
  CHECK(passed_over < 40);
}

TEST_CASE("the next runs are those of the Debian daemon") {
  const int rows = for_each_row("debian_next.jsonl", [](const Row& row) {
    CAPTURE(row.line());
    const auto expr = CronExpr::parse(row.text("expr"));
    const auto zone = Zone::load(row.text("tz"));
    REQUIRE(expr.has_value());
    REQUIRE(zone.has_value());
    const auto expected = row.times("next");
    const auto ours = run_of_next(*expr, *zone, row.time("from"), 5);
    const std::size_t n = std::min(ours.size(), expected.size());
    CHECK(show({ours.begin(), ours.begin() + static_cast<long>(n)}) ==
          show(expected));
    if (expected.size() < 5 && ours.size() > expected.size() &&
        row.has("window_end")) {
      CHECK(ours[expected.size()] >= row.time("window_end"));
    }
  });
  CHECK(rows == 363);
}

// True if the row's instants, which carry their offsets, have these offsets
// in our zone database too.
bool has_offsets_of(const Row& row, const Zone& zone) {
  const auto value = JsonValue::parse(row.line());
  for (const char* list : {"next", "prev", "debian_runs"}) {
    const auto times = value->member(list);
    if (!times) continue;
    for (std::size_t i = 0; const auto item = times->element(i); ++i) {
      const std::string text = *item->as_string();
      const auto wall = parse_rfc3339(text.substr(0, 19) + "Z");
      const auto t = parse_rfc3339(text);
      const auto offset = std::chrono::seconds(zone.offset_at(*t));
      if (*wall - *t != offset) return false;
    }
  }
  return true;
}

// Moldova's steps moved in newer zone databases; not every row of cronsim
// shows an offset that tells.
bool is_retold(const Row& row, const Zone& zone) {
  return !has_offsets_of(row, zone) ||
         (row.text("tz") == "Europe/Chisinau" && row.text("class") == "dst");
}

// cronsim makes up a run at the end of the day that Samoa skipped.
bool is_made_up(const Row& row) {
  return row.text("tz") == "Pacific/Apia" && row.text("class") == "dst";
}

// What a row of cron_next.jsonl is held to.
void check_cronsim_row(const Row& row) {
  const std::string judged = row.text("debian");
  const bool six = judged == "n/a: 6 fields";
  const auto expr = CronExpr::parse(row.text("expr"),
                                    six ? Dialect::quartz : Dialect::debian);
  if (judged == "rejects") {
    CHECK_FALSE(expr.has_value());
    return;
  }
  REQUIRE(expr.has_value());
  // The daemon ignores #N where cronsim does not.
  if (judged == "accepts but ignores #N") return;
  const auto zone = Zone::load(row.text("tz"));
  REQUIRE(zone.has_value());
  if (is_retold(row, *zone)) return;
  const bool differs = judged == "differs";
  const auto expected = row.times(differs ? "debian_runs" : "next");
  const std::size_t n = expected.size();
  CHECK(show(run_of_next(*expr, *zone, row.time("from"), n)) == show(expected));
  if (!differs && !is_made_up(row)) {
    const auto back = row.times("prev");
    CHECK(show(run_of_previous(*expr, *zone, row.time("from"), back.size())) ==
          show(back));
  }
}

TEST_CASE("next and previous agree with cronsim wherever Debian does") {
  const int rows = for_each_row("cron_next.jsonl", [](const Row& row) {
    CAPTURE(row.line());
    check_cronsim_row(row);
  });
  CHECK(rows == 1483);
}

TEST_CASE("what Debian refuses is refused") {
  const int rows = for_each_row("cron_invalid.jsonl", [](const Row& row) {
    CAPTURE(row.line());
    const auto expr = CronExpr::parse(row.text("expr"));
    if (row.text("debian") == "reject") {
      CHECK_FALSE(expr.has_value());
      return;
    }
    // In a crontab a "#" begins a comment and a sixth word the command; as an
    // expression alone both are mistakes.
    const std::string text = row.text("expr");
    const auto words = std::count(text.begin(), text.end(), ' ') + 1;
    const bool whole = !text.starts_with('#') && words <= 5;
    CHECK(expr.has_value() == whole);
  });
  CHECK(rows == 167);
}

TEST_CASE("what Debian accepts though it is odd runs as it runs there") {
  const int rows = for_each_row("debian_odd_accepts.jsonl", [](const Row& row) {
    CAPTURE(row.line());
    const auto expr = CronExpr::parse(row.text("expr"));
    const auto zone = Zone::load(row.text("tz"));
    REQUIRE(expr.has_value());
    CHECK(expr->never_runs() == (row.integer("count") == 0));
    const auto expected = row.times("next");
    CHECK(show(run_of_next(*expr, *zone, row.time("from"), expected.size())) ==
          show(expected));
  });
  CHECK(rows == 86);
}

TEST_CASE("the schedule of a crontab line is accepted where Debian does") {
  std::ifstream in(BEZALEL_SOURCE_DIR
                   "/tests/data/schedules/debian_crontab_lines.tsv");
  std::string line;
  std::getline(in, line);  // titles
  int rows = 0;
  while (std::getline(in, line)) {
    const std::size_t tab = line.find('\t');
    std::string text = line.substr(0, tab);
    const bool accepted = line.compare(tab + 1, 6, "ACCEPT") == 0;
    if (const auto at = text.find("\\t"); at != std::string::npos) {
      text.replace(at, 2, " ");
    }
    // Only lines that are five fields and a command.
    std::vector<std::string> words;
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t end = std::min(text.find(' ', i), text.size());
      if (end > i) words.push_back(text.substr(i, end - i));
      i = end + 1;
    }
    if (words.size() < 6 || words[0].starts_with('#')) continue;
    if (words[5].starts_with('*')) continue;
    if (words[0].find('=') != std::string::npos) continue;
    if (words[1].find('=') != std::string::npos) continue;
    std::string five = words[0];
    for (std::size_t i = 1; i < 5; ++i) five += ' ' + words[i];
    CAPTURE(line);
    CHECK(CronExpr::parse(five).has_value() == accepted);
    ++rows;
  }
  CHECK(rows > 50);
}

}  // namespace
}  // namespace bezalel::schedule
