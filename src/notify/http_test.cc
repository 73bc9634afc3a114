#include "notify/http.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "notify/testing.h"
#include "sys/fd.h"

namespace bezalel::notify {
namespace {

using namespace testing;

HttpSettings quick() {
  HttpSettings s;
  s.connect_timeout = std::chrono::seconds(2);
  s.timeout = std::chrono::seconds(2);
  s.secrets = {"very-secret-token"};
  return s;
}

HttpOutcome get(const std::string& url, const HttpSettings& settings) {
  auto client = HttpClient::make(settings);
  REQUIRE(client);
  HttpRequest request;
  request.url = url;
  return (*client)->send(request);
}

HttpOutcome post(const std::string& url, const HttpSettings& settings) {
  auto client = HttpClient::make(settings);
  REQUIRE(client);
  HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.body = "hello";
  return (*client)->send(request);
}

// Port of a socket that is bound and listens to nobody.
struct Closed {
  sys::Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  int port = 0;
  Closed() {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof a;
    REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&a), size) == 0);
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&a), &size);
    port = ntohs(a.sin_port);
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port) + "/very-secret-token";
  }
};

TEST_CASE("a reply comes with status, headers and body") {
  stub::StubTracker tracker;
  const auto outcome = post(tracker.url() + "/hook/x?y=1", quick());
  const auto* reply = std::get_if<HttpReply>(&outcome);
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->body == "OK");
  CHECK(reply->header("content-type") == "application/json");
  CHECK_FALSE(reply->header("x-none"));
  REQUIRE(tracker.recorded().size() == 1);
  CHECK(tracker.recorded()[0].body == "hello");
}

TEST_CASE("what was not sent and what may have arrived are told apart") {
  stub::StubTracker tracker;
  const Closed closed;
  CHECK(std::holds_alternative<HttpNotSent>(post(closed.url(), quick())));
  CHECK(std::holds_alternative<HttpNotSent>(
      post("http://localhost.invalid:1/", [] {
        HttpSettings s = quick();
        s.plain = HttpSettings::PlainHttp::everywhere;
        return s;
      }())));
  for (const char* what : {"close", "accept_then_close"}) {
    tracker.add({what, "", "", 1, 0, "", ""});
    CHECK(std::holds_alternative<HttpUnknownFate>(
        post(tracker.url() + "/hook", quick())));
  }
  HttpSettings hasty = quick();
  hasty.timeout = std::chrono::milliseconds(100);
  for (const char* what : {"hang", "hang_headers", "slow"}) {
    tracker.add({what, "", "", 1, 0, "", ""});
    CHECK(std::holds_alternative<HttpUnknownFate>(
        post(tracker.url() + "/hook", hasty)));
  }
}

TEST_CASE("a reply without end is cut off") {
  stub::StubTracker tracker;
  tracker.add({"endless", "", "", 1, 0, "", ""});
  const auto outcome = get(tracker.url() + "/hook", quick());
  const auto* unknown = std::get_if<HttpUnknownFate>(&outcome);
  REQUIRE(unknown);
  CHECK(has(unknown->why, "the reply is too large"));
}

TEST_CASE("a request is never repeated by itself") {
  stub::StubTracker tracker;
  auto client = *HttpClient::make(quick());
  HttpRequest request;
  request.method = "POST";
  request.url = tracker.url() + "/hook";
  REQUIRE(std::holds_alternative<HttpReply>(client->send(request)));
  tracker.add({"accept_then_close", "", "", -1, 0, "", ""});
  CHECK(std::holds_alternative<HttpUnknownFate>(client->send(request)));
  CHECK(tracker.recorded().size() == 2);
}

TEST_CASE("a budget bounds all requests together") {
  stub::StubTracker tracker;
  auto client = *HttpClient::make(quick());
  HttpRequest request;
  request.url = tracker.url() + "/hook";
  client->budget(Duration::zero());
  CHECK(std::holds_alternative<HttpNotSent>(client->send(request)));
  client->budget(std::chrono::seconds(2));
  CHECK(std::holds_alternative<HttpReply>(client->send(request)));
}

