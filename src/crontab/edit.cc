#include "crontab/edit.h"

#include <algorithm>

#include "base/escape.h"
#include "crontab/wrap.h"

namespace bezalel::crontab {
namespace {

constexpr std::string_view kShellName = "SHELL";
constexpr std::string_view kKeptName = "BEZALEL_SHELL";
constexpr std::string_view kProgram = "/bezalel-sh";
constexpr std::string_view kAdopted = "# Adopted ";
constexpr std::string_view kUndo = ". Undo: bezalel release";
constexpr std::string_view kByHand =
    "# If bezalel is gone, delete these 3 lines: cron then runs as before.\n";
// The same, of a table that has a SHELL of its own.
constexpr std::string_view kByHandToo =
    "# If bezalel is gone, delete these 3 lines, turn BEZALEL_SHELL into "
    "SHELL.\n";

// The mark of a file that wrap() has wrapped; it alone stood there at first.
constexpr std::string_view kWrapped =
    "# Each job below runs in \"bezalel run\"; release unwraps the lines.\n";
constexpr std::string_view kUnwrapByHand =
    "# If bezalel is gone, delete these 4 lines, and leave of each job what "
    "stands\n";
constexpr std::string_view kWhatIsLeft =
    "# in the quotes (with ' for '\\''), or run-parts for bezalel run-parts.\n";

bool is_ours(const Crontab& tab, const Line& line) {
  const std::string_view bytes = tab.bytes_of(line);
  if (line.type == LineType::comment) {
    return bytes == kByHand || bytes == kByHandToo || is_wrap_header(bytes);
  }
  return line.type == LineType::setting && line.name == kShellName &&
         line.value.ends_with(kProgram);
}

// With the first `from` as `to`; the rest as it stands.
std::string renamed(std::string_view bytes, std::string_view from,
                    std::string_view to) {
  std::string out(bytes);
  const std::size_t at = out.find(from);
  if (at != std::string::npos) out.replace(at, from.size(), to);
  return out;
}

Error refuse(const std::string& why) {
  return err(bezalel::Kind::invalid, why);
}

// Somebody wrote a job above the SHELL of an adopted table: it would have
// another shell.
bool is_below_a_job(const Crontab& tab) {
  bool job = false;
  for (const Line& line : tab.lines) {
    if (line.type == LineType::job) job = true;
    if (line.type == LineType::setting && is_ours(tab, line)) return job;
  }
  return false;
}

}  // namespace

std::string header_of(const Adoption& adoption, FormerShell former) {
  return std::string(kAdopted) + adoption.date + ". Undo: " + adoption.release +
         "\n" +
         std::string(former == FormerShell::none ? kByHand : kByHandToo) +
         "SHELL=" + adoption.shell + "\n";
}

std::string wrap_header(const std::string& date, const std::string& release) {
  return std::string(kAdopted) + date + ". Undo: " + release + "\n" +
         std::string(kWrapped) + std::string(kUnwrapByHand) +
         std::string(kWhatIsLeft);
}

bool is_wrap_header(std::string_view bytes) {
  return bytes == kWrapped || bytes == kUnwrapByHand || bytes == kWhatIsLeft ||
         (bytes.starts_with(kAdopted) &&
          bytes.find(kUndo) != std::string_view::npos);
}

bool is_wrapped_anacrontab(std::string_view text) {
  return text.find(kWrapped) != std::string_view::npos;
}

bool is_wrapped(const Crontab& tab) {
  return std::any_of(tab.lines.begin(), tab.lines.end(), [&](const Line& line) {
    return tab.bytes_of(line) == kWrapped;
  });
}

bool is_adopted(const Crontab& tab) {
  return std::any_of(tab.lines.begin(), tab.lines.end(),
                     [&](const Line& line) { return is_ours(tab, line); });
}

Result<std::string> adopt(const Crontab& tab, const Adoption& adoption,
                          const Host& host) {
  if (tab.refused) {
    return refuse("the daemon ignores it: line " +
                  std::to_string(tab.refused->line) + ": " +
                  tab.refused->message + "; see bezalel audit");
  }
  if (tab.daemon == Daemon::systemd_cron) {
    return refuse(
        "systemd-cron may start a command without SHELL; its timers "
        "are judged by systemd's own result");
  }
  const std::vector<Entry> before = entries_of(tab);
  if (before.empty()) return refuse("there is no job in it");
  // Whoever undid it by hand forgot that; below our line it would be the shell.
  const bool is_left_over =
      !is_adopted(tab) &&
      std::any_of(tab.lines.begin(), tab.lines.end(), [](const Line& line) {
        return line.type == LineType::setting && line.name == kKeptName;
      });
  if (is_left_over) {
    return refuse(
        "a BEZALEL_SHELL= is left over in it, which cron does not know; "
        "expected SHELL= there, or nothing");
  }
  std::string out;
  bool held = false;
  FormerShell former = FormerShell::none;
  const bool low = is_below_a_job(tab);
  for (const Line& line : tab.lines) {
    if (low && is_ours(tab, line)) continue;
    if (low && line.type == LineType::setting && line.name == kKeptName) {
      former = FormerShell::kept;
    }
    const bool shell =
        line.type == LineType::setting && line.name == kShellName;
    if (shell && line.value.ends_with(kProgram)) held = true;
    if (!shell || line.value.ends_with(kProgram)) {
      out += tab.bytes_of(line);
    } else {
      out += renamed(tab.bytes_of(line), kShellName, kKeptName);
      former = FormerShell::kept;
    }
  }
  if (!held) {
    out.insert(0, header_of(adoption, former));
  } else if (former == FormerShell::kept) {
    out = renamed(out, kByHand, kByHandToo);
  }
  const Crontab now = parse(out, tab.kind, tab.daemon, host);
  if (now.refused || entries_of(now) != before) {
    return refuse("with a SHELL line it would not be the same jobs");
  }
  return out;
}

std::string release(const Crontab& tab) {
  if (!is_adopted(tab)) return tab.text;
  std::string out;
  const bool wrapped = is_wrapped(tab);
  for (const Line& line : tab.lines) {
    if (is_ours(tab, line)) continue;
    if (const auto bare = wrapped ? unwrapped(tab, line) : std::nullopt) {
      out += *bare;
      continue;
    }
    const bool kept = line.type == LineType::setting && line.name == kKeptName;
    out += kept ? renamed(tab.bytes_of(line), kKeptName, kShellName)
                : std::string(tab.bytes_of(line));
  }
  return out;
}

}  // namespace bezalel::crontab
