// What several sources say of the same job, brought together. Inside of app.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/look.h"

namespace bezalel::app {

// All that is known under one key, before it is judged. Null, nullopt: nothing.
struct Gathered {
  const DeclaredJob* declared = nullptr;
  const SeenHeartbeat* heartbeat = nullptr;
  std::optional<KnownJob> known;
  const std::vector<RunRow>* runs = nullptr;  // not empty
  const CoveredJob* scheduled = nullptr;
  const KnownSchedule* gone = nullptr;
};

// Sorts what the sources have by key, without a copy of it: 24 bytes a record.
// The input must outlive it.
class Gathering {
 public:
  explicit Gathering(const LookInput& input);

  // Each job once, by key.
  void each(
      const std::function<void(const core::JobKey&, const Gathered&)>& f) const;

  bool has_several_users() const;
  // Those of `names` that jobs of several users have.
  std::set<std::string> shared_among(const std::set<std::string>& names) const;

 private:
  enum class From : std::uint8_t {
    declared,
    heartbeat,
    known,
    runs,
    scheduled,
    line,
    gone
  };
  struct Entry {
    // The name's bytes behind what all names begin with: decides nearly every
    // comparison without a look at the name itself.
    std::uint64_t head;
    std::uint32_t uid;
    From from;
    std::uint32_t index;
  };

  std::string_view name_of(const Entry& e) const;
  bool less(const Entry& a, const Entry& b) const;
  bool same_key(const Entry& a, const Entry& b) const;
  void add(From from, std::size_t index, std::uint32_t uid);
  void take(const Entry& entry, Gathered& into) const;

  void add_coverage();

  const LookInput& in_;
  std::vector<std::pair<const core::JobKey*, const std::vector<RunRow>*>> runs_;
  std::vector<Entry> entries_;  // by key
};

}  // namespace bezalel::app
