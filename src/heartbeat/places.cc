#include "heartbeat/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>

#include "base/escape.h"

namespace bezalel::heartbeat {

namespace {

constexpr std::size_t kMostUsers = 65'536;

std::optional<std::uint32_t> uid_in(const std::string& name) {
  std::uint32_t uid = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, uid);
  if (error != std::errc() || rest != end || name != std::to_string(uid)) {
    return std::nullopt;
  }
  return uid;
}

class Finder {
 public:
  Finder(const record::Paths& paths, const Options& options)
      : paths_(paths), options_(options) {}

  Places find() {
    const bool own = options_.only.has_value();
    const bool base = own ? add_own() : add_tree(paths_.heartbeats);
    bool extra = false;
    if (!paths_.extra_heartbeats.empty()) {
      extra = own ? add(paths_.extra_heartbeats, *options_.only)
                  : add_tree(paths_.extra_heartbeats);
    }
    // A user without a directory of root's making has the one at home.
    places_.store_missing = own ? !base && !extra : !base && !unreadable_base_;
    add_homes();
    return std::move(places_);
  }

 private:
  bool add_own() {
    return add(paths_.heartbeats_of(*options_.only), *options_.only);
  }

  // A base directory with its u/<uid>; false if it is not there.
  bool add_tree(const std::string& base) {
    auto dir = sys::Directory::open(base);
    if (!dir) {
      if (dir.error().kind == Kind::not_found) return false;
      unreadable(base, paths_.owner, dir.error());
      unreadable_base_ = true;
      return false;
    }
    add_opened(*dir, base, paths_.owner);
    auto users = dir->open_sub("u");
    if (!users) {
      if (users.error().kind != Kind::not_found) {
        places_.findings.push_back(finding_of(
            "dir-unreadable", base + "/u", users.error().what, {}, kUnjudged));
      }
      return true;
    }
    std::vector<std::uint32_t> uids;
    const auto listed = users->each([&](const char* name) {
      if (const auto uid = uid_in(name)) uids.push_back(*uid);
      return uids.size() < kMostUsers;
    });
    if (!listed) {
      places_.findings.push_back(finding_of(
          "dir-unreadable", base + "/u", listed.error().what, {}, kUnjudged));
    }
    std::sort(uids.begin(), uids.end());
    for (const auto uid : uids) {
      const std::string path = fmt::format("{}/u/{}", base, uid);
      auto sub = users->open_sub(std::to_string(uid));
      if (sub) {
        add_opened(*sub, path, uid, base);
      } else if (sub.error().kind != Kind::not_found) {
        unreadable(path, uid, sub.error());
      }
      uids_.insert(uid);
    }
    return true;
  }

  bool add(const std::string& path, std::uint32_t uid) {
    auto dir = sys::Directory::open(path);
    if (dir) {
      add_opened(*dir, path, uid);
    } else if (dir.error().kind != Kind::not_found) {
      unreadable(path, uid, dir.error());
    } else {
      return false;
    }
    return true;
  }

  void add_opened(const sys::Directory& dir, const std::string& path,
                  std::uint32_t uid, const std::string& base = {}) {
    const std::uint32_t owner = dir.status().st_uid;
    if (owner == uid) {
      // Sticky, others may add to it and take nothing of it away.
      const mode_t mode = dir.status().st_mode;
      if ((mode & S_IWOTH) != 0 && (mode & S_ISVTX) == 0) {
        places_.findings.push_back(
            finding_of("dir-writable", path,
                       "may be written by anybody, who could take proof away",
                       "chmod o-w " + shell_quote(path), core::Severity::p2));
      }
      places_.dirs.push_back({path, uid, false, base});
      return;
    }
    places_.unseen_uids.push_back(uid);
    places_.findings.push_back(finding_of(
        "dir-owner", path,
        fmt::format("belongs to uid {}; expected uid {}", owner, uid),
        fmt::format("chown {} {}", uid, shell_quote(path)), kUnjudged));
  }

  void unreadable(const std::string& path, std::uint32_t uid,
                  const Error& error) {
    places_.unseen_uids.push_back(uid);
    places_.findings.push_back(
        finding_of("dir-unreadable", path, error.what, {}, kUnjudged));
  }

  void add_homes() {
    if (!options_.home_of || options_.only || paths_.flat) return;
    for (const auto& key : options_.declared) uids_.insert(key.uid);
    uids_.insert(options_.owners.begin(), options_.owners.end());
    // The owner's, too: there goes what a full disk has no room for.
    uids_.insert(paths_.owner);
    for (const auto uid : uids_) {
      const auto home = options_.home_of(uid);
      if (!home || home->empty() || home->front() != '/') continue;
      places_.dirs.push_back({*home + "/.bezalel/heartbeats", uid, true, {}});
    }
  }

  const record::Paths& paths_;
  const Options& options_;
  Places places_;
  std::set<std::uint32_t> uids_;
  bool unreadable_base_ = false;
};

}  // namespace

Sorted sort_out(std::vector<Place>& places) {
  const auto homes =
      std::stable_partition(places.begin(), places.end(),
                            [](const Place& place) { return !place.home; });
  return {{places.begin(), homes}, {homes, places.end()}};
}

app::Finding finding_of(const char* id, const std::string& source,
                        std::string message, std::string fix,
                        std::optional<core::Severity> alarm) {
  app::Finding finding;
  finding.id = id;
  finding.severity = app::FindingSeverity::warning;
  finding.source = source;
  finding.message = std::move(message);
  finding.fix = std::move(fix);
  finding.alarm = alarm;
  return finding;
}

Result<sys::Directory> open_place(const Place& place) {
  if (place.base.empty()) return sys::Directory::open(place.path);
  BZ_ASSIGN(const sys::Directory base, sys::Directory::open(place.base));
  BZ_ASSIGN(const sys::Directory users, base.open_sub("u"));
  return users.open_sub(std::to_string(place.uid));
}

Places find_places(const record::Paths& paths, const Options& options) {
  return Finder(paths, options).find();
}

}  // namespace bezalel::heartbeat
