#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "crontab/lint_said.h"

namespace bezalel::crontab {
namespace {

TEST_CASE("a comment on the line or right above it silences one rule") {
  CHECK(of("0 1 * * * x # bezalel: allow=carriage-return\r\n").empty());
  CHECK(of("# bezalel: job=x allow=file-ignored,percent\n# more\n"
           "61 * * * * x\n")
            .empty());
  CHECK(of("# bezalel: allow=file-ignored\n\n61 * * * * x\n").size() == 1);
  CHECK(of("# bezalel: allow=percent\n61 * * * * x\n").size() == 1);
  CHECK(of("# bezalel: allow=,\n# allow=nothing\n0 1 * * * x\n").empty());
}

TEST_CASE("a rule that there is none of silences nothing, and is told") {
  const auto remarks =
      of("# bezalel: allow=file-ignored,precent\n0 1 * * * date +%F\n");
  REQUIRE(remarks.size() == 2);
  const Remark& r = remarks[0];
  CHECK(r.rule == "allow-unknown");
  CHECK(r.weight == Weight::warning);
  CHECK(r.line == 1);
  CHECK(r.column == 31);
  CHECK(r.width == 7);
  CHECK(r.message == "there is no rule \"precent\" to allow");
  CHECK(r.effect == "It silences nothing.");
  CHECK(r.fix == "# bezalel: allow=file-ignored,percent");
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
