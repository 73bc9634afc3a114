// What lint says of real crontabs, beside what Debian's daemon made of them.
#include <doctest/doctest.h>

#include <set>

#include "crontab/lint.h"
#include "crontab/real_crontabs.h"

namespace bezalel::crontab {
namespace {

std::string place(const std::string& file, const Remark& r) {
  return file + ':' + std::to_string(r.line) + ' ' + r.rule;
}

// Every error and warning in the files that the daemon takes, each judged by
// hand: a rule that says more, or less, has to be judged again.
std::set<std::string> judged(const std::string& file) {
  std::ifstream in(BEZALEL_SOURCE_DIR "/tests/data/" + file);
  std::set<std::string> out;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    out.insert(line.substr(0, line.find("  ")));
  }
  REQUIRE(!out.empty());
  return out;
}

void compare(const std::set<std::string>& told,
             const std::set<std::string>& expected) {
  for (const std::string& line : told) {
    CAPTURE(line);
    CHECK(expected.contains(line));
  }
  for (const std::string& line : expected) {
    CAPTURE(line);
    CHECK(told.contains(line));
  }
}

}  // namespace

TEST_CASE("a file is refused by lint exactly where the daemon refuses it") {
  for_each_answered_crontab([](const JsonValue& answers, const std::string&,
                               const Crontab& tab) {
    const auto refused = *answers.member("debian_refuses_whole_file");
    const auto remarks = lint(tab);
    const auto ignored =
        std::find_if(remarks.begin(), remarks.end(),
                     [](const Remark& r) { return r.rule == "file-ignored"; });
    if (refused.type() != JsonValue::Type::object) {
      CHECK(ignored == remarks.end());
      return;
    }
    REQUIRE(ignored != remarks.end());
    CHECK(ignored->weight == Weight::error);
    CHECK(ignored->line == refused.member("line")->as_int());
    CHECK_FALSE(ignored->message.empty());
    CHECK_FALSE(ignored->effect.empty());
  });
}

TEST_CASE("what is said of real crontabs has been judged") {
  std::set<std::string> told;
  const bool some = for_each_answered_crontab(
      [&](const JsonValue&, const std::string& file, const Crontab& tab) {
        for (const Remark& r : lint(tab)) {
          if (r.weight != Weight::info) told.insert(place(file, r));
        }
      });
  if (!some) return;
  compare(told, judged("lint_judged.txt"));
}

// Of the others nobody noted what the daemon makes of them, nor where they lay:
// those it takes, as tables of a user.
TEST_CASE("what is said of the other real crontabs has been judged") {
  std::set<std::string> answered;
  const bool some =
      for_each_answered_crontab([&](const JsonValue&, const std::string& file,
                                    const Crontab&) { answered.insert(file); });
  if (!some) return;
  std::set<std::string> told;
  for (const auto& entry :
       std::filesystem::directory_iterator(real_crontabs())) {
    const std::string file = entry.path().filename();
    if (answered.contains(file) || file.ends_with(".jsonl")) continue;
    const auto tab = parse(bytes_of(entry.path()), Kind::user, Daemon::debian);
    if (tab.refused) continue;
    for (const Remark& r : lint(tab)) {
      if (r.weight != Weight::info) told.insert(place(file, r));
    }
  }
  compare(told, judged("lint_judged_user.txt"));
}

// Malformed expressions that the daemon takes, and what it then runs.
TEST_CASE("a malformed expression that the daemon takes is not passed over") {
  std::ifstream in(BEZALEL_SOURCE_DIR
                   "/tests/data/schedules/debian_odd_accepts.jsonl");
  int rows = 0;
  for (std::string row; std::getline(in, row); ++rows) {
    const auto object = *JsonValue::parse(row);
    const std::string expr = *object.member("expr")->as_string();
    CAPTURE(row);
    const auto remarks =
        lint(parse(expr + " true\n", Kind::user, Daemon::debian));
    const bool never =
        std::any_of(remarks.begin(), remarks.end(), [](const Remark& r) {
          return r.rule == "never-runs" && r.weight == Weight::error;
        });
    CHECK(never == (object.member("count")->as_int() == 0));
    CHECK(!remarks.empty());
  }
  CHECK(rows == 86);
}

}  // namespace bezalel::crontab
