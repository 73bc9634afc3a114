#include "notify/gitea/reply.h"

#include <doctest/doctest.h>

namespace bezalel::notify {
namespace {

TEST_CASE("an issue is read with what counts of it") {
  const auto issue = parse_issue(
      R"({"number":7,"state":"open","title":"t","body":"b","user":)"
      R"({"login":"bot"},"labels":[{"id":3,"name":"heartbeat-checker"}],)"
      R"("pull_request":null,"more":{}})");
  REQUIRE(issue);
  CHECK(issue->number == 7);
  CHECK(issue->open);
  CHECK(issue->poster == "bot");
  CHECK(issue->has_label("heartbeat-checker"));
  CHECK_FALSE(issue->has_label("heartbeat"));
}

TEST_CASE("what is no issue is none") {
  for (const char* json :
       {"", "null", "[]", "{}", "<html>", R"({"number":"7"})",
        R"({"number":0,"state":"open","title":"t"})",
        R"({"number":-1,"state":"open","title":"t"})",
        R"({"number":1.5,"state":"open","title":"t"})",
        R"({"number":1,"state":null,"title":"t"})",
        R"({"number":1,"state":"open","title":"t","pull_request":{}})"}) {
    CAPTURE(json);
    CHECK_FALSE(parse_issue(json));
  }
}

TEST_CASE("one bad entry of a list does not cost the others") {
  const auto page =
      parse_issues(R"([{"number":1,"state":"open","title":"a"},7,{},)"
                   R"({"number":2,"state":"closed","title":"b","user":null}])");
  REQUIRE(page);
  CHECK(page->entries == 4);
  REQUIRE(page->issues.size() == 2);
  CHECK_FALSE(page->issues[1].open);
  CHECK(page->issues[1].poster.empty());
  CHECK_FALSE(parse_issues("{}"));
  CHECK(parse_issues("[]")->entries == 0);
  CHECK(parse_labels(R"([{"id":1,"name":"x"},{"id":0,"name":"y"}])")->size() ==
        1);
  CHECK(parse_comments(R"([{"body":"x"},{"body":1}])")->size() == 1);
  CHECK(parse_login(R"({"login":"bot"})") == "bot");
  CHECK_FALSE(parse_login(R"({"login":""})"));
}

TEST_CASE("nesting without end is refused, not followed") {
  CHECK_FALSE(parse_issues(std::string(100000, '[')));
}

}  // namespace
}  // namespace bezalel::notify
