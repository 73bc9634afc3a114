#include "notify/outcome.h"

#include <doctest/doctest.h>

#include "notify/testing.h"

namespace bezalel::notify {
namespace {

using namespace testing;

HttpOutcome reply(long status,
                  std::map<std::string, std::string> headers = {}) {
  return HttpReply{status, "", std::move(headers)};
}

TEST_CASE("each outcome has one meaning") {
  struct Row {
    HttpOutcome outcome;
    bool later;
    bool unknown;
  };
  const std::vector<Row> rows = {
      {HttpNotSent{"x"}, true, false},
      {HttpUnknownFate{"x"}, true, true},
      {HttpRefused{"x"}, false, false},
      {reply(408), true, false},
      {reply(425), true, false},
      {reply(429), true, false},
      {reply(500), true, true},
      {reply(599), true, true},
      {reply(200), true, true},
      {reply(301), false, false},
      {reply(400), false, false},
      {reply(403), false, false},
      {reply(403, {{"retry-after", "9"}}), true, false},
      {reply(403, {{"x-ratelimit-remaining", "0"}}), true, false},
      {reply(404), false, false},
      {reply(423), false, false}};
  for (const Row& row : rows) {
    const auto wrote = failure(row.outcome, Effect::writes, "do it");
    CAPTURE(why(wrote));
    CHECK(why(wrote).starts_with("do it: "));
    REQUIRE((retry(wrote) != nullptr) == row.later);
    if (!row.later) continue;
    CHECK(retry(wrote)->unknown_fate == row.unknown);
    CHECK_FALSE(
        retry(failure(row.outcome, Effect::reads, "look"))->unknown_fate);
  }
}

TEST_CASE("a failure says in words what it means") {
  CHECK(describe(reply(401)) == "401: the token was refused");
  CHECK(describe(reply(301, {{"location", "https://new/secret"}})) ==
        "301: redirected to https://new/.., which is never followed; correct "
        "the url");
  CHECK(describe(reply(200)) == "200, but the answer is not the expected one");
}

}  // namespace
}  // namespace bezalel::notify
