// Which directories hold heartbeats and run logs, and whose they are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/sources.h"
#include "record/paths.h"
#include "sys/file.h"

namespace bezalel::heartbeat {

// The run logs that a listing of heartbeats came by, by their directory, so
// that who reads them need not read a large directory again: none of a home
// that did not answer, which is not waited for twice. Taken once, for they are
// true for one look only.
class SeenLogs {
 public:
  void put(const std::string& dir, std::vector<std::string> names) {
    names_[dir] = std::move(names);
  }
  // nullopt: the directory was not listed to its end.
  std::optional<std::vector<std::string>> take(const std::string& dir) {
    const auto node = names_.extract(dir);
    if (node.empty()) return std::nullopt;
    return std::move(node.mapped());
  }

 private:
  std::map<std::string, std::vector<std::string>> names_;
};

struct Options {
  // A user's own look: only this uid's directories.
  std::optional<std::uint32_t> only;
  // Set as root: where a user lives. Homes of root, of the owners of u/<uid>,
  // of `declared` jobs and of a schedule (`owners`) are read as well, each in a
  // child.
  std::function<std::optional<std::string>(std::uint32_t)> home_of;
  // Who has a crontab, and so may have jobs that nobody declared.
  std::vector<std::uint32_t> owners;
  // Jobs that are read by name even where a directory is flooded.
  std::vector<core::JobKey> declared;
  Duration home_timeout = std::chrono::seconds(5);
  // Entries looked at in one directory.
  std::size_t budget = 1'000'000;        // the owner's own
  std::size_t budget_of_user = 100'000;  // each other user's
  // Shared by the reader of heartbeats, which puts in, and the one of run logs,
  // which takes; null: each lists for itself.
  std::shared_ptr<SeenLogs> seen_logs;
};

// One directory of one user.
struct Place {
  std::string path;
  std::uint32_t uid = 0;
  bool home = false;  // may hang: read in a child
  // The directory whose u/<uid> this is; empty: `path` itself is a base.
  std::string base = {};
};

// Opens a place. Below a base no link is followed, also not one that took the
// directory's place a moment ago.
Result<sys::Directory> open_place(const Place& place);

struct Places {
  std::vector<Place> dirs;
  std::vector<app::Finding> findings;
  bool store_missing = false;
  std::vector<std::uint32_t> unseen_uids;
};

// Looks at the base directories, not into them. A u/<uid> that does not belong
// to that uid is a finding and no place.
Places find_places(const record::Paths& paths, const Options& options);

// The places that are read here, and those that a child must read.
struct Sorted {
  std::span<const Place> near, homes;
};
Sorted sort_out(std::vector<Place>& places);

// What is in a directory that cannot be read is judged by nobody.
constexpr auto kUnjudged = core::Severity::p1;

// "dir-unreadable", "home-unreadable", ...: a warning, which says that not
// everything was seen; an incident where it alarms.
app::Finding finding_of(const char* id, const std::string& source,
                        std::string message, std::string fix = {},
                        std::optional<core::Severity> alarm = {});

}  // namespace bezalel::heartbeat
