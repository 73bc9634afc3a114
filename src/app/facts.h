// Facts of one job, folded from what was seen and what is remembered.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "app/coverage.h"
#include "app/settle.h"
#include "app/sources.h"
#include "core/job.h"

namespace bezalel::app {

using LifeOf = std::function<core::Life(const record::RunStart&)>;

// What is known of one job, from every side. Pointers may be null: absent.
struct Evidence {
  const SeenHeartbeat* heartbeat = nullptr;
  const KnownJob* known = nullptr;
  std::vector<const RunRow*> runs;  // oldest first (file position)
  const CoveredJob* scheduled = nullptr;
  // How far the wall clock stepped since the remembered instants were noted.
  Duration step{};
};

struct FoldedFacts {
  core::Facts facts;
  // The newest trusted heartbeat, to be remembered (KnownJob).
  std::string heartbeat_identity;
};

// Which heartbeat this is: its run id, or what it claims. The same content is
// the same heartbeat whatever its mtime (touch, cp -p, restore).
std::string heartbeat_identity(const Beat& beat);

// Pure but for `life_of`, which is asked only about runs without an end.
FoldedFacts fold_facts(const Evidence& evidence, const Moment& now,
                       const LifeOf& life_of);

// "exit 1", "signal 9 (KILL)", "timeout after 1h", ...: how a run ended.
std::string describe_end(const record::RunEnd& end);

}  // namespace bezalel::app
