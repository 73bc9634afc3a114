#include "heartbeat/reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "base/escape.h"
#include "heartbeat/child.h"
#include "record/job_name.h"

namespace bezalel::heartbeat {

namespace {

using namespace std::string_view_literals;

constexpr auto kSuffix = ".last"sv;
// Of one home, well below what a child may send.
constexpr std::size_t kMostOfHome = 48 << 20;

// One file as it lies there, before anybody makes sense of it.
struct Raw {
  enum class State { bytes, foreign, bad, gone, no_descriptor };
  State state = State::bytes;
  std::uint32_t uid = 0;
  Timestamp mtime;
  std::string_view bytes;  // in the caller's buffer
  std::string why;         // bad
};

Timestamp mtime_of(const struct stat& status) {
  return Timestamp(std::chrono::duration_cast<Duration>(
      std::chrono::seconds(status.st_mtim.tv_sec) +
      std::chrono::nanoseconds(status.st_mtim.tv_nsec)));
}

std::string_view why_refused(sys::Refusal refusal) {
  switch (refusal) {
    case sys::Refusal::none:
    case sys::Refusal::foreign_owner:
      return "";
    case sys::Refusal::symlink:
      return "is a symbolic link";
    case sys::Refusal::hard_link:
      return "has more than one name (hard link)";
    case sys::Refusal::not_regular:
      return "is no regular file";
    case sys::Refusal::oversize:
      return "is longer than 4 KiB";
  }
  return "";
}

Raw failed(int error_number) {
  Raw raw;
  if (error_number == ENOENT || error_number == ESTALE) {
    raw.state = Raw::State::gone;
  } else if (error_number == EMFILE || error_number == ENFILE) {
    raw.state = Raw::State::no_descriptor;
  } else {
    raw.state = Raw::State::bad;
    raw.why = fmt::format("cannot be read: {}", std::strerror(error_number));
  }
  return raw;
}

using Buffer = char[record::kMaxHeartbeatBytes + 1];

// An entry that the directory itself calls a regular file: four system calls.
// Should it have become something else since, O_NONBLOCK and the checks on the
// descriptor hold.
Raw read_regular(const sys::Directory& dir, const char* name,
                 std::uint32_t owner, Buffer& buffer) {
  const sys::Fd fd(sys::open_beneath(
      dir.fd(), name,
      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) {
    Raw raw = failed(errno);
    if (errno == ELOOP || errno == EXDEV) raw.why = "is a symbolic link";
    return raw;
  }
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return failed(errno);
  Raw raw;
  raw.uid = status.st_uid;
  raw.mtime = mtime_of(status);
  const auto refuse = [&raw](sys::Refusal refusal) {
    raw.state = Raw::State::bad;
    raw.why = why_refused(refusal);
    return raw;
  };
  if (!S_ISREG(status.st_mode)) return refuse(sys::Refusal::not_regular);
  if (status.st_nlink > 1) return refuse(sys::Refusal::hard_link);
  if (status.st_uid != owner) {
    raw.state = Raw::State::foreign;
    return raw;
  }
  if (status.st_size > static_cast<off_t>(record::kMaxHeartbeatBytes)) {
    return refuse(sys::Refusal::oversize);
  }
  if (status.st_size == 0) return raw;
  const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
  if (n < 0) {
    const Timestamp mtime = raw.mtime;
    raw = failed(errno);
    raw.mtime = mtime;
    return raw;
  }
  const auto size = static_cast<std::size_t>(n);
  if (size > record::kMaxHeartbeatBytes) return refuse(sys::Refusal::oversize);
  raw.bytes = std::string_view(buffer, size);
  return raw;
}

// An entry of another or unknown kind: looked at before it is opened.
Raw read_other(const sys::Directory& dir, const char* name, std::uint32_t owner,
               Buffer& buffer) {
  struct stat status = {};
  if (::fstatat(dir.fd(), name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return failed(errno);
  }
  if (S_ISREG(status.st_mode)) return read_regular(dir, name, owner, buffer);
  Raw raw;
  raw.uid = status.st_uid;
  raw.mtime = mtime_of(status);
  raw.state = Raw::State::bad;
  raw.why = why_refused(S_ISLNK(status.st_mode) ? sys::Refusal::symlink
                                                : sys::Refusal::not_regular);
  return raw;
}

struct Listing {
  std::size_t bad_names = 0;
  std::string bad_name;  // the first
  bool flooded = false;
  bool no_descriptor = false;
  std::string error;  // why the directory was not read to its end
};

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// What every heartbeat in `dir` is, told to f(stem, Raw).
template <class F>
Listing list(const sys::Directory& dir, std::uint32_t owner, std::size_t budget,
             F&& f) {
  Listing listing;
  sys::Fd fd(::openat(dir.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::unique_ptr<DIR, CloseDir> stream;
  if (fd) stream.reset(::fdopendir(fd.get()));
  if (!stream) {
    listing.error = std::strerror(errno);
    return listing;
  }
  fd.release();  // the stream's now
  Buffer buffer;
  for (std::size_t n = 0;; ++n) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) listing.error = std::strerror(errno);
      return listing;
    }
    if (n >= budget) {
      listing.flooded = true;
      return listing;
    }
    const std::string_view name = entry->d_name;
    if (!name.ends_with(kSuffix)) continue;
    const auto stem = name.substr(0, name.size() - kSuffix.size());
    if (!record::is_job_name(stem)) {
      if (listing.bad_names++ == 0) listing.bad_name = name;
      continue;
    }
    const Raw raw = entry->d_type == DT_REG
                        ? read_regular(dir, entry->d_name, owner, buffer)
                        : read_other(dir, entry->d_name, owner, buffer);
    if (raw.state == Raw::State::no_descriptor) {
      listing.no_descriptor = true;
      return listing;
    }
    if (raw.state != Raw::State::gone) f(stem, raw);
  }
}

class Scan {
 public:
  Scan(const record::Paths& paths, const Options& options)
      : options_(options), owner_(paths.owner) {
    Places places = find_places(paths, options);
    scan_.findings = std::move(places.findings);
    scan_.store_missing = places.store_missing;
    scan_.unseen_uids = std::move(places.unseen_uids);
    const auto [near, homes] = sort_out(places.dirs);
    for (const Place& place : near) read_place(place);
    each_in_child(
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
      tell_error(place, "dir-unreadable",
                 dir ? "changed its owner" : dir.error().what);
      return;
    }
    const Listing listing = list(
        *dir, place.uid, budget_of(place),
        [&](std::string_view stem, const Raw& raw) { add(place, stem, raw); });
    tell(place, listing);
    if (listing.flooded) read_declared(place, *dir);
  }

  // Those that the listing did not come to.
  void read_declared(const Place& place, const sys::Directory& dir) {
    std::set<std::string> known;
    for (const auto& seen : scan_.seen) {
      if (seen.key.uid == place.uid) known.insert(seen.key.job);
    }
    each_declared(place, dir, [&](std::string_view stem, const Raw& raw) {
      if (!known.contains(std::string(stem))) add(place, stem, raw);
    });
  }

  template <class F>
  void each_declared(const Place& place, const sys::Directory& dir, F&& f) {
    Buffer buffer;
    for (const auto& key : options_.declared) {
      if (key.uid != place.uid) continue;
      const std::string name = key.job + std::string(kSuffix);
      const Raw raw = read_other(dir, name.c_str(), place.uid, buffer);
      if (raw.state == Raw::State::bytes || raw.state == Raw::State::foreign ||
          raw.state == Raw::State::bad) {
        f(key.job, raw);
      }
    }
  }

  // The child sends what it read as it lies there; sense is made of it here.
  void take_home(const Place& place, const Result<std::string>& sent) {
    if (!sent) {
      tell_error(place, "home-unreadable", sent.error().what);
      return;
    }
    std::string_view in = *sent;
    std::string_view stem, bytes, why;
    std::uint64_t state = 0, uid = 0, mtime = 0;
    while (heartbeat::take(in, stem) && heartbeat::take(in, state) &&
           heartbeat::take(in, uid) && heartbeat::take(in, mtime) &&
           heartbeat::take(in, bytes) && heartbeat::take(in, why)) {
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
    const Listing listing = list(*dir, place.uid, budget_of(place),
                                 [&](std::string_view stem, const Raw& raw) {
                                   full = full || out.size() > kMostOfHome;
                                   if (full || sent.contains(stem)) return;
                                   put_raw(out, stem, raw);
                                 });
    put(out, ""sv);
    put(out, std::uint64_t{full || listing.flooded ? 1U
                           : listing.no_descriptor ? 2U
                                                   : 0U});
    put(out, std::uint64_t{listing.bad_names});
    put(out, std::uint64_t{0});
    put(out, listing.bad_name);
    put(out, listing.error);
    return out;
  }

  static void put_raw(std::string& out, std::string_view stem, const Raw& raw) {
    put(out, stem);
    put(out, static_cast<std::uint64_t>(raw.state));
    put(out, std::uint64_t{raw.uid});
    put(out, static_cast<std::uint64_t>(raw.mtime.time_since_epoch().count()));
    put(out, raw.bytes);
    put(out, raw.why);
  }

  void add(const Place& place, std::string_view stem, const Raw& raw) {
    app::SeenHeartbeat& seen = scan_.seen.emplace_back();
    seen.key.uid = place.uid;
    seen.key.job = stem;
    seen.mtime = raw.mtime;
    app::Refused refused;
    if (raw.state == Raw::State::bytes) {
      auto heartbeat = record::decode_heartbeat(raw.bytes, raw.mtime);
      if (heartbeat) {
        seen.beat = beats_.of(*std::move(heartbeat));
        return;
      }
      refused.detail = heartbeat.error().what;
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

  void tell_error(const Place& place, const char* id, std::string message) {
    scan_.unseen_uids.push_back(place.uid);
    scan_.findings.push_back(finding_of(id, place.path, std::move(message)));
  }

  void tell(const Place& place, const Listing& listing) {
    if (!listing.error.empty()) {
      tell_error(place, "dir-unreadable", listing.error);
    }
    if (listing.no_descriptor) {
      tell_error(place, "dir-unreadable", "no file descriptor is left");
    }
    if (listing.flooded) {
      scan_.flooded_uids.push_back(place.uid);
      scan_.findings.push_back(finding_of(
          "dir-flooded", place.path,
          fmt::format("more than {} entries; of the rest only declared jobs "
                      "are read",
                      budget_of(place))));
      scan_.findings.back().alarm = core::Severity::p2;
      scan_.findings.back().fix = "remove what is no heartbeat";
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
