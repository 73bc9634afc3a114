#include "adopt/crontab_writer.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

#include "base/escape.h"
#include "base/paste.h"
#include "sys/command.h"
#include "sys/file.h"

namespace bezalel::adopt {
namespace {

using app::CrontabFile;

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::size_t kBackupsKept = 20;
constexpr std::int64_t kTmpfs = 0x01021994;
constexpr std::int64_t kNfs = 0x6969;

// "/etc/cron.d/x" -> "etc-cron.d-x"
std::string flat(const std::string& path) {
  std::string name = path.substr(path.find_first_not_of('/'));
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

Error changed(const CrontabFile& file) {
  return err(Kind::conflict,
             escape_line(file.path) + " was changed meanwhile; try again");
}

std::string first_line(const std::string& text) {
  return escape_line(text.substr(0, text.find('\n')), 200);
}

// Access control lists, security labels and whatever else hangs on a file.
std::map<std::string, std::string> attributes_of(const std::string& path) {
  std::map<std::string, std::string> all;
  std::string names(std::size_t{64} * 1024, '\0');
  const ssize_t size = ::llistxattr(path.c_str(), names.data(), names.size());
  names.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  std::string value(std::size_t{64} * 1024, '\0');
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    const ssize_t n =
        ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (n >= 0) all[name] = value.substr(0, static_cast<std::size_t>(n));
  }
  return all;
}

// busybox crond may be there without it. It reads its tables again where their
// directory has changed.
Error no_crontab_program(const CrontabFile& file) {
  const std::string dir = file.path.substr(0, file.path.rfind('/'));
  return err(Kind::unavailable,
             fmt::format("there is no crontab(1) here; expected an edit of {} "
                         "by hand (`bezalel adopt --print` has the lines), "
                         "then `touch {}`",
                         escape_line(file.path), paste_word(dir)));
}

}  // namespace

std::vector<std::string> CrontabWriter::crontab_command(
    const CrontabFile& file, const char* action) const {
  if (!options_.as_root) return {"crontab", action};
  return {"crontab", "-u", file.user, action};
}

// What crontab(1) gives is what it takes: Debian's hides a header of its own.
Result<std::string> CrontabWriter::read(const CrontabFile& file) {
  if (file.kind != crontab::Kind::user) {
    if (!options_.as_root) {
      return err(Kind::denied, "only root may change it");
    }
    return sys::read_file(file.path, kMostBytes);
  }
  auto asked = sys::run_command(crontab_command(file, "-l"));
  if (!asked && asked.error().kind == Kind::not_found) {
    return no_crontab_program(file);
  }
  BZ_ASSIGN(const auto listed, std::move(asked));
  if (listed.status != 0 || listed.timed_out) {
    return err(Kind::unavailable, "crontab -l: " + first_line(listed.output));
  }
  // run_command keeps 64 KiB: a longer table would come back cut.
  if (listed.output.size() >= std::size_t{64} * 1024) {
    return err(Kind::invalid, "larger than 64 KiB; expected a smaller one");
  }
  return listed.output;
}

Result<void> CrontabWriter::write(const CrontabFile& file,
                                  const std::string& before,
                                  const std::string& after) {
  BZ_TRY(back_up(file, before));
  BZ_ASSIGN(const std::string now, read(file));
  if (now != before) return changed(file);
  if (file.kind == crontab::Kind::user) return write_user(file, after);
  if (!file.is_anacrontab()) BZ_TRY(checked(file, before, after));
  return write_system(file, after);
}

Result<void> CrontabWriter::back_up(const CrontabFile& file,
                                    const std::string& text) {
  BZ_TRY(sys::make_directories(options_.backups, 0700));
  const std::string stem = flat(file.path);
  const std::string path =
      fmt::format("{}/{}.{}", options_.backups, stem,
                  options_.now().time_since_epoch().count());
  BZ_TRY(sys::write_file(path, text, 0600, sys::Durable::yes));
  // Oldest first: the number behind the dot has the same length for centuries.
  std::vector<std::string> kept;
  BZ_ASSIGN(const sys::Directory dir, sys::Directory::open(options_.backups));
  BZ_TRY(dir.each([&](const char* name) {
    const std::string text_of_name = name;
    if (text_of_name.starts_with(stem + ".") &&
        text_of_name.find_first_not_of("0123456789", stem.size() + 1) ==
            std::string::npos) {
      kept.push_back(text_of_name);
    }
    return true;
  }));
  std::sort(kept.begin(), kept.end());
  for (std::size_t i = 0; i + kBackupsKept < kept.size(); ++i) {
    ::unlink((options_.backups + "/" + kept[i]).c_str());
  }
  return {};
}

// A second opinion on a system table: what crontab(1) says of the same lines
// as a user's. Debian's checks without installing (-n); where it finds fault
// with the table as it was, or knows no -n, it has nothing to say.
Result<void> CrontabWriter::checked(const CrontabFile& file,
                                    const std::string& before,
                                    const std::string& after) const {
  if (file.daemon != crontab::Daemon::debian) return {};
  const auto check = [&](const std::string& text) {
    sys::CommandOptions options;
    options.input = crontab::as_user_table(
        crontab::parse(text, crontab::Kind::system, file.daemon));
    return sys::run_command({"crontab", "-n", "-"}, options);
  };
  const auto is_fine = [](const Result<sys::CommandResult>& r) {
    return r && r->status == 0 && !r->timed_out;
  };
  if (!is_fine(check(before))) return {};
  const auto now = check(after);
  if (is_fine(now)) return {};
  return err(Kind::invalid,
             "crontab(1) refuses it: " +
                 (now ? first_line(now->output) : now.error().what));
}

// A table may be a link into a tree that is kept elsewhere: what it leads to is
// written, and the link stays.
Result<void> CrontabWriter::write_system(const CrontabFile& file,
                                         const std::string& after) {
  const std::unique_ptr<char, decltype(&std::free)> target(
      ::realpath(file.path.c_str(), nullptr), std::free);
  if (!target) return sys::errno_error(file.path, errno);
  const std::string path = target.get();
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    return sys::errno_error(path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return err(Kind::invalid,
               escape_line(file.path) + ": expected a regular file");
  }
  const auto attributes = attributes_of(path);
  BZ_TRY(sys::write_file(path, after, status.st_mode & 07777, sys::Durable::yes,
                         sys::Owner{status.st_uid, status.st_gid}));
  for (const auto& [name, value] : attributes) {
    // What this file system does not take for us, it did not keep either.
    static_cast<void>(
        ::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0));
  }
  return {};
}

