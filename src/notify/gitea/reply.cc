#include "notify/gitea/reply.h"

#include <algorithm>

#include "notify/json.h"

namespace bezalel::notify {
namespace {

using boost::json::value;

std::string login_of(const value& json) {
  const value* user = json_member(json, "user");
  return user ? json_text(*user, "login").value_or("") : "";
}

std::optional<TrackerLabel> label_of(const value& json) {
  const auto id = json_int(json, "id");
  const auto name = json_text(json, "name");
  if (!id || *id <= 0 || !name || name->empty()) return std::nullopt;
  return TrackerLabel{*id, *name};
}

std::optional<TrackerIssue> issue_of(const value& json) {
  TrackerIssue issue;
  const auto number = json_int(json, "number");
  const auto state = json_text(json, "state");
  const auto title = json_text(json, "title");
  if (!number || *number <= 0 || !state || !title) return std::nullopt;
  const value* pull = json_member(json, "pull_request");
  if (pull && !pull->is_null()) return std::nullopt;
  issue.number = *number;
  issue.open = *state == "open";
  issue.title = *title;
  issue.body = json_text(json, "body").value_or("");
  issue.poster = login_of(json);
  const value* labels = json_member(json, "labels");
  if (labels && labels->is_array()) {
    for (const value& label : labels->get_array()) {
      if (const auto l = label_of(label)) issue.labels.push_back(l->name);
    }
  }
  return issue;
}

// Every whole entry of an array; nullopt if it is none.
template <class T, class F>
std::optional<std::vector<T>> list_of(std::string_view text, F&& entry) {
  const auto json = parse_json(text);
  if (!json || !json->is_array()) return std::nullopt;
  std::vector<T> result;
  for (const value& item : json->get_array()) {
    if (auto whole = entry(item)) result.push_back(*std::move(whole));
  }
  return result;
}

}  // namespace

bool TrackerIssue::has_label(std::string_view name) const {
  return std::find(labels.begin(), labels.end(), name) != labels.end();
}

std::optional<TrackerIssue> parse_issue(std::string_view json) {
  const auto value = parse_json(json);
  return value ? issue_of(*value) : std::nullopt;
}

std::optional<IssuePage> parse_issues(std::string_view json) {
  IssuePage page;
  auto issues = list_of<TrackerIssue>(
      json, [&](const value& item) -> std::optional<TrackerIssue> {
        ++page.entries;
        return issue_of(item);
      });
  if (!issues) return std::nullopt;
  page.issues = *std::move(issues);
  return page;
}

std::optional<TrackerLabel> parse_label(std::string_view json) {
  const auto value = parse_json(json);
  return value ? label_of(*value) : std::nullopt;
}

std::optional<std::vector<TrackerLabel>> parse_labels(std::string_view json) {
  return list_of<TrackerLabel>(json, label_of);
}

std::optional<std::vector<TrackerComment>> parse_comments(
    std::string_view json) {
  return list_of<TrackerComment>(
      json, [](const value& item) -> std::optional<TrackerComment> {
        const auto body = json_text(item, "body");
        if (!body) return std::nullopt;
        return TrackerComment{login_of(item), *body};
      });
}

std::optional<std::string> parse_login(std::string_view json) {
  const auto value = parse_json(json);
  if (!value) return std::nullopt;
  auto login = json_text(*value, "login");
  if (!login || login->empty()) return std::nullopt;
  return login;
}

}  // namespace bezalel::notify
