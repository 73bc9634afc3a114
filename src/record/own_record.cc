// What a command records by itself: the calls of `bezalel run` and `beat` and
// of the shell client in it, wherever they stand.
#include "record/own_record.h"

#include <algorithm>
#include <array>
#include <functional>

#include "base/escape.h"
#include "record/shell_words.h"

namespace bezalel::record {
namespace {

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
    auto* field = schedule.field(name.substr(2));
    const bool is_when =
        name == "--every" || name == "--cron" || name == "--calendar";
    if (field && !(is_when && !schedule.empty())) *field = value;
  }
  if (!job) return std::nullopt;
  return OwnRecord{*std::move(job), std::move(schedule), {}};
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
  return OwnRecord{*JobName::parse(args[0]), std::move(schedule), {}};
}

std::optional<OwnRecord> record_of(const Work& work) {
  const Call call = call_of(work);
  if (call.elsewhere || work.rooted) return std::nullopt;
  auto own = call.verb == "run" || call.verb == "beat" ? record_of(call.args)
                                                       : record_of_client(work);
  if (own) own->user = work.user;
  return own;
}

// What a run gets behind its dashes, where the shell of `bare` changes none of
// it; else empty.
std::string words_of_run(const Call& call, std::string_view bare) {
  if (bare.find_first_of("$`*?[~{") != std::string_view::npos) return {};
  const auto dashes = std::ranges::find(call.args, "--");
  std::string shown;
  for (auto word = dashes; word != call.args.end(); ++word) {
    if (word == dashes) continue;
    if (!shown.empty()) shown += ' ';
    shown += shell_quote(*word);
  }
  return may_call_us(shown) ? std::string() : shown;
}

// `bezalel run -- x` and `bezalel run bad/name -- x`: run names what nobody
// named by the words it gets.
std::optional<OwnRecord> unnamed_run(const Work& work, std::string_view bare) {
  const Call call = call_of(work);
  if (call.verb != "run" || call.elsewhere || work.rooted) return std::nullopt;
  const std::string shown = words_of_run(call, bare);
  if (shown.empty()) return std::nullopt;
  return OwnRecord{job_name(shown).name, {}, work.user};
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

// What is done before anybody could wait for it.
bool is_quick(const SimpleCommand& c) {
  constexpr std::array kWords = {"cd",   "test",   "[",     "[[",    ":",
                                 "true", "export", "set",   "umask", "ulimit",
                                 ".",    "source", "mkdir", "touch", "echo",
                                 "date", "printf", "type",  "which", "command"};
  return c.words.empty() ||
         std::ranges::find(kWords, c.words.front()) != kWords.end();
}

// `sleep 900; bezalel run x -- ..` starts x long after its line.
StartRecord start_of(std::string_view bare, const OwnRecord& own) {
  bool runs = false;
  const auto runs_it = [&](const SimpleCommand& c) {
    const auto work = unwrap(c.words);
    if (!work) return false;
    const auto recorded = record_of(*work, bare);
    if (!recorded || recorded->job != own.job) return false;
    runs = call_of(*work).verb == "run";
    return true;
  };
  bool late = false;
  const auto tokens = split_shell(bare).tokens;
  for (const SimpleCommand& c : simple_commands(tokens)) {
    if (runs_it(c)) break;
    late = late || !is_quick(c);
  }
  if (!runs) return StartRecord::none;
  return late ? StartRecord::late : StartRecord::at_once;
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

bool may_call_us(std::string_view command) {
  return command.find("bezalel") != std::string_view::npos ||
         command.find("cron-heartbeat-write.sh") != std::string_view::npos;
}

std::string recorded_words(std::string_view bare, const OwnRecord& own) {
  if (own.closes) {
    const std::size_t last =
        std::max(bare.rfind("&&") + 1, bare.rfind(';') + 1);
    std::string_view words = bare.substr(0, last == 0 ? 0 : last - 1);
    while (words.ends_with(' ')) words.remove_suffix(1);
    return may_call_us(words) ? std::string() : std::string(words);
  }
  std::string words;
  find_command(bare, [&](const Work& work) {
    const Call call = call_of(work);
    if (call.verb != "run") return false;
    const auto recorded = record_of(work, bare);
    if (!recorded || recorded->job != own.job) return false;
    words = words_of_run(call, bare);
    return true;
  });
  return words;
}

std::vector<OwnCall> own_calls(std::string_view command) {
  std::vector<OwnCall> calls;
  if (!may_call_us(command)) return calls;
  const std::string bare = job_name(command).bare;
  find_command(bare, [&](const Work& work) {
    const Call call = call_of(work);
    if (call.verb == "run" || call.verb == "beat") {
      calls.push_back(
          {std::string(call.verb), {call.args.begin(), call.args.end()}});
    }
    return false;
  });
  return calls;
}

std::optional<OwnRecord> own_record(std::string_view bare) {
  if (!may_call_us(bare)) return std::nullopt;
  std::optional<OwnRecord> own;
  find_command(bare, [&](const Work& work) {
    own = record_of(work, bare);
    return own.has_value();
  });
  if (!own) return own;
  own->closes = closes(bare, *own);
  own->start = start_of(bare, *own);
  return own;
}

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
    if (known) return true;
    if (call_of(*work).verb == "run") own->start = StartRecord::late;
    out.push_back(*std::move(own));
    return true;
  });
  return out;
}

}  // namespace bezalel::record
