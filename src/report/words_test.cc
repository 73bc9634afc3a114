#include "report/words.h"

#include "base/escape.h"
#include "report/fixtures.h"

namespace bezalel::report {
namespace {

using namespace fixture;

TEST_CASE("words are wrapped between blanks, and a long one is cut") {
  CHECK(wrap("a b c", 80, "- ", "  ") == "- a b c\n");
  CHECK(wrap("aaa bbb ccc", 7, "", " ") == "aaa bbb\n ccc\n");
  CHECK(wrap("", 80, "x", "") == "x\n");
  CHECK(wrap(std::string(200, 'y'), 20, "", "") ==
        std::string(18, 'y') + "..\n");
}

TEST_CASE("a name that two users have is typed with its user") {
  auto a = db_backup();
  auto b = db_backup();
  b.key.uid = 1001;
  b.user = "postgres";
  auto h = with_well({a, b}, 0, 0);
  h.shared_names = {"db_backup"};
  CHECK(typed_name(h, b.key) == "postgres/db_backup");
  CHECK(typed_name(h, b) == "postgres/db_backup");
  CHECK(typed_name(with_well({b}, 0, 0), b.key) == "db_backup");
}

TEST_CASE("last words are the last line that says something, redacted") {
  auto j = mempalace();
  j.last_run->end->err = {0, "first\nDB_PASSWORD=hunter2\n\n  \n", ""};
  CHECK(last_words(j) == "DB_PASSWORD=***");
  j.last_run->end->outcome = record::Outcome::ok;
  CHECK(last_words(j).empty());
}

TEST_CASE("what was not kept of an output is counted") {
  const auto lines = kept_lines({100, "head\n", "tail\n"});
  REQUIRE(lines.size() == 4);
  CHECK(lines[2] == ".. 90 bytes were not kept ..");
  CHECK(kept_lines({0, "", ""}).empty());
}

TEST_CASE("how a run ended, in two words") {
  auto r = run("x", at(24, 1, 0), 1min, 1, "");
  CHECK(end_text(r) == "exit 1");
  r.end->outcome = record::Outcome::signal;
  r.end->signal = 9;
  CHECK(end_text(r) == "signal 9");
  r.end->outcome = record::Outcome::timeout;
  CHECK(end_text(r) == "timeout");
  r.end.reset();
  CHECK(end_text(r) == "running");
  r.life = core::Life::rebooted;
  CHECK(end_text(r) == "lost");
}

TEST_CASE("times of the day of the check need no day") {
  const auto h = empty_host();
  CHECK(clock_text(h, at(24, 3, 1)) == "03:01");
  CHECK(clock_text(h, at(23, 3, 1)) == "Mon 03:01");
  CHECK(date_text(h, h.now) == "Tue 24 Nov 2026");
  CHECK(time_text(h, h.now) == "03:15 +0200");
}

TEST_CASE("a limit is said to the minute") {
  using namespace std::chrono_literals;
  CHECK(limit_text(48h + 15min) == "2d 15m");
  CHECK(limit_text(26h) == "1d 2h");
  CHECK(limit_text(26h + 5min) == "1d 2h");
  CHECK(limit_text(30min) == "30m");
  CHECK(limit_text(2h) == "2h");
}

}  // namespace
}  // namespace bezalel::report
