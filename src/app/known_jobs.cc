#include "app/known_jobs.h"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace bezalel::app {
namespace {

constexpr Timestamp kNone = Timestamp::min();

std::optional<Timestamp> told(Timestamp t) {
  return t == kNone ? std::nullopt : std::optional(t);
}

}  // namespace

void KnownJobs::add(KnownJob job) {
  assert(empty() || std::tuple(uid(size() - 1), name(size() - 1)) <
                        std::tuple(job.key.uid, std::string_view(job.key.job)));
  if (job.retired) retired_.emplace(rows_.size(), *job.retired);
  if (job.declaration) declared_.emplace(rows_.size(), *job.declaration);
  rows_.push_back(
      {job.first_seen, job.last_seen, job.last_success.value_or(kNone),
       job.distrust_since.value_or(kNone), std::move(job.schedule),
       static_cast<std::uint32_t>(texts_.size()),
       static_cast<std::uint32_t>(job.key.job.size()),
       static_cast<std::uint32_t>(job.last_run_id.size()), job.key.uid});
  texts_ += job.key.job;
  texts_ += job.last_run_id;
}

KnownJob KnownJobs::operator[](std::size_t index) const {
  const Row& row = rows_[index];
  KnownJob job;
  job.key.uid = row.uid;
  job.key.job = name(index);
  job.first_seen = row.first_seen;
  job.last_seen = row.last_seen;
  job.last_success = told(row.last_success);
  job.last_run_id.assign(texts_, row.text + row.name_size, row.run_id_size);
  job.schedule = row.schedule;
  job.distrust_since = told(row.distrust_since);
  const auto retired = retired_.find(index);
  if (retired != retired_.end()) job.retired = retired->second;
  const auto declared = declared_.find(index);
  if (declared != declared_.end()) job.declaration = declared->second;
  return job;
}

std::string_view KnownJobs::name(std::size_t index) const {
  const Row& row = rows_[index];
  return std::string_view(texts_).substr(row.text, row.name_size);
}

std::optional<KnownJob> KnownJobs::find(const core::JobKey& key) const {
  std::size_t first = 0;
  for (std::size_t count = size(); count > 0;) {
    const std::size_t half = count / 2;
    const std::size_t middle = first + half;
    if (std::tuple(uid(middle), name(middle)) <
        std::tuple(key.uid, std::string_view(key.job))) {
      first = middle + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  if (first == size() || uid(first) != key.uid || name(first) != key.job) {
    return std::nullopt;
  }
  return (*this)[first];
}

std::size_t KnownJobs::proven() const {
  const auto proven =
      std::count_if(rows_.begin(), rows_.end(),
                    [](const Row& row) { return row.last_success != kNone; });
  const auto gone = std::count_if(
      retired_.begin(), retired_.end(), [this](const auto& retired) {
        return rows_[retired.first].last_success != kNone;
      });
  return static_cast<std::size_t>(proven - gone);
}

}  // namespace bezalel::app
