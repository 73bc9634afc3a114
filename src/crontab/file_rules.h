// How a crontab lies on disk, and whether its daemon takes it at all.
//
// Rules observed on Debian cron 3.0pl1, busybox 1.35 and read in crontab(5) and
// cron(8) of cronie: names, owners, modes, links. What the daemon does when it
// refuses is the same everywhere: none of the file's jobs runs, and only a log
// line says so, if that.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "crontab/crontab.h"

namespace bezalel::crontab {

// Facts that are absent are not judged.
struct FileFacts {
  std::string path;           // as shown
  std::string name;           // its last part
  bool in_directory = false;  // of /etc/cron.d, where names are filtered
  std::optional<std::uint32_t> owner;  // uid
  std::uint32_t expected_owner = 0;    // of a user's table; else root
  std::optional<std::uint32_t> mode;   // permission bits, suid to others
  std::optional<int> links;
  bool regular = true;   // what a link points to
  bool symlink = false;  // the name itself is a link
  std::optional<std::uint32_t> symlink_owner;
  bool dangling = false;
  bool fifo = false;  // what a link points to, too
  bool directory = false;
  // Of systemd, by the file's own name: "certbot.timer"; empty: none.
  // systemd-cron leaves the file to it, masked or not.
  std::string timer;
  bool timer_masked = false;
};

struct FileHost {
  bool lsb_names = false;  // Debian cron was started with -l
};

// Why the daemon will not read the file; rule is one of "file-name",
// "file-timer", "file-owner", "file-mode", "file-links", "file-kind". nullopt:
// it reads it. `message` names the fix's operand exactly ("mode 0664, expected
// 0644").
std::optional<Problem> refused_for(const FileFacts& facts, Kind kind,
                                   Daemon daemon, const FileHost& host = {});

// Whether the daemon, which opens it to look at it, waits there for ever and
// starts nothing any more: a FIFO whose name it takes.
bool blocks_daemon(const FileFacts& facts, Kind kind, Daemon daemon,
                   const FileHost& host = {});

// Whether something has that path, a link to nothing too.
using IsThere = std::function<bool(const std::string&)>;

// What to type so that it is read: "chmod 0644 /etc/cron.d/x"; the path quoted
// for a shell where it must be. No new name is one that is there.
std::string fix_for(const Problem& problem, const FileFacts& facts, Kind kind,
                    Daemon daemon, const IsThere& is_there);

// Whether nobody means such a file to run: hidden, named "x.disabled" or
// "x.off", or what dpkg, ucf, rpm or an editor leaves. "x~" and "x.bak" are so
// beside an x alone: without it they may be all that is left of the jobs.
bool is_leftover(const std::string& path, const IsThere& is_there);

// Whether a file of that name among the tables of users is none of them: what
// crontab(1) writes beside before it renames, and busybox's `cron.update`, by
// which its crontab tells the daemon whose table is new.
bool is_of_spool(std::string_view name);

// Whether run-parts(8) of debianutils would run a file of that name.
enum class PartNames {
  plain,   // Debian's: letters, digits, _ and - alone
  lsb,     // the same, with --lsbsysinit
  fedora,  // a shell script: all but what editors, rpm and cfengine leave
};
bool run_parts_takes(std::string_view name, PartNames rule = PartNames::plain);

}  // namespace bezalel::crontab
