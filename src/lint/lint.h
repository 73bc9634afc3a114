// What is wrong with a crontab, before it bites. Pure: all that must be known
// of the host comes in by Context.
//
// An error means that something does not run, or runs when nobody expects it;
// a warning, that it looks so. Rules have fixed names (bezalel-lint(1));
// `# bezalel: allow=RULE[,RULE]` on a line or on the comment line above it
// silences them there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "crontab/crontab.h"
#include "schedule/zone.h"

namespace bezalel::lint {

enum class Level { error, warning };

struct Remark {
  std::string rule;  // "never-runs", "file-ignored", "percent", ...
  Level level = Level::warning;
  int line = 0;                 // from 1; 0: the file as a whole
  int column = 0;               // from 1; 0: the line as a whole
  int width = 1;                // columns that are meant
  std::string message;          // one line: what is wrong
  std::string effect;           // what the daemon will do
  std::string fix;              // the line as it should read, or what to type
  std::vector<Timestamp> then;  // next runs of the fixed line, at most 5
};

// How the file lies on disk; absent facts are not judged.
struct FileFacts {
  std::string path;  // as shown
  std::string name;  // its last part: daemons filter by it in directories
  bool in_directory = false;  // of cron.d
  std::optional<std::uint32_t> owner_uid;
  std::string owner;
  std::uint32_t expected_uid = 0;     // of a user's table; system tables: root
  std::optional<std::uint32_t> mode;  // permission bits
  std::optional<int> links;
  bool regular = true;
  bool symlink = false;
  std::optional<std::uint32_t> symlink_uid;
};

struct Context {
  crontab::Daemon daemon = crontab::Daemon::debian;
  schedule::Zone zone;
  Timestamp now;
  bool lsb_names = false;  // the daemon runs with -l
  std::optional<FileFacts> file;
  std::function<bool(std::string_view user)> user_exists;  // null: unknown
  // Whether a path is there and may be run; null: unknown.
  std::function<bool(std::string_view path)> executable;
  bool has_mailer = true;  // sendmail is there
};

// In order of line and column; what loses a whole file first.
std::vector<Remark> lint(const crontab::Crontab& tab, const Context& context);

// Every rule's name and one line of what it means, in order: the manual and
// its test read this.
struct Rule {
  std::string_view name;
  Level level;
  std::string_view meaning;
};
const std::vector<Rule>& rules();

}  // namespace bezalel::lint