TEST_CASE("what is no plain web address is refused") {
  for (const char* url :
       {"", "x", "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://h/",
        "http://example.org/", "http:///", "https://[::1"}) {
    CAPTURE(url);
    CHECK(std::holds_alternative<HttpRefused>(get(url, quick())));
  }
}

TEST_CASE("fault 61: metadata addresses are refused however they are spelled") {
  HttpSettings s = quick();
  s.plain = HttpSettings::PlainHttp::everywhere;
  for (const char* url :
       {"http://169.254.169.254/x", "http://0xa9fea9fe/x",
        "http://2852039166/x", "http://0.0.0.0/x",
        "http://[::ffff:169.254.169.254]/x", "http://[fe80::1]/x"}) {
    CAPTURE(url);
    const auto outcome = get(url, s);
    REQUIRE(std::holds_alternative<HttpRefused>(outcome));
    CHECK(has(std::get<HttpRefused>(outcome).why, "is refused"));
  }
}

TEST_CASE("fault 22: proxy variables of the environment are ignored") {
  stub::StubTracker tracker;
  const Closed closed;
  for (const char* name : {"http_proxy", "ALL_PROXY", "all_proxy"}) {
    ::setenv(name, closed.url().c_str(), 1);
  }
  CHECK(
      std::holds_alternative<HttpReply>(get(tracker.url() + "/hook", quick())));
  for (const char* name : {"http_proxy", "ALL_PROXY", "all_proxy"}) {
    ::unsetenv(name);
  }
  HttpSettings configured = quick();
  configured.proxy = closed.url();
  CHECK(std::holds_alternative<HttpNotSent>(
      get(tracker.url() + "/hook", configured)));
}

TEST_CASE("no error holds a secret") {
  const Closed closed;
  HttpSettings s = quick();
  const auto outcome = get(closed.url(), s);
  const auto* not_sent = std::get_if<HttpNotSent>(&outcome);
  REQUIRE(not_sent);
  CHECK_FALSE(has(not_sent->why, "secret"));
  CHECK(not_sent->why.starts_with("http://127.0.0.1:"));
  CHECK((*HttpClient::make(s))->redact("a very-secret-token\nb") ==
        "a ***\\nb");
}

TEST_CASE("a URL is shown without what may be secret") {
  CHECK(url_for_people("https://hc-ping.com/uuid") == "https://hc-ping.com/..");
  CHECK(url_for_people("https://u:p@h:1/") == "https://h:1");
  CHECK(url_for_people("https://h?token=x") == "https://h/..");
  CHECK(url_for_people("nonsense") == "URL");
}

TEST_CASE("Retry-After is seconds or a date, and at most a day") {
  const Timestamp now = *parse_rfc3339("2026-11-24T00:00:00Z");
  const auto seconds = [](int n) {
    return std::optional<Duration>(std::chrono::seconds(n));
  };
  CHECK(parse_retry_after("120", now) == seconds(120));
  CHECK(parse_retry_after(" 0 ", {}) == seconds(0));
  CHECK(parse_retry_after("99999999999999999999", {}) == seconds(86400));
  CHECK(parse_retry_after("999999", {}) == seconds(86400));
  CHECK(parse_retry_after("Tue, 24 Nov 2026 00:01:00 GMT", now) == seconds(60));
  CHECK(parse_retry_after("Mon, 23 Nov 2026 00:01:00 GMT", now) == seconds(0));
  CHECK_FALSE(parse_retry_after("Tue, 24 Nov 2026 00:01:00 GMT", {}));
  for (const char* text : {"", "-5", "soon", "12x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_retry_after(text, now));
  }
}

}  // namespace
}  // namespace bezalel::notify
