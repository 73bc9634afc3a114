#include "notify/gitea/api.h"

#include <fmt/format.h>

#include <charconv>

#include "base/escape.h"
#include "base/json_write.h"
#include "notify/outcome.h"

namespace bezalel::notify {
namespace {

// 50 issues with bodies of up to 60 000 bytes each, escaped.
constexpr std::size_t kReplyCap = 8 * 1024 * 1024;
constexpr int kLabelPages = 20;

const HttpReply* reply_of(const HttpOutcome& outcome, long status) {
  const auto* reply = std::get_if<HttpReply>(&outcome);
  return reply && reply->status == status ? reply : nullptr;
}

// Some versions answer 200 where others answer 201.
const HttpReply* done(const HttpOutcome& outcome) {
  const HttpReply* created = reply_of(outcome, 201);
  return created ? created : reply_of(outcome, 200);
}

std::optional<std::size_t> total_of(const HttpReply& reply) {
  const auto text = reply.header("x-total-count");
  if (!text) return std::nullopt;
  std::size_t total = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, total);
  if (error != std::errc() || stop != end) return std::nullopt;
  return total;
}

std::string base_of(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url.ends_with("/api/v1") ? url : url + "/api/v1";
}

}  // namespace

GiteaApi::GiteaApi(HttpClient& http, std::string url, std::string repo,
                   const Secret& token)
    : http_(http), base_(base_of(std::move(url))) {
  const std::size_t slash = repo.find('/');
  owner_ = percent_encode(repo.substr(0, slash));
  repo_ = "/repos/" + owner_ + "/" +
          percent_encode(slash == repo.npos ? "" : repo.substr(slash + 1));
  authorization_ = "Authorization: token " + token.reveal();
}

HttpOutcome GiteaApi::call(const std::string& method, const std::string& path,
                           const std::string& body) {
  HttpRequest request;
  request.method = method;
  request.url = base_ + path;
  request.headers = {authorization_, "Accept: application/json"};
  if (!body.empty())
    request.headers.push_back("Content-Type: application/json");
  request.body = body;
  request.reply_cap = kReplyCap;
  return http_.send(request);
}

std::string GiteaApi::issue_path(std::int64_t number) const {
  return fmt::format("{}/issues/{}", repo_, number);
}

Step<std::string> GiteaApi::login() {
  const HttpOutcome outcome = user();
  if (const HttpReply* reply = reply_of(outcome, 200)) {
    if (auto login = parse_login(reply->body)) return *std::move(login);
  }
  return failure(outcome, Effect::reads, "ask who the token belongs to");
}

Step<std::vector<TrackerLabel>> GiteaApi::labels() {
  BZ_ASSIGN(auto all, label_pages(repo_ + "/labels"));
  // An owner that is a person has none, and the token may not see them.
  if (auto shared = label_pages("/orgs/" + owner_ + "/labels")) {
    all.insert(all.end(), shared->begin(), shared->end());
  }
  return all;
}

Step<std::vector<TrackerLabel>> GiteaApi::label_pages(const std::string& path) {
  std::vector<TrackerLabel> all;
  for (int page = 1; page <= kLabelPages; ++page) {
    const HttpOutcome outcome =
        call("GET", fmt::format("{}?page={}&limit=50", path, page), {});
    const HttpReply* reply = reply_of(outcome, 200);
    const auto found = reply ? parse_labels(reply->body) : std::nullopt;
    if (!found) return failure(outcome, Effect::reads, "list the labels");
    if (found->empty()) break;
    all.insert(all.end(), found->begin(), found->end());
    if (total_of(*reply).value_or(SIZE_MAX) <= all.size()) break;
  }
  return all;
}

Step<TrackerLabel> GiteaApi::create_label(const std::string& name,
                                          const std::string& color,
                                          const std::string& description) {
  std::string body;
  JsonWriter(body)
      .begin_object()
      .key("name")
      .value(name)
      .key("color")
      .value(color)
      .key("description")
      .value(description)
      .end_object();
  const HttpOutcome outcome = call("POST", repo_ + "/labels", body);
  if (const HttpReply* reply = reply_of(outcome, 201)) {
    if (auto label = parse_label(reply->body)) return *std::move(label);
  }
  return failure(outcome, Effect::writes, "create the label " + name);
}

Step<std::vector<TrackerIssue>> GiteaApi::issues(IssueState state,
                                                 const std::string& label,
                                                 const std::string& author,
                                                 int pages) {
  std::string path = fmt::format(
      "{}/issues?state={}&type=issues&limit=50&created_by={}", repo_,
      state == IssueState::open ? "open" : "closed", percent_encode(author));
  if (!label.empty()) path += "&labels=" + percent_encode(label);
  std::vector<TrackerIssue> all;
  std::size_t entries = 0;
  for (int page = 1; page <= pages; ++page) {
    const HttpOutcome outcome =
        call("GET", fmt::format("{}&page={}", path, page), {});
    const HttpReply* reply = reply_of(outcome, 200);
    const auto found = reply ? parse_issues(reply->body) : std::nullopt;
    if (!found) return failure(outcome, Effect::reads, "list the issues");
    // A short page is not the last one: the server's own limit may be lower.
    if (found->entries == 0) return all;
    // A server that does not know `page` gives the first one for ever.
    const bool again = !all.empty() && !found->issues.empty() &&
                       found->issues.front().number == all.front().number;
    if (again) return all;
    entries += found->entries;
    all.insert(all.end(), found->issues.begin(), found->issues.end());
    if (total_of(*reply).value_or(SIZE_MAX) <= entries) return all;
  }
  return all;
}

