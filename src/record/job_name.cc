// How a command gets its name: that of the job which it records by itself, that
// of its comment, or, where nobody named it:
//
// 1. A comment `# bezalel: key=value ...` at the end of the command is taken
//    off; `#` begins one only at the start of a word, outside of quotes. Its
//    `job=` is the name, and nothing below matters.
// 2. What is left is split as a shell would: at && || ; | & ( ) and newlines
//    into commands, each into words. Redirections, assignments in front and
//    reserved words (if, then, for, {, !, ...) do not count.
// 3. Passed over are commands that prepare or ask: cd, test, [, command -v,
//    which, echo, sleep, export and the like; the condition of an `if` or
//    `while`; grep, pgrep, mountpoint ... before && or ||. If nothing else is
//    there, the first of them does the work.
// 4. The first command that stays is unwrapped: known wrappers (nice, sudo,
//    timeout, flock, ...) with their options, operands and assignments; then
//    an interpreter gives way to the script, module or archive that it runs,
//    `sh -c` to what is inside the string (by 2 to 4 again). Program text
//    (perl -e) is not a name: there it is the interpreter.
// 5. The word's base name; every byte but A-Z a-z 0-9 . _ @ - becomes `-`,
//    what is no letter or digit is taken off the front, at most 40 stay.
//    No word, or nothing left of it: `command`.
// 6. `-` and the first 4 hex digits of SHA-256 of what 1 left, blanks at both
//    ends trimmed.
//
// Names of unnamed jobs depend on every detail of this: a change renames jobs
// on hosts. It is as fixed as a file format.
#include "record/job_name.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "base/escape.h"
#include "base/sha256.h"
#include "record/shell_words.h"
#include "record/work_word.h"

namespace bezalel::record {

namespace {

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxWord = 40;
constexpr std::size_t kHashDigits = 4;
constexpr std::string_view kBlanks = " \t\r\n";

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9');
}

bool is_name_byte(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '@' || c == '-';
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The part of a name that a person reads.
std::string readable_part(std::string_view bare) {
  const auto work = find_work(bare);
  std::string name(work ? base_name(work->word) : std::string_view());
  for (char& c : name) {
    if (!is_name_byte(c)) c = '-';
  }
  name.erase(name.begin(), std::ranges::find_if(name, is_alnum));
  if (name.size() > kMaxWord) name.resize(kMaxWord);
  return name.empty() ? "command" : name;
}

std::optional<std::string>* schedule_field(std::string_view key,
                                           ScheduleText& s) {
  if (key == "every") return &s.every;
  if (key == "cron") return &s.cron;
  if (key == "calendar") return &s.calendar;
  if (key == "tz") return &s.tz;
  if (key == "grace") return &s.grace;
  if (key == "max") return &s.max;
  return nullptr;
}

// Takes `key=value` words off a comment, one at a time.
class CommentReader {
 public:
  explicit CommentReader(std::string_view text) : rest_(trim(text)) {}

  CommandComment read() {
    while (!rest_.empty()) {
      read_pair();
      rest_ = trim(rest_);
    }
    return std::move(comment_);
  }

 private:
  void read_pair() {
    const std::size_t n = rest_.find_first_of("= \t\r\n");
    const std::string_view key = rest_.substr(0, n);
    if (n == std::string_view::npos || rest_[n] != '=') {
      rest_.remove_prefix(key.size());
      complain(key, "expected key=value");
      return;
    }
    rest_.remove_prefix(n + 1);
    set(key, take_value());
  }

  std::string take_value() {
    const bool quoted = rest_.starts_with('"') || rest_.starts_with('\'');
    if (!quoted) {
      const std::size_t n =
          std::min(rest_.find_first_of(kBlanks), rest_.size());
      std::string value(rest_.substr(0, n));
      rest_.remove_prefix(n);
      return value;
    }
    const std::size_t end = rest_.find(rest_[0], 1);
    std::string value(rest_.substr(
        1, end == std::string_view::npos ? std::string_view::npos : end - 1));
    if (end == std::string_view::npos) complain(value, "quote not closed");
    rest_.remove_prefix(std::min(end, rest_.size() - 1) + 1);
    return value;
  }

  void set(std::string_view key, std::string value) {
    if (key == "job") return set_job(value);
    if (key == "allow") return;  // a rule of lint
    std::optional<std::string>* target = schedule_field(key, comment_.schedule);
    if (target == nullptr) {
      return complain(key,
                      "unknown key; expected job every cron calendar tz "
                      "grace max");
    }
    if (value.empty()) return complain(key, "without a value");
    if (*target) return complain(key, "given twice");
    const bool is_when = key == "every" || key == "cron" || key == "calendar";
    if (is_when && !comment_.schedule.empty()) {
      return complain(key, "only one of every, cron and calendar");
    }
    *target = std::move(value);
  }

  void set_job(std::string_view value) {
    auto name = JobName::parse(value);
    if (!name) {
      comment_.problems.push_back(std::move(name).error().what);
    } else if (comment_.job) {
      complain("job", "given twice");
    } else {
      comment_.job = *std::move(name);
    }
  }

  void complain(std::string_view what, std::string_view why) {
    comment_.problems.push_back("\"" + escape_line(what, 40) +
                                "\": " + std::string(why));
  }

  std::string_view rest_;
  CommandComment comment_;
};

struct CutCommand {
  std::string_view bare;
  std::optional<std::string_view> comment;  // what follows `bezalel:`
};

CutCommand cut_comment(std::string_view command) {
  constexpr std::string_view kMark = "bezalel:";
  const std::string_view text = trim(command);
  const std::size_t at = split_shell(text).comment;
  if (at == std::string_view::npos) return {text, std::nullopt};
  const std::string_view comment = trim(text.substr(at + 1));
  if (!comment.starts_with(kMark)) return {text, std::nullopt};
  return {trim(text.substr(0, at)), comment.substr(kMark.size())};
}

// A call of `bezalel`: its subcommand and what follows that.
struct Call {
  std::string_view verb;
  std::span<const std::string> args;
  bool elsewhere = false;  // below a root of its own: nothing of this host
};

Call call_of(const Work& work) {
  if (base_name(work.word) != "bezalel") return {};
  const std::span<const std::string> args(work.args);
  bool elsewhere = work.rooted;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--root") {
      elsewhere = true;
      ++i;
    } else if (args[i].starts_with("--root=")) {
      elsewhere = true;
    } else if (!args[i].starts_with('-')) {
      return {args[i], args.subspan(i + 1), elsewhere};
    }
  }
  return {};
}

