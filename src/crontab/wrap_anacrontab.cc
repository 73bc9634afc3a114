#include <algorithm>

#include "crontab/anacrontab.h"
#include "crontab/wrap.h"
#include "crontab/wrapped_command.h"

namespace bezalel::crontab {
namespace {

Error refuse(const std::string& why) {
  return err(bezalel::Kind::invalid, why);
}

// Calls see(bytes, number) for each line, with its newline.
template <class See>
void for_each_line(std::string_view text, const See& see) {
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::size_t length = end == text.npos ? text.size() : end + 1;
    see(text.substr(0, length), number);
    text.remove_prefix(length);
  }
}

// A line in two: what stands before the command, and the command. The command
// is empty where the line is no job.
struct Parts {
  std::string_view before, command, newline;
};

Parts parts_of(std::string_view bytes, int number, const Anacrontab& table) {
  for (const AnacronEntry& entry : table.entries) {
    if (entry.line != number) continue;
    const std::size_t end = bytes.ends_with('\n') ? 1 : 0;
    const std::size_t at = bytes.size() - end - entry.command.size();
    return {bytes.substr(0, at), bytes.substr(at, entry.command.size()),
            bytes.substr(bytes.size() - end)};
  }
  return {bytes, {}, {}};
}

bool same_but_commands(const Anacrontab& a, const Anacrontab& b) {
  return std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(),
                    b.entries.end(), [](const auto& x, const auto& y) {
                      return x.period == y.period && x.delay == y.delay &&
                             x.id == y.id;
                    });
}

}  // namespace

std::string release_anacrontab(const std::string& text, Daemon daemon) {
  if (!is_wrapped_anacrontab(text)) return text;
  const Anacrontab table = parse_anacrontab(text, daemon);
  std::string out;
  for_each_line(text, [&](std::string_view bytes, int number) {
    if (is_wrap_header(bytes)) return;
    const Parts parts = parts_of(bytes, number, table);
    const auto bare = unwrapped_command(parts.command);
    out += parts.before;
    out += bare ? bare->command : std::string(parts.command);
    if (bare) out += bare->rest;
    out += parts.newline;
  });
  return out;
}

Result<std::string> wrap_anacrontab(const std::string& text, Daemon daemon,
                                    const Wrapping& wrapping) {
  const Anacrontab table = parse_anacrontab(text, daemon);
  if (table.entries.empty()) return refuse("there is no job in it");
  const bool again = is_wrapped_anacrontab(text);
  std::string out;
  int by_hand = 0;
  for_each_line(text, [&](std::string_view bytes, int number) {
    const Parts parts = parts_of(bytes, number, table);
    const auto name =
        parts.command.empty() ? std::nullopt : wrapping.name_of(parts.command);
    const bool wrapped = unwrapped_command(parts.command).has_value();
    if (wrapped && !again && by_hand == 0) by_hand = number;
    if (wrapped || !name) {
      out += bytes;
      return;
    }
    // Anacron has /bin/sh run everything, whatever SHELL says.
    out += parts.before;
    out += wrapped_command(parts.command, wrapping.program, *name, "/bin/sh");
    out += parts.newline;
  });
  if (by_hand > 0) {
    return refuse("line " + std::to_string(by_hand) +
                  ": is wrapped by hand, and could not be told from ours "
                  "afterwards");
  }
  if (out == text) return out;
  if (!again) out.insert(0, wrap_header(wrapping.date, wrapping.release));
  if (!same_but_commands(table, parse_anacrontab(out, daemon)) ||
      (!again && release_anacrontab(out, daemon) != text)) {
    return refuse("wrapped, it would not be the same jobs");
  }
  return out;
}

}  // namespace bezalel::crontab
