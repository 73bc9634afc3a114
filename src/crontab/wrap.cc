#include "crontab/wrap.h"

#include <algorithm>

#include "base/escape.h"
#include "crontab/wrapped_command.h"

namespace bezalel::crontab {
namespace {

constexpr std::string_view kComment = "# bezalel:";

Error refuse(const std::string& why) {
  return err(bezalel::Kind::invalid, why);
}

// A job's line in four: what stands before the command; the command as it is
// written; a comment of ours with the blanks before it; `%` and what is behind.
struct Parts {
  std::string_view before, command, comment, after;
};

std::size_t end_of_command(std::string_view text, Kind kind, Daemon daemon) {
  std::size_t end = text.find_last_not_of("\r\n");
  end = end == text.npos ? 0 : end + 1;
  if (!cuts_at_percent(daemon) || kind == Kind::anacron) return end;
  for (std::size_t i = 0; i < end; ++i) {
    if (text[i] == '\\' && i + 1 < end && text[i + 1] == '%') {
      ++i;
    } else if (text[i] == '%') {
      return i;
    }
  }
  return end;
}

Parts parts_of(const Crontab& tab, const Line& line) {
  const std::string_view bytes = tab.bytes_of(line);
  const auto column = static_cast<std::size_t>(line.command_column - 1);
  Parts parts;
  parts.before = bytes.substr(0, column);
  const std::string_view rest = bytes.substr(column);
  const std::size_t end = end_of_command(rest, tab.kind, tab.daemon);
  parts.after = rest.substr(end);
  parts.command = rest.substr(0, end);
  const std::size_t hash = parts.command.rfind(kComment);
  // In an anacrontab the command is wrapped with its comment.
  if (tab.kind == Kind::anacron || hash == parts.command.npos || hash == 0)
    return parts;
  const std::size_t last = parts.command.find_last_not_of(" \t", hash - 1);
  if (last == parts.command.npos || last + 1 == hash) return parts;
  parts.comment = parts.command.substr(last + 1);
  parts.command = parts.command.substr(0, last + 1);
  return parts;
}

class Wrapper {
 public:
  Wrapper(const Crontab& tab, const Wrapping& wrapping)
      : tab_(tab), wrapping_(wrapping) {}

  Result<std::string> run() {
    std::string out;
    for (const Line& line : tab_.lines) {
      if (line.type != LineType::job) {
        out += tab_.bytes_of(line);
        continue;
      }
      BZ_ASSIGN(const std::string text, wrapped(line));
      out += text;
    }
    if (!is_wrapped(tab_) && out != tab_.text) {
      out.insert(0, wrap_header(wrapping_.date, wrapping_.release));
    }
    return out;
  }

 private:
  Result<std::string> wrapped(const Line& line) const {
    const std::string bytes(tab_.bytes_of(line));
    if (unwrapped(tab_, line)) {
      if (is_wrapped(tab_)) return bytes;
      return refuse(at(line) +
                    "is wrapped by hand, and could not be told from "
                    "ours afterwards");
    }
    const auto name = wrapping_.name_of(line.command);
    if (!name) return bytes;
    const std::string shell =
        setting_at(tab_, line, "SHELL").value_or("/bin/sh");
    if (!is_plain(shell)) {
      return refuse(at(line) + "SHELL: expected a plain path");
    }
    const Parts parts = parts_of(tab_, line);
    std::string out(parts.before);
    out += wrapped_command(parts.command, wrapping_.program, *name, shell);
    out += parts.comment;
    out += parts.after;
    return out;
  }

  static std::string at(const Line& line) {
    return "line " + std::to_string(line.number) + ": ";
  }

  const Crontab& tab_;
  const Wrapping& wrapping_;
};

// Of the same schedule, user and input each; a command may be wrapped.
bool same_jobs(const std::vector<Entry>& before,
               const std::vector<Entry>& after) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const Entry& a, const Entry& b) {
                      return a.schedule == b.schedule && a.user == b.user &&
                             a.input == b.input;
                    });
}

}  // namespace

std::optional<std::string> unwrapped(const Crontab& tab, const Line& line) {
  if (line.type != LineType::job || line.command_column < 1) return {};
  const std::string_view bytes = tab.bytes_of(line);
  const auto column = static_cast<std::size_t>(line.command_column - 1);
  const auto unwrapped = unwrapped_command(bytes.substr(column));
  if (!unwrapped) return {};
  const std::string_view rest = unwrapped->rest;
  // Behind it there is nothing but what wrap() leaves outside.
  const std::string_view tail =
      rest.substr(0, rest.find_last_not_of("\r\n") + 1);
  const std::size_t word = tail.find_first_not_of(" \t");
  if (word != tail.npos && tail[word] != '%' &&
      !tail.substr(word).starts_with(kComment)) {
    return {};
  }
  std::string out(bytes.substr(0, column));
  out += unwrapped->command;
  out += rest;
  return out;
}

std::string wrapped_again(const Crontab& tab, const Line& line,
                          const std::string& plain) {
  const Crontab one = parse(plain + '\n', tab.kind, tab.daemon);
  if (one.lines.size() != 1 || one.lines[0].type != LineType::job) return plain;
  const auto column = static_cast<std::size_t>(line.command_column - 1);
  const std::string_view command = tab.bytes_of(line).substr(column);
  const auto inner = unwrapped_command(command);
  if (!inner || inner->begin == 0) return plain;
  const Parts parts = parts_of(one, one.lines[0]);
  std::string out(parts.before);
  out += command.substr(0, inner->begin - 1);
  out += in_quotes(parts.command);
  out += parts.comment;
  out += parts.after;
  out.pop_back();  // the newline
  return out;
}

Result<std::string> wrap(const Crontab& tab, const Wrapping& wrapping,
                         const Host& host) {
  if (tab.refused) {
    return refuse("the daemon ignores it: line " +
                  std::to_string(tab.refused->line) + ": " +
                  tab.refused->message + "; see bezalel audit");
  }
  const std::vector<Entry> before = entries_of(tab);
  if (before.empty()) return refuse("there is no job in it");
  if (is_adopted(tab) && !is_wrapped(tab)) {
    return refuse("is adopted by its SHELL; release it first");
  }
  BZ_ASSIGN(std::string out, Wrapper(tab, wrapping).run());
  const Crontab now = parse(out, tab.kind, tab.daemon, host);
  if (now.refused) {
    // As the file is now, without the comments at the top.
    const auto added = static_cast<int>(now.lines.size() - tab.lines.size());
    return refuse("wrapped, the daemon would ignore it: line " +
                  std::to_string(now.refused->line - added) + ": " +
                  now.refused->message);
  }
  if (!same_jobs(before, entries_of(now)) ||
      (!is_wrapped(tab) && release(now) != tab.text)) {
    return refuse("wrapped, it would not be the same jobs");
  }
  return out;
}

}  // namespace bezalel::crontab
