// Settings that the daemon does not act on, or not as they read; users where
// none belongs.
#include <algorithm>
#include <array>
#include <vector>

#include "base/escape.h"
#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

// Who acts on it, beside handing it on as environment.
bool is_acted_on(std::string_view name, const Crontab& tab) {
  if (tab.kind == Kind::anacron) {
    return tab.daemon == Daemon::cronie && name != "CRON_TZ" && name != "SHELL";
  }
  const Daemon daemon = tab.daemon;
  if (name == "CRON_TZ") return daemon == Daemon::cronie;
  if (name == "RANDOM_DELAY") {
    return daemon == Daemon::cronie || daemon == Daemon::systemd_cron;
  }
  return name == "SHELL";
}

std::string effect_of(std::string_view name, const Crontab& tab) {
  const std::string who(name_of(tab));
  if (name == "CRON_TZ") {
    return who + " does not read it: jobs run by the time of the host.";
  }
  if (name == "RANDOM_DELAY") {
    return who + " does not read it: jobs are not delayed.";
  }
  if (name == "SHELL") return "anacron has /bin/sh run everything.";
  if (tab.kind == Kind::anacron) {
    return "Debian's anacron does not read it: jobs are started at any hour.";
  }
  return who + " does not read it: it is for anacron, in its own table.";
}

void not_acted_on(const Linted& in, const Line& line) {
  static constexpr std::array<std::string_view, 4> kKnown = {
      "CRON_TZ", "RANDOM_DELAY", "START_HOURS_RANGE", "SHELL"};
  const bool known =
      std::find(kKnown.begin(), kKnown.end(), line.name) != kKnown.end();
  if (!known || is_acted_on(line.name, in.tab)) return;
  if (line.name == "SHELL" && line.value == "/bin/sh") return;
  Remark r;
  r.rule = "setting-ignored";
  r.weight = Weight::warning;
  r.line = line.number;
  r.column = static_cast<int>(text_of(in.tab, line).find(line.name)) + 1;
  r.width = line.name.size();
  r.message = line.name + " does nothing here";
  r.effect = effect_of(line.name, in.tab);
  if (line.name == "CRON_TZ") r.fix = "write the times as the host counts them";
  in.remarks.push_back(std::move(r));
}

void lost_environment(const Linted& in, const Line& line) {
  if (in.tab.daemon != Daemon::busybox || in.tab.kind == Kind::anacron) return;
  if (line.name == "MAILTO" || line.name == "SHELL") return;
  if (line.name == "CRON_TZ" || line.name == "RANDOM_DELAY") return;
  Remark r;
  r.rule = "setting-ignored";
  r.weight = Weight::warning;
  r.line = line.number;
  r.column = 1;
  r.width = line.name.size();
  r.message = escape_line(line.name, 24) + " is not handed to the jobs";
  r.effect = "busybox crond reads MAILTO and SHELL alone.";
  r.fix = "set it in the command, or in a script";
  in.remarks.push_back(std::move(r));
}

// `~` in a PATH, which no shell but bash takes for a home when it looks there.
void unexpanded_home(const Linted& in, const Line& line) {
  if (line.name != "PATH" ||
      (":" + line.value).find(":~") == std::string::npos) {
    return;
  }
  for (const Line& other : in.tab.lines) {
    const bool bash = other.type == LineType::setting &&
                      other.name == "SHELL" && other.value.ends_with("/bash");
    if (bash) return;
  }
  Remark r;
  r.rule = "setting-unexpanded";
  r.weight = Weight::warning;
  r.line = line.number;
  const std::string_view text = text_of(in.tab, line);
  r.column = static_cast<int>(text.find('~')) + 1;
  r.width = 1;
  r.message = "~ in the value of PATH";
  r.effect = std::string(name_of(in.tab)) +
             " expands nothing, nor does sh: what lies there is not found.";
  r.fix = "write the directory out";
  in.remarks.push_back(std::move(r));
}

