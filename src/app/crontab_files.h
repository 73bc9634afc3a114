// The crontabs of the host: the port by which their text comes in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/finding.h"
#include "crontab/file_rules.h"
#include "crontab/lint.h"

namespace bezalel::app {

inline constexpr char kAnacrontab[] = "/etc/anacrontab";

struct CrontabFile {
  std::string path;  // as it is on its host, without --sysroot
  crontab::Kind kind = crontab::Kind::system;
  crontab::Daemon daemon = crontab::Daemon::debian;
  // Whose table it is; of a system table empty and 0.
  std::string user;
  std::uint32_t uid = 0;
  crontab::FileFacts facts;
  // Empty where the daemon refuses the file for how it lies there; else the
  // whole text (at most 1 MiB is read).
  std::string text;
  // The package that owns it (dpkg conffile or file list); empty: none.
  std::string package;

  bool is_anacrontab() const { return kind == crontab::Kind::anacron; }

  // "crontab of postgres" or the path: how a person knows it.
  std::string shown() const {
    return kind == crontab::Kind::user ? "crontab of " + user : path;
  }
};

struct CrontabScan {
  std::vector<CrontabFile> files;  // in the order the daemon reads them
  // Anacron's own table, which is no crontab; none where it is not there.
  std::optional<CrontabFile> anacrontab;
  // What could not be read or listed, and what is ignored for its name.
  std::vector<Finding> findings;
  std::vector<std::string> sources_seen;  // see app::Inventory
  std::vector<std::string> sources_unseen;
};

class CrontabFiles {
 public:
  virtual ~CrontabFiles() = default;
  // Reads them all once. Hostile-proof and bounded; never fails.
  virtual CrontabScan scan() = 0;
  // What the daemon's host knows of users.
  virtual crontab::Host host() = 0;
  // Of an absolute path, looked at now.
  virtual crontab::ProgramFacts program(const std::string& path) = 0;
  // Whether a user may execute what is there; true where nobody can tell.
  virtual bool may_run(const std::string&, const std::string&) { return true; }
};

}  // namespace bezalel::app
