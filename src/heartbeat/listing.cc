#include "heartbeat/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "record/job_name.h"
#include "record/run_log.h"

namespace bezalel::heartbeat {

namespace {

// Files that one thread reads in a row, how many such batches are under way at
// most, and who reads them: more than a small host has cores, since on a cold
// disk a thread waits.
constexpr std::size_t kBatch = 256;
constexpr std::size_t kAhead = 24;
constexpr std::size_t kThreads = 8;

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
  if ((status.st_mode & S_IWOTH) != 0) {
    raw.state = Raw::State::bad;
    raw.why = "may be written by anybody: chmod o-w";
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

// Files of one directory, named by the reader of the directory and read by
// whoever has the time.
class Batch {
 public:
  Batch(const sys::Directory& dir, std::uint32_t owner, Decode decode)
      : dir_(dir), owner_(owner), decode_(decode) {}

  bool is_full() const { return files_.size() >= kBatch; }

  void add(const dirent& entry) {
    files_.push_back({names_.size(), entry.d_type == DT_REG, {}, 0, 0});
    names_.append(entry.d_name, std::strlen(entry.d_name) + 1);
  }

  void read() {
    Buffer buffer;
    for (File& file : files_) {
      const char* name = names_.data() + file.name;
      file.raw = file.is_regular ? read_regular(dir_, name, owner_, buffer)
                                 : read_raw(dir_, name, owner_, buffer);
      if (file.raw.state == Raw::State::bytes && decode_ == Decode::yes) {
        file.raw.heartbeat =
            record::decode_heartbeat(file.raw.bytes, file.raw.mtime);
        file.raw.bytes = {};
      }
      file.from = bytes_.size();
      file.size = file.raw.bytes.size();
      bytes_ += file.raw.bytes;
      if (file.raw.state == Raw::State::no_descriptor) return;
    }
  }

  // False: no descriptor was left for one of them.
  bool tell(const std::function<void(std::string_view, Raw&)>& f) {
    for (File& file : files_) {
      if (file.raw.state == Raw::State::no_descriptor) return false;
      if (file.raw.state == Raw::State::gone) continue;
      file.raw.bytes = std::string_view(bytes_).substr(file.from, file.size);
      std::string_view stem = names_.data() + file.name;
      stem.remove_suffix(kSuffix.size());
      f(stem, file.raw);
    }
    return true;
  }

  void clear() {
    names_.clear();
    files_.clear();
    bytes_.clear();
  }

 private:
  struct File {
    std::size_t name;  // where it begins in names_
    bool is_regular;   // as the directory has it
    Raw raw;
    std::size_t from, size;  // of its bytes in bytes_
  };

  const sys::Directory& dir_;
  const std::uint32_t owner_;
  const Decode decode_;
  std::string names_;  // each ends with a zero byte
  std::vector<File> files_;
  std::string bytes_;
};

// Reads batches on threads of its own and gives them back in order.
class ReadAhead {
 public:
  ReadAhead() {
    try {
      for (std::size_t i = 0; i < kThreads; ++i) {
        threads_.emplace_back([this] { work(); });
      }
    } catch (const std::system_error&) {
      // Fewer, or none: take() reads what nobody did.
    }
  }
  ~ReadAhead() {
    {
      const std::lock_guard lock(mutex_);
      waiting_.clear();
      ended_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  std::size_t size() const { return given_.size(); }

  void give(std::unique_ptr<Batch> batch) {
    {
      const std::lock_guard lock(mutex_);
      given_.push_back({std::move(batch), false});
      waiting_.push_back(&given_.back());
    }
    changed_.notify_one();
  }

  // The oldest that was given, read.
  std::unique_ptr<Batch> take() {
    std::unique_lock lock(mutex_);
    if (!waiting_.empty() && waiting_.front() == &given_.front()) {
      waiting_.pop_front();
      lock.unlock();
      given_.front().batch->read();
      lock.lock();
    } else {
      changed_.wait(lock, [this] { return given_.front().is_read; });
    }
    auto batch = std::move(given_.front().batch);
    given_.pop_front();
    return batch;
  }

 private:
  struct Task {
    std::unique_ptr<Batch> batch;
    bool is_read;
  };

  void work() {
    // With a table of descriptors of its own no thread waits for another's; an
    // error changes nothing but that.
    ::unshare(CLONE_FILES);
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
      if (ended_) return;
      Task* task = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      task->batch->read();
      lock.lock();
      task->is_read = true;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> given_;     // a deque: what is in it stays where it is
  std::deque<Task*> waiting_;  // not yet read by anybody
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// Hands what lies in a directory on, in order.
class Teller {
 public:
  Teller(const sys::Directory& dir, std::uint32_t owner, Decode decode,
         const std::function<void(std::string_view, Raw&)>& f)
      : dir_(dir), owner_(owner), decode_(decode), f_(f) {}

  // False: no descriptor was left for one of those named so far.
  bool add(const dirent& entry) {
    if (!batch_) batch_ = std::make_unique<Batch>(dir_, owner_, decode_);
    batch_->add(entry);
    if (!batch_->is_full()) return true;
    if (!ahead_) ahead_.emplace();
    ahead_->give(std::move(batch_));
    return ahead_->size() < kAhead || tell_oldest();
  }

  bool finish() {
    const auto last = std::move(batch_);
    while (ahead_ && ahead_->size() > 0) {
      if (!tell_oldest()) return false;
    }
    if (!last) return true;
    last->read();
    return last->tell(f_);
  }

 private:
  bool tell_oldest() {
    batch_ = ahead_->take();
    const bool all = batch_->tell(f_);
    batch_->clear();
    return all;
  }

  const sys::Directory& dir_;
  const std::uint32_t owner_;
  const Decode decode_;
  const std::function<void(std::string_view, Raw&)>& f_;
  std::unique_ptr<Batch> batch_;    // to be filled
  std::optional<ReadAhead> ahead_;  // once one was full
};

}  // namespace

Raw read_raw(const sys::Directory& dir, const char* name, std::uint32_t owner,
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

Listing list(const sys::Directory& dir, std::uint32_t owner, std::size_t budget,
             Decode decode,
             const std::function<void(std::string_view, Raw&)>& f) {
  Listing listing;
  sys::Fd fd(::openat(dir.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::unique_ptr<DIR, CloseDir> stream;
  if (fd) stream.reset(::fdopendir(fd.get()));
  if (!stream) {
    listing.error = std::strerror(errno);
    return listing;
  }
  fd.release();  // the stream's now
  Teller teller(dir, owner, decode, f);
  bool going = true;
  for (std::size_t n = 0; going; ++n) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) listing.error = std::strerror(errno);
      break;
    }
    if (n >= budget) {
      listing.flooded = true;
      break;
    }
    const std::string_view name = entry->d_name;
    if (!name.ends_with(kSuffix)) {
      if (record::run_log_day(name)) listing.run_logs.emplace_back(name);
      continue;
    }
    const auto stem = name.substr(0, name.size() - kSuffix.size());
    if (record::is_job_name(stem)) {
      going = teller.add(*entry);
    } else if (listing.bad_names++ == 0) {
      listing.bad_name = name;
    }
  }
  listing.no_descriptor = !going || !teller.finish();
  return listing;
}

}  // namespace bezalel::heartbeat
