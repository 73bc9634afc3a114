// The jobs that the state remembers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/boxed.h"
#include "core/job.h"
#include "record/schedule_text.h"

namespace bezalel::app {

struct Retirement {
  Timestamp at;
  std::string by, why;
  friend bool operator==(const Retirement&, const Retirement&) = default;
};

// The file of [job.NAME], and since when it holds that no more.
struct Declaration {
  std::string file;
  std::optional<Timestamp> gone_since;
  friend bool operator==(const Declaration&, const Declaration&) = default;
};

// A job as far as the state remembers it.
struct KnownJob {
  core::JobKey key;
  Timestamp first_seen;  // declared since, at the earliest
  Timestamp last_seen;
  // The newest trusted heartbeat: a deleted, restored or older file never
  // makes a job look younger than this.
  std::optional<Timestamp> last_success;
  std::string last_run_id;
  // Of the newest run or heartbeat that gave any.
  record::SharedSchedule schedule;
  // Distrust first seen (forged, corrupt, clock); empty: none now.
  std::optional<Timestamp> distrust_since;
  Boxed<Retirement> retired;
  Boxed<Declaration> declaration;  // the newest; none: it was never declared
};

// Many of them, by key. A host can have a hundred thousand, and a look needs
// one at a time: their texts lie behind one another, half of what as many
// KnownJobs take.
class KnownJobs {
 public:
  // Keys must come in order, each once (the order of core::JobKey).
  void add(KnownJob job);

  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }

  KnownJob operator[](std::size_t index) const;
  std::uint32_t uid(std::size_t index) const { return rows_[index].uid; }
  std::string_view name(std::size_t index) const;

  std::optional<KnownJob> find(const core::JobKey& key) const;

  // Jobs that have left proof and are not retired.
  std::size_t proven() const;

 private:
  struct Row {
    // The state keeps no instant before 1970: the least of all is "none".
    Timestamp first_seen, last_seen, last_success, distrust_since;
    record::SharedSchedule schedule;
    // Where the name begins, the run id behind it: there is no state of 4 GiB.
    std::uint32_t text;
    std::uint32_t name_size, run_id_size;
    std::uint32_t uid;
  };

  std::vector<Row> rows_;
  std::string texts_;
  std::map<std::size_t, Retirement> retired_;    // by index: few
  std::map<std::size_t, Declaration> declared_;  // as many as somebody wrote
};

}  // namespace bezalel::app