// `$NAME` and `${NAME}` in a value: the daemon expands nothing.
void unexpanded(const Linted& in, const Line& line) {
  const std::size_t sign = line.value.find('$');
  if (sign == std::string::npos || sign + 1 == line.value.size()) return;
  const char next = line.value[sign + 1];
  const bool name = (next >= 'a' && next <= 'z') ||
                    (next >= 'A' && next <= 'Z') || next == '_' || next == '{';
  if (!name) return;
  Remark r;
  r.rule = "setting-unexpanded";
  r.weight = Weight::warning;
  r.line = line.number;
  const std::string_view text = text_of(in.tab, line);
  const std::size_t at = text.find('$');
  r.column = static_cast<int>(at) + 1;
  r.width = std::min(text.find_first_of(" :/\"'", at), text.size()) - at;
  r.message = "a variable in the value of " + escape_line(line.name, 24);
  r.effect = std::string(name_of(in.tab)) +
             " expands nothing: the value is as it stands.";
  if (line.name == "PATH") {
    const std::string whole = ":" + line.value + ":";
    if (whole.find(":/bin:") == std::string::npos &&
        whole.find(":/usr/bin:") == std::string::npos) {
      r.weight = Weight::error;
      r.effect = std::string(name_of(in.tab)) +
                 " expands nothing: no program of /usr/bin is found.";
    }
    static constexpr std::string_view kDefault = "/usr/local/bin:/usr/bin:/bin";
    for (const char* form : {"$PATH", "${PATH}"}) {
      const std::size_t path = text.find(form);
      if (path == std::string_view::npos) continue;
      r.fix = with(in.tab, line, static_cast<int>(path) + 1,
                   std::string_view(form).size(), kDefault);
    }
  }
  in.remarks.push_back(std::move(r));
}

// `MAILTO=ann # the boss`: no comment, but part of the value.
void comment_in_value(const Linted& in, const Line& line) {
  const std::size_t mark = line.value.find(" #");
  const std::string_view text = text_of(in.tab, line);
  if (mark == std::string::npos || text.find_first_of("\"'") < text.find('#')) {
    return;
  }
  Remark r;
  r.rule = "setting-comment";
  r.weight = Weight::warning;
  r.line = line.number;
  r.column = static_cast<int>(text.find(" #")) + 2;
  r.width = text.size() - static_cast<std::size_t>(r.column) + 1;
  r.message = "a comment behind a setting is part of its value";
  r.effect =
      escape_line(line.name, 24) + " is " + quoted_tail(line.value) + ".";
  std::size_t end = static_cast<std::size_t>(r.column) - 1;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\t')) --end;
  r.fix = std::string(text.substr(0, end));
  in.remarks.push_back(std::move(r));
}

// `TZ=Europe/Berlin 0 3 * * * x`: to most shells a prefix, to cron a setting
// whose value is the whole rest.
void swallowed_job(const Linted& in, const Line& line) {
  if (in.tab.kind == Kind::anacron) return;
  const std::string_view text = text_of(in.tab, line);
  std::vector<std::size_t> starts;
  bool within = true;  // the name, and what of the value stands at the =
  for (std::size_t i = text.find('='); i < text.size(); ++i) {
    const bool blank = text[i] == ' ' || text[i] == '\t';
    if (!blank && !within) starts.push_back(i);
    within = !blank;
  }
  constexpr std::size_t kFields = 5;
  for (std::size_t i = 0; i + kFields < starts.size(); ++i) {
    const std::size_t begin = starts[i];
    std::size_t end = starts[i + kFields];
    while (text[end - 1] == ' ' || text[end - 1] == '\t') --end;
    if (!schedule::CronExpr::parse(text.substr(begin, end - begin),
                                   schedule::Dialect::debian)) {
      continue;
    }
    Remark r;
    r.rule = "setting-swallows";
    r.line = line.number;
    r.column = static_cast<int>(begin) + 1;
    r.width = end - begin;
    r.message = "a job behind a setting is part of its value";
    r.effect = "It is never started, and " + escape_line(line.name, 24) +
               " is " + quoted_tail(line.value) + ".";
    r.fix = "write the job on a line of its own";
    in.remarks.push_back(std::move(r));
    return;
  }
}

void unusable_shell(const Linted& in, const Line& line) {
  const std::string why = why_no_shell(line, in.tab, in.where.program);
  if (why.empty()) return;
  Remark r;
  r.rule = "shell-missing";
  r.line = line.number;
  const std::string_view text = text_of(in.tab, line);
  const std::size_t at = text.find_first_not_of(" \t\"'", text.find('=') + 1);
  r.column = static_cast<int>(std::min(at, text.size() - 1)) + 1;
  r.width = line.value.size();
  r.message = "no shell: " + why;
  r.effect = std::string(name_of(in.tab)) +
             " can start no job that follows, and says so nowhere.";
  r.fix = "name a shell that is there, without options: SHELL=/bin/sh";
  in.remarks.push_back(std::move(r));
}

