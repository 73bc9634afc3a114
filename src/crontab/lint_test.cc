#include "crontab/lint.h"

#include <doctest/doctest.h>

#include "schedule/test_rows.h"

namespace bezalel::crontab {
namespace {

std::vector<Remark> of(std::string text, Kind kind = Kind::user,
                       Daemon daemon = Daemon::debian) {
  return lint(parse(std::move(text), kind, daemon), {"/etc/cron.d/x"});
}

TEST_CASE("a healthy crontab has no remarks") {
  CHECK(of("MAILTO=\"\"\n# c\n\n17 3 * * 1-5 /usr/bin/x\n@daily y\n").empty());
}

TEST_CASE("MAILTO= without quotes loses the whole file") {
  const auto found = of("MAILTO=\n0 1 * * * a\n0 2 * * * b\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "file-ignored");
  CHECK(found[0].line == 1);
  CHECK(found[0].column == 8);
  CHECK(found[0].fix == "MAILTO=\"\"");
  CHECK(found[0].effect ==
        "Debian cron ignores the WHOLE file: none of its 2 jobs runs.");
}

TEST_CASE("a bad line is told with what was meant, where that is plain") {
  struct Row {
    const char* line;
    const char* fix;
  };
  for (const Row row : {
           Row{"0/5 * * * * x", "*/5 * * * * x"},
           Row{"0 2/6  * * *  x", "0 2-23/6 * * *  x"},
           Row{"0 1 ? * * x", "0 1 * * * x"},
           Row{"@Daily x", "@daily x"},
           Row{"0 0 * january * x", "0 0 * jan * x"},
           Row{"// nightly", "# nightly"},
           Row{"61 * * * * x", ""},
       }) {
    CAPTURE(row.line);
    const auto found = of(std::string(row.line) + "\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].rule == "file-ignored");
    CHECK(found[0].fix == row.fix);
  }
}

TEST_CASE("who drops a line alone is not said to lose the file") {
  const auto found =
      of("61 * * * * x\n0 1 * * * y\n", Kind::user, Daemon::cronie);
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "line-ignored");
  CHECK(found[0].effect == "cronie drops the line and runs the others.");
}

TEST_CASE("each bad line and the missing newline are told at once") {
  const auto found = of("61 * * * * x\n0 1 * * * y\n0 25 * * * z");
  REQUIRE(found.size() == 3);
  CHECK(found[0].line == 1);
  CHECK(found[1].line == 3);
  CHECK(found[2].line == 3);
  CHECK(found[2].fix == "echo >>/etc/cron.d/x");
}

TEST_CASE(
    "a byte order mark, a blank DOS line and a continued line are named") {
  const auto mark = of("\xEF\xBB\xBF# tasks\n0 1 * * * x\n");
  REQUIRE(mark.size() == 1);
  CHECK(mark[0].message == "the file begins with a byte order mark");
  const auto dos = of("0 1 * * * x\n\r\n");
  REQUIRE(dos.size() == 1);
  CHECK(dos[0].message == "a blank line with a carriage return");
  const auto continued = of("0 1 * * * x \\\n  --more\n");
  REQUIRE(continued.size() == 1);
  CHECK(continued[0].message ==
        "no schedule; a crontab knows no \\ at the end of a line");
}

TEST_CASE("carriage returns are told once a file") {
  const auto found = of("0 1 * * * x\r\n0 2 * * * y\r\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "carriage-return");
  CHECK(found[0].column == 12);
  CHECK(found[0].fix == "sed -i 's/\\r$//' /etc/cron.d/x");
}

TEST_CASE("a comment on the line or right above it silences one rule") {
  CHECK(of("0 1 * * * x # bezalel: allow=carriage-return\r\n").empty());
  CHECK(of("# bezalel: job=x allow=file-ignored,other\n# more\n61 * * * * x\n")
            .empty());
  CHECK(of("# bezalel: allow=file-ignored\n\n61 * * * * x\n").size() == 1);
  CHECK(of("# bezalel: allow=other\n61 * * * * x\n").size() == 1);
}

TEST_CASE("a text that is no crontab gives a bounded number of remarks") {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "x\n";
  CHECK(of(text).size() <= 102);
  CHECK(of(std::string(2'000'000, 'x')).size() == 1);
}

// Whole lines and the verdict of Debian's own `crontab -n`.
TEST_CASE(
    "what Debian rejects is told, what it accepts is not called ignored") {
  std::ifstream file(std::string(BEZALEL_SOURCE_DIR) +
                     "/tests/data/schedules/debian_crontab_lines.tsv");
  std::string row;
  int rows = 0;
  std::getline(file, row);
  while (std::getline(file, row)) {
    CAPTURE(row);
    const std::size_t tab = row.find("\tACCEPT");
    const bool accepted = tab != std::string::npos;
    const std::size_t end = accepted ? tab : row.find("\tREJECT");
    REQUIRE(end != std::string::npos);
    std::string line = row.substr(0, end);  // a tab is written as \\t
    for (std::size_t at; (at = line.find("\\t")) != std::string::npos;) {
      line.replace(at, 2, "\t");
    }
    bool ignored = false;
    for (const Remark& r : of(line + "\n")) {
      ignored = ignored || r.rule == "file-ignored";
    }
    CHECK(ignored == !accepted);
    ++rows;
  }
  CHECK(rows == 93);
}

}  // namespace
}  // namespace bezalel::crontab
