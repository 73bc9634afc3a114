#include "report/adopt.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/escape.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kColumns = 80;
// Adopting puts four lines in at most, and changes single ones, of which a few
// stand in a row.
constexpr std::size_t kMostAtOnce = 32;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

struct DiffLine {
  char mark;
  std::string_view text;
};

// What stands in the place of other lines, after all of those. A comment that
// comes before it takes no line's place.
void put_in_order(std::vector<DiffLine>& diff) {
  const auto differs = [](const DiffLine& l) { return l.mark != ' '; };
  for (auto from = diff.begin(); from != diff.end();) {
    from = std::find_if(from, diff.end(), differs);
    const auto to = std::find_if_not(from, diff.end(), differs);
    std::stable_partition(from, to,
                          [](const DiffLine& l) { return l.mark == '-'; });
    const auto added =
        std::find_if(from, to, [](const DiffLine& l) { return l.mark == '+'; });
    const auto jobs = std::find_if_not(
        added, to, [](const DiffLine& l) { return l.text.starts_with('#'); });
    std::rotate(from, added, jobs);
    from = to;
  }
}

std::vector<DiffLine> compare(const std::vector<std::string_view>& a,
                              const std::vector<std::string_view>& b) {
  std::vector<DiffLine> out;
  std::size_t i = 0;
  std::size_t k = 0;
  const auto found = [](const auto& lines, std::size_t from,
                        std::string_view line) {
    const std::size_t end = std::min(lines.size(), from + kMostAtOnce);
    for (std::size_t n = from; n < end; ++n) {
      if (lines[n] == line) return n - from;
    }
    return kMostAtOnce;
  };
  while (i < a.size() || k < b.size()) {
    if (i < a.size() && k < b.size() && a[i] == b[k]) {
      out.push_back({' ', a[i]});
      ++i, ++k;
      continue;
    }
    const std::size_t added = i < a.size() ? found(b, k, a[i]) : b.size() - k;
    const std::size_t removed = k < b.size() ? found(a, i, b[k]) : a.size() - i;
    if (added < kMostAtOnce && added <= removed) {
      for (std::size_t n = 0; n < added; ++n) out.push_back({'+', b[k++]});
    } else if (removed < kMostAtOnce) {
      for (std::size_t n = 0; n < removed; ++n) out.push_back({'-', a[i++]});
    } else {
      if (i < a.size()) out.push_back({'-', a[i++]});
      if (k < b.size()) out.push_back({'+', b[k++]});
    }
  }
  put_in_order(out);
  return out;
}

}  // namespace

std::string diff_text(const std::string& name, const std::string& before,
                      const std::string& after) {
  const auto diff = compare(lines_of(before), lines_of(after));
  std::vector<bool> kept(diff.size(), false);
  for (std::size_t n = 0; n < diff.size(); ++n) {
    if (diff[n].mark == ' ') continue;
    const std::size_t from = n > kContext ? n - kContext : 0;
    const std::size_t to = std::min(diff.size(), n + kContext + 1);
    std::fill(kept.begin() + static_cast<std::ptrdiff_t>(from),
              kept.begin() + static_cast<std::ptrdiff_t>(to), true);
  }
  std::string out =
      "--- " + escape_line(name) + "\n+++ " + escape_line(name) + "\n";
  std::size_t old_line = 1;
  std::size_t new_line = 1;
  for (std::size_t n = 0; n < diff.size();) {
    if (!kept[n]) {
      ++old_line, ++new_line, ++n;
      continue;
    }
    std::string body;
    std::size_t old_count = 0;
    std::size_t new_count = 0;
    for (; n < diff.size() && kept[n]; ++n) {
      body += diff[n].mark + as_written(diff[n].text) + "\n";
      if (diff[n].mark != '+') ++old_count;
      if (diff[n].mark != '-') ++new_count;
    }
    out += fmt::format("@@ -{},{} +{},{} @@\n", old_line, old_count, new_line,
                       new_count) +
           body;
    old_line += old_count;
    new_line += new_count;
  }
  return out;
}