// Options of `run` and `beat` without a value.
bool is_flag(std::string_view word) {
  return word == "--no-overlap" || word == "--quiet" || word == "--no-output" ||
         word == "--unit" || word == "--help" || word == "-h";
}

// What a `run` or `beat` of these words records; nullopt: no success.
std::optional<OwnRecord> record_of(std::span<const std::string> args) {
  std::optional<JobName> job;
  ScheduleText schedule;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string_view word = args[i];
    if (word == "--") break;
    if (!word.starts_with('-')) {
      if (!job && is_job_name(word)) job = *JobName::parse(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    std::string_view value;
    if (equals != std::string_view::npos) {
      value = word.substr(equals + 1);
    } else if (!is_flag(word) && i + 1 < args.size()) {
      value = args[++i];
    }
    const std::string_view name = word.substr(0, equals);
    if (name == "--status" && value == "fail") return std::nullopt;
    if (!name.starts_with("--")) continue;
    auto* field = schedule_field(name.substr(2), schedule);
    const bool is_when =
        name == "--every" || name == "--cron" || name == "--calendar";
    if (field && !(is_when && !schedule.empty())) *field = value;
  }
  if (!job) return std::nullopt;
  return OwnRecord{*std::move(job), std::move(schedule), {}, false};
}

// CLIENT JOB SECONDS, be it behind a wrapper that nobody knows.
std::optional<OwnRecord> record_of_client(const Work& work) {
  constexpr std::string_view kClient = "cron-heartbeat-write.sh";
  std::span<const std::string> args(work.args);
  if (base_name(work.word) != kClient) {
    const auto client = std::ranges::find(args, kClient, base_name);
    if (client == args.end()) return std::nullopt;
    args = args.subspan(static_cast<std::size_t>(client - args.begin()) + 1);
  }
  if (args.empty() || !is_job_name(args[0])) return std::nullopt;
  ScheduleText schedule;
  if (args.size() > 1) schedule.every = args[1] + "s";
  return OwnRecord{*JobName::parse(args[0]), std::move(schedule), {}, false};
}

std::optional<OwnRecord> record_of(const Work& work) {
  const Call call = call_of(work);
  if (call.elsewhere || work.rooted) return std::nullopt;
  auto own = call.verb == "run" || call.verb == "beat" ? record_of(call.args)
                                                       : record_of_client(work);
  if (own) own->user = work.user;
  return own;
}

// Nearly no command: not worth to be split for.
bool may_call_us(std::string_view command) {
  return command.find("bezalel") != std::string_view::npos ||
         command.find("cron-heartbeat-write.sh") != std::string_view::npos;
}

// `bezalel run -- x` and `bezalel run bad/name -- x`: run names what nobody
// named by the words it gets, which are known where the shell changes none.
std::optional<OwnRecord> unnamed_run(const Work& work, std::string_view bare) {
  const Call call = call_of(work);
  if (call.verb != "run" || call.elsewhere || work.rooted ||
      bare.find_first_of("$`*?[~{") != std::string_view::npos) {
    return std::nullopt;
  }
  const auto dashes = std::ranges::find(call.args, "--");
  std::string shown;
  for (auto word = dashes; word != call.args.end(); ++word) {
    if (word == dashes) continue;
    if (!shown.empty()) shown += ' ';
    shown += shell_quote(*word);
  }
  if (shown.empty() || may_call_us(shown)) return std::nullopt;
  return OwnRecord{job_name(shown).name, {}, work.user, false};
}

std::optional<OwnRecord> record_of(const Work& work, std::string_view bare) {
  auto own = record_of(work);
  return own ? std::move(own) : unnamed_run(work, bare);
}

// `exit 0`, `exec` and the like: the line may end well before its last command.
bool may_leave(const SimpleCommand& c) {
  const std::string& first = c.words.front();
  if (first == "exec" || first == "return" || first == "trap") return true;
  if (first != "exit") return false;
  if (c.words.size() < 2) return true;
  const std::string& status = c.words[1];
  return status.find_first_not_of("0123456789") != std::string_view::npos ||
         status.find_first_not_of('0') == std::string_view::npos;
}

// Whether the last command of a line is this one and no `run`, which tells how
// it failed by itself; and so that nothing else decides how the line ends.
bool closes(std::string_view bare, const OwnRecord& own) {
  if (!own.user.empty()) return false;
  const auto tokens = split_shell(bare).tokens;
  if (std::ranges::any_of(simple_commands(tokens), may_leave)) return false;
  const auto control = [](const ShellToken& t) {
    return t.kind == ShellToken::Kind::control;
  };
  const auto last = std::find_if(tokens.rbegin(), tokens.rend(), control);
  if (last == tokens.rend() || (last->text != "&&" && last->text != ";")) {
    return false;
  }
  std::vector<std::string> words;
  for (auto t = last.base(); t != tokens.end(); ++t) words.push_back(t->text);
  const auto work = unwrap(words);
  if (!work || call_of(*work).verb == "run") return false;
  const auto recorded = record_of(*work);
  return recorded && recorded->job == own.job;
}

std::optional<OwnRecord> own_record(std::string_view bare) {
  if (!may_call_us(bare)) return std::nullopt;
  std::optional<OwnRecord> own;
  find_command(bare, [&](const Work& work) {
    own = record_of(work, bare);
    return own.has_value();
  });
  if (own) own->closes = closes(bare, *own);
  return own;
}

// Whether a command only asks: what stands behind its && runs now and then.
bool asks(const SimpleCommand& c) {
  const std::string& first = c.words.front();
  return first == "test" || first == "[" || first == "[[";
}

// Words that make branches, of which not all are taken.
bool branches(const ShellToken& t) {
  constexpr std::array kWords = {"if", "case", "while", "until", "for"};
  return t.kind == ShellToken::Kind::word && !t.quoted &&
         std::ranges::find(kWords, t.text) != kWords.end();
}

// Calls `take` for each command that a line runs in its turn: none that stands
// behind `||` or a test, none of a line with branches or groups behind `||`.
void each_in_turn(std::string_view bare,
                  const std::function<bool(const SimpleCommand&)>& take) {
  const auto tokens = split_shell(bare).tokens;
  if (std::ranges::any_of(tokens, branches)) return;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const std::string& next = tokens[i + 1].text;
    if (tokens[i].text == "||" && (next == "{" || next == "(")) return;
  }
  bool in_turn = true;
  for (const SimpleCommand& c : simple_commands(tokens)) {
    const bool taken = in_turn && take(c);
    if (c.next == "||") {
      in_turn = false;
    } else if (c.next != "&&") {
      in_turn = true;
    } else if (taken || asks(c)) {
      in_turn = taken;
    }
  }
}

}  // namespace

