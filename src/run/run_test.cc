#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "run/file_expectation.h"
#include "run/kept_output.h"
#include "run/line_matcher.h"
#include "run/parts.h"
#include "run/run_options.h"

namespace bezalel::run {
namespace {

RunLine parse(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  return parse_run_line(arguments);
}

TEST_CASE("a whole command line is read without a problem") {
  const RunLine line =
      parse({"db", "--every", "1d", "--grace=2h", "--timeout", "30min",
             "--no-overlap", "--ok-exit", "1,24", "--", "cmd", "--every"});
  CHECK(line.problems.empty());
  REQUIRE(line.job);
  CHECK(line.job->str() == "db");
  CHECK(line.schedule.every == "1d");
  CHECK(line.schedule.grace == "2h");
  CHECK(line.demands.timeout == std::chrono::minutes(30));
  CHECK(line.demands.ok_exits == std::vector<std::uint8_t>{1, 24});
  CHECK(line.command == 10);
}

TEST_CASE("whatever is wrong, the command is found and the rest is said") {
  struct Row {
    std::vector<std::string> words;
    std::size_t command;
    bool job;
  };
  for (const Row& row : {
           Row{{"--evry", "1d", "db", "--", "c"}, 4, true},
           Row{{"db", "--timeout", "1 dya", "--", "c"}, 4, true},
           Row{{"db", "--timeout", "--", "c"}, 3, true},
           Row{{"db", "--every", "1d", "--cron", "x", "--", "c"}, 6, true},
           Row{{"bad/name", "--", "c"}, 2, false},
           Row{{"db", "--fail-output", "(", "--", "c"}, 4, true},
           Row{{"db", "--every", "0s", "--", "c"}, 4, true},
           Row{{"--", "c"}, 1, false},
       }) {
    const RunLine line = parse(row.words);
    CHECK(line.command == row.command);
    CHECK(line.job.has_value() == row.job);
    CHECK(line.problems.size() == 1);
  }
  CHECK_FALSE(parse({"db"}).command);
  CHECK_FALSE(parse({"db", "--"}).command);
}

TEST_CASE("exit codes are a list of 0 to 255") {
  CHECK(*parse_exit_codes("1") == std::vector<std::uint8_t>{1});
  CHECK(*parse_exit_codes("1 255") == std::vector<std::uint8_t>{1, 255});
  for (const char* bad : {"", "256", "1,", "a", "1;2", "-1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_exit_codes(bad));
  }
}

TEST_CASE("short output is kept whole, long output loses its middle") {
  OutputKeeper keeper;
  keeper.add("hello\n");
  CHECK(keeper.kept() == record::KeptOutput{6, "hello\n", ""});
  std::string all = "hello\n";
  for (int i = 0; i < 9000; ++i) {
    const std::string line = std::to_string(i) + "\n";
    keeper.add(line);
    all += line;
  }
  const record::KeptOutput kept = keeper.kept();
  CHECK(kept.bytes == all.size());
  CHECK(kept.head == all.substr(0, OutputKeeper::kHead));
  CHECK(kept.tail == all.substr(all.size() - OutputKeeper::kTail));
  CHECK(keeper.missing() ==
        all.size() - OutputKeeper::kHead - OutputKeeper::kTail);
}

TEST_CASE("pieces of any size give the same") {
  std::string all;
  for (int i = 0; i < 30000; ++i) all += static_cast<char>('a' + i % 26);
  OutputKeeper once;
  once.add(all);
  for (const std::size_t piece : {1U, 7U, 4095U, 4097U, 16385U}) {
    OutputKeeper keeper;
    for (std::size_t at = 0; at < all.size(); at += piece) {
      keeper.add(std::string_view(all).substr(at, piece));
    }
    CHECK(keeper.kept() == once.kept());
  }
}

TEST_CASE("no character is cut between head and tail") {
  OutputKeeper keeper;
  const std::string text =
      std::string(OutputKeeper::kHead - 1, 'x') + "\xc3\xa4" + "end";
  keeper.add(text);
  const record::KeptOutput kept = keeper.kept();
  CHECK(kept.head + kept.tail == text);
}

TEST_CASE("patterns see lines, also the last one and one with a NUL") {
  std::vector<Pattern> patterns;
  for (const char* text : {"^b$", "^last$", "after", "^xy"}) {
    patterns.push_back(*Pattern::compile(text));
  }
  Sightings sightings(std::move(patterns));
  LineMatcher matcher(sightings);
  matcher.add("a\nb\nnul");
  matcher.add(std::string_view("\0after\n", 7));
  matcher.add(std::string(5000, 'x') + "y\nlast");
  CHECK_FALSE(sightings.seen(1));
  matcher.finish();
  CHECK(sightings.seen(0));
  CHECK(sightings.seen(1));
  CHECK(sightings.seen(2));
  CHECK_FALSE(sightings.seen(3));
  CHECK_FALSE(Pattern::compile("("));
}

TEST_CASE("what is expected of a file is read from the end") {
  const auto all = FileExpectation::parse("/b/a,b*.gz,newer,min=1k");
  REQUIRE(all);
  CHECK(all->glob == "/b/a,b*.gz");
  CHECK(all->newer);
  CHECK(all->min_size == 1024);
  CHECK_FALSE(FileExpectation::parse(",newer"));
  CHECK_FALSE(FileExpectation::parse("x,min=big"));
  CHECK_FALSE(FileExpectation::parse("/etc/pass*d,min=1")->missed({}));
  CHECK(FileExpectation::parse("/no/such*")->missed({}) == "no file /no/such*");
}

TEST_CASE("run-parts takes names without a dot only") {
  CHECK(is_part_name("0anacron_x-Y"));
  for (const char* bad : {"", "a.sh", ".x", "a~", "a b", "\xc3\xa4"}) {
    CHECK_FALSE(is_part_name(bad));
  }
}

}  // namespace
}  // namespace bezalel::run
