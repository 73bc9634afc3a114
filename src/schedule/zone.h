// A time zone as schedules need it: stretches of constant offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace bezalel::schedule {

// One stretch during which a zone's clocks keep their distance from UTC. It
// begins at `start` and ends where the next one begins. A step of the clocks
// is the border between two of them.
struct Stretch {
  std::int64_t start;   // Unix seconds; the first one's is the least integer
  std::int32_t offset;  // seconds east of UTC
  bool dst;             // what the zone calls daylight saving time
};

// Copies are cheap and equal; safe to share between threads. The tables live
// as long as the process, like the zone database they come from.
class Zone {
 public:
  // An IANA zone by its name ("Europe/Riga"). Names are exact; relative or
  // absolute paths, and names that stand for "here" (such as "localtime"),
  // are Kind::invalid; a zone the database lacks is Kind::not_found. The
  // host's own zone is loaded by its name, which the caller finds out.
  static Result<Zone> load(std::string_view iana);

  static Zone utc();

  const std::string& name() const { return data_->name; }

  // All stretches, in order; never empty, neighbours differ in offset or dst.
  const std::vector<Stretch>& stretches() const { return data_->stretches; }

  // Index of the stretch that holds the instant.
  std::size_t index_at(std::int64_t unix_seconds) const;

  // Seconds east of UTC at the instant.
  std::int32_t offset_at(Timestamp t) const;

  friend bool operator==(const Zone& a, const Zone& b) {
    return a.name() == b.name();
  }

 private:
  struct Data {
    std::string name;
    std::vector<Stretch> stretches;
  };

  explicit Zone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

  static Zone make(std::string name, std::vector<Stretch> stretches);

  std::shared_ptr<const Data> data_;  // shared: a table serves many jobs
};

}  // namespace bezalel::schedule