namespace {

std::string what_becomes_of_lines(const app::AdoptPlan& plan, bool adopts) {
  std::vector<std::string> by_line;
  for (const app::TabEdit& e : plan.edits) {
    if (e.by_line) by_line.push_back(escape_line(e.file.shown()));
  }
  if (by_line.empty()) return "no job line changes";
  if (!adopts) return "job lines are as they were";
  if (by_line.size() == plan.edits.size()) {
    return "job lines are wrapped in bezalel run";
  }
  return "no job line changes but in " +
         (by_line.size() == 1
              ? by_line.front()
              : plural(static_cast<int>(by_line.size()), "file"));
}

std::string headline(const app::AdoptPlan& plan, app::Turn turn, Tense tense) {
  const bool adopts = turn == app::Turn::adopt;
  if (plan.empty()) {
    std::string out = adopts ? "nothing to adopt" : "nothing to release";
    const int settled = plan.as_they_are + plan.timers_as_they_are;
    if (settled == 0) return out + "\n";
    return out + fmt::format(": {} {} as {} should be\n",
                             plan.as_they_are > 0
                                 ? plural(plan.as_they_are, "crontab")
                                 : plural(plan.timers_as_they_are, "timer"),
                             settled == 1 ? "is" : "are",
                             settled == 1 ? "it" : "they");
  }
  std::string verb = adopts ? "adopt" : "release";
  verb = tense == Tense::would ? "would " + verb : verb + (adopts ? "ed" : "d");
  std::string out;
  if (!plan.edits.empty()) {
    out += fmt::format("{} {}, {}; {}\n", verb,
                       plural(static_cast<int>(plan.edits.size()), "file"),
                       plural(plan.jobs(), "job"),
                       what_becomes_of_lines(plan, adopts));
  }
  if (!plan.drop_ins.empty()) {
    out += fmt::format("{} {}; no unit file changes\n", verb,
                       plural(static_cast<int>(plan.drop_ins.size()), "timer"));
  }
  return out;
}

// "/etc/cron.d/x:3, 5: end with 1 ..": what cron took for nothing.
std::string testing_text(const app::TabEdit& edit) {
  if (edit.testing.empty()) return "";
  std::string lines;
  for (const int line : edit.testing) {
    lines += (lines.empty() ? "" : ", ") + std::to_string(line);
  }
  const bool one = edit.testing.size() == 1;
  return wrap(
      fmt::format("{}:{} {} with 1 where {} test says no: recorded, that is a "
                  "failed run. In place of \"TEST && WORK\" write \"TEST || "
                  "exit 0; WORK\".",
                  escape_line(edit.file.shown()), lines, one ? "ends" : "end",
                  one ? "its" : "their"),
      kColumns, "\n", "    ");
}

}  // namespace

std::string adopt_text(const app::AdoptPlan& plan, app::Turn turn,
                       Tense tense) {
  std::string out = headline(plan, turn, tense);
  for (const app::TabEdit& e : plan.edits) {
    if (tense == Tense::would) {
      out += "\n" + diff_text(e.file.shown(), e.before, e.after);
    } else {
      out += fmt::format("+ {:<40} {}\n", escape_line(e.file.shown()),
                         plural(e.jobs, "job"));
    }
  }
  for (const app::DropInEdit& e : plan.drop_ins) {
    if (tense == Tense::would) {
      out += "\n" + diff_text(e.unit.path, e.before, e.after);
    } else {
      out += "+ " + escape_line(e.unit.path) + "\n";
    }
  }
  for (const app::TabEdit& e : plan.edits) out += testing_text(e);
  const bool unrecorded =
      std::any_of(plan.edits.begin(), plan.edits.end(),
                  [](const app::TabEdit& e) { return e.unrecorded > 0; });
  if (turn == app::Turn::release && unrecorded) {
    out += wrap(
        "Jobs that do not record themselves leave no proof any more: the next "
        "check tells of each as unwatched, until it is retired.",
        kColumns, "\n", "");
  }
  std::string files;
  std::string packages;
  std::map<std::string, std::string> by_reason;
  for (const app::LeftAlone& l : plan.left_alone) {
    if (l.package.empty()) {
      std::string& shown = by_reason[l.why];
      shown += (shown.empty() ? "" : ", ") + escape_line(l.shown);
      continue;
    }
    files += (files.empty() ? "" : ", ") + escape_line(l.shown);
    packages += (packages.empty() ? "" : ", ") + escape_line(l.package);
  }
  for (const auto& [why, shown] : by_reason) {
    out += wrap(shown + ": " + escape_line(why), kColumns,
                "\nleft alone: ", "    ");
  }
  if (!files.empty()) {
    out += wrap(files, kColumns, "\nleft alone: ", "    ");
    out += wrap("they belong to packages (" + packages +
                    "): an edit would hold back their upgrades. To adopt: "
                    "--packaged",
                kColumns, "    ", "    ");
  }
  return out;
}

}  // namespace bezalel::report
