#include "report/lint.h"

#include <fmt/format.h>

#include <map>

#include "app/local_time.h"
#include "base/escape.h"
#include "base/json_write.h"

namespace bezalel::report {
namespace {

using app::LintedFile;
using app::LintFinding;
using crontab::Remark;
using crontab::Weight;

constexpr std::size_t kColumns = 80;
// Of one rule in one file; the rest is in JSON.
constexpr std::size_t kMostOfRule = 10;

std::string_view word_of(Weight weight) {
  switch (weight) {
    case Weight::error:
      return "error";
    case Weight::warning:
      return "warning";
    case Weight::info:
      return "info";
  }
  return {};
}

std::string count_of(std::size_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

// As it stands in a file, and in ASCII alone: a letter of another script is
// shown by its number.
std::string in_ascii(std::string_view bytes) {
  std::string out;
  for (const char c : as_written(bytes)) {
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string cut(const std::string& text, std::size_t columns) {
  if (text.size() <= columns) return text;
  return text.substr(0, columns - 2) + "..";
}

// Words of `text` in lines of at most kColumns, each behind `indent`.
std::string wrapped(std::string_view text, std::size_t indent,
                    std::size_t first_column = 0) {
  std::string out;
  std::size_t column = first_column;
  std::size_t at = 0;
  bool begins = first_column == 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    std::string word(text.substr(at, end - at));
    word = cut(word, kColumns - indent);
    if (!begins && column + 1 + word.size() > kColumns) {
      out += '\n';
      begins = true;
    }
    if (begins) {
      if (column != 0 || first_column == 0) out += std::string(indent, ' ');
      column = indent + word.size();
      begins = false;
    } else {
      out += ' ';
      column += 1 + word.size();
    }
    out += word;
    at = end + 1;
  }
  return out + "\n";
}

// The line with a mark below what is meant, cut where it is longer than the
// page is wide.
std::string excerpt(const LintedFile& file, const Remark& remark) {
  const auto& lines = file.tab.lines;
  const auto number = static_cast<std::size_t>(remark.line);
  if (remark.line < 1 || number > lines.size()) return "";
  std::string_view text = file.tab.bytes_of(lines[number - 1]);
  if (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t at = std::min<std::size_t>(
      static_cast<std::size_t>(std::max(remark.column - 1, 0)), text.size());
  const std::size_t room = kColumns - 4;
  std::string before = in_ascii(text.substr(0, at));
  std::string meant = in_ascii(text.substr(at, remark.width));
  std::string rest =
      in_ascii(text.substr(std::min(text.size(), at + remark.width)));
  if (before.size() + meant.size() > room) {
    const std::size_t kept = room / 2;
    if (before.size() > kept) {
      before = ".." + before.substr(before.size() - kept + 2);
    }
    meant = cut(meant, room - before.size());
  }
  std::string out = "    " + cut(before + meant + rest, room);
  while (out.ends_with(' ')) out.pop_back();
  out += "\n";
  if (remark.column < 1) return out;
  const std::size_t width = std::max<std::size_t>(meant.size(), 1);
  return out + "    " + std::string(before.size(), ' ') + "^" +
         std::string(width - 1, '~') + "\n";
}

std::string place_of(const LintedFile& file, const Remark& remark) {
  std::string place = escape_line(file.source);
  if (remark.line > 0) place += fmt::format(":{}", remark.line);
  if (remark.line > 0 && remark.column > 0) {
    place += fmt::format(":{}", remark.column);
  }
  return place;
}

// With the year where a day and a month alone would be taken for this one's.
std::string run_text(Timestamp run, const LintPage& page) {
  if (run - page.now < std::chrono::days(330)) {
    return app::local_short(run, page.now, page.zone);
  }
  return app::local_date(run, page.zone) + " " +
         app::local_clock(run, page.zone).substr(0, 5);
}

std::string finding_text(const LintedFile& file, const LintFinding& finding,
                         const LintPage& page) {
  const Remark& r = finding.remark;
  std::string out =
      fmt::format("{}: {}:", place_of(file, r), word_of(r.weight));
  const std::size_t column = out.size();
  out += wrapped(fmt::format("{} [{}]", r.message, r.rule), 4, column);
  out += excerpt(file, r);
  if (!r.effect.empty()) out += wrapped(r.effect, 2);
  if (!r.fix.empty()) {
    // A line of a file may be cut, its end is as it was; what is to be typed
    // may not.
    const std::string fix = as_written(r.fix);
    out += "  fix:  " +
           (r.schedule.empty() ? fix : escape_line(fix, kColumns - 8)) + "\n";
  }
  if (!finding.then.empty()) {
    std::string runs;
    for (const Timestamp t : finding.then) {
      const std::string run = run_text(t, page);
      if (8 + runs.size() + 2 + run.size() > kColumns) break;
      if (!runs.empty()) runs += ", ";
      runs += run;
    }
    out += "  then: " + runs + "\n";
  }
  return out + "\n";
}

std::string file_text(const LintedFile& file, const LintPage& page) {
  std::string out;
  std::map<std::string, std::size_t> told;
  for (const Weight weight : {Weight::error, Weight::warning, Weight::info}) {
    if (weight == Weight::info && page.detail != LintDetail::all) continue;
    for (const LintFinding& finding : file.findings) {
      if (finding.remark.weight != weight) continue;
      if (++told[finding.remark.rule] <= kMostOfRule) {
        out += finding_text(file, finding, page);
      }
    }
  }
  for (const auto& [rule, n] : told) {
    if (n <= kMostOfRule) continue;
    out += wrapped(fmt::format("{}: {} more [{}]", escape_line(file.source),
                               n - kMostOfRule, rule),
                   4) +
           "\n";
  }
  return out;
}

void add_finding(JsonWriter& w, const LintedFile& file, const Remark& r) {
  w.begin_object();
  w.key("id").value(r.rule).key("severity").value(word_of(r.weight));
  w.key("source").value(file.source);
  w.key("line");
  r.line > 0 ? w.value(r.line) : w.null();
  w.key("column");
  r.column > 0 ? w.value(r.column) : w.null();
  w.key("message").value(r.message).key("effect").value(r.effect);
  w.key("fix").value(r.fix);
  w.end_object();
}

// What the daemon holds of each line that it runs.
void add_jobs(JsonWriter& w, const LintedFile& file) {
  w.key("jobs").begin_array();
  for (const crontab::Line& line : file.tab.lines) {
    if (file.is_ignored()) break;
    if (line.type != crontab::LineType::job) continue;
    w.begin_object().key("line").value(line.number);
    w.key("schedule").value(line.schedule).key("user");
    line.user_column > 0 ? w.value(line.user) : w.null();
    w.key("command").value(line.written);
    w.key("runs").value(line.command).key("input");
    line.input ? w.value(*line.input) : w.null();
    w.end_object();
  }
  w.end_array();
}

void add_file(JsonWriter& w, const LintedFile& file) {
  w.begin_object().key("v").value(1).key("source").value(file.source);
  w.key("kind").value(crontab::to_string(file.tab.kind));
  w.key("daemon").value(crontab::to_string(file.tab.daemon));
  w.key("refused");
  if (file.tab.refused) {
    w.begin_object().key("line").value(file.tab.refused->line);
    w.key("reason").value(
        crontab::reason_of(*file.tab.refused, file.tab.daemon));
    w.end_object();
  } else if (!file.passed_over.empty()) {
    w.begin_object().key("line").null();
    w.key("reason").value(file.passed_over).end_object();
  } else {
    w.null();
  }
  add_jobs(w, file);
  w.key("findings").begin_array();
  for (const LintFinding& f : file.findings) add_finding(w, file, f.remark);
  w.end_array().end_object();
}

}  // namespace

std::string lint_text(const app::LintResult& result, const LintPage& page) {
  std::string out;
  std::size_t jobs = 0;
  std::size_t lost = 0;
  for (const LintedFile& file : result.files) {
    out += file_text(file, page);
    jobs += file.jobs();
    lost += file.lost();
  }
  for (const app::Finding& f : result.unread) {
    out += wrapped(fmt::format("{}: not read: {}", escape_line(f.source),
                               f.message),
                   4) +
           "\n";
  }
  out += fmt::format("{}, {}, {}, {}", count_of(result.files.size(), "file"),
                     count_of(jobs, "job"),
                     count_of(result.count(Weight::error), "error"),
                     count_of(result.count(Weight::warning), "warning"));
  if (lost == 1) out += "; 1 job does not run";
  if (lost > 1) out += fmt::format("; {} jobs do not run", lost);
  return out + "\n";
}

std::string lint_file_json(const LintedFile& file) {
  std::string out;
  JsonWriter w(out);
  add_file(w, file);
  return out + "\n";
}

std::string lint_json(const app::LintResult& result) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("v").value(1).key("files").begin_array();
  for (const LintedFile& file : result.files) add_file(w, file);
  w.end_array().key("unread").begin_array();
  for (const app::Finding& f : result.unread) {
    w.begin_object().key("source").value(f.source);
    w.key("message").value(f.message).end_object();
  }
  w.end_array();
  w.key("errors").value(std::uint64_t{result.count(Weight::error)});
  w.key("warnings").value(std::uint64_t{result.count(Weight::warning)});
  w.end_object();
  return out + "\n";
}

int lint_exit(const app::LintResult& result) {
  if (result.count(Weight::error) > 0) return 1;
  return result.unread.empty() ? 0 : 3;
}

}  // namespace bezalel::report