Step<std::optional<TrackerIssue>> GiteaApi::issue(std::int64_t number) {
  const HttpOutcome outcome = call("GET", issue_path(number), {});
  if (const auto* reply = std::get_if<HttpReply>(&outcome)) {
    const long s = reply->status;
    if (s == 404 || s == 410 || (s >= 300 && s < 400)) {
      return std::optional<TrackerIssue>();
    }
    if (s == 200) {
      if (auto issue = parse_issue(reply->body);
          issue && issue->number == number) {
        return issue;
      }
    }
  }
  return failure(outcome, Effect::reads,
                 fmt::format("look at issue #{}", number));
}

Step<TrackerIssue> GiteaApi::create_issue(
    const std::string& title, const std::string& body,
    const std::vector<std::int64_t>& labels,
    const std::vector<std::string>& assignees) {
  std::string json;
  JsonWriter w(json);
  w.begin_object().key("title").value(title).key("body").value(body);
  w.key("labels").begin_array();
  for (std::int64_t id : labels) w.value(id);
  w.end_array();
  if (!assignees.empty()) {
    w.key("assignees").begin_array();
    for (const std::string& name : assignees) w.value(name);
    w.end_array();
  }
  w.end_object();
  const HttpOutcome outcome = call("POST", repo_ + "/issues", json);
  if (const HttpReply* reply = reply_of(outcome, 201)) {
    if (auto issue = parse_issue(reply->body)) return *std::move(issue);
  }
  // A misspelt assignee must not cost the alarm.
  if (reply_of(outcome, 422) && !assignees.empty()) {
    return create_issue(title, body, labels, {});
  }
  return failure(outcome, Effect::writes, "create the issue");
}

Step<TrackerIssue> GiteaApi::patch(std::int64_t number, const std::string& body,
                                   std::string_view what) {
  const HttpOutcome outcome = call("PATCH", issue_path(number), body);
  if (const HttpReply* reply = done(outcome)) {
    if (auto issue = parse_issue(reply->body)) return *std::move(issue);
  }
  return failure(outcome, Effect::writes, what);
}

Step<TrackerIssue> GiteaApi::set_title(std::int64_t number,
                                       const std::string& title) {
  std::string json;
  JsonWriter(json).begin_object().key("title").value(title).end_object();
  return patch(number, json, fmt::format("edit the title of #{}", number));
}

Step<TrackerIssue> GiteaApi::set_body(std::int64_t number,
                                      const std::string& body) {
  std::string json;
  JsonWriter(json).begin_object().key("body").value(body).end_object();
  return patch(number, json, fmt::format("edit the text of #{}", number));
}

Step<std::optional<TrackerIssue>> GiteaApi::close(std::int64_t number) {
  const HttpOutcome outcome =
      call("PATCH", issue_path(number), R"({"state":"closed"})");
  if (reply_of(outcome, 412)) return std::optional<TrackerIssue>();
  if (const HttpReply* reply = done(outcome)) {
    if (auto issue = parse_issue(reply->body); issue && !issue->open) {
      return issue;
    }
  }
  return failure(outcome, Effect::writes, fmt::format("close #{}", number));
}

Step<std::vector<TrackerComment>> GiteaApi::comments(std::int64_t number,
                                                     Timestamp since) {
  const HttpOutcome outcome =
      call("GET",
           fmt::format("{}/comments?since={}", issue_path(number),
                       percent_encode(format_rfc3339(since))),
           {});
  if (const HttpReply* reply = reply_of(outcome, 200)) {
    if (auto found = parse_comments(reply->body)) return *std::move(found);
  }
  return failure(outcome, Effect::reads,
                 fmt::format("list the comments of #{}", number));
}

Step<void> GiteaApi::comment(std::int64_t number, const std::string& body) {
  std::string json;
  JsonWriter(json).begin_object().key("body").value(body).end_object();
  const HttpOutcome outcome =
      call("POST", issue_path(number) + "/comments", json);
  if (const HttpReply* reply = reply_of(outcome, 201)) {
    // The reply must be the comment: a login page can say 201, too.
    if (parse_comments("[" + reply->body + "]")
            .value_or(std::vector<TrackerComment>())
            .size() == 1) {
      return {};
    }
  }
  return failure(outcome, Effect::writes,
                 fmt::format("comment on #{}", number));
}

Step<void> GiteaApi::add_label(std::int64_t number, std::int64_t label) {
  const HttpOutcome outcome = call("POST", issue_path(number) + "/labels",
                                   fmt::format("{{\"labels\":[{}]}}", label));
  if (done(outcome)) return {};
  return failure(outcome, Effect::writes, fmt::format("label #{}", number));
}

}  // namespace bezalel::notify
