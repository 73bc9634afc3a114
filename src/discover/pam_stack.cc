#include "discover/pam_stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/escape.h"

namespace bezalel::discover {
namespace {

constexpr std::string_view kSpace = " \t\r";
constexpr std::string_view kAccessFile = "/etc/security/access.conf";
// libpam goes no deeper than 32.
constexpr int kDeepest = 32;
constexpr std::size_t kMostLines = 1000;

// They have rules for `auth` alone.
constexpr std::array<std::string_view, 4> kOnlyAsk = {
    "pam_google_authenticator", "pam_oath", "pam_u2f", "pam_yubico"};

// The next word; one in brackets may hold spaces.
std::string_view take_word(std::string_view& text) {
  const std::size_t first =
      std::min(text.find_first_not_of(kSpace), text.size());
  text.remove_prefix(first);
  std::size_t end = std::min(text.find_first_of(kSpace), text.size());
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    end = close == std::string_view::npos ? text.size() : close + 1;
  }
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::string module_of(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  return std::string(path.substr(0, path.rfind(".so")));
}

// What a control makes of an answer: "ok", "die", "ignore", a number of rules
// to pass over, ...
std::string_view action_of(std::string_view control, std::string_view answer) {
  if (control == "required") return answer == "success" ? "ok" : "bad";
  if (control == "requisite") return answer == "success" ? "ok" : "die";
  if (control == "sufficient") return answer == "success" ? "done" : "ignore";
  if (!control.starts_with('[')) return answer == "success" ? "ok" : "ignore";
  control = control.substr(1, control.rfind(']') - 1);
  std::string_view other = "bad";
  for (;;) {
    const std::string_view word = take_word(control);
    if (word.empty()) return other;
    const std::size_t is = word.find('=');
    if (is == std::string_view::npos) continue;
    if (word.substr(0, is) == answer) return word.substr(is + 1);
    if (word.substr(0, is) == "default") other = word.substr(is + 1);
  }
}

bool refuses(std::string_view action) {
  return action == "bad" || action == "die";
}

}  // namespace

PamStack::PamStack(const Root& root, const std::string& service) : root_(root) {
  read(service, {}, 0);
}

void PamStack::read(const std::string& file, std::string_view type, int depth) {
  if (depth > kDeepest) return;
  const std::string path = file.starts_with('/') ? file : "/etc/pam.d/" + file;
  const auto text = root_.read(path);
  if (!text) return;
  std::string_view rest = *text;
  std::string joined;  // a line may go on behind a backslash
  for (int number = 1; !rest.empty(); ++number) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    line = line.substr(0, line.find('#'));
    const bool goes_on = line.ends_with('\\');
    if (goes_on) line.remove_suffix(1);
    joined += line;
    if (goes_on && !rest.empty()) continue;
    take(joined, fmt::format("{}:{}", path, number), type, depth);
    joined.clear();
  }
}

void PamStack::take(std::string_view text, const std::string& place,
                    std::string_view only, int depth) {
  if (lines_.size() >= kMostLines) return;
  std::string_view type = take_word(text);
  if (type.starts_with('-')) type.remove_prefix(1);
  if (type == "@include")
    return read(std::string(take_word(text)), only, depth + 1);
  if (type.empty() || (!only.empty() && type != only)) return;
  const std::string_view control = take_word(text);
  const std::string_view name = take_word(text);
  if (name.empty()) return;
  if (control == "include" || control == "substack") {
    return read(std::string(name), type, depth + 1);
  }
  Line line{
      std::string(type), std::string(control), module_of(name), {}, place};
  for (;;) {
    const std::string_view word = take_word(text);
    if (word.empty()) break;
    line.arguments.emplace_back(word);
  }
  lines_.push_back(std::move(line));
}

// Whether PAM comes as far as this rule for sure, and takes its no for one.
bool PamStack::decides(std::size_t index) const {
  const Line& rule = lines_[index];
  if (!refuses(action_of(rule.control, "perm_denied"))) return false;
  std::size_t between = 0;
  for (std::size_t i = index; i-- > 0;) {
    if (lines_[i].type != rule.type) continue;
    const std::string_view action = action_of(lines_[i].control, "success");
    std::size_t jump = 0;
    std::from_chars(action.data(), action.data() + action.size(), jump);
    if (action == "done" || action == "reset" || jump > between) return false;
    ++between;
  }
  return true;
}

std::optional<PamStack::Refusal> PamStack::refusal_of(
    const std::string& user) const {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line& rule = lines_[i];
    if (rule.type != "account" || rule.module != "pam_access") continue;
    if (!decides(i)) continue;
    if (auto refusal = ask_access(rule, user)) return refusal;
  }
  return std::nullopt;
}

std::optional<PamStack::Refusal> PamStack::ask_access(
    const Line& rule, const std::string& user) const {
  AccessOptions options;
  std::string file(kAccessFile);
  for (const std::string& argument : rule.arguments) {
    const std::size_t is = std::min(argument.find('='), argument.size());
    const std::string name = argument.substr(0, is);
    const std::string value =
        argument.substr(std::min(is + 1, argument.size()));
    if (name == "accessfile") file = value;
    if (name == "fieldsep") options.field_separators = value;
    if (name == "listsep") options.list_separators = value;
    if (name == "nodefgroup") options.bare_groups = false;
  }
  std::vector<std::string> files = {file};
  if (file == kAccessFile) {
    const std::string more = "/etc/security/access.d";
    if (const auto names = root_.list(more)) {
      for (const std::string& name : *names) {
        if (name.ends_with(".conf")) files.push_back(more + "/" + name);
      }
    }
  }
  for (const std::string& path : files) {
    const auto text = root_.read(path);
    if (!text) return std::nullopt;
    const auto decided =
        access_of(*text, options, user, [&](const std::string& group) {
          return root_.is_in_group(user, group);
        });
    if (!decided) continue;
    if (decided->access != Access::refused) return std::nullopt;
    const std::string place =
        fmt::format("{}:{}", escape_line(path), decided->line);
    const char sep =
        options.field_separators.empty() ? ':' : options.field_separators[0];
    return Refusal{fmt::format("{} denies it, by pam_access in {}", place,
                               escape_line(rule.place)),
                   fmt::format("put \"+ {0} {1} {0} cron\" above {2}", sep,
                               escape_line(user, 40), place)};
  }
  return std::nullopt;
}

std::optional<PamStack::Refusal> PamStack::refusal_of_all() const {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line& rule = lines_[i];
    if (rule.type != "account" && rule.type != "session") continue;
    if (std::find(kOnlyAsk.begin(), kOnlyAsk.end(), rule.module) ==
        kOnlyAsk.end()) {
      continue;
    }
    if (!refuses(action_of(rule.control, "module_unknown")) || !decides(i)) {
      continue;
    }
    return Refusal{
        fmt::format("{} in {} can only ask a person, and stands among the {} "
                    "rules",
                    rule.module, escape_line(rule.place), rule.type),
        "move it to the auth rules of the services that people log in by"};
  }
  return std::nullopt;
}

}  // namespace bezalel::discover
