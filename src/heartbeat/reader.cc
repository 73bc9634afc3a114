#include "heartbeat/reader.h"

#include <fmt/format.h>

#include <set>

#include "base/escape.h"
#include "heartbeat/listing.h"
#include "record/job_name.h"
#include "record/run_log.h"
#include "sys/child.h"
#include "sys/mount.h"

namespace bezalel::heartbeat {

namespace {

using namespace std::string_view_literals;

// What one run leaves, at most.
constexpr std::size_t kMostOfRun =
    record::kMaxRunLogLine + record::kMaxHeartbeatBytes;

// Of one home, well below what a child may send.
constexpr std::size_t kMostOfHome = 48 << 20;

class Scan {
 public:
  Scan(const record::Paths& paths, const Options& options)
      : options_(options), owner_(paths.owner) {
    Places places = find_places(paths, options);
    scan_.findings = std::move(places.findings);
    scan_.store_missing = places.store_missing;
    scan_.unseen_uids = std::move(places.unseen_uids);
    if (!options_.only) tell_full(paths);
    const auto [near, homes] = sort_out(places.dirs);
    for (const Place& place : near) read_place(place);
    sys::each_in_child(
        homes.size(), [&](std::size_t i) { return home_bytes(homes[i]); },
        options_.home_timeout,
        [&](std::size_t i, const auto& sent) { take_home(homes[i], sent); });
  }

  app::HeartbeatScan take() { return std::move(scan_); }

 private:
  std::size_t budget_of(const Place& place) const {
    return place.uid == owner_ ? options_.budget : options_.budget_of_user;
  }

  void read_place(const Place& place) {
    auto dir = open_place(place);
    // It was there a moment ago; swapped since, its owner tells.
    if (!dir || dir->status().st_uid != place.uid) {
      tell_unreadable(place, dir ? "changed its owner" : dir.error().what);
      return;
    }
    Listing listing =
        list(*dir, place.uid, budget_of(place), Decode::yes,
             [&](std::string_view stem, Raw& raw) { add(place, stem, raw); });
    tell(place, listing);
    if (options_.seen_logs && listing.is_whole()) {
      options_.seen_logs->put(place.path, std::move(listing.run_logs));
    }
    if (listing.flooded) read_declared(place, *dir);
  }

  // Those that the listing did not come to.
  void read_declared(const Place& place, const sys::Directory& dir) {
    std::set<std::string> known;
    for (const auto& seen : scan_.seen) {
      if (seen.key.uid == place.uid) known.insert(seen.key.job);
    }
    each_declared(place, dir, [&](std::string_view stem, Raw& raw) {
      if (!known.contains(std::string(stem))) add(place, stem, raw);
    });
  }

  template <class F>
  void each_declared(const Place& place, const sys::Directory& dir, F&& f) {
    Buffer buffer;
    for (const auto& key : options_.declared) {
      if (key.uid != place.uid) continue;
      const std::string name = key.job + std::string(kSuffix);
      Raw raw = read_raw(dir, name.c_str(), place.uid, buffer);
      if (raw.state == Raw::State::bytes || raw.state == Raw::State::foreign ||
          raw.state == Raw::State::bad) {
        f(key.job, raw);
      }
    }
  }

  // The child sends what it read as it lies there; sense is made of it here.
  void take_home(const Place& place, const Result<std::string>& sent) {
    if (!sent) {
      // The owner's jobs leave their proof at home in need alone.
      if (place.uid != owner_) scan_.unseen_uids.push_back(place.uid);
      if (options_.seen_logs) options_.seen_logs->put(place.path, {});
      scan_.findings.push_back(
          finding_of("home-unreadable", place.path, sent.error().what));
      return;
    }
    std::string_view in = *sent;
    std::string_view stem, bytes, why;
    std::uint64_t state = 0, uid = 0, mtime = 0;
    while (sys::take(in, stem) && sys::take(in, state) && sys::take(in, uid) &&
           sys::take(in, mtime) && sys::take(in, bytes) && sys::take(in, why)) {
      if (stem.empty()) {
        Listing listing;
        listing.flooded = state == 1;
        listing.no_descriptor = state == 2;
        listing.bad_names = static_cast<std::size_t>(uid);
        listing.bad_name = bytes;
        listing.error = why;
        tell(place, listing);
        continue;
      }
      Raw raw;
      raw.state = static_cast<Raw::State>(state);
      raw.uid = static_cast<std::uint32_t>(uid);
      raw.mtime = Timestamp(Duration(static_cast<std::int64_t>(mtime)));
      raw.bytes = bytes;
      raw.why = why;
      add(place, stem, raw);
    }
  }

