// What comments `# bezalel: allow=RULE` allow.
#include <algorithm>
#include <map>
#include <set>

#include "base/escape.h"
#include "base/nearest.h"
#include "crontab/lint_rules.h"

namespace bezalel::crontab {
namespace {

constexpr std::string_view kMark = "# bezalel:";
constexpr std::string_view kAllow = "allow=";
// Of a text that is no crontab at all.
constexpr std::size_t kMostTold = 20;

struct AllowedRule {
  std::string name;
  std::size_t at = 0;  // in the text
};

// The rules that the last comment of ours in `text` allows.
std::vector<AllowedRule> allowed_in(std::string_view text) {
  std::vector<AllowedRule> rules;
  const std::size_t mark = text.rfind(kMark);
  if (mark == std::string_view::npos) return rules;
  constexpr std::string_view kBlanks = " \t\r\n";
  std::size_t at = mark + kMark.size();
  while ((at = text.find_first_not_of(kBlanks, at)) != std::string_view::npos) {
    const std::size_t end =
        std::min(text.find_first_of(kBlanks, at), text.size());
    const bool allows = text.substr(at, end - at).starts_with(kAllow);
    if (allows) at += kAllow.size();
    while (allows && at < end) {
      const std::size_t comma = std::min(text.find(',', at), end);
      if (comma > at) {
        rules.push_back({std::string(text.substr(at, comma - at)), at});
      }
      at = comma + 1;
    }
    at = end;
  }
  return rules;
}

bool is_rule(const std::string& name) {
  const auto& names = rule_names();
  return std::binary_search(names.begin(), names.end(), name);
}

// By these the daemon leaves out jobs, whatever a comment says.
bool is_loss(std::string_view name) {
  return name == "file-ignored" || name == "line-ignored" ||
         name == "too-large" || name == "unread-table";
}

class Allowed {
 public:
  explicit Allowed(const Linted& in) : in_(in) {
    std::set<std::string> above;
    for (const Line& line : in.tab.lines) {
      std::set<std::string> here;
      for (const AllowedRule& rule : allowed_in(in.tab.bytes_of(line))) {
        if (is_rule(rule.name) && !is_loss(rule.name)) {
          here.insert(rule.name);
        } else if (told_++ < kMostTold) {
          tell(line, rule);
        }
      }
      anywhere_.insert(here.begin(), here.end());
      if (line.type == LineType::comment) {
        if (!here.empty()) by_line_[line.number] = here;
        above.merge(here);
        continue;
      }
      here.merge(above);
      above.clear();
      if (!here.empty()) by_line_[line.number] = std::move(here);
    }
  }

  bool covers(const Remark& remark) const {
    if (remark.line == 0) return anywhere_.count(remark.rule) != 0;
    const auto here = by_line_.find(remark.line);
    return here != by_line_.end() && here->second.count(remark.rule) != 0;
  }

 private:
  void tell(const Line& line, const AllowedRule& rule) {
    Remark r;
    r.rule = "allow-unknown";
    r.weight = Weight::warning;
    r.line = line.number;
    r.column = static_cast<int>(rule.at) + 1;
    r.width = rule.name.size();
    if (is_loss(rule.name)) {
      r.message = rule.name + " cannot be allowed";
      r.effect = "It silences nothing: the jobs do not run all the same.";
      in_.remarks.push_back(std::move(r));
      return;
    }
    r.message = "there is no rule " + quoted_word(rule.name) + " to allow";
    r.effect = "It silences nothing.";
    const std::string nearest = nearest_word(rule.name, rule_names());
    if (!nearest.empty()) {
      r.fix = with(in_.tab, line, r.column, r.width, nearest);
    } else {
      r.effect += " The rules are";
      for (const std::string& name : rule_names()) {
        r.effect += (name == rule_names().front() ? " " : ", ") + name;
      }
      r.effect += ".";
    }
    in_.remarks.push_back(std::move(r));
  }

  const Linted& in_;
  std::size_t told_ = 0;
  std::set<std::string> anywhere_;
  std::map<int, std::set<std::string>> by_line_;
};

}  // namespace

const std::vector<std::string>& rule_names() {
  static const std::vector<std::string> kNames = {"allow-unknown",
                                                  "backward-range",
                                                  "bashism",
                                                  "carriage-return",
                                                  "clock-change",
                                                  "command-empty",
                                                  "command-missing",
                                                  "comment-invalid",
                                                  "cron-line",
                                                  "daemon-ends",
                                                  "day-and",
                                                  "day-or",
                                                  "every-start",
                                                  "extra-user",
                                                  "file-ignored",
                                                  "guard-missing",
                                                  "guarded",
                                                  "junk-ignored",
                                                  "line-ignored",
                                                  "mail-nowhere",
                                                  "misread",
                                                  "missing-user",
                                                  "name-shared",
                                                  "never-runs",
                                                  "no-break-space",
                                                  "not-installed",
                                                  "number-wraps",
                                                  "option-invalid",
                                                  "out-of-range",
                                                  "output-discarded",
                                                  "percent",
                                                  "quote-open",
                                                  "setting-comment",
                                                  "setting-ignored",
                                                  "setting-literal",
                                                  "setting-swallows",
                                                  "setting-unexpanded",
                                                  "shell-missing",
                                                  "stamp-shared",
                                                  "status-masked",
                                                  "step-ignored",
                                                  "step-too-large",
                                                  "too-large",
                                                  "unread-table"};
  return kNames;
}

bool allows(const Crontab& tab, const Line& line, std::string_view rule) {
  const auto in = [&](const Line& one) {
    const auto rules = allowed_in(tab.bytes_of(one));
    return std::any_of(rules.begin(), rules.end(),
                       [&](const AllowedRule& r) { return r.name == rule; });
  };
  if (in(line)) return true;
  auto above =
      std::find_if(tab.lines.rbegin(), tab.lines.rend(),
                   [&](const Line& one) { return one.number < line.number; });
  for (; above != tab.lines.rend() && above->type == LineType::comment;
       ++above) {
    if (in(*above)) return true;
  }
  return false;
}

void leave_out_allowed(const Linted& in, std::vector<Remark>& more) {
  const Allowed allowed(in);
  for (auto* remarks : {&in.remarks, &more}) {
    std::erase_if(*remarks, [&](const Remark& r) { return allowed.covers(r); });
  }
}

}  // namespace bezalel::crontab
