#include "crontab/wrapped_command.h"

namespace bezalel::crontab {
namespace {

constexpr std::string_view kRun = "/bezalel run ";
constexpr std::string_view kParts = "run-parts ";
constexpr std::string_view kPartsOfOurs = "/bezalel run-parts ";
constexpr std::string_view kReport = "--report ";
constexpr std::string_view kShellOption = " -c '";
constexpr std::string_view kQuoteInQuotes = "'\\''";
constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+-";

// What stands in the quotes that `text` begins behind; its rest goes to `text`.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (;;) {
    const std::size_t quote = text.find('\'');
    if (quote == text.npos) return std::nullopt;
    out += text.substr(0, quote);
    if (!text.substr(quote).starts_with(kQuoteInQuotes)) {
      text.remove_prefix(quote + 1);
      return out;
    }
    out += '\'';
    text.remove_prefix(quote + kQuoteInQuotes.size());
  }
}

// Where a command may begin: at the start, or behind an operator.
bool begins_command(std::string_view text, std::size_t at) {
  const std::size_t before = text.substr(0, at).find_last_not_of(" \t");
  return before == text.npos ||
         std::string_view("&|;({").find(text[before]) != std::string_view::npos;
}

// Where the word run-parts stands, if it is of the form above.
std::optional<std::size_t> run_parts_in(std::string_view command) {
  const std::size_t at = command.find(kParts);
  if (at == command.npos || !begins_command(command, at) ||
      command.find("run-parts", at + 1) != command.npos ||
      command.find_first_of("'\"`\\$") < at) {
    return std::nullopt;
  }
  std::string_view rest = command.substr(at + kParts.size());
  if (rest.starts_with(kReport)) rest.remove_prefix(kReport.size());
  return rest.starts_with('/') ? std::optional(at) : std::nullopt;
}

std::optional<Unwrapped> out_of_run_parts(std::string_view text) {
  const std::size_t ours = text.find(kPartsOfOurs);
  if (ours == text.npos) return std::nullopt;
  const std::size_t blank = text.substr(0, ours).find_last_of(" \t");
  const std::size_t begin = blank == text.npos ? 0 : blank + 1;
  if (begin < ours && !is_plain(text.substr(begin, ours - begin))) {
    return std::nullopt;
  }
  std::string command(text.substr(0, begin));
  command += text.substr(text.find(kParts, ours));
  return run_parts_in(command) ? std::optional(Unwrapped{command, {}})
                               : std::nullopt;
}

}  // namespace

bool is_plain(std::string_view word) {
  return !word.empty() && word.find_first_not_of(kPlain) == word.npos;
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += kQuoteInQuotes;
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string wrapped_command(std::string_view command,
                            const std::string& program, const std::string& name,
                            const std::string& shell) {
  if (const auto parts = run_parts_in(command)) {
    return std::string(command.substr(0, *parts)) + program + ' ' +
           std::string(command.substr(*parts));
  }
  return program + " run " + name + " -- " + shell + " -c " +
         in_quotes(command);
}

std::optional<Unwrapped> unwrapped_command(std::string_view text) {
  const std::size_t run = text.find(kRun);
  if (run == text.npos || (run > 0 && !is_plain(text.substr(0, run)))) {
    return out_of_run_parts(text);
  }
  std::string_view rest = text.substr(run + kRun.size());
  const std::size_t dashes = rest.find(" -- ");
  if (dashes == rest.npos || rest.substr(0, dashes).find(' ') != rest.npos) {
    return std::nullopt;
  }
  rest.remove_prefix(dashes + 4);
  const std::size_t option = rest.find(kShellOption);
  if (option == rest.npos || !is_plain(rest.substr(0, option))) return {};
  const std::string shell(rest.substr(0, option));
  rest.remove_prefix(option + kShellOption.size());
  const std::size_t begin = text.size() - rest.size();
  auto command = take_quoted(rest);
  if (!command) return std::nullopt;
  return Unwrapped{*std::move(command), rest, shell, begin};
}

}  // namespace bezalel::crontab
