#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("a comment on the line or right above it silences one rule") {
  CHECK(of("0 1 * * * x # bezalel: allow=carriage-return\r\n").empty());
  CHECK(of("# bezalel: job=x allow=never-runs,percent\n# more\n"
           "0 1 31 2 * x\n")
            .empty());
  CHECK(of("# bezalel: allow=never-runs\n\n0 1 31 2 * x\n").size() == 1);
  CHECK(of("# bezalel: allow=percent\n61 * * * * x\n").size() == 1);
  CHECK(of("# bezalel: allow=,\n# allow=nothing\n0 1 * * * x\n").empty());
}

TEST_CASE("that jobs do not run cannot be allowed") {
  for (const Daemon daemon : {Daemon::debian, Daemon::cronie}) {
    const auto remarks =
        of("0 25 * * * x # bezalel: allow=file-ignored,line-ignored\n",
           Kind::user, daemon);
    REQUIRE(remarks.size() == 3);
    CHECK(remarks[0].weight == Weight::error);
    CHECK(remarks[1].rule == "allow-unknown");
    CHECK(remarks[1].message == "file-ignored cannot be allowed");
    CHECK(remarks[1].weight == Weight::warning);
    CHECK(remarks[2].message == "line-ignored cannot be allowed");
  }
}

TEST_CASE("a rule that there is none of silences nothing, and is told") {
  const auto remarks =
      of("# bezalel: allow=never-runs,precent\n0 1 * * * date +%F\n");
  REQUIRE(remarks.size() == 2);
  const Remark& r = remarks[0];
  CHECK(r.rule == "allow-unknown");
  CHECK(r.weight == Weight::warning);
  CHECK(r.line == 1);
  CHECK(r.column == 29);
  CHECK(r.width == 7);
  CHECK(r.message == "there is no rule \"precent\" to allow");
  CHECK(r.effect == "It silences nothing.");
  CHECK(r.fix == "# bezalel: allow=never-runs,percent");
  CHECK(remarks[1].rule == "percent");
}

TEST_CASE("where no rule is near, all are named") {
  const auto remarks = of("0 1 * * * x # bezalel: allow=all\n");
  REQUIRE(remarks.size() == 1);
  CHECK(remarks[0].column == 30);
  CHECK(remarks[0].fix.empty());
  for (const std::string& name : rule_names()) {
    CAPTURE(name);
    CHECK(remarks[0].effect.find(" " + name) != std::string::npos);
  }
  CHECK(of("# bezalel: allow=allow-unknown,all\n0 1 * * * x\n").empty());
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "# bezalel: allow=x\x1b,y\n";
  const auto many = of(text);
  CHECK(many.size() <= 20);
  CHECK(many.front().message.find('\x1b') == std::string::npos);
}

TEST_CASE("the manual has the rules, and no other") {
  std::ifstream in(BEZALEL_SOURCE_DIR "/man/bezalel-lint.1");
  std::vector<std::string> names;
  bool in_rules = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(".SH ")) in_rules = line == ".SH RULES";
    const std::size_t weight = line.find(" (");
    if (!in_rules || !line.starts_with(".BR ") || !line.ends_with(")\"") ||
        weight == std::string::npos) {
      continue;
    }
    std::erase(line, '\\');
    std::string name;
    for (const char c : line.substr(4, line.find(" (") - 4) + ",") {
      const bool part = (c >= 'a' && c <= 'z') || c == '-';
      if (part) {
        name += c;
      } else if (!name.empty()) {
        names.push_back(std::exchange(name, {}));
      }
    }
  }
  std::sort(names.begin(), names.end());
  CHECK(names == rule_names());
  CHECK(std::is_sorted(rule_names().begin(), rule_names().end()));
}

}  // namespace
}  // namespace bezalel::crontab
