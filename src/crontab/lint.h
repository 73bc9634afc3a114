// What is wrong with a crontab that its daemon says nothing about: jobs and
// whole files that are never run, and lines that do something else than they
// seem to. The rules have fixed names, see bezalel-lint(1); each judges by what
// the daemon was seen to do, see crontab.h.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crontab/crontab.h"
#include "schedule/zone.h"

namespace bezalel::crontab {

// error    jobs do not run, or do not do what the line says
// warning  accepted, and hardly what was meant
// info     worth knowing where a job fails without anybody noticing
enum class Weight { error, warning, info };

struct Remark {
  std::string rule;
  Weight weight = Weight::error;
  int line = 0;           // from 1; 0: the file as a whole
  int column = 0;         // from 1; 0: the line as a whole
  std::size_t width = 1;  // bytes of the text that is meant
  // All three on one line each, what is foreign in them escaped.
  std::string message;  // what is wrong
  std::string effect;   // what the daemon makes of it; a sentence
  std::string fix;      // the line as it should be, or what to type; or empty
  // The schedule that `fix` puts in, where it is one; its next runs show
  // whether it is what was meant.
  std::string schedule;
};

// Why cron cannot execute the SHELL that a line sets (it takes the value as one
// path, execle(3)): `"/usr/bin/zsh" is not there`; empty: it can, or the line
// sets something else.
std::string why_no_shell(const Line& setting, const Crontab& tab,
                         const ProgramLookup& program);

// A comment `# bezalel: allow=RULE` behind the line, or on lines of comments
// right above it.
bool allows(const Crontab& tab, const Line& line, std::string_view rule);

// When and where the daemon's clock runs.
struct HostClock {
  schedule::Zone zone;
  Timestamp now;
};

// What is wrong with the comment `# bezalel: key=value` behind a command, or
// with a call of `bezalel run` or `beat` in it.
struct OwnFault {
  std::string word;   // of the comment or the call, what is meant
  bool last = false;  // where it stands there twice: the last
  std::string meant;  // to stand in its place; empty: nobody knows
  // As in Remark.
  std::string message;
  std::string effect;
  Weight weight = Weight::warning;
  std::string otherwise;  // what to do where nobody knows what was meant
};

// Where the table lies. Of a file that is yet to be installed nothing is known
// but its path, and what depends on the host is not judged.
struct Where {
  std::string path;  // as typed on a command line; empty: it has none
  ProgramLookup program = {};
  // Whether that user may execute what is there; null: not known.
  std::function<bool(const std::string& path, const std::string& user)>
      may_run = {};
  std::string user = {};  // whose table it is; of a system table empty
  std::optional<bool> sends_mail = {};
  // Without it nothing is said of the changes of the clocks.
  std::optional<HostClock> clock = {};
  // Of a command as the shell gets it; null: they are not judged.
  using FaultsOf =
      std::function<std::vector<OwnFault>(const std::string& command)>;
  FaultsOf comment_faults = {}, call_faults = {};
  // What the caller found in it, who sees more than one table: name-shared.
  std::vector<Remark> more = {};
};

// By line and column, those of the file first. What a comment
// `# bezalel: allow=RULE[,RULE]` at the end of the line or on the lines above
// it allows is left out, for remarks without a line on any line.
std::vector<Remark> lint(const Crontab& tab, const Where& where = {});

// The names of all rules, in order of the alphabet.
const std::vector<std::string>& rule_names();

// What the daemon itself calls it in its log ("bad minute"); where it has no
// words of its own, ours.
std::string reason_of(const Problem& problem, Daemon daemon);

// "Debian cron", "busybox crond", "anacron": as a sentence names it.
std::string_view name_of(Daemon daemon);
std::string_view name_of(const Crontab& tab);

}  // namespace bezalel::crontab
