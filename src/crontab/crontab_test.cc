#include "crontab/crontab.h"

#include <doctest/doctest.h>

#include "crontab/real_crontabs.h"

namespace bezalel::crontab {
namespace {

Crontab user_tab(std::string text, Daemon daemon = Daemon::debian) {
  return parse(std::move(text), Kind::user, daemon);
}

}  // namespace

TEST_CASE("each line is a comment, a setting, a job or a bad line") {
  const Crontab tab = user_tab(
      "# a comment\n\n \tFOO = \"a b\" \n*/5 1 * * mon\techo  one % two\n"
      "@daily x\\%y\n");
  REQUIRE(tab.lines.size() == 5);
  CHECK(tab.lines[0].type == LineType::comment);
  CHECK(tab.lines[1].type == LineType::blank);
  CHECK(tab.lines[2].type == LineType::setting);
  CHECK(tab.lines[2].name == "FOO");
  CHECK(tab.lines[2].value == "a b");
  const Line& job = tab.lines[3];
  CHECK(job.type == LineType::job);
  CHECK(job.schedule == "*/5 1 * * mon");
  CHECK(job.command == "echo  one ");
  CHECK(job.input == " two\n");
  CHECK(job.command_column == 15);
  CHECK(tab.lines[4].schedule == "@daily");
  CHECK(tab.lines[4].command == "x%y");
  CHECK_FALSE(tab.refused);
  CHECK(tab.bytes_of(tab.lines[1]) == "\n");
}

TEST_CASE("a line is bad with its column, a rule and what was expected") {
  struct Row {
    const char* text;
    Kind kind;
    int column;
    const char* rule;
  };
  const Row rows[] = {
      {"61 * * * * x\n", Kind::user, 1, "bad-minute"},
      {"  0   24 * * * x\n", Kind::user, 7, "bad-hour"},
      {"* * * * * * x\n", Kind::user, 11, "bad-command"},
      {"@Daily x\n", Kind::user, 1, "bad-nickname"},
      {"MAILTO=\n", Kind::user, 8, "empty-setting"},
      {"0 3 * * * nobodyhere x\n", Kind::system, 11, "bad-user"},
      {"0 3 * * * root\n", Kind::system, 15, "no-command"},
      {"0 3 * * *\n", Kind::system, 10, "no-command"},
  };
  const Host host{[](std::string_view user) { return user == "root"; }};
  for (const Row& row : rows) {
    const Crontab tab = parse(row.text, row.kind, Daemon::debian, host);
    CAPTURE(row.text);
    REQUIRE(tab.lines.size() == 1);
    REQUIRE(tab.lines[0].problem);
    CHECK(tab.lines[0].problem->rule == row.rule);
    CHECK(tab.lines[0].problem->column == row.column);
    REQUIRE(tab.refused);
    CHECK(tab.refused->rule == row.rule);
    CHECK(entries_of(tab).empty());
  }
}

TEST_CASE("a leading - is cronie's alone") {
  for (const char* text :
       {"-*/5 * * * * x\n", "-@daily x\n", "-5 1 * * * x\n"}) {
    CAPTURE(text);
    const Crontab cronie = user_tab(text, Daemon::cronie);
    CHECK(cronie.lines[0].type == LineType::job);
    CHECK(cronie.lines[0].quiet);
    for (const Daemon daemon : {Daemon::debian, Daemon::systemd_cron}) {
      const Crontab tab = user_tab(text, daemon);
      CHECK(tab.lines[0].type == LineType::bad);
      REQUIRE(tab.lines[0].problem);
      CHECK(tab.lines[0].problem->column == 1);
      CHECK(tab.lines[0].problem->rule == "bad-minute");
    }
  }
}

TEST_CASE("what a missing last newline costs depends on the daemon") {
  const char* text = "0 1 * * * a\n0 2 * * * b";
  CHECK(user_tab(text).refused->rule == "no-final-newline");
  CHECK(entries_of(user_tab(text, Daemon::cronie)).size() == 1);
  CHECK(entries_of(user_tab(text, Daemon::busybox)).size() == 2);
  CHECK_FALSE(user_tab("0 1 * * * a\n# b").refused);
}

TEST_CASE("an empty setting is one for every daemon but Debian's") {
  CHECK(user_tab("A=\n").refused);
  CHECK(user_tab("A=\n", Daemon::cronie).lines[0].type == LineType::setting);
  CHECK_FALSE(user_tab("A=\"\"\n").refused);
  CHECK(user_tab("A=\"x\" # y\n").refused);
  CHECK(user_tab("export A=x\n").refused);
}

TEST_CASE("Debian takes blanks off the end of a value, in quotes too") {
  CHECK(user_tab("A=\"  x \"\n").lines[0].value == "  x");
  CHECK(user_tab("A=\"  x \"\n", Daemon::cronie).lines[0].value == "  x ");
}

TEST_CASE("a setting counts for the lines below it") {
  const Crontab tab = user_tab("@daily a\nSHELL=/bin/bash\n@daily b\n");
  CHECK_FALSE(setting_at(tab, tab.lines[0], "SHELL"));
  CHECK(setting_at(tab, tab.lines[2], "SHELL") == "/bin/bash");
}

TEST_CASE("busybox cuts nothing at a percent sign and knows no user column") {
  const Crontab tab =
      parse("0 1 * * * date +%F\n", Kind::system, Daemon::busybox);
  REQUIRE(tab.lines.size() == 1);
  CHECK(tab.lines[0].command == "date +%F");
  CHECK_FALSE(tab.lines[0].input);
}

TEST_CASE("systemd-cron knows no percent sign") {
  const Crontab tab = parse("0 1 * * * root echo a % b\\%c\n", Kind::system,
                            Daemon::systemd_cron);
  REQUIRE(tab.lines.size() == 1);
  CHECK(tab.lines[0].command == "echo a % b\\%c");
  CHECK_FALSE(tab.lines[0].input);
}

TEST_CASE("a system table without its users is one that crontab(1) takes") {
  const std::string text =
      "# c\nMAILTO=x\n*/5 1\t* * *\troot  a b\n@daily www-data c%d\n";
  const Crontab tab = parse(text, Kind::system, Daemon::debian);
  CHECK(as_user_table(tab) == "# c\nMAILTO=x\n*/5 1\t* * *\ta b\n@daily c%d\n");
}

TEST_CASE("limits of size, lines and length refuse a file") {
  CHECK(user_tab(std::string(2 << 20, '#')).refused->rule == "too-large");
  std::string lines;
  for (int i = 0; i < 10'001; ++i) lines += "# x\n";
  CHECK(user_tab(lines).refused->rule == "too-many-lines");
  CHECK_FALSE(parse(lines, Kind::user, Daemon::cronie).refused);
  const std::string longest = "@daily " + std::string(998, 'x') + "\n";
  CHECK_FALSE(user_tab(longest).refused);
  CHECK(user_tab("@daily " + std::string(999, 'x') + "\n").refused->rule ==
        "too-long");
}

TEST_CASE("lines are taken and refused as Debian's crontab does") {
  std::ifstream in(BEZALEL_SOURCE_DIR
                   "/tests/data/schedules/debian_crontab_lines.tsv");
  std::string row;
  std::getline(in, row);  // titles
  int rows = 0;
  while (std::getline(in, row)) {
    const std::size_t tab = row.find('\t');
    std::string text = row.substr(0, tab);
    for (auto at = text.find("\\t"); at != std::string::npos;
         at = text.find("\\t")) {
      text.replace(at, 2, "\t");
    }
    const bool accepted = row.compare(tab + 1, 6, "ACCEPT") == 0;
    CAPTURE(row);
    CHECK(!user_tab(text + "\n").refused == accepted);
    ++rows;
  }
  CHECK(rows == 93);
}

TEST_CASE("real crontabs are read as the daemon reads them") {
  for_each_answered_crontab(
      [](const JsonValue& answers, const std::string&, const Crontab& tab) {
        const auto refused = *answers.member("debian_refuses_whole_file");
        CHECK(tab.refused.has_value() ==
              (refused.type() == JsonValue::Type::object));
        if (tab.refused) {
          CHECK(tab.refused->line == refused.member("line")->as_int());
        }
        std::vector<const Line*> jobs;
        for (const Line& line : tab.lines) {
          if (line.type == LineType::job) jobs.push_back(&line);
        }
        const auto expected = *answers.member("expected");
        std::size_t i = 0;
        for (; const auto job = expected.element(i); ++i) {
          REQUIRE(i < jobs.size());
          CHECK(jobs[i]->number == job->member("line")->as_int());
          CHECK(jobs[i]->schedule == job->member("schedule")->as_string());
          CHECK(jobs[i]->written == job->member("command")->as_string());
          if (tab.kind == Kind::system) {
            CHECK(jobs[i]->user == job->member("user")->as_string());
          }
        }
        CHECK(i == jobs.size());
      });
}

}  // namespace bezalel::crontab
