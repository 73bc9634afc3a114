#include "notify/gitea/channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/notice_text.h"
#include "base/escape.h"
#include "notify/gitea/marker.h"
#include "notify/json.h"
#include "notify/outcome.h"

namespace bezalel::notify {
namespace {

constexpr const char* kLabel = "heartbeat-checker";
constexpr int kOpenPages = 200;
constexpr int kClosedPages = 2;

std::optional<std::int64_t> number_of(const std::optional<std::string>& ref) {
  if (!ref) return std::nullopt;
  std::int64_t number = 0;
  const char* end = ref->data() + ref->size();
  const auto [stop, error] = std::from_chars(ref->data(), end, number);
  if (error != std::errc() || stop != end || number <= 0) return std::nullopt;
  return number;
}

bool is_of_job(const TrackerIssue& issue, const app::Notice& notice) {
  const auto marker = find_marker(issue.body);
  return marker && marker->k == notice.marker;
}

bool is_of_incident(const TrackerIssue& issue, const app::Notice& notice) {
  const auto marker = find_marker(issue.body);
  return marker && marker->k == notice.marker && marker->e == notice.number;
}

std::vector<TrackerIssue> of_incident(const std::vector<TrackerIssue>& all,
                                      const app::Notice& notice) {
  std::vector<TrackerIssue> found;
  std::copy_if(
      all.begin(), all.end(), std::back_inserter(found),
      [&](const TrackerIssue& issue) { return is_of_incident(issue, notice); });
  return found;
}

// "incident 01JDEY7R" of the footer: numbers start again when the state is
// lost, event ids do not.
bool is_of_event(const TrackerIssue& issue, const app::Notice& notice) {
  return !notice.event_id.empty() &&
         issue.body.find("incident " + notice.event_id.substr(0, 8)) !=
             std::string::npos;
}

const TrackerIssue* lowest(const std::vector<TrackerIssue>& issues) {
  const auto found = std::min_element(
      issues.begin(), issues.end(),
      [](const auto& a, const auto& b) { return a.number < b.number; });
  return found == issues.end() ? nullptr : &*found;
}

std::string why_of(const app::Delivery& failure) {
  if (const auto* later = std::get_if<app::RetryLater>(&failure)) {
    return later->why;
  }
  const auto* gave_up = std::get_if<app::GaveUp>(&failure);
  return gave_up ? gave_up->why : "";
}

}  // namespace

Result<std::unique_ptr<app::Channel>> GiteaChannel::make(
    const app::ChannelSettings& settings, const Identity& identity) {
  const std::string at = "channel " + settings.name + ": ";
  if (settings.url.empty()) return err(Kind::invalid, at + "url is missing");
  if (std::count(settings.repo.begin(), settings.repo.end(), '/') != 1 ||
      settings.repo.starts_with('/') || settings.repo.ends_with('/')) {
    return err(Kind::invalid, at + "repo = \"" +
                                  escape_line(settings.repo, 60) +
                                  "\": expected OWNER/NAME");
  }
  if (settings.token.empty()) {
    return err(Kind::invalid, at + "token_file is missing");
  }
  HttpSettings http = HttpSettings::of(settings);
  http.user_agent = "bezalel/" + identity.version;
  BZ_ASSIGN(auto client, HttpClient::make(std::move(http)));
  return std::unique_ptr<app::Channel>(
      new GiteaChannel(settings, std::move(client)));
}

GiteaChannel::GiteaChannel(const app::ChannelSettings& settings,
                           std::unique_ptr<HttpClient> http)
    : settings_(settings),
      http_(std::move(http)),
      api_(*http_, settings_.url, settings_.repo, settings_.token) {}

app::Delivery GiteaChannel::deliver(const app::Notice& original,
                                    const std::optional<std::string>& ref) {
  if (original.kind == app::NoticeKind::report) {
    return app::GaveUp{"a tracker takes no reports; expected mail or a file"};
  }
  http_->budget(4 * settings_.timeout);
  note_.clear();
  app::Notice notice = original;
  if (notice.marker.empty()) notice.marker = notice.event_id;
  BZ_TRY(learn_account());
  if (notice.kind == app::NoticeKind::test) return test(notice);
  BZ_ASSIGN(const Found issue, locate(notice, ref));
  return notice.kind == app::NoticeKind::resolved ? resolve(notice, issue)
                                                  : tell(notice, issue);
}

// Authorship is half of what makes an issue ours, so nothing is done without.
Step<void> GiteaChannel::learn_account() {
  if (!account_.empty()) return {};
  auto login = api_.login();
  if (login) {
    account_ = *login;
    return {};
  }
  // A token without read:user: the settings may say whose it is.
  if (std::holds_alternative<app::GaveUp>(login.error()) &&
      !settings_.username.empty()) {
    account_ = settings_.username;
    return {};
  }
  return std::move(login).error();
}

app::Sent GiteaChannel::sent(const TrackerIssue& issue) const {
  app::Sent sent;
  sent.remote_ref = std::to_string(issue.number);
  sent.closed_by_human = !issue.open;
  sent.note = note_;
  return sent;
}

app::Delivery GiteaChannel::tell(const app::Notice& notice,
                                 const Found& issue) {
  using app::NoticeKind;
  if (!issue) {
    BZ_ASSIGN(const TrackerIssue made, create(notice));
    // The new issue tells the present state; what was tried is not in it.
    if (notice.kind == NoticeKind::action) BZ_TRY(comment_once(notice, made));
    return sent(made);
  }
  if (notice.kind == NoticeKind::opened) {
    if (!issue->open) return sent(*issue);
    TrackerIssue current = *issue;
    // Written before the state was lost: what it says may be so no more.
    if (!is_of_event(current, notice)) {
      BZ_ASSIGN(current, adopt(notice, current));
    }
    ensure_label(current);
    return sent(current);
  }
  if (notice.kind == NoticeKind::changed && issue->open) {
    const std::string title = app::issue_title(notice);
    if (issue->title != title) BZ_TRY(api_.set_title(issue->number, title));
    // A list of what is no more would send people looking for it.
    const std::string body = app::issue_body(notice);
    if (!notice.members.empty() && issue->body != body) {
      BZ_TRY(api_.set_body(issue->number, body));
    }
  }
  // Somebody has closed it, which means "seen": no more reminders there.
  if (notice.kind == NoticeKind::reminder && !issue->open) return sent(*issue);
  BZ_TRY(comment_once(notice, *issue));
  return sent(*issue);
}

app::Delivery GiteaChannel::resolve(const app::Notice& notice,
                                    const Found& issue) {
  // Deleted, or taken over by a later incident: nothing is left to close.
  if (!issue) return app::Sent{std::nullopt, false, note_};
  BZ_TRY(comment_once(notice, *issue));
  // The incident is over: who closed its issue does not matter any more.
  app::Sent done = sent(*issue);
  done.closed_by_human = false;
  if (!issue->open) return done;
  BZ_ASSIGN(const auto closed, api_.close(issue->number));
  if (closed) {
    // One that came to be beside it would stay open for ever.
    BZ_ASSIGN(const auto twins, open_ones(notice, kLabel));
    close_duplicates(*issue, of_incident(twins, notice));
    done.note = note_;
    return done;
  }
  if (const auto id = label_id("recovered", "#0e8a16", "well again")) {
    // Only a hint for people; the comment says it, too.
    static_cast<void>(api_.add_label(issue->number, *id));
  }
  return app::RetryLater{
      fmt::format("close #{}: other issues block it (412)", issue->number),
      std::chrono::hours(24), false, true};
}

app::Delivery GiteaChannel::test(const app::Notice& notice) {
  BZ_ASSIGN(Found issue, by_marker(notice));
  if (!issue) {
    BZ_ASSIGN(issue, create(notice));
  }
  BZ_TRY(api_.close(issue->number));
  app::Sent done = sent(*issue);
  done.closed_by_human = false;
  return done;
}

Step<GiteaChannel::Found> GiteaChannel::locate(
    const app::Notice& notice, const std::optional<std::string>& ref) {
  if (const auto number = number_of(ref)) {
    BZ_ASSIGN(Found issue, by_number(notice, *number));
    if (issue) return issue;
  }
  return by_marker(notice);
}

Step<GiteaChannel::Found> GiteaChannel::by_number(const app::Notice& notice,
                                                  std::int64_t number) {
  BZ_ASSIGN(Found issue, api_.issue(number));
  if (!issue || issue->poster != account_) return Found();
  if (find_marker(issue->body)) {
    return is_of_incident(*issue, notice) ? issue : Found();
  }
  // Edited away by somebody. We remember the number, so it is ours still.
  BZ_ASSIGN(issue, api_.set_body(number, issue->body + "\n\n" +
                                             app::issue_marker(notice.marker,
                                                               notice.number)));
  return issue;
}

// Ours among the open ones, whatever the server made of the filters.
Step<std::vector<TrackerIssue>> GiteaChannel::open_ones(
    const app::Notice& notice, const std::string& label) {
  BZ_ASSIGN(std::vector<TrackerIssue> all,
            api_.issues(IssueState::open, label, account_, kOpenPages));
  for (const TrackerIssue& issue : all) {
    if (is_of_job(issue, notice) && issue.poster != account_) {
      note_ = fmt::format("#{} by {} carries our marker; ignored", issue.number,
                          escape_line(issue.poster, 40));
    }
  }
  std::erase_if(all, [&](const TrackerIssue& issue) {
    return !issue.open || issue.poster != account_ || !is_of_job(issue, notice);
  });
  return all;
}

Step<GiteaChannel::Found> GiteaChannel::by_marker(const app::Notice& notice) {
  BZ_ASSIGN(std::vector<TrackerIssue> all, open_ones(notice, kLabel));
  if (all.empty()) {
    // The label may have been taken off, or never put on.
    BZ_ASSIGN(all, open_ones(notice, {}));
  }
  const std::vector<TrackerIssue> exact = of_incident(all, notice);
  if (const TrackerIssue* kept = lowest(exact)) {
    const TrackerIssue issue = *kept;
    close_duplicates(issue, exact);
    return Found(issue);
  }
  if (notice.kind == app::NoticeKind::resolved) return Found();
  if (const TrackerIssue* other = lowest(all)) {
    BZ_ASSIGN(TrackerIssue issue, adopt(notice, *other));
    close_duplicates(issue, all);
    return Found(issue);
  }
  return closed_meanwhile(notice);
}

// An attempt of unknown fate may have made the issue, and somebody may have
// closed it before we came back.
Step<GiteaChannel::Found> GiteaChannel::closed_meanwhile(
    const app::Notice& notice) {
  if (!notice.possible_repeat || notice.kind != app::NoticeKind::opened) {
    return Found();
  }
  BZ_ASSIGN(const auto closed,
            api_.issues(IssueState::closed, {}, account_, kClosedPages));
  for (const TrackerIssue& issue : closed) {
    if (issue.poster == account_ && is_of_incident(issue, notice) &&
        is_of_event(issue, notice)) {
      return Found(issue);
    }
  }
  return Found();
}

Step<TrackerIssue> GiteaChannel::adopt(const app::Notice& notice,
                                       TrackerIssue issue) {
  BZ_TRY(api_.set_body(issue.number, app::issue_body(notice)));
  return api_.set_title(issue.number, app::issue_title(notice));
}

void GiteaChannel::close_duplicates(const TrackerIssue& kept,
                                    const std::vector<TrackerIssue>& all) {
  for (const TrackerIssue& issue : all) {
    if (issue.number == kept.number) continue;
    const auto said = api_.comment(
        issue.number, fmt::format("Duplicate of #{}. Closed.", kept.number));
    // What fails here is found and closed the next time.
    if (said) static_cast<void>(api_.close(issue.number));
  }
}

Result<int> GiteaChannel::close_forgotten(const IsOver& is_over) {
  const auto failed = [&](const app::Delivery& why) {
    return err(Kind::unavailable,
               fmt::format("channel {}: {}", name(), why_of(why)));
  };
  http_->budget(4 * settings_.timeout);
  if (auto known = learn_account(); !known) return failed(known.error());
  const auto all = api_.issues(IssueState::open, kLabel, account_, kOpenPages);
  if (!all) return failed(all.error());
  int closed = 0;
  for (const TrackerIssue& issue : *all) {
    const auto marker = find_marker(issue.body);
    if (!issue.open || issue.poster != account_ || !marker ||
        !is_over(marker->k, issue.body)) {
      continue;
    }
    auto said = api_.comment(
        issue.number,
        "Well again. When is not known: what was remembered of this alarm was "
        "lost with the state of that host. Closed.");
    if (!said) return failed(said.error());
    const auto done = api_.close(issue.number);
    if (!done) return failed(done.error());
    ++closed;
  }
  return closed;
}

Step<std::int64_t> GiteaChannel::label_id(const std::string& name,
                                          const std::string& color,
                                          const std::string& description) {
  BZ_ASSIGN(const auto labels, api_.labels());
  for (const TrackerLabel& label : labels) {
    if (label.name == name) return label.id;
  }
  BZ_ASSIGN(const TrackerLabel made,
            api_.create_label(name, color, description));
  return made.id;
}

Step<TrackerIssue> GiteaChannel::create(const app::Notice& notice) {
  std::vector<std::int64_t> labels;
  const auto id = label_id(kLabel, "#d73a4a", "a scheduled job went silent");
  if (id) {
    labels.push_back(*id);
  } else if (std::holds_alternative<app::GaveUp>(id.error())) {
    // Only writers may make labels; the alarm matters more.
    note_ = why_of(id.error());
  } else {
    return id.error();
  }
  BZ_ASSIGN(const TrackerIssue made,
            api_.create_issue(app::issue_title(notice), app::issue_body(notice),
                              labels, settings_.assignees));
  if (made.poster != account_) {
    return app::Delivery(app::RetryLater{
        fmt::format("create the issue: #{} was made by {}, not by {}",
                    made.number, escape_line(made.poster, 40),
                    escape_line(account_, 40)),
        std::nullopt, true});
  }
  if (!labels.empty() && !made.has_label(kLabel)) {
    // Dropped without a word when the token may not set labels.
    if (const auto put = api_.add_label(made.number, labels.front()); !put) {
      note_ = why_of(put.error());
    }
  }
  return made;
}

void GiteaChannel::ensure_label(const TrackerIssue& issue) {
  if (issue.has_label(kLabel)) return;
  const auto id = label_id(kLabel, "#d73a4a", "a scheduled job went silent");
  if (!id) {
    note_ = why_of(id.error());
  } else if (const auto put = api_.add_label(issue.number, *id); !put) {
    note_ = why_of(put.error());
  }
}

Step<void> GiteaChannel::comment_once(const app::Notice& notice,
                                      const TrackerIssue& issue) {
  // A day of room for the forge's clock.
  BZ_ASSIGN(const auto comments,
            api_.comments(issue.number, notice.at - std::chrono::hours(24)));
  for (const TrackerComment& comment : comments) {
    if (comment.poster == account_ &&
        is_comment_of(comment.body, notice.event_id)) {
      return {};
    }
  }
  return api_.comment(issue.number, app::issue_comment(notice));
}

app::Health GiteaChannel::probe() {
  http_->budget(4 * settings_.timeout);
  const auto bad = [&](const HttpOutcome& outcome, std::string fix) {
    return app::Health{false, describe(outcome), std::move(fix)};
  };
  const auto body_of = [](const HttpOutcome& outcome) {
    const auto* reply = std::get_if<HttpReply>(&outcome);
    return reply && reply->status == 200 ? parse_json(reply->body)
                                         : std::nullopt;
  };
  const HttpOutcome version = api_.version();
  const auto version_json = body_of(version);
  const auto number =
      version_json ? json_text(*version_json, "version") : std::nullopt;
  const std::string new_token =
      "put a token with write:issue, read:repository and read:user into " +
      (settings_.token_file.empty() ? "its token_file" : settings_.token_file);
  if (!number) {
    // Some ask who it is before they say anything.
    const auto* reply = std::get_if<HttpReply>(&version);
    const bool refused =
        reply && (reply->status == 401 || reply->status == 403);
    return bad(version,
               refused ? new_token : "check url in " + settings_.where);
  }
  const HttpOutcome user = api_.user();
  const auto* user_reply = std::get_if<HttpReply>(&user);
  if (!user_reply || user_reply->status != 200) {
    return bad(user, new_token);
  }
  const HttpOutcome repository = api_.repository();
  const auto repo = body_of(repository);
  if (!repo) {
    return bad(repository, "check repo = \"" + settings_.repo +
                               "\", and that the token's account may see it");
  }
  if (json_bool(*repo, "archived").value_or(false)) {
    return {false, settings_.repo + " is archived", "unarchive it"};
  }
  if (!json_bool(*repo, "has_issues").value_or(true)) {
    return {false, settings_.repo + " has its issues switched off",
            "switch them on in the repository's settings"};
  }
  if (const auto labels = api_.labels(); !labels) {
    return {false, why_of(labels.error()), "give the token read:issue"};
  }
  const auto* rights = json_member(*repo, "permissions");
  const bool writer = rights && json_bool(*rights, "push").value_or(false);
  return {true,
          fmt::format("reachable, Gitea {}; token valid, may {} in {}",
                      escape_line(*number, 30),
                      writer ? "write issues" : "open issues, but set no label",
                      settings_.repo),
          ""};
}

}  // namespace bezalel::notify
