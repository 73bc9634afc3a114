// Files read and written so that nothing foreign can hurt and nothing is torn.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace bezalel::sys {

// The Error of a failed system call: "WHERE: strerror". Kind by errno: ENOENT
// not_found; EACCES, EPERM denied; ENOSPC, EDQUOT, EROFS full; EAGAIN, EBUSY,
// ETIMEDOUT unavailable; ELOOP, EXDEV, EISDIR, ENOTDIR corrupt; else io.
Error errno_error(std::string_view where, int error_number);

enum class Durable { no, yes };

// Replaces `path` whole or not at all: a temporary file beside it (O_EXCL, its
// name starts with '.' and ends with ".tmp"), write, fsync if durable, rename.
// The temporary is unlinked when anything fails. `owner`: the uid and gid the
// file gets, where given (root only).
struct Owner {
  uid_t uid;
  gid_t gid;
};
Result<void> write_file(const std::string& path, std::string_view bytes,
                        mode_t mode, Durable durable,
                        std::optional<Owner> owner = {});

// open(2) with O_CREAT for a file that another user may have made. In a sticky
// directory that a group may write to (/var/lib/bezalel), Linux refuses O_CREAT
// on an existing file of somebody else, even to root (fs.protected_regular = 2,
// Debian's default); so it is opened, and made only where it is not there.
// Returns what open(2) does, errno set. `flags` without O_CREAT and O_EXCL.
int open_or_make(const char* path, int flags, mode_t mode);

// From where the descriptor stands, at most `most` bytes; `expected` is the
// file's size where that is known (else 0) and saves looking for its end.
// `where` begins the error's text.
Result<std::string> read_up_to(int fd, std::size_t most, off_t expected,
                               std::string_view where);

// The whole of a regular file, at most `limit` bytes (Kind::corrupt beyond).
// Follows symlinks: for settings and other files of the host's own.
Result<std::string> read_file(const std::string& path, std::size_t limit);

// True for the temporaries of write_file (".NAME.RANDOM.tmp"). One that is an
// hour old is litter of a writer that was killed; whoever sweeps a directory
// may unlink those that are its own.
bool is_temporary_name(std::string_view name);

// When a file's content last changed, as its status says.
Timestamp modified(const struct stat& status);

// openat with RESOLVE_BENEATH and no links, as Directory below does; -1 and
// errno (ELOOP, EXDEV: the name leads elsewhere).
int open_beneath(int dir_fd, const char* name, int flags);

// A directory that nobody can move us out of: entries are opened relative to
// it with openat2(RESOLVE_BENEATH | NO_SYMLINKS | NO_MAGICLINKS | NO_XDEV),
// falling back to openat(O_NOFOLLOW) on kernels without it.
class Directory {
 public:
  static Result<Directory> open(const std::string& path);
  Result<Directory> open_sub(const std::string& name) const;

  int fd() const { return fd_.get(); }
  struct stat status() const;  // of the directory itself

  // Calls f(name) for each entry but "." and ".."; false from f stops. Order
  // is the directory's.
  template <class F>
  Result<void> each(F&& f) const {
    return each_entry(
        [](void* context, const char* name) {
          return (*static_cast<std::remove_reference_t<F>*>(context))(name);
        },
        &f);
  }

 private:
  explicit Directory(Fd fd) : fd_(std::move(fd)) {}
  Result<void> each_entry(bool (*f)(void*, const char*), void* context) const;
  Fd fd_;
};

// Why an entry below a heartbeat directory is not read.
enum class Refusal {
  none,
  symlink,
  hard_link,
  not_regular,  // FIFO, device, socket, directory
  foreign_owner,
  oversize,
};

struct HostileRead {
  Refusal refusal = Refusal::none;
  std::string bytes;  // when nothing was refused
  struct stat status = {};
};

// Reads one entry without following, blocking or trusting: never waits on a
// FIFO, never opens a device; refuses a link count other than 1, another
// owner than `owner`, more than `limit` bytes. Errors of the system (EIO,
// EMFILE, ENOENT after a race) are errors.
Result<HostileRead> read_hostile(const Directory& dir, const char* name,
                                 uid_t owner, std::size_t limit);

// mkdir -p of one directory with a mode; fine if it is there already.
Result<void> make_directories(const std::string& path, mode_t mode);

}  // namespace bezalel::sys
