#include "notify/pagerduty/channel.h"

#include "app/notice_text.h"
#include "base/escape.h"
#include "base/json_write.h"
#include "notify/json.h"
#include "notify/outcome.h"

namespace bezalel::notify {
namespace {

constexpr const char* kUrl = "https://events.pagerduty.com/v2/enqueue";
constexpr std::size_t kMaxSummary = 1000;  // of 1024
constexpr std::size_t kMaxDetails = 20'000;

std::string dedup_key(const app::Notice& n) {
  return "bezalel/" + (n.marker.empty() ? n.event_id : n.marker) + "/" +
         std::to_string(n.number);
}

std::string_view severity(core::Severity s) {
  switch (s) {
    case core::Severity::p1:
      return "critical";
    case core::Severity::p2:
      return "warning";
    case core::Severity::p3:
      break;
  }
  return "info";
}

bool accepted(const HttpOutcome& outcome) {
  const auto* reply = std::get_if<HttpReply>(&outcome);
  if (!reply || reply->status != 202) return false;
  const auto json = parse_json(reply->body);
  return json && json_text(*json, "status") == "success";
}

}  // namespace

Result<std::unique_ptr<app::Channel>> PagerDutyChannel::make(
    const app::ChannelSettings& settings, const Identity& identity) {
  if (settings.routing_key.empty()) {
    return err(Kind::invalid,
               "channel " + settings.name + ": routing_key_file is missing");
  }
  HttpSettings http = HttpSettings::of(settings);
  http.user_agent = "bezalel/" + identity.version;
  BZ_ASSIGN(auto client, HttpClient::make(std::move(http)));
  return std::unique_ptr<app::Channel>(
      new PagerDutyChannel(settings, std::move(client)));
}

PagerDutyChannel::PagerDutyChannel(const app::ChannelSettings& settings,
                                   std::unique_ptr<HttpClient> http)
    : settings_(settings), http_(std::move(http)) {
  if (settings_.url.empty()) settings_.url = kUrl;
}

HttpOutcome PagerDutyChannel::post(const std::string& body) {
  HttpRequest request;
  request.method = "POST";
  request.url = settings_.url;
  request.headers = {"Content-Type: application/json"};
  request.body = body;
  return http_->send(request);
}

std::string PagerDutyChannel::trigger(const app::Notice& n) const {
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  w.key("routing_key").value(settings_.routing_key.reveal());
  w.key("event_action").value("trigger");
  w.key("dedup_key").value(dedup_key(n));
  w.key("payload").begin_object();
  w.key("summary").value(utf8_prefix(app::subject(n), kMaxSummary));
  w.key("source").value(n.host);
  w.key("severity").value(severity(n.severity));
  w.key("timestamp").value(format_rfc3339(n.since));
  w.key("component").value(n.key.name);
  w.key("class").value(n.verdict);
  w.key("custom_details").begin_object();
  w.key("text").value(utf8_prefix(app::plain_body(n), kMaxDetails));
  w.key("event_id").value(n.event_id);
  w.end_object().end_object();
  w.key("client").value("bezalel");
  w.end_object();
  return out;
}

std::string PagerDutyChannel::resolve(const std::string& key) const {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .key("routing_key")
      .value(settings_.routing_key.reveal())
      .key("event_action")
      .value("resolve")
      .key("dedup_key")
      .value(key)
      .end_object();
  return out;
}

app::Delivery PagerDutyChannel::deliver(const app::Notice& notice,
                                        const std::optional<std::string>&) {
  if (notice.kind == app::NoticeKind::report) {
    return app::GaveUp{"a pager takes no reports; expected mail or a file"};
  }
  http_->budget(2 * settings_.timeout);
  const bool ends = notice.kind == app::NoticeKind::resolved;
  const HttpOutcome outcome =
      post(ends ? resolve(dedup_key(notice)) : trigger(notice));
  if (!accepted(outcome)) {
    return failure(outcome, Effect::writes, "send the event");
  }
  if (notice.kind == app::NoticeKind::test) {
    // A test that stays open would page somebody for nothing.
    const HttpOutcome closed = post(resolve(dedup_key(notice)));
    if (!accepted(closed)) {
      return failure(closed, Effect::writes, "resolve the test event");
    }
  }
  return app::Sent{dedup_key(notice), false, {}};
}

app::Health PagerDutyChannel::probe() {
  http_->budget(settings_.timeout);
  const HttpOutcome outcome = post(resolve("bezalel/probe"));
  if (accepted(outcome)) return {true, "reachable, events are accepted", ""};
  const auto* reply = std::get_if<HttpReply>(&outcome);
  if (reply &&
      (reply->status == 400 || reply->status == 401 || reply->status == 403)) {
    return {false,
            std::to_string(reply->status) + ": the routing key was refused",
            "put the new key into its routing_key_file"};
  }
  return {false, describe(outcome), "check the network and url"};
}

}  // namespace bezalel::notify
