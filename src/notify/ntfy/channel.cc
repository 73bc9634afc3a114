#include "notify/ntfy/channel.h"

#include "app/notice_text.h"
#include "base/escape.h"
#include "base/json_write.h"
#include "notify/json.h"
#include "notify/outcome.h"

namespace bezalel::notify {
namespace {

// Longer messages are turned into attachments by the server.
constexpr std::size_t kMaxMessage = 3900;

int priority(const app::Notice& n) {
  if (n.kind == app::NoticeKind::resolved) return 3;
  if (n.kind == app::NoticeKind::test) return 3;
  switch (n.severity) {
    case core::Severity::p1:
      return 5;
    case core::Severity::p2:
      return 4;
    case core::Severity::p3:
      break;
  }
  return 2;
}

std::string_view tag(const app::Notice& n) {
  if (n.kind == app::NoticeKind::resolved) return "white_check_mark";
  return n.severity == core::Severity::p1 ? "rotating_light" : "warning";
}

std::string body_of(const app::Notice& n, const std::string& topic) {
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  w.key("topic").value(topic);
  w.key("title").value(utf8_prefix(app::subject(n), 200));
  w.key("message").value(utf8_prefix(app::plain_body(n), kMaxMessage));
  w.key("priority").value(priority(n));
  w.key("tags").begin_array().value(tag(n)).end_array();
  w.end_object();
  return out;
}

bool accepted(const HttpOutcome& outcome) {
  const auto* reply = std::get_if<HttpReply>(&outcome);
  if (!reply || reply->status != 200) return false;
  const auto json = parse_json(reply->body);
  return json && json_text(*json, "id");
}

}  // namespace

Result<std::unique_ptr<app::Channel>> NtfyChannel::make(
    const app::ChannelSettings& settings, const Identity& identity) {
  if (settings.topic.empty()) {
    return err(Kind::invalid,
               "channel " + settings.name + ": topic is missing");
  }
  HttpSettings http = HttpSettings::of(settings);
  http.user_agent = "bezalel/" + identity.version;
  // Who knows a topic may read it.
  http.secrets.push_back(settings.topic);
  BZ_ASSIGN(auto client, HttpClient::make(std::move(http)));
  return std::unique_ptr<app::Channel>(
      new NtfyChannel(settings, std::move(client)));
}

NtfyChannel::NtfyChannel(const app::ChannelSettings& settings,
                         std::unique_ptr<HttpClient> http)
    : settings_(settings), http_(std::move(http)) {
  if (settings_.url.empty()) settings_.url = "https://ntfy.sh";
  while (settings_.url.ends_with('/')) settings_.url.pop_back();
}

HttpRequest NtfyChannel::request(std::string method,
                                 const std::string& path) const {
  HttpRequest request;
  request.method = std::move(method);
  request.url = settings_.url + path;
  if (!settings_.token.empty()) {
    request.headers = {"Authorization: Bearer " + settings_.token.reveal()};
  }
  return request;
}

app::Delivery NtfyChannel::deliver(const app::Notice& notice,
                                   const std::optional<std::string>&) {
  http_->budget(settings_.timeout);
  HttpRequest post = request("POST", "/");
  post.headers.push_back("Content-Type: application/json");
  post.body = body_of(notice, settings_.topic);
  const HttpOutcome outcome = http_->send(post);
  if (accepted(outcome)) return app::Sent{};
  return failure(outcome, Effect::writes, "send the message");
}

app::Health NtfyChannel::probe() {
  http_->budget(settings_.timeout);
  const HttpOutcome outcome = http_->send(request("GET", "/v1/health"));
  const auto* reply = std::get_if<HttpReply>(&outcome);
  const auto json =
      reply && reply->status == 200 ? parse_json(reply->body) : std::nullopt;
  if (json && json_bool(*json, "healthy").value_or(false)) {
    return {true, "reachable, the server is healthy", ""};
  }
  return {false, describe(outcome), "check url and the token"};
}

}  // namespace bezalel::notify