Result<void> CrontabWriter::write_user(const CrontabFile& file,
                                       const std::string& after) {
  sys::CommandOptions options;
  options.input = after;
  BZ_ASSIGN(const auto put,
            sys::run_command(crontab_command(file, "-"), options));
  if (put.status != 0 || put.timed_out) {
    return err(Kind::invalid,
               "crontab(1) refuses it: " + first_line(put.output));
  }
  BZ_ASSIGN(const std::string now, read(file));
  if (now != after) return changed(file);
  return {};
}

std::string CrontabWriter::shell_trouble(const std::string& shell) {
  const std::string shown = escape_line(shell);
  if (::access(shell.c_str(), X_OK) != 0) {
    return shown +
           ": expected bezalel-sh here, and no job would run without it";
  }
  // Whoever may write it, or a directory above it, would run every job.
  for (std::string path = shell; !path.empty(); path.resize(
           path.rfind('/') == std::string::npos ? 0 : path.rfind('/'))) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || status.st_uid != 0 ||
        (status.st_mode & 022) != 0) {
      return fmt::format(
          "{}: expected root alone to write to it; a job's shell must be where "
          "nobody else can change it, as in /usr/bin",
          escape_line(path));
    }
  }
  struct statfs fs{};
  if (::statfs(shell.c_str(), &fs) == 0 &&
      (fs.f_type == kTmpfs || fs.f_type == kNfs)) {
    return shown + ": expected a file system that is there at every boot";
  }
  return {};
}

}  // namespace bezalel::adopt
