// What the run logs have that the state lacks, and what became of the runs that
// have no end in them. Inside of app.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/sources.h"
#include "app/store.h"

namespace bezalel::app {

// A job may end while it is looked at: its end is written before its process
// is gone, but perhaps after the log was read. So the logs are read once more
// when a process is not there, and only then is its run one without an end.
class RunNews {
 public:
  // `open`: starts that the state knows no end of.
  RunNews(RunSource& source, const std::vector<Cursor>& cursors,
          const std::vector<record::RunStart>& open);

  const NewRuns& runs() const { return runs_; }

  // As of before the logs were read for the last time. What came to light with
  // that reading itself was there a moment ago.
  core::Life life_of(const record::RunStart& start) const;

 private:
  void read_again(const std::vector<Cursor>& cursors);

  RunSource& source_;
  NewRuns runs_;
  std::map<std::string, core::Life> lives_;  // by run id
};

}  // namespace bezalel::app
