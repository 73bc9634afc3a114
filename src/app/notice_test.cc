#include <doctest/doctest.h>

#include "app/channel.h"

namespace bezalel::app {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;

Notice full_notice() {
  Notice n;
  n.event_id = "01JDEY7R000000000000000000";
  n.kind = NoticeKind::changed;
  n.host = "db7";
  n.key = core::IncidentKey::of_finding("cron-dead", "host");
  n.marker = "5f0c0d9f6d7a4d0c9b8e7a6f5d4c3b2a";
  n.number = 3;
  n.incident_id = 42;
  n.user = "postgres";
  n.severity = core::Severity::p2;
  n.verdict = "failed";
  n.previous_verdict = "stale";
  n.cause = "exit 1 \"quoted\" \n\x01";
  n.since = Timestamp(microseconds(1795500000250001));
  n.opened = n.since + hours(1);
  n.at = n.since + hours(2);
  n.last_success = n.since - hours(48);
  n.interval = hours(24);
  n.ratio = 2.0625;
  n.deadline = n.since;
  n.downtime = hours(56);
  n.sentence = "Now failed.";
  n.facts = {{"Expected", "every 1d"}, {"a|b", ""}};
  n.command = "/bin/x --all";
  n.output = {"one", "", "three"};
  n.output_lines = 214;
  n.members = {"a", "b"};
  n.commands = {"bezalel status x"};
  n.zone = "Europe/Riga";
  n.possible_repeat = true;
  n.name_is_shared = true;
  n.only_to = {"ops@example"};
  return n;
}

TEST_CASE("a notice survives the outbox") {
  const Notice n = full_notice();
  const auto back = decode_notice(encode(n));
  REQUIRE(back);
  CHECK(encode(*back) == encode(n));
  CHECK(back->key == n.key);
  CHECK(back->since == n.since);
  CHECK(back->ratio == n.ratio);
  CHECK(back->cause == n.cause);
  CHECK(back->facts.size() == 2);
  CHECK(back->output == n.output);
  CHECK(back->possible_repeat);
  CHECK(back->name_is_shared);
  CHECK(back->only_to == n.only_to);
}

TEST_CASE("what is not known stays unknown") {
  const auto back = decode_notice(encode(Notice{}));
  REQUIRE(back);
  CHECK_FALSE(back->last_success);
  CHECK_FALSE(back->interval);
  CHECK_FALSE(back->ratio);
  CHECK_FALSE(back->deadline);
  CHECK_FALSE(back->downtime);
}

TEST_CASE("every kind of notice has a name that reads back") {
  for (NoticeKind k :
       {NoticeKind::opened, NoticeKind::changed, NoticeKind::reminder,
        NoticeKind::resolved, NoticeKind::action, NoticeKind::test}) {
    CHECK(parse_notice_kind(to_string(k)) == k);
  }
  CHECK_FALSE(parse_notice_kind("opend"));
}

TEST_CASE("a spoilt notice is an error that names the field") {
  std::string json = encode(full_notice());
  CHECK_FALSE(decode_notice(""));
  CHECK_FALSE(decode_notice("[]"));
  CHECK_FALSE(decode_notice(json.substr(0, json.size() - 1)));
  const auto spoil = [&](std::string from, std::string to) {
    std::string text = json;
    text.replace(text.find(from), from.size(), to);
    const auto result = decode_notice(text);
    REQUIRE_FALSE(result);
    return result.error().what;
  };
  CHECK(spoil("\"changed\"", "\"chnged\"").find("kind") != std::string::npos);
  CHECK(spoil("\"P2\"", "\"P9\"").find("severity") != std::string::npos);
  CHECK(spoil("\"host\":\"db7\"", "\"host\":7").find("host") !=
        std::string::npos);
  CHECK(spoil("\"uid\":0", "\"uid\":-1").find("key") != std::string::npos);
}

}  // namespace
}  // namespace bezalel::app