  // In the child. The declared come first: what is beyond the room for an
  // answer is a flood, too. Last, under no name, how the listing went.
  std::string home_bytes(const Place& place) {
    std::string out;
    auto dir = open_place(place);
    if (!dir || dir->status().st_uid != place.uid) return out;
    std::set<std::string, std::less<>> sent;
    each_declared(place, *dir, [&](std::string_view stem, const Raw& raw) {
      if (sent.emplace(stem).second) put_raw(out, stem, raw);
    });
    bool full = false;
    const Listing listing = list(*dir, place.uid, budget_of(place), Decode::no,
                                 [&](std::string_view stem, const Raw& raw) {
                                   full = full || out.size() > kMostOfHome;
                                   if (full || sent.contains(stem)) return;
                                   put_raw(out, stem, raw);
                                 });
    sys::put(out, ""sv);
    sys::put(out, std::uint64_t{full || listing.flooded ? 1U
                                : listing.no_descriptor ? 2U
                                                        : 0U});
    sys::put(out, std::uint64_t{listing.bad_names});
    sys::put(out, std::uint64_t{0});
    sys::put(out, listing.bad_name);
    sys::put(out, listing.error);
    return out;
  }

  static void put_raw(std::string& out, std::string_view stem, const Raw& raw) {
    sys::put(out, stem);
    sys::put(out, static_cast<std::uint64_t>(raw.state));
    sys::put(out, std::uint64_t{raw.uid});
    sys::put(out,
             static_cast<std::uint64_t>(raw.mtime.time_since_epoch().count()));
    sys::put(out, raw.bytes);
    sys::put(out, raw.why);
  }

  void add(const Place& place, std::string_view stem, Raw& raw) {
    app::SeenHeartbeat& seen = scan_.seen.emplace_back();
    seen.key.uid = place.uid;
    seen.key.job = stem;
    seen.mtime = raw.mtime;
    app::Refused refused;
    if (raw.state == Raw::State::bytes) {
      if (!raw.heartbeat) {
        raw.heartbeat = record::decode_heartbeat(raw.bytes, raw.mtime);
      }
      if (*raw.heartbeat) {
        seen.beat = beats_.of(**std::move(raw.heartbeat));
        return;
      }
      refused.detail = raw.heartbeat->error().what;
    } else if (raw.state == Raw::State::foreign) {
      refused.kind = core::Distrust::forged;
      refused.detail =
          fmt::format("owned by uid {}; expected uid {}", raw.uid, place.uid);
    } else {
      refused.detail = raw.why;
    }
    refused.path = record::heartbeat_path(place.path, stem);
    seen.refused = std::move(refused);
  }

  // Jobs run all the same, and what they leave goes elsewhere, if anywhere. A
  // state on the same file system makes one thing of both: the one that a check
  // tells of which cannot write it.
  void tell_full(const record::Paths& paths) {
    const std::string& dir = paths.heartbeats;
    const sys::Room room = sys::room_for(dir, kMostOfRun, owner_);
    if (room == sys::Room::enough) return;
    const char* how =
        room == sys::Room::no_inode ? "has no inode left" : "is full";
    if (sys::on_one_file_system(dir, paths.state_dir)) {
      app::Finding full =
          app::state_finding("written", {Kind::full, "its file system"});
      full.message = fmt::format(
          "the file system of {} {}: no run can be recorded there; alarms are "
          "sent, but may repeat",
          escape_line(paths.state_dir), how);
      scan_.findings.push_back(std::move(full));
      return;
    }
    scan_.findings.push_back(finding_of(
        app::kHeartbeatsFull, dir,
        fmt::format("its file system {}: no run can be recorded there", how),
        "make room on the file system of " + shell_quote(dir),
        core::Severity::p1));
  }

  void tell_unreadable(const Place& place, std::string message) {
    scan_.unseen_uids.push_back(place.uid);
    scan_.findings.push_back(finding_of("dir-unreadable", place.path,
                                        std::move(message), {}, kUnjudged));
  }

  void tell(const Place& place, const Listing& listing) {
    if (!listing.error.empty()) {
      tell_unreadable(place, listing.error);
    }
    if (listing.no_descriptor) {
      tell_unreadable(place, "no file descriptor is left");
    }
    if (listing.flooded) {
      scan_.flooded_uids.push_back(place.uid);
      scan_.findings.push_back(finding_of(
          "dir-flooded", place.path,
          fmt::format("more than {} entries; of the rest only declared jobs "
                      "are read",
                      budget_of(place)),
          "remove what is no heartbeat", core::Severity::p2));
    }
    if (listing.bad_names > 0) {
      scan_.findings.push_back(finding_of(
          "bad-name", place.path,
          fmt::format("{} with a name that is no job's, for example {}; "
                      "expected letters, digits and . _ @ -, at most 128",
                      listing.bad_names == 1
                          ? std::string("a heartbeat")
                          : fmt::format("{} heartbeats", listing.bad_names),
                      escape_line(listing.bad_name, 60))));
    }
  }

  const Options& options_;
  std::uint32_t owner_;
  app::HeartbeatScan scan_;
  app::BeatMaker beats_;
};

}  // namespace

app::HeartbeatScan HeartbeatReader::scan() {
  return Scan(paths_, options_).take();
}

}  // namespace bezalel::heartbeat
