#include "app/gathering.h"

#include <algorithm>

namespace bezalel::app {
namespace {

// How many bytes all names begin with.
class CommonStart {
 public:
  void narrow(std::string_view name) {
    if (!any_) {
      text_ = name;
      any_ = true;
    }
    const auto [end, other] =
        std::mismatch(text_.begin(), text_.end(), name.begin(), name.end());
    text_ = text_.substr(0, static_cast<std::size_t>(end - text_.begin()));
  }
  std::size_t length() const { return text_.size(); }

 private:
  bool any_ = false;
  std::string_view text_;
};

// The next eight bytes as a number that compares as they do; a name that ends
// is less than one that goes on, for no name holds a zero byte.
std::uint64_t head_of(std::string_view name) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const char c = i < name.size() ? name[i] : '\0';
    head = head << 8 | static_cast<unsigned char>(c);
  }
  return head;
}

// Two places can hold the same job; the newer trusted one counts.
bool is_better(const SeenHeartbeat& seen, const SeenHeartbeat* than) {
  if (!than || than->refused) return true;
  return !seen.refused && seen.beat && than->beat &&
         seen.beat->at > than->beat->at;
}

}  // namespace

Gathering::Gathering(const LookInput& input) : in_(input) {
  for (const auto& [key, runs] : in_.memory.runs) {
    if (!runs.empty()) runs_.emplace_back(&key, &runs);
  }
  entries_.reserve(in_.settings.jobs.size() + in_.scan.seen.size() +
                   in_.memory.known.size() + runs_.size());
  for (std::size_t i = 0; i < in_.settings.jobs.size(); ++i) {
    add(From::declared, i, in_.settings.jobs[i].uid);
  }
  for (std::size_t i = 0; i < in_.scan.seen.size(); ++i) {
    add(From::heartbeat, i, in_.scan.seen[i].key.uid);
  }
  for (std::size_t i = 0; i < in_.memory.known.size(); ++i) {
    add(From::known, i, in_.memory.known.uid(i));
  }
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    add(From::runs, i, runs_[i].first->uid);
  }
  if (in_.coverage) add_coverage();
  CommonStart start;
  for (const Entry& e : entries_) start.narrow(name_of(e));
  for (Entry& e : entries_) {
    e.head = head_of(name_of(e).substr(start.length()));
  }
  std::sort(entries_.begin(), entries_.end(),
            [this](const Entry& a, const Entry& b) { return less(a, b); });
}

// What is unwatched since the first sight, and of which not even a start
// can be seen, is told of as a whole: it is no job to be judged.
void Gathering::add_coverage() {
  const Coverage& coverage = *in_.coverage;
  for (std::size_t i = 0; i < coverage.jobs.size(); ++i) {
    const CoveredJob& c = coverage.jobs[i];
    // Its line answers for it.
    if (c.job.watch == Watch::within) continue;
    const bool judged = c.proof >= Proof::starts || c.known.log_start ||
                        (!c.watched && !c.known.baseline);
    if (judged) add(From::scheduled, i, c.job.key.uid);
  }
  for (std::size_t i = 0; i < coverage.lines.size(); ++i) {
    add(From::line, i, coverage.lines[i].job.key.uid);
  }
  for (std::size_t i = 0; i < coverage.gone.size(); ++i) {
    add(From::gone, i, coverage.gone[i].key.uid);
  }
}

void Gathering::each(
    const std::function<void(const core::JobKey&, const Gathered&)>& f) const {
  core::JobKey key;
  for (std::size_t i = 0; i < entries_.size();) {
    const Entry& first = entries_[i];
    Gathered all;
    for (; i < entries_.size() && same_key(first, entries_[i]); ++i) {
      take(entries_[i], all);
    }
    key.uid = first.uid;
    key.job = name_of(first);
    f(key, all);
  }
}

bool Gathering::has_several_users() const {
  // By key: the first and the last tell.
  return !entries_.empty() && entries_.front().uid != entries_.back().uid;
}

std::set<std::string> Gathering::shared_among(
    const std::set<std::string>& names) const {
  std::set<std::string> shared;
  std::set<std::pair<std::string, std::uint32_t>> found;
  for (const Entry& e : entries_) {
    std::string name(name_of(e));
    if (names.contains(name)) found.emplace(std::move(name), e.uid);
  }
  for (auto i = found.begin(); i != found.end(); ++i) {
    const auto next = std::next(i);
    if (next != found.end() && next->first == i->first) shared.insert(i->first);
  }
  return shared;
}

std::string_view Gathering::name_of(const Entry& e) const {
  switch (e.from) {
    case From::declared:
      return in_.settings.jobs[e.index].name;
    case From::heartbeat:
      return in_.scan.seen[e.index].key.job;
    case From::known:
      return in_.memory.known.name(e.index);
    case From::runs:
      return runs_[e.index].first->job;
    case From::scheduled:
      return in_.coverage->jobs[e.index].job.key.job;
    case From::line:
      return in_.coverage->lines[e.index].job.key.job;
    case From::gone:
      return in_.coverage->gone[e.index].key.job;
  }
  return {};
}

bool Gathering::less(const Entry& a, const Entry& b) const {
  if (a.uid != b.uid) return a.uid < b.uid;
  if (a.head != b.head) return a.head < b.head;
  const int names = name_of(a).compare(name_of(b));
  if (names != 0) return names < 0;
  // The order in which places were read decides between equals.
  return a.from != b.from ? a.from < b.from : a.index < b.index;
}

bool Gathering::same_key(const Entry& a, const Entry& b) const {
  return a.uid == b.uid && a.head == b.head && name_of(a) == name_of(b);
}

void Gathering::add(From from, std::size_t index, std::uint32_t uid) {
  entries_.push_back({0, uid, from, static_cast<std::uint32_t>(index)});
}

void Gathering::take(const Entry& entry, Gathered& into) const {
  switch (entry.from) {
    case From::declared:
      into.declared = &in_.settings.jobs[entry.index];
      break;
    case From::heartbeat: {
      const SeenHeartbeat& seen = in_.scan.seen[entry.index];
      if (is_better(seen, into.heartbeat)) into.heartbeat = &seen;
      break;
    }
    case From::known:
      into.known = in_.memory.known[entry.index];
      break;
    case From::runs:
      into.runs = runs_[entry.index].second;
      break;
    case From::scheduled:
      // Of several lines the first stands for the job.
      if (!into.scheduled) into.scheduled = &in_.coverage->jobs[entry.index];
      break;
    case From::line:
      if (!into.scheduled) into.scheduled = &in_.coverage->lines[entry.index];
      break;
    case From::gone:
      if (!into.gone) into.gone = &in_.coverage->gone[entry.index];
      break;
  }
}

}  // namespace bezalel::app
