// Adopting crontabs, and releasing them: which files, what becomes of each, and
// what is left alone and why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/crontab_files.h"
#include "crontab/edit.h"

namespace bezalel::app {

// Puts a crontab's new text in the place of the old one.
class CrontabWriter {
 public:
  virtual ~CrontabWriter() = default;
  // The text as it is now; of a user's table as crontab(1) gives it.
  virtual Result<std::string> read(const CrontabFile& file) = 0;
  // Whole or not at all, after a backup. Kind::conflict: it is no longer
  // `before`; Kind::invalid: the daemon's own checker refuses it.
  virtual Result<void> write(const CrontabFile& file, const std::string& before,
                             const std::string& after) = 0;
  // Why jobs must not be put behind this shell; empty: they may.
  virtual std::string shell_trouble(const std::string& shell) = 0;
};

enum class Turn { adopt, release };

// Which crontabs: all, of one user, or one file.
struct Selection {
  bool all = false;
  std::string user, file;
  bool packaged = false;  // those of packages, too
};

struct TabEdit {
  CrontabFile file;
  std::string before, after;
  int jobs = 0;
};

struct LeftAlone {
  std::string shown;    // file
  std::string package;  // empty: see why
  std::string why;
};

struct AdoptPlan {
  std::vector<TabEdit> edits;
  std::vector<LeftAlone> left_alone;
  int as_they_are = 0;  // adopted (released) already
  int timers = 0;       // judged by systemd's own result

  int jobs() const;  // of all edits
};

struct AdoptContext {
  CrontabFiles& files;
  CrontabWriter& writer;
  std::string shell;  // absolute path of bezalel-sh
  std::string date;   // "2026-11-24"
};

// Changes nothing. Kind::not_found: no such crontab here.
Result<AdoptPlan> plan(AdoptContext& context, Turn turn,
                       const Selection& selection);

// Carries it out, file by file; returns one line for each that failed.
std::vector<std::string> carry_out(AdoptContext& context,
                                   const AdoptPlan& plan);

}  // namespace bezalel::app
