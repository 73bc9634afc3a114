// Replies of Gitea and Forgejo as values. Nothing is assumed of their shape.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bezalel::notify {

struct TrackerIssue {
  std::int64_t number = 0;
  bool open = true;
  std::string title;
  std::string body;
  std::string poster;
  std::vector<std::string> labels;

  bool has_label(std::string_view name) const;
};

struct TrackerLabel {
  std::int64_t id = 0;
  std::string name;
};

struct TrackerComment {
  std::string poster;
  std::string body;
};

// nullopt: not what it should be (a login page, a broken proxy). In lists,
// single entries that are not whole are left out; a pull request is no issue.
std::optional<TrackerIssue> parse_issue(std::string_view json);
struct IssuePage {
  std::vector<TrackerIssue> issues;
  std::size_t entries = 0;  // of the page, whole or not
};
std::optional<IssuePage> parse_issues(std::string_view json);
std::optional<TrackerLabel> parse_label(std::string_view json);
std::optional<std::vector<TrackerLabel>> parse_labels(std::string_view json);
std::optional<std::vector<TrackerComment>> parse_comments(
    std::string_view json);
std::optional<std::string> parse_login(std::string_view json);

}  // namespace bezalel::notify
