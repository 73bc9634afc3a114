// The part of the Gitea and Forgejo API that an alarm needs, one call each.
//
// Traps kept in one place: labels are ids when set and names in filters; an
// unknown name makes a filter be ignored; pages hold at most 50, or fewer if
// the server was told so; replies to a list are large (every body in full);
// 301, 404 and 410 of an issue all mean that it is not there any more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/channel.h"
#include "notify/gitea/reply.h"
#include "notify/http.h"

namespace bezalel::notify {

// A T, or what that means for the delivery.
template <class T>
class [[nodiscard]] Step : public tl::expected<T, app::Delivery> {
 public:
  using Base = tl::expected<T, app::Delivery>;
  using Base::Base;
  Step(app::Delivery failure) : Base(tl::unexpect, std::move(failure)) {}
};

enum class IssueState { open, closed };

class GiteaApi {
 public:
  // `repo`: "owner/name".
  GiteaApi(HttpClient& http, std::string url, std::string repo,
           const Secret& token);

  Step<std::string> login();
  Step<std::vector<TrackerLabel>> labels();  // the repository's and its owner's
  Step<TrackerLabel> create_label(const std::string& name,
                                  const std::string& color,
                                  const std::string& description);

  // All pages, at most `pages`. An empty label does not filter.
  Step<std::vector<TrackerIssue>> issues(IssueState state,
                                         const std::string& label,
                                         const std::string& author, int pages);
  // nullopt: it is not there (deleted, moved, issues switched off).
  Step<std::optional<TrackerIssue>> issue(std::int64_t number);
  Step<TrackerIssue> create_issue(const std::string& title,
                                  const std::string& body,
                                  const std::vector<std::int64_t>& labels,
                                  const std::vector<std::string>& assignees);
  Step<TrackerIssue> set_title(std::int64_t number, const std::string& title);
  Step<TrackerIssue> set_body(std::int64_t number, const std::string& body);
  // nullopt: 412, other issues have to be closed first.
  Step<std::optional<TrackerIssue>> close(std::int64_t number);
  Step<std::vector<TrackerComment>> comments(std::int64_t number,
                                             Timestamp since);
  Step<void> comment(std::int64_t number, const std::string& body);
  Step<void> add_label(std::int64_t number, std::int64_t label);

  // For the probe: the raw outcome.
  HttpOutcome version() { return call("GET", "/version", {}); }
  HttpOutcome user() { return call("GET", "/user", {}); }
  HttpOutcome repository() { return call("GET", repo_, {}); }

 private:
  HttpOutcome call(const std::string& method, const std::string& path,
                   const std::string& body);
  Step<std::vector<TrackerLabel>> label_pages(const std::string& path);
  Step<TrackerIssue> patch(std::int64_t number, const std::string& body,
                           std::string_view what);
  std::string issue_path(std::int64_t number) const;

  HttpClient& http_;
  std::string base_;   // ".../api/v1"
  std::string owner_;  // percent-encoded
  std::string repo_;   // "/repos/owner/name"
  std::string authorization_;
};

}  // namespace bezalel::notify
