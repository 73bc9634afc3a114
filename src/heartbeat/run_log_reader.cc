#include "heartbeat/run_log_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <set>

#include "sys/child.h"
#include "sys/clock.h"
#include "sys/process.h"

namespace bezalel::heartbeat {

namespace {

constexpr std::size_t kMostFiles = 15;  // 14 days and the present one
// Of one file in one look; what is left comes with the next one.
constexpr std::size_t kMostBytes = 32 << 20;
// Of all files of one user who is not root, who may write there what he likes:
// decoded it takes thirty times as much memory.
constexpr std::size_t kMostBytesOfUser = 4 << 20;

using CursorMap = std::map<std::string, app::Cursor>;

// The new bytes of one file, or why there are none.
struct Chunk {
  std::string path;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;
  std::string bytes;
  std::string refused;
};

std::vector<std::string> logs_in(const sys::Directory& dir) {
  std::vector<std::string> names;
  [[maybe_unused]] const auto listed = dir.each([&](const char* name) {
    if (record::run_log_day(name)) names.emplace_back(name);
    return true;
  });
  return names;
}

std::vector<std::string> newest(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  if (names.size() > kMostFiles) {
    names.erase(names.begin(), names.end() - kMostFiles);
  }
  return names;
}

bool read_from(int fd, std::uint64_t offset, std::size_t size,
               std::string& out) {
  out.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(fd, out.data() + done, size - done,
                              static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  out.resize(done);
  return true;
}

// Takes what it reads from the budget.
std::optional<Chunk> fetch(const sys::Directory& dir, const Place& place,
                           const std::string& name, const CursorMap& cursors,
                           std::size_t& budget) {
  Chunk chunk;
  chunk.path = place.path + "/" + name;
  struct stat status = {};
  if (::fstatat(dir.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  if (!S_ISREG(status.st_mode)) {
    chunk.refused = "is no regular file";
    return chunk;
  }
  const auto cursor = cursors.find(chunk.path);
  if (cursor != cursors.end() && cursor->second.inode == status.st_ino &&
      cursor->second.offset == static_cast<std::uint64_t>(status.st_size)) {
    return std::nullopt;  // nothing new
  }
  const sys::Fd fd(sys::open_beneath(
      dir.fd(), name.c_str(),
      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    if (errno == ENOENT) return std::nullopt;
    chunk.refused = sys::errno_error("cannot be read", errno).what;
    return chunk;
  }
  if (!S_ISREG(status.st_mode) || status.st_nlink > 1) {
    chunk.refused = "is a link or no regular file";
    return chunk;
  }
  if (status.st_uid != place.uid) {
    chunk.refused = fmt::format("owned by uid {}; expected uid {}",
                                status.st_uid, place.uid);
    return chunk;
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  chunk.inode = status.st_ino;
  if (cursor != cursors.end() && cursor->second.inode == chunk.inode &&
      cursor->second.offset <= size) {
    chunk.offset = cursor->second.offset;
  }
  const std::size_t wanted = std::min<std::uint64_t>(
      size - chunk.offset, std::min(kMostBytes, budget));
  budget -= wanted;
  if (!read_from(fd.get(), chunk.offset, wanted, chunk.bytes)) {
    chunk.refused = sys::errno_error("cannot be read", errno).what;
  }
  return chunk;
}

template <class F>
void fetch_all(const Place& place, const CursorMap& cursors,
               std::optional<std::vector<std::string>> names, F&& f) {
  auto dir = open_place(place);
  if (!dir || dir->status().st_uid != place.uid) return;
  std::size_t budget =
      place.uid == 0 ? kMostFiles * kMostBytes : kMostBytesOfUser;
  for (const auto& name : newest(names ? *std::move(names) : logs_in(*dir))) {
    if (budget == 0) return;  // newer files come with the next look
    if (auto chunk = fetch(*dir, place, name, cursors, budget)) f(*chunk);
  }
}

class Intake {
 public:
  explicit Intake(app::NewRuns& out) : out_(out) {}

  void add(const Place& place, const Chunk& chunk) {
    if (!chunk.refused.empty()) {
      out_.findings.push_back(
          finding_of("run-log-refused", chunk.path, chunk.refused));
      return;
    }
    const std::uint64_t before = out_.skipped_lines;
    std::string_view rest = chunk.bytes;
    std::uint64_t taken = 0;
    for (;;) {
      const auto newline = rest.find('\n');
      if (newline == std::string_view::npos) break;
      take_line(place, rest.substr(0, newline));
      rest.remove_prefix(newline + 1);
      taken += newline + 1;
    }
    // No line is that long: what has no end here is not a torn line.
    if (taken == 0 && rest.size() > record::kMaxRunLogLine) {
      ++out_.skipped_lines;
      taken = rest.size();
    }
    if (out_.skipped_lines > before) out_.skipped_in = chunk.path;
    out_.cursors.push_back({chunk.path, chunk.inode, chunk.offset + taken});
  }

 private:
  void take_line(const Place& place, std::string_view line) {
    if (line.empty()) return;
    if (line.size() > record::kMaxRunLogLine) {
      ++out_.skipped_lines;
      return;
    }
    auto record = record::decode_run_record(line);
    if (!record) {
      ++out_.skipped_lines;
      return;
    }
    const auto* start = std::get_if<record::RunStart>(&*record);
    core::JobKey key{place.uid, start != nullptr
                                    ? start->job
                                    : std::get<record::RunEnd>(*record).job};
    out_.records.emplace_back(std::move(key), std::move(*record));
  }

  app::NewRuns& out_;
};

// What a child sent of a home.
void take_chunks(const Place& place, std::string_view in, Intake& intake) {
  std::string_view path, bytes, refused;
  Chunk chunk;
  while (sys::take(in, path) && sys::take(in, chunk.inode) &&
         sys::take(in, chunk.offset) && sys::take(in, bytes) &&
         sys::take(in, refused)) {
    chunk.path = path;
    chunk.bytes = bytes;
    chunk.refused = refused;
    intake.add(place, chunk);
  }
}

Timestamp time_of(const KeyedRecord& record) {
  return std::visit([](const auto& r) { return r.at; }, record.second);
}

// Takes a user's records out, in order.
std::vector<KeyedRecord> take_of(std::uint32_t uid,
                                 std::vector<KeyedRecord>& from) {
  const auto others = std::stable_partition(
      from.begin(), from.end(),
      [&](const KeyedRecord& r) { return r.first.uid != uid; });
  std::vector<KeyedRecord> taken(std::make_move_iterator(others),
                                 std::make_move_iterator(from.end()));
  from.erase(others, from.end());
  return taken;
}

}  // namespace

void add_homes(std::vector<KeyedRecord>& near, std::vector<KeyedRecord> homes) {
  std::set<std::uint32_t> of_near, of_both;
  for (const KeyedRecord& r : near) of_near.insert(r.first.uid);
  for (const KeyedRecord& r : homes) {
    if (of_near.contains(r.first.uid)) of_both.insert(r.first.uid);
  }
  for (const std::uint32_t uid : of_both) {
    const std::vector<KeyedRecord> a = take_of(uid, near);
    const std::vector<KeyedRecord> b = take_of(uid, homes);
    auto next = b.begin();
    for (const KeyedRecord& r : a) {
      while (next != b.end() && time_of(*next) < time_of(r)) {
        near.push_back(*next++);
      }
      near.push_back(r);
    }
    near.insert(near.end(), next, b.end());
  }
  std::move(homes.begin(), homes.end(), std::back_inserter(near));
}

RunLogReader::RunLogReader(record::Paths paths, Options options)
    : paths_(std::move(paths)),
      options_(std::move(options)),
      boot_id_(sys::boot_id()),
      pid_ns_(sys::pid_namespace()) {}

app::NewRuns RunLogReader::read_since(const std::vector<app::Cursor>& cursors) {
  CursorMap known;
  for (const auto& cursor : cursors) known[cursor.path] = cursor;
  app::NewRuns out;
  Intake intake(out);
  std::vector<KeyedRecord> of_homes;
  const auto seen = [&](const Place& place) {
    return options_.seen_logs ? options_.seen_logs->take(place.path)
                              : std::nullopt;
  };
  auto places = find_places(paths_, options_).dirs;
  const auto [near, homes] = sort_out(places);
  for (const Place& place : near) {
    fetch_all(place, known, seen(place),
              [&](const Chunk& chunk) { intake.add(place, chunk); });
  }
  std::vector<Place> asked;
  for (const Place& place : homes) {
    const auto names = seen(place);
    if (!names || !names->empty()) asked.push_back(place);
  }
  sys::each_in_child(
      asked.size(),
      [&](std::size_t i) {
        std::string bytes;
        fetch_all(asked[i], known, {}, [&](const Chunk& chunk) {
          sys::put(bytes, chunk.path);
          sys::put(bytes, chunk.inode);
          sys::put(bytes, chunk.offset);
          sys::put(bytes, chunk.bytes);
          sys::put(bytes, chunk.refused);
        });
        return bytes;
      },
      options_.home_timeout,
      [&](std::size_t i, const Result<std::string>& sent) {
        // A home that does not answer is the heartbeat reader's finding.
        if (!sent) return;
        std::swap(out.records, of_homes);
        take_chunks(asked[i], *sent, intake);
        std::swap(out.records, of_homes);
      });
  add_homes(out.records, std::move(of_homes));
  return out;
}

core::Life RunLogReader::life_of(const record::RunStart& start) {
  if (start.boot_id.empty() || boot_id_.empty()) return core::Life::unknown;
  if (start.boot_id != boot_id_) return core::Life::rebooted;
  if (start.pid_ns == 0 || start.pid_ns != pid_ns_ || start.pid <= 0 ||
      !sys::proc_is_readable()) {
    return core::Life::unknown;
  }
  const auto now = sys::process_start(static_cast<pid_t>(start.pid));
  if (!now) return core::Life::gone;
  // Without a start time a reused pid cannot be told from the job.
  if (start.pid_start == 0) return core::Life::unknown;
  return *now == start.pid_start ? core::Life::alive : core::Life::gone;
}

}  // namespace bezalel::heartbeat
