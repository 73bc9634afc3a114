// What is scheduled, and is it watched: `bezalel audit` and `bezalel discover`.
#pragma once

#include <string>

#include "app/coverage.h"

namespace bezalel::report {

struct AuditPage {
  std::string host;
  std::string zone;  // IANA name, for local times
  Timestamp now;
  // The count as it was a day ago ("41 of 42"); empty: not known.
  std::string yesterday;
  std::string unchanged_since;      // "Sat 10:02"; empty: not known
  std::string bezalel = "bezalel";  // what commands to type begin with
  // The root that all paths lie below, in commands too; empty: this host's.
  std::string sysroot = {};
};

// LOOK 4, at 80 columns.
std::string audit_text(const app::Coverage& coverage, const AuditPage& page);
// {"v":1,"host","as_of","watched","of","jobs":[..],"gone":[..],"twice":[..],
//  "findings":[..]}
std::string audit_json(const app::Coverage& coverage, const AuditPage& page);
// 0 all covered, 1 something is not, 3 a source could not be seen.
int audit_exit(const app::Coverage& coverage);

// Every job with its next run.
std::string discover_text(const app::Inventory& inventory,
                          const AuditPage& page);
// DESIGN 9.
std::string discover_json(const app::Inventory& inventory);
// As jobs.d wants it.
std::string discover_toml(const app::Inventory& inventory);

}  // namespace bezalel::report