std::vector<OwnRecord> further_records(const NamedCommand& named) {
  std::vector<OwnRecord> out;
  if (!named.own) return out;
  const auto same_as = [](const OwnRecord& a) {
    return
        [&a](const OwnRecord& b) { return a.job == b.job && a.user == b.user; };
  };
  each_in_turn(named.bare, [&](const SimpleCommand& c) {
    const bool elsewhere = std::ranges::any_of(
        c.assignments,
        [](const auto& a) { return a.starts_with("BEZALEL_ROOT="); });
    const auto work = unwrap(c.words);
    auto own = work && !elsewhere ? record_of(*work, named.bare) : std::nullopt;
    if (!own) return false;
    const bool known =
        same_as(*own)(*named.own) || std::ranges::any_of(out, same_as(*own));
    if (!known) out.push_back(*std::move(own));
    return true;
  });
  return out;
}

JobName unit_job_name(std::string_view unit) {
  if (unit.size() > kMaxName) unit.remove_prefix(unit.size() - kMaxName);
  std::string name(unit);
  for (char& c : name) {
    if (!is_name_byte(c)) c = '-';
  }
  if (name.empty() || !is_alnum(name[0])) name.replace(0, 1, "u");
  return JobName(std::move(name));
}

bool is_job_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && is_alnum(text[0]) &&
         std::ranges::all_of(text, is_name_byte);
}

