// The channels without a story of their own: what is sent, what counts as
// success, what a failure means.
#include <doctest/doctest.h>
#include <unistd.h>

#include "base/json_read.h"
#include "base/sha256.h"
#include "notify/deadman.h"
#include "notify/make.h"
#include "notify/payload.h"
#include "notify/testing.h"
#include "notify/webhook/channel.h"

namespace bezalel::notify {
namespace {

using namespace testing;
using app::NoticeKind;

const StoppedClock kClock;

std::unique_ptr<app::Channel> channel(const std::string& type,
                                      const std::string& url) {
  app::ChannelSettings s = settings_for(type, url);
  s.topic = "alerts-topic";
  s.routing_key = Secret("routing-key-value");
  auto made = make_channel(s, {"1.0.0", "db7"}, kClock);
  REQUIRE(made);
  return *std::move(made);
}

std::string text(const std::string& json, std::string_view name) {
  const auto value = JsonValue::parse(json);
  REQUIRE(value);
  const auto member = value->member(name);
  return member ? member->as_string().value_or("") : "";
}

TEST_CASE("a type that is not known is an error with the list") {
  app::ChannelSettings s;
  s.name = "x";
  s.type = "gitae";
  const auto made = make_channel(s, {"1.0.0", "db7"}, kClock);
  REQUIRE_FALSE(made);
  CHECK(made.error().what ==
        "channel x: type \"gitae\" is not known; expected gitea, forgejo, "
        "pagerduty, ntfy, webhook, smtp, exec or local");
}

TEST_CASE("a webhook whose secret cannot be read sends nothing unsigned") {
  app::ChannelSettings s = settings_for("webhook", "https://hook.example");
  CHECK(make_channel(s, {"1.0.0", "db7"}, kClock));
  s.token = Secret();
  s.unread.emplace_back();
  const auto made = make_channel(s, {"1.0.0", "db7"}, kClock);
  REQUIRE_FALSE(made);
  CHECK(made.error().what.find("secret_file") != std::string::npos);
}

TEST_CASE("a channel without what it needs is an error that names it") {
  for (const auto& [type, part] :
       std::vector<std::pair<std::string, std::string>>{
           {"gitea", "url"},
           {"forgejo", "url"},
           {"pagerduty", "routing_key_file"},
           {"ntfy", "topic"},
           {"webhook", "url"},
           {"smtp", "url"},
           {"exec", "argv"}}) {
    CAPTURE(type);
    app::ChannelSettings s;
    s.name = "x";
    s.type = type;
    const auto made = make_channel(s, {"1.0.0", "db7"}, kClock);
    REQUIRE_FALSE(made);
    CHECK(has(made.error().what, "channel x: " + part));
  }
}

TEST_CASE("PagerDuty is triggered and resolved under one key") {
  stub::StubTracker tracker;
  const auto c = channel("pagerduty", tracker.url() + "/pagerduty");
  const auto opened = c->deliver(stale_notice(), {});
  REQUIRE_MESSAGE(sent(opened), why(opened));
  REQUIRE(
      sent(c->deliver(later(stale_notice(), NoticeKind::resolved, "E2"), {})));
  const auto got = tracker.recorded();
  REQUIRE(got.size() == 2);
  CHECK(text(got[0].body, "event_action") == "trigger");
  CHECK(text(got[1].body, "event_action") == "resolve");
  CHECK(text(got[0].body, "dedup_key") ==
        "bezalel/5f0c0d9f6d7a4d0c9b8e7a6f5d4c3b2a/3");
  CHECK(text(got[0].body, "dedup_key") == text(got[1].body, "dedup_key"));
  CHECK(has(got[0].body, "\"summary\":\"P1 db_backup@db7 stale\""));
  CHECK(has(got[0].body, "\"severity\":\"critical\""));
  CHECK(c->probe().ok);
}

TEST_CASE("what the settings refuse as a sink of reports refuses them itself") {
  for (const char* type : {"gitea", "forgejo", "pagerduty"}) {
    CAPTURE(type);
    app::ChannelSettings s;
    s.type = type;
    CHECK_FALSE(app::takes_reports(s));
    app::Notice n;
    n.kind = app::NoticeKind::report;
    const auto outcome = channel(type, "http://127.0.0.1:9")->deliver(n, {});
    const auto* gave_up = std::get_if<app::GaveUp>(&outcome);
    REQUIRE(gave_up);
    CHECK(has(gave_up->why, "takes no reports"));
  }
}

TEST_CASE("ntfy gets a title, a text and a priority") {
  stub::StubTracker tracker;
  const auto c = channel("ntfy", tracker.url() + "/ntfy");
  const auto d = c->deliver(stale_notice(), {});
  REQUIRE_MESSAGE(sent(d), why(d));
  const auto got = tracker.recorded();
  REQUIRE(got.size() == 1);
  CHECK(text(got[0].body, "topic") == "alerts-topic");
  CHECK(text(got[0].body, "title") == "P1 db_backup@db7 stale");
  CHECK(has(got[0].body, "\"priority\":5"));
  CHECK(got[0].headers.at("authorization") == "Bearer stub-token");
}

TEST_CASE("a webhook is signed, and its id is the event's") {
  stub::StubTracker tracker;
  const auto c = channel("webhook", tracker.url() + "/hook");
  REQUIRE(sent(c->deliver(stale_notice(), {})));
  const auto got = tracker.recorded();
  REQUIRE(got.size() == 1);
  CHECK(got[0].headers.at("webhook-id") == stale_notice().event_id);
  CHECK(got[0].headers.at("webhook-timestamp") == "1795500000");
  CHECK(got[0].headers.at("webhook-signature") ==
        webhook_signature("stub-token", stale_notice().event_id, "1795500000",
                          got[0].body));
  CHECK(got[0].body == payload(stale_notice()));
}

TEST_CASE("a webhook signature is the one of the specification's example") {
  CHECK(webhook_signature(webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                          "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                          R"({"test": 2432232314})") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("what is not known is null in a payload") {
  const std::string json = payload(stale_notice());
  const auto value = JsonValue::parse(json);
  REQUIRE(value);
  CHECK(value->member("ratio")->type() == JsonValue::Type::null);
  CHECK(value->member("last_success")->type() == JsonValue::Type::null);
  CHECK(value->member("type")->as_string() == "alert.opened");
  CHECK(value->member("state")->as_string() == "stale");
  CHECK(value->member("silent_s")->as_int() == 7740);
}

TEST_CASE("the same failures mean the same on every channel of this kind") {
  struct Row {
    std::string what;
    bool later;
    bool unknown;
  };
  const std::vector<Row> rows = {{"500", true, true},
                                 {"503", true, true},
                                 {"429", true, false},
                                 {"408", true, false},
                                 {"401", false, false},
                                 {"403", false, false},
                                 {"404", false, false},
                                 {"410", false, false},
                                 {"413", false, false},
                                 {"302", false, false},
                                 {"accept_then_close", true, true},
                                 {"hang", true, true},
                                 {"endless", true, true}};
  for (const char* type : {"pagerduty", "ntfy", "webhook"}) {
    for (const Row& row : rows) {
      CAPTURE(type);
      CAPTURE(row.what);
      stub::StubTracker tracker;
      app::ChannelSettings s = settings_for(type, tracker.url() + "/" + type);
      s.timeout = std::chrono::milliseconds(300);
      s.topic = "alerts-topic";
      s.routing_key = Secret("routing-key-value");
      const auto c = *make_channel(s, {"1.0.0", "db7"}, kClock);
      tracker.add({row.what, "", "", -1, 0, "", ""});
      const auto d = c->deliver(stale_notice(), {});
      REQUIRE((retry(d) != nullptr) == row.later);
      REQUIRE((gave_up(d) != nullptr) == !row.later);
      if (row.later) CHECK(retry(d)->unknown_fate == row.unknown);
      for (const char* secret : {"stub-token", "routing-key", "alerts-topic"}) {
        CHECK_FALSE(has(why(d), secret));
      }
      CHECK_FALSE(c->probe().ok);
    }
  }
}

TEST_CASE("a captive portal is no success where a body is promised") {
  for (const char* type : {"pagerduty", "ntfy"}) {
    stub::StubTracker tracker;
    const auto c = channel(type, tracker.url() + "/" + type);
    tracker.add({"html", "", "", -1, 0, "", ""});
    CHECK(retry(c->deliver(stale_notice(), {})));
  }
}

TEST_CASE("the dead man is pinged, or told of a failure") {
  stub::StubTracker tracker;
  const Secret url(tracker.url() + "/deadman/secret-uuid?rid=1");
  REQUIRE(ping(url, PingKind::ok, ""));
  REQUIRE(ping(url, PingKind::fail, "the outbox does not drain"));
  const auto got = tracker.recorded();
  REQUIRE(got.size() == 2);
  CHECK(got[0].path == "/deadman/secret-uuid");
  CHECK(got[1].path == "/deadman/secret-uuid/fail");
  CHECK(got[1].query.at("rid") == "1");
  CHECK(got[1].body == "the outbox does not drain");
  tracker.add({"404", "", "", -1, 0, "", ""});
  const auto failed = ping(url, PingKind::ok, "");
  REQUIRE_FALSE(failed);
  CHECK(has(failed.error().what, "404"));
  CHECK_FALSE(has(failed.error().what, "secret-uuid"));
}

}  // namespace
}  // namespace bezalel::notify
