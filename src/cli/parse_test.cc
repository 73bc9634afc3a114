// Every command's words reach its own options, and every wrong word is said in
// one line with what was expected.
#include <doctest/doctest.h>

#include <sstream>
#include <vector>

#include "cli/options.h"

namespace bezalel::cli {
namespace {

std::variant<Parsed, Said> parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "bezalel");
  return parse(static_cast<int>(words.size()), words.data());
}

template <class Options>
Options options_of(const std::vector<const char*>& words) {
  const auto answer = parsed(words);
  INFO(words[0]);
  REQUIRE(std::holds_alternative<Parsed>(answer));
  const Command& command = std::get<Parsed>(answer).command;
  REQUIRE(std::holds_alternative<Options>(command));
  return std::get<Options>(command);
}

}  // namespace

TEST_CASE("each command gets its own options") {
  CHECK(options_of<CheckOptions>({"check", "--notify"}).notify);
  CHECK(options_of<StatusOptions>({"status", "a"}).job == "a");
  CHECK(options_of<LogsOptions>({"logs", "a", "-n", "3"}).runs == 3);
  CHECK(options_of<ReportOptions>({"report", "--send"}).send);
  CHECK(options_of<AlertsOptions>({"alerts", "--format", "json"}).format ==
        "json");
  CHECK(options_of<AckOptions>({"ack", "a"}).job == "a");
  CHECK(options_of<SilenceOptions>(
            {"silence", "a", "--until", "2h", "--reason", "r"})
            .until == "2h");
  CHECK(options_of<PauseOptions>({"pause", "a"}).job == "a");
  CHECK(options_of<ResumeOptions>({"resume", "a"}).job == "a");
  CHECK(options_of<RetireOptions>({"retire", "a", "--reason", "r"}).reason ==
        "r");
  CHECK(options_of<ChannelOptions>({"channel", "test", "x"}).name == "x");
  CHECK(options_of<NextOptions>({"next", "--cron", "@daily"}).cron == "@daily");
  CHECK(options_of<NextOptions>({"next", "-"}).batch);
  CHECK(options_of<InitOptions>({"init", "--no-start"}).no_start);
  options_of<DoctorOptions>({"doctor"});
  CHECK(options_of<DrillOptions>({"drill", "--every", "3s"}).every == "3s");
  options_of<SetupOptions>({"setup"});
  CHECK(options_of<TourOptions>({"tour", "--keep", "/x"}).keep == "/x");
}

TEST_CASE("a job may be given several times, and the root anywhere") {
  const auto check =
      options_of<CheckOptions>({"check", "--job", "a", "--job", "b"});
  CHECK(check.jobs == std::vector<std::string>{"a", "b"});
  const auto answer = parsed({"check", "--root", "/r"});
  REQUIRE(std::holds_alternative<Parsed>(answer));
  CHECK(std::get<Parsed>(answer).global.root == "/r");
}

TEST_CASE("a wrong word is one line: what, where, what was expected") {
  struct Row {
    std::vector<const char*> words;
    const char* line;
  };
  const Row rows[] = {
      {{"blah"}, "bezalel: \"blah\": unknown command; see bezalel --help\n"},
      {{"chec\033k"},
       "bezalel: \"chec\\x1bk\": unknown command; see bezalel --help\n"},
      {{"check", "--bogus"},
       "bezalel: check: \"--bogus\": unknown option; see bezalel check "
       "--help\n"},
      {{"status", "a", "b"},
       "bezalel: status: \"b\": one word too many; see bezalel status "
       "--help\n"},
      {{"check", "--format", "xml"},
       "bezalel: check: --format: \"xml\": expected text, json, markdown, "
       "nagios or prometheus; see bezalel check --help\n"},
      {{"logs", "a", "-n", "0"},
       "bezalel: logs: -n: \"0\": expected 1 to 100; see bezalel logs "
       "--help\n"},
      {{"logs"}, "bezalel: logs: JOB is required; see bezalel logs --help\n"},
      {{"report", "--style"},
       "bezalel: report: --style: expected a value; see bezalel report "
       "--help\n"},
      {{"next", "+"},
       "bezalel: next: BATCH: \"+\": expected -; see bezalel next --help\n"},
  };
  for (const Row& row : rows) {
    const auto answer = parsed(row.words);
    REQUIRE(std::holds_alternative<Said>(answer));
    const Said& said = std::get<Said>(answer);
    CHECK(said.err == row.line);
    CHECK(said.out.empty());
    CHECK(said.status == 2);
  }
}

TEST_CASE("help is no error, and names the command as it is typed") {
  const auto answer = parsed({"check", "--help"});
  REQUIRE(std::holds_alternative<Said>(answer));
  const Said& said = std::get<Said>(answer);
  CHECK(said.status == 0);
  CHECK(said.out.find("usage: bezalel check [OPTIONS]") != std::string::npos);
  CHECK(said.out.find("text|json|markdown") != std::string::npos);
}

TEST_CASE("help of every command keeps 80 columns and our own words") {
  for (const char* command :
       {"init",    "drill",   "doctor", "tour",    "discover", "audit",
        "lint",    "explain", "adopt",  "release", "simulate", "check",
        "status",  "logs",    "report", "next",    "alerts",   "ack",
        "silence", "pause",   "resume", "retire",  "channel",  "setup"}) {
    CAPTURE(command);
    const auto answer = parsed({command, "--help"});
    REQUIRE(std::holds_alternative<Said>(answer));
    const std::string& text = std::get<Said>(answer).out;
    for (const char* word : {"TEXT", "INT", "REQUIRED", " x 2"}) {
      CHECK(text.find(word) == std::string::npos);
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.size() <= 80);
    }
  }
}

}  // namespace bezalel::cli
