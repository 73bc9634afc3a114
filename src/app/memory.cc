#include "app/memory.h"

#include <algorithm>
#include <charconv>

#include "app/settings.h"
#include "base/duration.h"

namespace bezalel::app {
namespace {

RunRow& row_of(std::vector<RunRow>& rows, const core::JobKey& key,
               const std::string& run_id) {
  // Newest last, and an end follows its start closely: no job has so many runs
  // at once.
  constexpr std::ptrdiff_t kMostAtOnce = 1024;
  const auto oldest = rows.rbegin() + std::min(std::ssize(rows), kMostAtOnce);
  for (auto i = rows.rbegin(); i != oldest; ++i) {
    if (i->run_id == run_id) return *i;
  }
  rows.push_back({key, run_id, {}, {}});
  return rows.back();
}

constexpr std::size_t kGapsKept = 5;

// What is shorter is no sleep that a slot is missed in.
constexpr Duration kShortestSleep = std::chrono::minutes(1);

// "FROM,TO[,ASLEEP];...": seconds. What cannot be read is no gap.
std::vector<core::Gap> parse_gaps(std::string_view text) {
  std::vector<core::Gap> gaps;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(';'));
    const std::size_t comma = one.find(',');
    if (comma != std::string_view::npos) {
      const auto from = parse_unix(one.substr(0, comma));
      std::string_view rest = one.substr(comma + 1);
      const auto to = parse_unix(rest.substr(0, rest.find(',')));
      rest.remove_prefix(std::min(rest.find(','), rest.size()));
      const auto asleep = parse_unix(rest.substr(rest.empty() ? 0 : 1));
      if (from && to) {
        gaps.push_back(
            {*from, *to, asleep ? asleep->time_since_epoch() : Duration{}});
      }
    }
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return gaps;
}

}  // namespace

const Silence* Memory::silence_of(const core::IncidentKey& key,
                                  Timestamp now) const {
  const Silence* found = nullptr;
  for (const Silence& silence : silences) {
    if (silence.since > now || silence.until <= now) continue;
    if (silence.key && *silence.key != key) continue;
    if (!found || found->until < silence.until) found = &silence;
  }
  return found;
}

// Name of a meta value: how many, when, in which file.
constexpr char kSkippedLines[] = "run_log.skipped";

Result<Memory> remember(StoreReader& reader) {
  Memory memory;
  BZ_TRY(remember_the_rest(reader, memory));
  BZ_ASSIGN(memory.known, reader.known_jobs());
  BZ_ASSIGN(auto runs, reader.runs(kRunsRemembered));
  for (RunRow& run : runs) memory.runs[run.key].push_back(std::move(run));
  return memory;
}

std::map<std::string, int> waiting_for_absent(const Memory& memory,
                                              const Settings& settings) {
  std::map<std::string, int> waiting;
  for (const OutboxRow& row : memory.outbox) {
    if (row.channel != "local") ++waiting[row.channel];
  }
  for (const ChannelSettings& c : settings.channels) waiting.erase(c.name);
  return waiting;
}

Result<std::optional<SkippedLines>> skipped_lines(StoreReader& reader) {
  BZ_ASSIGN(const auto text, reader.meta(kSkippedLines));
  if (!text) return std::nullopt;
  const std::size_t one = text->find(' ');
  const std::size_t two = text->find(' ', one + 1);
  if (one == std::string::npos || two == std::string::npos) return std::nullopt;
  SkippedLines lines;
  std::from_chars(text->data(), text->data() + one, lines.count);
  const auto last =
      parse_unix(std::string_view(*text).substr(one + 1, two - one - 1));
  if (!last) return std::nullopt;
  lines.last = *last;
  lines.last_in = text->substr(two + 1);
  return lines;
}

Result<void> note_skipped_lines(Txn& txn, const NewRuns& news, Timestamp now) {
  BZ_ASSIGN(const auto before, skipped_lines(txn));
  const std::uint64_t count = news.skipped_lines + (before ? before->count : 0);
  return txn.set_meta(
      kSkippedLines,
      std::to_string(count) + " " + format_unix(now) + " " + news.skipped_in);
}