// In a user's own table the word behind the schedule is the command.
void extra_user(const Linted& in, const Line& line) {
  // Users of every host that are no programs.
  static constexpr std::array<std::string_view, 5> kUsers = {
      "root", "www-data", "nobody", "apache", "nobody"};
  const std::size_t end = line.written.find_first_of(" \t");
  if (end == std::string::npos) return;
  const std::string_view word = std::string_view(line.written).substr(0, end);
  if (std::find(kUsers.begin(), kUsers.end(), word) == kUsers.end()) return;
  Remark r;
  r.rule = "extra-user";
  r.line = line.number;
  r.column = line.command_column;
  r.width = word.size();
  r.message = quoted_word(word) + " is a user, and is run as a command";
  r.effect = std::string(in.tab.kind == Kind::anacron
                             ? "An anacrontab names none"
                             : "The table of one user names none") +
             ": sh: \"" + std::string(word) + ": not found\", at each run.";
  const std::size_t rest = line.written.find_first_not_of(" \t", end);
  r.fix = with(in.tab, line, line.command_column,
               rest == std::string::npos ? end : rest, "");
  in.remarks.push_back(std::move(r));
}

// In a system table the word behind the schedule is a user; what is a program
// or a path everywhere is none.
void missing_user(const Linted& in, const Line& line) {
  static constexpr std::array<std::string_view, 14> kPrograms = {
      "cd",   "echo", "php",  "python", "python3", "perl", "ruby",
      "curl", "wget", "bash", "sh",     "test",    "[",    "sudo"};
  const bool program = std::find(kPrograms.begin(), kPrograms.end(),
                                 line.user) != kPrograms.end();
  const bool path = line.user.find('/') != std::string::npos;
  if (!program && !path) return;
  Remark r;
  r.rule = "missing-user";
  r.line = line.number;
  r.column = line.user_column;
  r.width = line.user.size();
  r.message = quoted_word(line.user) + " is taken for a user";
  r.effect = in.tab.daemon == Daemon::debian
                 ? "Debian cron ignores the WHOLE file where there is no such "
                   "user."
                 : std::string(name_of(in.tab)) +
                       " drops the line where there is no such user.";
  r.fix = with(in.tab, line, line.user_column, 0, "root ");
  in.remarks.push_back(std::move(r));
}

}  // namespace

std::string why_no_shell(const Line& setting, const Crontab& tab,
                         const ProgramLookup& program) {
  // busybox looks along PATH, systemd says itself what it cannot start.
  const bool by_path =
      tab.kind != Kind::anacron &&
      (tab.daemon == Daemon::debian || tab.daemon == Daemon::cronie);
  if (!by_path || setting.name != "SHELL") return "";
  const std::string shown = quoted_word(setting.value);
  if (!setting.value.starts_with("/")) return shown + " is no absolute path";
  if (!program) {
    const bool options = setting.value.find(' ') != std::string::npos;
    return options ? shown + " is no path: options belong to no SHELL" : "";
  }
  switch (program(setting.value).state) {
    case ProgramState::runs:
      return "";
    case ProgramState::missing:
      return shown + " is not there";
    case ProgramState::not_executable:
    case ProgramState::no_file:
      return shown + " is not executable";
    case ProgramState::no_interpreter:
      return "the interpreter of " + shown + " is not there";
  }
  return "";
}

void lint_settings(const Linted& in) {
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::setting) continue;
    not_acted_on(in, line);
    lost_environment(in, line);
    unexpanded(in, line);
    unexpanded_home(in, line);
    comment_in_value(in, line);
    swallowed_job(in, line);
    unusable_shell(in, line);
  }
}

void lint_users(const Linted& in) {
  for (const Line& line : in.tab.lines) {
    if (line.type != LineType::job) continue;
    if (in.tab.kind != Kind::system) {
      extra_user(in, line);
    } else if (line.user_column > 0) {
      missing_user(in, line);
    }
  }
}

}  // namespace bezalel::crontab
