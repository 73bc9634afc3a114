#include "app/run_news.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace bezalel::app {

RunNews::RunNews(RunSource& source, const std::vector<Cursor>& cursors,
                 const std::vector<record::RunStart>& open)
    : source_(source), runs_(source.read_since(cursors)) {
  std::set<std::string> ended;
  for (const auto& [key, record] : runs_.records) {
    const auto* end = std::get_if<record::RunEnd>(&record);
    if (end != nullptr) ended.insert(end->run_id);
  }
  const auto ask = [&](const record::RunStart& start) {
    if (ended.contains(start.run_id)) return;
    lives_.emplace(start.run_id, source_.life_of(start));
  };
  for (const record::RunStart& start : open) ask(start);
  for (const auto& [key, record] : runs_.records) {
    const auto* start = std::get_if<record::RunStart>(&record);
    if (start != nullptr) ask(*start);
  }
  const bool any_gone = std::any_of(
      lives_.begin(), lives_.end(),
      [](const auto& life) { return life.second == core::Life::gone; });
  if (any_gone) read_again(cursors);
}

void RunNews::read_again(const std::vector<Cursor>& cursors) {
  std::vector<Cursor> since = runs_.cursors;
  for (const Cursor& cursor : cursors) {
    const bool moved =
        std::any_of(since.begin(), since.end(),
                    [&](const Cursor& c) { return c.path == cursor.path; });
    if (!moved) since.push_back(cursor);
  }
  NewRuns more = source_.read_since(since);
  std::move(more.records.begin(), more.records.end(),
            std::back_inserter(runs_.records));
  // The later of a file holds.
  std::move(more.cursors.begin(), more.cursors.end(),
            std::back_inserter(runs_.cursors));
  runs_.skipped_lines += more.skipped_lines;
  if (!more.skipped_in.empty()) runs_.skipped_in = more.skipped_in;
}

core::Life RunNews::life_of(const record::RunStart& start) const {
  const auto known = lives_.find(start.run_id);
  if (known != lives_.end()) return known->second;
  const core::Life life = source_.life_of(start);
  return life == core::Life::gone ? core::Life::alive : life;
}

}  // namespace bezalel::app
