#include <doctest/doctest.h>

#include "crontab/anacrontab.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("as lines, an anacrontab keeps every byte and says what each is") {
  const Crontab tab = parse(
      "\xEF\xBB\xBF# mark\r\n\r\nA= b \n 7\t10  w  date +\\%F\r\n\n1 5 a/b x",
      crontab::Kind::anacron, Daemon::debian);
  REQUIRE(tab.lines.size() == 6);
  CHECK(tab.lines.back().end == tab.text.size());
  const LineType types[] = {LineType::blank, LineType::blank, LineType::setting,
                            LineType::job,   LineType::blank, LineType::bad};
  for (std::size_t i = 0; i < 6; ++i) {
    CAPTURE(i);
    CHECK(tab.lines[i].type == types[i]);
  }
  CHECK(tab.lines[2].value == " b ");
  const Line& job = tab.lines[3];
  CHECK(job.schedule == "7 10");
  CHECK(job.name == "w");
  CHECK(job.field_columns == std::vector<int>{2, 4});
  CHECK(job.command_column == 11);
  CHECK(job.written == "date +\\%F\r");
  CHECK(job.command == "date +%F\r");
  CHECK(tab.lines[5].problem->column == 1);
  CHECK(parse(std::string((1 << 20) + 1, 'x'), crontab::Kind::anacron,
              Daemon::debian)
            .refused->rule == "too-large");
}

TEST_CASE("the lines of a table hold all of its bytes, in their order") {
  for (const char* text :
       {"", "\n", "x", "x\n", "\n\n1 5 a x\n\n", "1 5 a x\r\n# c\nA=b"}) {
    CAPTURE(text);
    const Crontab tab = anacrontab_lines(text, Daemon::debian);
    std::string all;
    for (const Line& line : tab.lines) all += tab.bytes_of(line);
    CHECK(all == text);
    CHECK_FALSE(tab.refused);
  }
}

TEST_CASE("a comment is one behind blanks, too, and hides what it says") {
  const Crontab tab =
      anacrontab_lines(" \t# 1 5 a x\n#1 5 a x\n1 5 a x # y\n", Daemon::debian);
  REQUIRE(tab.lines.size() == 3);
  CHECK(tab.lines[0].type == LineType::comment);
  CHECK(tab.lines[1].type == LineType::comment);
  CHECK(tab.lines[2].type == LineType::job);
  CHECK(tab.lines[2].written == "x # y");
}

TEST_CASE("a line that anacron misreads is a job all the same") {
  const Crontab tab = anacrontab_lines("@daily 5 a x\n", Daemon::debian);
  REQUIRE(tab.lines.size() == 1);
  CHECK(tab.lines[0].type == LineType::job);
  CHECK(tab.lines[0].schedule == "@daily 5");
  CHECK(anacrontab_lines("@daily 5 a x", Daemon::cronie).lines[0].schedule ==
        "@daily 5");
}

}  // namespace
}  // namespace bezalel::crontab