Result<JobName> JobName::parse(std::string_view text) {
  if (!is_job_name(text)) {
    return err(Kind::invalid,
               "\"" + escape_line(text, 40) +
                   "\" is not a job name; expected 1 to 128 of A-Z a-z 0-9 . "
                   "_ @ -, the first a letter or digit");
  }
  return JobName(std::string(text));
}

NamedCommand job_name(std::string_view command) {
  const CutCommand cut = cut_comment(command);
  CommandComment comment;
  if (cut.comment) comment = CommentReader(*cut.comment).read();
  std::string bare(cut.bare);
  if (auto own = own_record(bare)) {
    if (comment.job && comment.job != own->job) {
      comment.problems.push_back("\"job\": the command itself records " +
                                 own->job.str());
    }
    JobName name = own->job;
    return {std::move(name), std::move(comment), std::move(bare),
            std::move(own)};
  }
  if (comment.job) {
    JobName name = *comment.job;
    return {std::move(name), std::move(comment), std::move(bare)};
  }
  const std::string hash = to_hex(sha256(bare));
  auto name =
      JobName::parse(readable_part(bare) + "-" + hash.substr(0, kHashDigits));
  return {*std::move(name), std::move(comment), std::move(bare)};
}

bool is_checking(std::string_view command) {
  if (!may_call_us(command)) return false;
  const auto work = find_work(cut_comment(command).bare);
  const std::string_view verb = work ? call_of(*work).verb : "";
  return verb == "check" || verb == "report";
}

std::string_view name_stem(std::string_view job) {
  constexpr std::size_t kSuffix = 5;  // "-" and four hex digits
  if (job.size() <= kSuffix || job[job.size() - kSuffix] != '-') return job;
  const std::string_view hex = job.substr(job.size() - kSuffix + 1);
  const bool is_hex =
      hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_hex ? job.substr(0, job.size() - kSuffix) : job;
}

}  // namespace bezalel::record
