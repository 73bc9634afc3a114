#include "discover/access_conf.h"

#include <strings.h>

#include <algorithm>
#include <vector>

namespace bezalel::discover {
namespace {

// Where cron's jobs come from, in PAM's eyes.
constexpr std::string_view kOrigin = "cron";
constexpr std::string_view kSpace = " \t\r\n\v\f";

enum class Match { no, yes, unknown };

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::vector<std::string_view> words_of(std::string_view list,
                                       std::string_view separators) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t first = list.find_first_not_of(separators);
    if (first == std::string_view::npos) return words;
    list.remove_prefix(first);
    const std::size_t end =
        std::min(list.find_first_of(separators), list.size());
    words.push_back(list.substr(0, end));
    list.remove_prefix(end);
  }
}

// A list matches when a word before the first EXCEPT does, and the rest does
// not, which is a list again.
template <class MatchWord>
Match match_list(const std::vector<std::string_view>& words, std::size_t at,
                 const MatchWord& match_word) {
  Match found = Match::no;
  for (; at < words.size() && !same(words[at], "EXCEPT"); ++at) {
    if (found == Match::no) found = match_word(words[at]);
  }
  if (found == Match::no || at == words.size()) return found;
  switch (match_list(words, at + 1, match_word)) {
    case Match::no:
      return found;
    case Match::yes:
      return Match::no;
    case Match::unknown:
      break;
  }
  return Match::unknown;
}

// A netgroup, or a user of one host: neither is in a file.
bool needs_network(std::string_view word) {
  return word.find('@') != std::string_view::npos;
}

Match match_origin(std::string_view word) {
  if (needs_network(word)) return Match::unknown;
  return same(word, "ALL") || same(word, "LOCAL") || same(word, kOrigin)
             ? Match::yes
             : Match::no;
}

Match match_user(std::string_view word, std::string_view user,
                 const AccessOptions& options, const InGroup& in_group) {
  if (needs_network(word)) return Match::unknown;
  const bool enclosed =
      word.size() > 2 && word.front() == '(' && word.back() == ')';
  if (enclosed) {
    const std::string group(word.substr(1, word.size() - 2));
    return in_group(group) ? Match::yes : Match::no;
  }
  if (same(word, "ALL") || same(word, user)) return Match::yes;
  return options.bare_groups && in_group(std::string(word)) ? Match::yes
                                                            : Match::no;
}

struct Fields {
  char permission = '+';
  std::string_view users, origins;
};

// The last field may hold separators. nullopt: PAM passes over the line.
std::optional<Fields> fields_of(std::string_view line,
                                const std::string& separators) {
  std::string_view parts[3];
  for (std::string_view& part : parts) {
    const std::size_t first = line.find_first_not_of(separators);
    if (first == std::string_view::npos) return std::nullopt;
    line.remove_prefix(first);
    if (&part == &parts[2]) {
      part = line;
      break;
    }
    const std::size_t end =
        std::min(line.find_first_of(separators), line.size());
    part = line.substr(0, end);
    line.remove_prefix(end);
  }
  const char permission = parts[0].front();
  if (permission != '+' && permission != '-') return std::nullopt;
  return Fields{permission, parts[1], parts[2]};
}

}  // namespace

std::optional<AccessRule> access_of(std::string_view text,
                                    const AccessOptions& options,
                                    std::string_view user,
                                    const InGroup& in_group) {
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // PAM drops it, too
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with('#')) continue;
    line = line.substr(0, line.find_last_not_of(kSpace) + 1);
    const auto fields = fields_of(line, options.field_separators);
    if (!fields) continue;
    const std::string& separators = options.list_separators;
    const Match from =
        match_list(words_of(fields->origins, separators), 0, match_origin);
    if (from == Match::no) continue;
    const Match who = match_list(
        words_of(fields->users, separators), 0, [&](std::string_view word) {
          return match_user(word, user, options, in_group);
        });
    if (who == Match::no) continue;
    if (from == Match::unknown || who == Match::unknown) {
      return AccessRule{Access::unknown, number};
    }
    return AccessRule{
        fields->permission == '+' ? Access::granted : Access::refused, number};
  }
  return std::nullopt;
}

}  // namespace bezalel::discover