Result<void> remember_the_rest(StoreReader& reader, Memory& memory) {
  memory = Memory{};
  BZ_ASSIGN(memory.cursors, reader.cursors());
  BZ_ASSIGN(memory.open, reader.open_incidents());
  BZ_ASSIGN(memory.silences, reader.silences());
  BZ_ASSIGN(auto pauses, reader.pauses());
  for (PausedJob& p : pauses) memory.pauses.emplace(p.key, std::move(p.pause));
  BZ_ASSIGN(memory.outbox, reader.outbox());
  BZ_ASSIGN(memory.channels, reader.channel_states());
  BZ_ASSIGN(memory.dead_man, dead_man(reader));
  BZ_ASSIGN(memory.inventory, reader.inventory());
  BZ_ASSIGN(const auto unseen, reader.meta(kUnseenSources));
  for (std::string_view rest = unseen ? std::string_view(*unseen)
                                      : std::string_view();
       !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (!line.empty()) memory.unseen_sources.emplace_back(line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  BZ_ASSIGN(auto cycles, reader.cycles(1));
  if (!cycles.empty()) memory.last_cycle = cycles.front();
  BZ_ASSIGN(const auto gaps, reader.meta(kGapsName));
  if (gaps) memory.gaps = parse_gaps(*gaps);
  return {};
}

std::string noted_with(std::vector<core::Gap> gaps, const core::Gap& more) {
  gaps.push_back(more);
  if (gaps.size() > kGapsKept) gaps.erase(gaps.begin());
  std::string text;
  for (const core::Gap& gap : gaps) {
    text += format_unix(gap.from) + "," + format_unix(gap.to);
    if (gap.asleep > Duration::zero()) {
      text += "," + format_unix(Timestamp(gap.asleep));
    }
    text += ";";
  }
  return text;
}

void take_in(
    Memory& memory,
    const std::vector<std::pair<core::JobKey, record::RunRecord>>& news) {
  for (const auto& [key, record] : news) {
    std::vector<RunRow>& rows = memory.runs[key];
    if (const auto* start = std::get_if<record::RunStart>(&record)) {
      row_of(rows, key, start->run_id).start = *start;
    } else {
      const auto& end = std::get<record::RunEnd>(record);
      row_of(rows, key, end.run_id).end = end;
    }
  }
}

std::optional<NewGap> gap_since(const std::optional<Cycle>& last,
                                const Moment& now, Duration longest_lapse) {
  if (!last) return std::nullopt;
  const bool same_boot = last->boot_id == now.boot_id;
  const Duration away =
      same_boot ? now.boot - last->boottime : now.wall - last->at;
  const bool long_away = away > longest_lapse;
  if (same_boot && !long_away) return std::nullopt;
  NewGap gap{{std::min(now.wall - away, now.wall), now.wall}, long_away};
  if (!same_boot) {
    gap.host = NewGap::Host::rebooted;
  } else if (last->asleep && now.asleep) {
    const Duration slept =
        std::clamp(*now.asleep - *last->asleep, Duration{}, away);
    const bool all = away - slept <= longest_lapse;
    gap.host = slept < kShortestSleep ? NewGap::Host::awake
               : all                  ? NewGap::Host::slept
                                      : NewGap::Host::slept_a_part;
    if (slept >= kShortestSleep) gap.gap.asleep = slept;
  }
  return gap;
}

std::string why_nobody_checked(const NewGap& gap) {
  const std::string asleep =
      "the host was asleep for " + format_age(gap.gap.asleep);
  switch (gap.host) {
    case NewGap::Host::slept:
      return asleep;
    case NewGap::Host::slept_a_part:
      return asleep + ", and for the rest the checker did not run";
    case NewGap::Host::awake:
      return "the host was awake, and the checker did not run";
    case NewGap::Host::rebooted:
      return "it was down, or the checker did not run";
    case NewGap::Host::unknown:
      break;
  }
  return "it was asleep, or the checker did not run";
}

}  // namespace bezalel::app
