// The client against the stub tracker: what DESIGN promises of issues, and
// faults 3 to 17.
#include "notify/gitea/channel.h"

#include <doctest/doctest.h>

#include "app/notice_text.h"
#include "notify/testing.h"

namespace bezalel::notify {
namespace {

using namespace testing;
using app::NoticeKind;
using stub::Flags;
using stub::Issue;
using stub::Mode;

struct World {
  stub::StubTracker tracker;
  std::unique_ptr<app::Channel> channel;

  explicit World(Duration timeout = std::chrono::seconds(5)) {
    app::ChannelSettings s = settings_for("gitea", tracker.url());
    s.timeout = timeout;
    use(s);
  }
  void use(const app::ChannelSettings& s) {
    channel = *GiteaChannel::make(s, {"1.0.0", "db7"});
  }
  app::Delivery open() { return channel->deliver(stale_notice(), {}); }
  app::Delivery tell(NoticeKind kind, const std::string& event,
                     std::optional<std::string> ref = "1") {
    return channel->deliver(later(stale_notice(), kind, event), ref);
  }
  std::size_t open_count() const {
    std::size_t n = 0;
    for (const Issue& i : tracker.issues()) n += i.open ? 1 : 0;
    return n;
  }
};

void mode(World& w, const std::string& what, const std::string& method,
          const std::string& path, int count = -1) {
  w.tracker.add({what, method, path, count, 0, "", ""});
}

TEST_CASE("one incident is one issue, told and closed") {
  World w;
  const auto opened = w.open();
  REQUIRE_MESSAGE(sent(opened), why(opened));
  CHECK(sent(opened)->remote_ref == "1");
  CHECK_FALSE(sent(opened)->closed_by_human);
  const Issue made = w.tracker.issue(1);
  CHECK(made.title == "[heartbeat-checker] P1 db_backup@db7 stale");
  CHECK(made.poster == "bezalel-bot");
  CHECK(made.labels.size() == 1);
  CHECK(made.body == app::issue_body(stale_notice()));

  app::Notice changed =
      later(stale_notice(), NoticeKind::changed, "01JDEY7RCHANGED");
  changed.verdict = "failed";
  changed.previous_verdict = "stale";
  REQUIRE(sent(w.channel->deliver(changed, "1")));
  CHECK(w.tracker.issue(1).title ==
        "[heartbeat-checker] P1 db_backup@db7 failed");
  REQUIRE(sent(w.tell(NoticeKind::reminder, "01JDEY7RREMIND")));
  REQUIRE(sent(w.tell(NoticeKind::action, "01JDEY7RACTION")));
  const auto closed = w.tell(NoticeKind::resolved, "01JDEY7RCLOSED");
  REQUIRE(sent(closed));
  CHECK_FALSE(sent(closed)->closed_by_human);
  CHECK_FALSE(w.tracker.issue(1).open);
  CHECK(w.tracker.issue(1).comments.size() == 4);
  CHECK(w.tracker.issues().size() == 1);
}

TEST_CASE("repeating any delivery changes nothing") {
  World w;
  REQUIRE(sent(w.open()));
  REQUIRE(sent(w.open()));
  for (int i = 0; i < 3; ++i) REQUIRE(sent(w.tell(NoticeKind::reminder, "R1")));
  for (int i = 0; i < 3; ++i) REQUIRE(sent(w.tell(NoticeKind::resolved, "C1")));
  CHECK(w.tracker.issues().size() == 1);
  CHECK(w.tracker.issue(1).comments.size() == 2);
}

TEST_CASE("faults 3 and 4: an accepted issue whose reply is lost is found") {
  for (const char* what : {"accept_then_close", "accept_then_hang"}) {
    CAPTURE(what);
    World w(std::chrono::milliseconds(500));
    mode(w, what, "POST", "/issues", 1);
    const auto first = w.open();
    REQUIRE_MESSAGE(retry(first), why(first));
    CHECK(retry(first)->unknown_fate);
    const auto second = w.open();
    REQUIRE_MESSAGE(sent(second), why(second));
    CHECK(sent(second)->remote_ref == "1");
    CHECK(w.tracker.issues().size() == 1);
  }
}

TEST_CASE("an issue closed by a person before its reply came is an ack") {
  World w;
  mode(w, "accept_then_close", "POST", "/issues", 1);
  REQUIRE(retry(w.open()));
  w.tracker.change(1, "close");
  app::Notice again = stale_notice();
  again.possible_repeat = true;
  const auto second = w.channel->deliver(again, {});
  REQUIRE_MESSAGE(sent(second), why(second));
  CHECK(sent(second)->closed_by_human);
  CHECK(w.tracker.issues().size() == 1);
}

TEST_CASE("a comment and a close whose replies are lost are not repeated") {
  World w;
  REQUIRE(sent(w.open()));
  mode(w, "accept_then_close", "POST", "/comments", 1);
  CHECK(retry(w.tell(NoticeKind::resolved, "C1")));
  mode(w, "accept_then_close", "PATCH", "/issues/1", 1);
  CHECK(retry(w.tell(NoticeKind::resolved, "C1")));
  CHECK(sent(w.tell(NoticeKind::resolved, "C1")));
  CHECK(w.tracker.issue(1).comments.size() == 1);
  CHECK_FALSE(w.tracker.issue(1).open);
}

TEST_CASE("fault 5: a server in trouble means later, and never twice") {
  for (const char* status : {"500", "502", "503"}) {
    CAPTURE(status);
    World w;
    mode(w, status, "POST", "/issues", 1);
    const auto first = w.open();
    REQUIRE(retry(first));
    CHECK(retry(first)->unknown_fate);
    REQUIRE(sent(w.open()));
    CHECK(w.tracker.issues().size() == 1);
  }
}

TEST_CASE("fault 6: 429 says when to come back") {
  World w;
  w.tracker.add({"429", "", "/issues", 1, 0, "120", ""});
  const auto d = w.open();
  REQUIRE(retry(d));
  CHECK(retry(d)->after == std::chrono::seconds(120));
  CHECK_FALSE(retry(d)->unknown_fate);
  World secondary;
  secondary.tracker.add({"403", "POST", "/issues", 1, 0, "60", ""});
  CHECK(retry(secondary.open()));
}

TEST_CASE("faults 7 and 8: what will not work by itself is given up") {
  for (const char* status : {"401", "403", "404", "410", "423"}) {
    for (const char* method : {"GET", "POST"}) {
      CAPTURE(status);
      CAPTURE(method);
      World w;
      mode(w, status, method, "/issues");
      const auto d = w.open();
      CHECK_MESSAGE(gave_up(d), why(d));
      CHECK(has(why(d), status));
      CHECK_FALSE(has(why(d), "stub-token"));
    }
  }
}

TEST_CASE("fault 7: a token that is refused everywhere is given up") {
  World w;
  app::ChannelSettings s = settings_for("gitea", w.tracker.url());
  s.token = Secret("revoked-token-value");
  w.use(s);
  const auto d = w.open();
  REQUIRE(gave_up(d));
  CHECK(has(why(d), "401: the token was refused"));
  CHECK_FALSE(has(why(d), "revoked"));
}

TEST_CASE("fault 8: an archived repository and open dependencies") {
  World w;
  REQUIRE(sent(w.open()));
  w.tracker.set({.dependencies = true});
  const auto blocked = w.tell(NoticeKind::resolved, "C1");
  REQUIRE(retry(blocked));
  CHECK(retry(blocked)->after == std::chrono::hours(24));
  CHECK(retry(blocked)->only_this);
  CHECK(w.tracker.issue(1).comments.size() == 1);
  CHECK(w.tracker.issue(1).labels.size() == 2);
  w.tracker.set({.archived = true});
  CHECK(gave_up(w.tell(NoticeKind::resolved, "C1")));
  w.tracker.set({});
  CHECK(sent(w.tell(NoticeKind::resolved, "C1")));
  CHECK(w.tracker.issue(1).comments.size() == 1);
}

TEST_CASE("faults 9 and 10: hanging, dripping and endless replies end") {
  for (const char* what : {"hang", "hang_headers", "slow", "endless"}) {
    for (const char* method : {"GET", "POST"}) {
      CAPTURE(what);
      CAPTURE(method);
      World w(std::chrono::milliseconds(500));
      mode(w, what, method, "/issues", 1);
      const auto d = w.open();
      REQUIRE_MESSAGE(retry(d), why(d));
      CHECK(retry(d)->unknown_fate == (std::string(method) == "POST"));
    }
  }
}

TEST_CASE("fault 11: a page of something else is no success") {
  for (const char* what : {"html", "garbage"}) {
    for (const char* path : {"/user", "/labels", "/issues"}) {
      CAPTURE(what);
      CAPTURE(path);
      World w;
      mode(w, what, "", path);
      const auto d = w.open();
      CHECK_MESSAGE(retry(d), why(d));
    }
  }
}

TEST_CASE("fault 12: labels that were dropped are put on") {
  World w;
  w.tracker.set({.drop_labels = true});
  REQUIRE(sent(w.open()));
  CHECK(w.tracker.issue(1).labels.size() == 1);
  World weak;
  weak.tracker.set({.drop_labels = true, .no_labels_allowed = true});
  const auto d = weak.open();
  REQUIRE(sent(d));
  CHECK(has(sent(d)->note, "403"));
  CHECK(weak.tracker.issue(1).labels.empty());
  // Without its label it is still found.
  REQUIRE(sent(weak.open()));
  CHECK(weak.tracker.issues().size() == 1);
}

TEST_CASE("faults 13 and 17: issues that are not ours are never touched") {
  World w;
  w.tracker.set({.ignore_filters = true});
  const std::string marker = app::issue_marker(stale_notice().marker, 3);
  w.tracker.create("mallory", "planted", "x\n" + marker, true);
  w.tracker.create("bezalel-bot", "of another job",
                   "x\n" + app::issue_marker(std::string(32, 'a'), 3), true);
  w.tracker.create("bezalel-bot", "of nothing", "x", true);
  w.tracker.delete_label();
  const auto d = w.open();
  REQUIRE(sent(d));
  CHECK(sent(d)->remote_ref == "4");
  CHECK(has(sent(d)->note, "#1 by mallory"));
  REQUIRE(sent(w.tell(NoticeKind::resolved, "C1", "4")));
  for (std::int64_t n : {1, 2, 3}) {
    CHECK(w.tracker.issue(n).open);
    CHECK(w.tracker.issue(n).comments.empty());
  }
  // Nor by a number that was remembered wrong.
  REQUIRE(sent(w.tell(NoticeKind::reminder, "R2", "1")));
  CHECK(w.tracker.issue(1).comments.empty());
}

TEST_CASE("fault 14: ours is found on the ninth page") {
  World w;
  REQUIRE(sent(w.open()));
  for (int i = 0; i < 440; ++i) {
    w.tracker.create("bezalel-bot", "seeded", "nothing", true);
  }
  w.tracker.set({.ignore_filters = true});
  const auto d = w.open();
  REQUIRE(sent(d));
  CHECK(sent(d)->remote_ref == "1");
  CHECK(w.tracker.issues().size() == 441);
}

TEST_CASE("fault 15: of two with one marker the lowest stays") {
  World w;
  const std::string body = app::issue_body(stale_notice());
  for (int i = 0; i < 3; ++i) {
    w.tracker.create("bezalel-bot", "twin", body, true);
  }
  const auto d = w.open();
  REQUIRE(sent(d));
  CHECK(sent(d)->remote_ref == "1");
  CHECK(w.tracker.issue(1).open);
  CHECK_FALSE(w.tracker.issue(2).open);
  CHECK_FALSE(w.tracker.issue(3).open);
  CHECK(w.tracker.issue(3).comments.at(0).body == "Duplicate of #1. Closed.");
}

TEST_CASE("fault 15: one that came to be later is closed at recovery") {
  World w;
  REQUIRE(sent(w.open()));
  w.tracker.create("bezalel-bot", "twin", w.tracker.issue(1).body, true);
  w.tracker.create("mallory", "planted", w.tracker.issue(1).body, true);
  REQUIRE(sent(w.tell(NoticeKind::resolved, "C1")));
  CHECK_FALSE(w.tracker.issue(1).open);
  CHECK_FALSE(w.tracker.issue(2).open);
  CHECK(w.tracker.issue(3).open);
}

TEST_CASE("fault 16: another title changes nothing") {
  World w;
  REQUIRE(sent(w.open()));
  w.tracker.change(1, "retitle", "look into this some day");
  REQUIRE(sent(w.open()));
  REQUIRE(sent(w.tell(NoticeKind::resolved, "C1")));
  CHECK(w.tracker.issues().size() == 1);
  CHECK(w.open_count() == 0);
}

TEST_CASE("fault 16: a person's close is an ack and stays") {
  World w;
  REQUIRE(sent(w.open()));
  w.tracker.change(1, "close");
  const auto d = w.tell(NoticeKind::reminder, "R1");
  REQUIRE(sent(d));
  CHECK(sent(d)->closed_by_human);
  CHECK(w.tracker.issue(1).comments.empty());
  CHECK(sent(w.tell(NoticeKind::resolved, "C1")));
  CHECK_FALSE(w.tracker.issue(1).open);
  CHECK(w.tracker.issues().size() == 1);
}

TEST_CASE("fault 16: a deleted issue is made again, once") {
  World w;
  REQUIRE(sent(w.open()));
  w.tracker.change(1, "delete");
  const auto d = w.tell(NoticeKind::reminder, "R1");
  REQUIRE(sent(d));
  CHECK(sent(d)->remote_ref == "2");
  REQUIRE(sent(w.tell(NoticeKind::reminder, "R2", "2")));
  CHECK(w.tracker.issues().size() == 1);
  w.tracker.change(2, "delete");
  CHECK(sent(w.tell(NoticeKind::resolved, "C1", "2")));
  CHECK(w.tracker.issues().empty());
}

TEST_CASE("fault 16: a marker that was edited away is put back") {
  World w;
  REQUIRE(sent(w.open()));
  w.tracker.change(1, "strip_marker");
  w.tracker.change(1, "retitle", "mine now");
  REQUIRE(sent(w.tell(NoticeKind::reminder, "R1")));
  CHECK(w.tracker.issue(1).body.ends_with(
      app::issue_marker(stale_notice().marker, 3)));
  CHECK(w.tracker.issue(1).title == "mine now");
  CHECK(w.tracker.issues().size() == 1);
}

TEST_CASE("an issue of the same job with another number is taken over") {
  World w;
  app::Notice old = stale_notice();
  old.number = 9;
  REQUIRE(sent(w.channel->deliver(old, {})));
  const auto d = w.open();
  REQUIRE(sent(d));
  CHECK(sent(d)->remote_ref == "1");
  CHECK(w.open_count() == 1);
  // The earlier incident's close comes late and leaves it alone.
  REQUIRE(
      sent(w.channel->deliver(later(old, NoticeKind::resolved, "C9"), "1")));
  CHECK(w.open_count() == 1);
  REQUIRE(sent(w.tell(NoticeKind::resolved, "C3")));
  CHECK(w.open_count() == 0);
}

TEST_CASE("an issue that is found again after a loss says what is so now") {
  World w;
  REQUIRE(sent(w.open()));
  app::Notice now = stale_notice();
  now.event_id = "01JDEZZZAFTERLOSS";
  now.verdict = "failed";
  now.cause = "exit 2";
  const auto d = w.channel->deliver(now, {});
  REQUIRE_MESSAGE(sent(d), why(d));
  CHECK(sent(d)->remote_ref == "1");
  CHECK(w.tracker.issues().size() == 1);
  CHECK(w.tracker.issue(1).title == app::issue_title(now));
  CHECK(w.tracker.issue(1).body == app::issue_body(now));
  // Repeated, it is as it is written, and stays as people have it.
  w.tracker.change(1, "retitle", "mine now");
  REQUIRE(sent(w.channel->deliver(now, {})));
  CHECK(w.tracker.issue(1).title == "mine now");
}

TEST_CASE("a list of jobs in an issue is what is left of it") {
  World w;
  app::Notice three = stale_notice();
  three.members = {"a", "b", "c"};
  REQUIRE(sent(w.channel->deliver(three, {})));
  app::Notice one = later(three, NoticeKind::changed, "01JDEY7RCHANGED");
  one.members = {"b"};
  for (int i = 0; i < 2; ++i) REQUIRE(sent(w.channel->deliver(one, "1")));
  CHECK(w.tracker.issue(1).body == app::issue_body(one));
  CHECK(w.tracker.issue(1).comments.size() == 1);
}

TEST_CASE("a misspelt assignee does not cost the alarm") {
  World w;
  app::ChannelSettings s = settings_for("gitea", w.tracker.url());
  s.assignees = {"nobody"};
  w.use(s);
  REQUIRE(sent(w.open()));
  CHECK(w.tracker.issues().size() == 1);
}

TEST_CASE("a test notice leaves nothing open") {
  World w;
  app::Notice n = stale_notice();
  n.kind = NoticeKind::test;
  n.marker.clear();
  REQUIRE(sent(w.channel->deliver(n, {})));
  CHECK(w.tracker.issues().size() == 1);
  CHECK(w.open_count() == 0);
}

TEST_CASE("fault 21: a redirect is not followed") {
  World w;
  w.tracker.add({"redirect", "", "/user", -1, 0, "",
                 "http://169.254.169.254/latest/meta-data?token=x"});
  const auto d = w.open();
  REQUIRE(gave_up(d));
  CHECK(has(why(d), "redirected to http://169.254.169.254/.."));
  CHECK_FALSE(has(why(d), "meta-data"));
}

TEST_CASE("a probe tells what is wrong and writes nothing") {
  World w;
  const app::Health well = w.channel->probe();
  CHECK(well.ok);
  CHECK(has(well.detail, "Gitea 1.22.0"));
  CHECK(has(well.detail, "may write issues in ops/alerts"));
  w.tracker.set({.archived = true});
  CHECK_FALSE(w.channel->probe().ok);
  w.tracker.set({});
  mode(w, "html", "", "/version", 1);
  CHECK_FALSE(w.channel->probe().ok);
  mode(w, "401", "", "/user", 1);
  CHECK(has(w.channel->probe().fix, "put a token with write:issue"));
  mode(w, "401", "", "/version", 1);
  CHECK(has(w.channel->probe().fix, "put a token with write:issue"));
  for (const auto& call : w.tracker.calls()) CHECK(call.method == "GET");
}

}  // namespace
}  // namespace bezalel::notify
