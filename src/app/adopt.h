// Adopting crontabs, and releasing them: which files, what becomes of each, and
// what is left alone and why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/adopt_timer.h"
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

// What is adopted or released: all crontabs, that of one user, one file, or one
// timer. All of what is released takes in the timers.
struct Selection {
  bool all = false;
  std::string user, file, timer;
  bool packaged = false;  // those of packages, too
  bool wrap = false;      // line by line, not by SHELL
};

struct TabEdit {
  CrontabFile file;
  std::string before, after;
  int jobs = 0;
  bool by_line = false;  // its job lines change (crontab/wrap.h)
  int unrecorded = 0;    // of these jobs: leave no proof by themselves
  // Lines that end with 1 where a test of theirs says no: failures, once they
  // are recorded (crontab/deciding_guard.h).
  std::vector<int> testing = {};
};

struct LeftAlone {
  std::string shown;    // file
  std::string package;  // empty: see why
  std::string why;
  // It was meant, and could not be done: not a package's, and not a file that
  // only root may change.
  bool failed = false;
};

struct AdoptPlan {
  std::vector<TabEdit> edits;
  std::vector<DropInEdit> drop_ins;
  std::vector<LeftAlone> left_alone;
  int as_they_are = 0;  // crontabs adopted (released) already
  int timers_as_they_are = 0;

  bool empty() const { return edits.empty() && drop_ins.empty(); }
  int jobs() const;  // of all edits
};

struct AdoptContext {
  CrontabFiles& files;
  CrontabWriter& writer;
  DropIns& drop_ins;
  std::string shell;                // absolute path of bezalel-sh
  std::string date;                 // "2026-11-24"
  std::string bezalel = "bezalel";  // what commands to type begin with
};

// Changes nothing. Kind::not_found: no such crontab or timer here.
Result<AdoptPlan> plan(AdoptContext& context, Turn turn,
                       const Selection& selection);

// The drop-in for a timer, as it would be written.
std::string timer_lines(const AdoptContext& context, const std::string& timer);

// Carries it out, file by file. Returns one line for each that failed, and
// takes that one out of the plan.
std::vector<std::string> carry_out(AdoptContext& context, AdoptPlan& plan);

}  // namespace bezalel::app
