#include "app/notice_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/finding.h"
#include "app/local_time.h"
#include "base/duration.h"
#include "base/escape.h"
#include "core/verdict.h"

namespace bezalel::app {
namespace {

// Bytes. An issue of 60 000 fits every forge; the parts share it so that the
// footer with its marker always has room.
constexpr std::size_t kFactsBudget = 20'000;
constexpr std::size_t kMembersBudget = 10'000;
constexpr std::size_t kOutputBudget = 8'192;
constexpr std::size_t kCommandsBudget = 6'000;
constexpr std::size_t kTextColumns = 300;
constexpr std::size_t kSubjectBytes = 200;
constexpr std::size_t kMaxOutputLines = 20;

bool is_job(const Notice& n) {
  return n.key.kind == core::IncidentKey::Kind::job;
}

std::string clip(std::string_view text, std::size_t columns = kTextColumns) {
  return escape_line(text, columns);
}

// markdown_text escapes itself; it only needs the length bounded, and a cut
// must not split a character.
std::string text_cell(std::string_view text) {
  const std::string_view cut = utf8_prefix(text, 4 * kTextColumns);
  return markdown_text(cut) + (cut.size() < text.size() ? ".." : "");
}

std::string code_cell(std::string_view text) {
  const std::string_view cut = utf8_prefix(text, 4 * kTextColumns);
  return markdown_code(cut.size() < text.size() ? std::string(cut) + ".."
                                                : std::string(cut));
}

// "Sentence one. Two." -> without the full stop at the end.
std::string_view without_stop(std::string_view text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string with_stop(std::string_view text) {
  return text.empty() ? std::string() : std::string(without_stop(text)) + ".";
}

// As commands take it: with its user where others have one of that name.
std::string job_name(const Notice& n) {
  return n.name_is_shared ? n.user + "/" + n.key.name : n.key.name;
}

// What a person calls the thing: "db_backup@db7", or "db7" for a finding.
std::string subject_name(const Notice& n) {
  return is_job(n) ? clip(job_name(n), 130) + "@" + clip(n.host, 64)
                   : clip(n.host, 64);
}

std::string resolved_subject(const Notice& n) {
  std::string out = "OK " + subject_name(n);
  if (!is_job(n)) out += " " + clip(n.verdict, 60);
  if (n.sentence.starts_with("Retired")) return out + " retired";
  out += " well again";
  if (n.downtime) out += " after " + format_age(*n.downtime);
  return out;
}

// "/etc/bezalel/bezalel.toml: ": of a mistake in a file, which file; where its
// cause does not say it.
std::string file_of(const Notice& n) {
  const std::string& file = n.key.source;
  if (n.verdict != kSettingsInvalid || !file.starts_with('/')) return {};
  return n.cause.find(file) == std::string::npos ? clip(file, 100) + ": " : "";
}

std::string full_subject(const Notice& n) {
  if (n.kind == NoticeKind::report) return clip(n.sentence);
  if (n.kind == NoticeKind::test) {
    return "TEST " + clip(n.host, 64) + " a test notice, nothing is wrong";
  }
  if (n.kind == NoticeKind::resolved) return resolved_subject(n);
  const std::string head =
      std::string(core::to_string(n.severity)) + " " + subject_name(n);
  if (is_job(n)) return head + " " + clip(n.verdict, 40);
  const std::string_view what = n.cause.empty() ? n.verdict : n.cause;
  return head + ": " + file_of(n) + clip(without_stop(what));
}

// A file, a channel: not the host as a whole.
bool has_place(const Notice& n) {
  return !n.key.source.empty() && n.key.source != "host";
}

std::string headline(const Notice& n) {
  if (n.kind == NoticeKind::test) {
    return fmt::format("**This is a test notice from {}.** Nothing is wrong.\n",
                       code_cell(n.host));
  }
  if (!is_job(n)) {
    std::string out =
        fmt::format("**{} on {}:** {}", code_cell(n.verdict), code_cell(n.host),
                    text_cell(with_stop(n.cause)));
    if (has_place(n)) {
      out += fmt::format(" Seen in {}.", code_cell(n.key.source));
    }
    return out + fmt::format(" Since {}.\n", local_long(n.since, n.zone));
  }
  std::string out =
      fmt::format("**{} on {} is {}.**", code_cell(job_name(n)),
                  code_cell(n.host), markdown_text(clip(n.verdict, 40)));
  if (n.last_success) {
    out +=
        fmt::format(" Last success: {}.", local_long(*n.last_success, n.zone));
  } else {
    out += " It never succeeded here.";
  }
  return out + "\n";
}

// The facts in order; cause and command are added where nobody listed them.
std::vector<Fact> all_facts(const Notice& n) {
  std::vector<Fact> facts = n.facts;
  const auto lacks = [&](std::string_view part) {
    return std::none_of(facts.begin(), facts.end(), [&](const Fact& f) {
      return f.name.find(part) != std::string::npos;
    });
  };
  if (is_job(n) && !n.cause.empty() && lacks("ause")) {
    facts.push_back({"Cause", n.cause});
  }
  if (!n.command.empty() && lacks("Command")) {
    facts.push_back({"Command", n.command});
  }
  return facts;
}

std::string facts_table(const Notice& n) {
  const std::vector<Fact> facts = all_facts(n);
  if (facts.empty()) return {};
  std::string out = "\n| | |\n|---|---|\n";
  for (const Fact& fact : facts) {
    std::string row = fmt::format(
        "| {} | {} |\n", text_cell(fact.name),
        fact.name == "Command" ? code_cell(fact.text) : text_cell(fact.text));
    if (out.size() + row.size() > kFactsBudget) break;
    out += row;
  }
  return out;
}

std::string members_list(const Notice& n) {
  if (n.members.empty()) return {};
  std::string out = "\n";
  std::size_t listed = 0;
  for (const std::string& member : n.members) {
    const std::string row = "- [ ] " + code_cell(member) + "\n";
    if (out.size() + row.size() > kMembersBudget) break;
    out += row;
    ++listed;
  }
  if (listed < n.members.size()) {
    out += fmt::format("\nand {} more, all in `check --all`\n",
                       n.members.size() - listed);
  }
  return out;
}

// The last lines that fit: at most 20, and 8 KiB.
std::vector<std::string> shown_output(const Notice& n) {
  std::vector<std::string> lines;
  std::size_t room = kOutputBudget;
  for (auto line = n.output.rbegin();
       line != n.output.rend() && lines.size() < kMaxOutputLines; ++line) {
    std::string clean = clean_utf8(*line);
    if (clean.size() + 1 > room) {
      if (lines.empty()) {
        lines.push_back(std::string(utf8_suffix(clean, room - 3)));
      }
      break;
    }
    room -= clean.size() + 1;
    lines.push_back(std::move(clean));
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

std::string output_title(const Notice& n, std::size_t shown) {
  const std::uint64_t all = std::max<std::uint64_t>(n.output_lines, shown);
  return fmt::format("Last {} of {} line{} of that run, secrets removed:",
                     shown, all, all == 1 ? "" : "s");
}

std::string output_section(const Notice& n) {
  const std::vector<std::string> lines = shown_output(n);
  if (lines.empty()) return {};
  return "\n" + output_title(n, lines.size()) + "\n\n" + markdown_fence(lines);
}

std::vector<std::string> shown_commands(const Notice& n) {
  std::vector<std::string> lines;
  std::size_t room = kCommandsBudget;
  for (const std::string& command : n.commands) {
    // A backslash of quoting must stay what it is, or the line is no command.
    const bool printable =
        std::all_of(command.begin(), command.end(),
                    [](char c) { return c >= ' ' && c <= '~'; });
    std::string line = printable ? command : escape_line(command);
    if (line.size() + 1 > room) break;
    room -= line.size() + 1;
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string commands_section(const Notice& n) {
  const std::vector<std::string> lines = shown_commands(n);
  if (lines.empty()) return {};
  std::string fence = markdown_fence(lines);
  fence.replace(fence.find("text\n"), 4, "sh");
  return fmt::format("\n**On {}:**\n\n", code_cell(n.host)) + fence;
}

// No success ends what is wrong with a job's line.
std::string_view what_closes(const Notice& n) {
  const auto is = [&](core::Status s) { return n.verdict == to_string(s); };
  if (!is_job(n)) return "when its cause is gone";
  if (is(core::Status::unwatched)) return "once it is watched";
  if (is(core::Status::vanished)) return "once its schedule is back";
  if (is(core::Status::undeclared)) return "once somebody says how often";
  return "at the next success";
}

std::string closing(const Notice& n) {
  if (n.kind == NoticeKind::test) return "This issue closes by itself.\n";
  // 73 columns, as the lines around it.
  std::string text = fmt::format(
      "This issue closes by itself {}. Closing it "
      "by hand means \"seen\": reminders stop, the "
      "report still lists it.\n",
      what_closes(n));
  text[text.rfind(' ', 75)] = '\n';
  return text;
}

std::string footer(const Notice& n) {
  return fmt::format("bezalel " BEZALEL_VERSION ", noticed {}, incident {}",
                     local_long(n.opened, n.zone),
                     clip(n.event_id, 8 + 2).substr(0, 8));
}

// "Still stale after 1d. No run has started."
//  -> "**Still stale** after 1d (Wed 25 Nov 01:06 +0200). No run has started."
struct Sentence {
  std::string bold;  // Markdown
  std::string rest;  // plain, follows with its own blank or punctuation
};

Sentence split(const Notice& n) {
  const auto after = [&](std::string_view prefix) {
    return n.sentence.substr(prefix.size());
  };
  const std::string still = "Still " + n.verdict;
  for (const std::string& prefix :
       {still, std::string("Well again"), std::string("Tried to help"),
        std::string("Retired")}) {
    if (n.sentence.starts_with(prefix)) {
      return {text_cell(prefix), after(prefix)};
    }
  }
  if (n.kind == NoticeKind::changed) {
    std::string bold = "Now " + code_cell(n.verdict);
    if (!n.previous_verdict.empty()) {
      bold += ", was " + code_cell(n.previous_verdict);
    }
    // Our sentences begin with what stands in bold already.
    const std::string head = changed_head(n);
    std::string why = n.sentence.empty() ? n.cause : n.sentence;
    if (why.starts_with(head)) why.erase(0, head.size());
    return {bold, why.empty() ? "." : ": " + with_stop(why)};
  }
  switch (n.kind) {
    case NoticeKind::resolved:
      return {"Well again",
              n.sentence.empty() ? "." : ": " + with_stop(n.sentence)};
    case NoticeKind::action:
      return {"Tried to help",
              n.sentence.empty() ? "." : ": " + with_stop(n.sentence)};
    case NoticeKind::test:
      return {"This was a test", ". Nothing is wrong."};
    case NoticeKind::report:
    case NoticeKind::opened:
      return {"Noticed", ": " + with_stop(n.cause)};
    case NoticeKind::reminder:
    case NoticeKind::changed:
      break;
  }
  return {text_cell(still),
          fmt::format(
              " after {}. {}", format_age(n.at - n.since),
              n.sentence.empty() ? with_stop(n.cause) : with_stop(n.sentence))};
}

// Puts the instant before the first full stop that ends a sentence.
std::string with_instant(const Notice& n, std::string rest) {
  if (n.kind != NoticeKind::reminder && n.kind != NoticeKind::changed) {
    return rest;
  }
  const std::string when = " (" + local_day(n.at, n.zone) + ")";
  std::size_t stop = rest.find(". ");
  if (stop == std::string::npos) stop = rest.rfind('.');
  if (stop == std::string::npos) return rest + when + ".";
  return rest.insert(stop, when);
}

// The colon after the bold words is ours and needs no escape.
std::string after_bold(std::string_view rest) {
  return rest.starts_with(':') ? ":" + text_cell(rest.substr(1))
                               : text_cell(rest);
}

std::string downtime_line(const Notice& n) {
  if (n.kind != NoticeKind::resolved) return {};
  if (n.sentence.find("Closed.") != std::string::npos) return {};
  const Duration silent = n.downtime.value_or(n.at - n.since);
  return fmt::format("{} for {}, open for {}. Closed.\n",
                     is_job(n) ? "Silent" : "Lasted", format_age(silent),
                     format_age(n.at - n.opened));
}

std::string plain_facts(const Notice& n) {
  const std::vector<Fact> facts = all_facts(n);
  if (facts.empty()) return {};
  std::size_t width = 0;
  for (const Fact& f : facts) width = std::max(width, clip(f.name, 20).size());
  std::string out = "\n";
  for (const Fact& f : facts) {
    const std::string row =
        fmt::format("{:<{}}  {}\n", clip(f.name, 20), width, clip(f.text));
    if (out.size() + row.size() > kFactsBudget) break;
    out += row;
  }
  return out;
}

std::string plain_members(const Notice& n) {
  if (n.members.empty()) return {};
  std::string out = "\n";
  std::size_t listed = 0;
  for (const std::string& member : n.members) {
    const std::string row = "- " + clip(member) + "\n";
    if (out.size() + row.size() > kMembersBudget) break;
    out += row;
    ++listed;
  }
  if (listed < n.members.size()) {
    out += fmt::format("and {} more\n", n.members.size() - listed);
  }
  return out;
}

std::string plain_headline(const Notice& n) {
  if (n.kind == NoticeKind::test) {
    return "This is a test notice. Nothing is wrong.\n";
  }
  const Sentence sentence = split(n);
  std::string out;
  if (n.kind == NoticeKind::opened) {
    out = is_job(n) ? fmt::format("{} on {} is {}.", clip(job_name(n)),
                                  clip(n.host, 64), clip(n.verdict, 40))
                    : fmt::format("{}: {}", clip(n.host, 64),
                                  clip(with_stop(n.cause)));
    if (n.last_success) {
      out += fmt::format(" Last success: {}.",
                         local_long(*n.last_success, n.zone));
    } else if (is_job(n)) {
      out += " It never succeeded here.";
    } else if (has_place(n)) {
      out += fmt::format(" Seen in {}.", clip(n.key.source));
    }
    return out + "\n";
  }
  if (n.kind == NoticeKind::changed) {
    out = "Now " + clip(n.verdict, 40);
    if (!n.previous_verdict.empty()) out += ", was " + clip(n.previous_verdict);
  } else if (n.kind == NoticeKind::reminder) {
    out = "Still " + clip(n.verdict, 40);
  } else {
    out = sentence.bold == "Retired" || sentence.bold == "Tried to help"
              ? sentence.bold
              : "Well again";
  }
  out += clip(with_instant(n, sentence.rest), 2 * kTextColumns);
  return out + "\n" + downtime_line(n);
}

}  // namespace

std::string changed_head(const Notice& n) {
  // Without a former verdict it is the same for another reason.
  return n.previous_verdict.empty()
             ? fmt::format("Now {}: ", n.verdict)
             : fmt::format("Now {}, was {}: ", n.verdict, n.previous_verdict);
}

std::string subject(const Notice& notice) {
  const std::string whole = full_subject(notice);
  if (whole.size() <= kSubjectBytes) return whole;
  return std::string(utf8_prefix(whole, kSubjectBytes - 2)) + "..";
}

std::string issue_title(const Notice& notice) {
  return "[heartbeat-checker] " + subject(notice);
}

std::string issue_marker(const std::string& k, std::int64_t e) {
  return fmt::format("<!-- heartbeat-checker:v1 k={} e={} -->", k, e);
}

std::string issue_body(const Notice& notice) {
  return headline(notice) + facts_table(notice) + members_list(notice) +
         output_section(notice) + commands_section(notice) + "\n" +
         closing(notice) + "\n<sub>" + markdown_text(footer(notice)) +
         "</sub>\n" + issue_marker(notice.marker, notice.number);
}

std::vector<core::IncidentKey> findings_of_body(std::string_view body) {
  // headline(): the verdict, the host and the place are its code spans.
  const std::string_view line = body.substr(0, body.find('\n'));
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t tick = std::min(line.find('`', at), line.size());
    pieces.push_back(line.substr(at, tick - at));
    at = tick + 1;
  }
  const bool is_finding =
      pieces.size() >= 5 && pieces[0] == "**" && pieces[2] == " on ";
  if (!is_finding) return {};
  const std::string id(pieces[1]);
  if (pieces.size() == 7) {
    return {core::IncidentKey::of_finding(id, std::string(pieces[5]))};
  }
  return {core::IncidentKey::of_finding(id, "host"),
          core::IncidentKey::of_finding(id, "")};
}

std::string issue_comment(const Notice& notice) {
  const Sentence sentence = split(notice);
  return fmt::format("**{}**{}\n{}\n<!-- heartbeat-checker:v1 k={} c={} -->",
                     sentence.bold,
                     after_bold(with_instant(notice, sentence.rest)),
                     downtime_line(notice), notice.marker, notice.event_id);
}

std::string plain_body(const Notice& notice) {
  // A report is a whole text of ours, escaped by its renderer.
  if (notice.kind == NoticeKind::report) return notice.cause;
  std::string out;
  if (notice.possible_repeat) out += "(possible repeat)\n";
  out += plain_headline(notice);
  out += plain_facts(notice);
  out += plain_members(notice);
  if (const auto lines = shown_output(notice); !lines.empty()) {
    out += "\n" + output_title(notice, lines.size()) + "\n";
    for (const std::string& line : lines) out += "  | " + line + "\n";
  }
  if (const auto lines = shown_commands(notice); !lines.empty()) {
    out += fmt::format("\nOn {}:\n", clip(notice.host, 64));
    for (const std::string& line : lines) out += "  " + line + "\n";
  }
  return out + "\n" + footer(notice) + "\n";
}

}  // namespace bezalel::app
