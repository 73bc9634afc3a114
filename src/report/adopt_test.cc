#include "report/adopt.h"

#include <doctest/doctest.h>

namespace bezalel::report {
namespace {

app::TabEdit edit(const char* path, bool by_line) {
  app::TabEdit e;
  e.file.path = path;
  e.jobs = 2;
  e.by_line = by_line;
  return e;
}

std::string first_line(const app::AdoptPlan& plan, app::Turn turn) {
  const std::string text = adopt_text(plan, turn, Tense::did);
  return text.substr(0, text.find('\n'));
}

TEST_CASE("what stands in the place of lines is shown behind all of them") {
  CHECK(diff_text("/etc/cron.d/x", "A=1\nj1\nj2\n\nj3\n",
                  "A=1\n# Adopted\n# Each\nw1\nw2\n\nw3\n") ==
        "--- /etc/cron.d/x\n"
        "+++ /etc/cron.d/x\n"
        "@@ -1,5 +1,7 @@\n"
        " A=1\n"
        "+# Adopted\n"
        "+# Each\n"
        "-j1\n"
        "-j2\n"
        "+w1\n"
        "+w2\n"
        " \n"
        "-j3\n"
        "+w3\n");
  CHECK(diff_text("x", "# Adopted\n# Each\nw1\nw2\n", "j1\nj2\n") ==
        "--- x\n+++ x\n@@ -1,4 +1,2 @@\n"
        "-# Adopted\n-# Each\n-w1\n-w2\n+j1\n+j2\n");
}

TEST_CASE("a line that stays is shown as one that stays") {
  CHECK(
      diff_text("x", "# top\nA=1\nj1\n# mid\nj2\nkept\nj3\n",
                "# 1\n# 2\n# 3\n# 4\n# top\nA=1\nw1\n# mid\nw2\nkept\nw3\n") ==
      "--- x\n+++ x\n@@ -1,7 +1,11 @@\n"
      "+# 1\n+# 2\n+# 3\n+# 4\n"
      " # top\n A=1\n-j1\n+w1\n # mid\n-j2\n+w2\n kept\n-j3\n+w3\n");
}

TEST_CASE("lines that fail once they are recorded are told") {
  app::AdoptPlan plan;
  plan.edits = {edit("/etc/cron.d/x", false)};
  CHECK(adopt_text(plan, app::Turn::adopt, Tense::did).find("test") ==
        std::string::npos);
  plan.edits[0].testing = {3, 5};
  CHECK(adopt_text(plan, app::Turn::adopt, Tense::did)
            .ends_with("\n/etc/cron.d/x:3, 5 end with 1 where their test says "
                       "no: recorded, that is a\n    failed run. In place of "
                       "\"TEST && WORK\" write \"TEST || exit 0; WORK\".\n"));
}

TEST_CASE("the first line says whose job lines change") {
  app::AdoptPlan plan;
  plan.edits = {edit("/etc/crontab", false), edit("/etc/cron.d/x", false)};
  CHECK(first_line(plan, app::Turn::adopt) ==
        "adopted 2 files, 4 jobs; no job line changes");
  plan.edits.push_back(edit("/etc/anacrontab", true));
  CHECK(first_line(plan, app::Turn::adopt) ==
        "adopted 3 files, 6 jobs; no job line changes but in /etc/anacrontab");
  CHECK(first_line(plan, app::Turn::release) ==
        "released 3 files, 6 jobs; job lines are as they were");
  plan.edits.push_back(edit("/etc/cron.d/y", true));
  CHECK(first_line(plan, app::Turn::adopt) ==
        "adopted 4 files, 8 jobs; no job line changes but in 2 files");
  plan.edits.erase(plan.edits.begin(), plan.edits.begin() + 2);
  CHECK(first_line(plan, app::Turn::adopt) ==
        "adopted 2 files, 4 jobs; job lines are wrapped in bezalel run");
}

TEST_CASE("only of jobs that lose their record it is said that they do") {
  app::AdoptPlan plan;
  plan.edits = {edit("/etc/crontab", false)};
  CHECK(adopt_text(plan, app::Turn::release, Tense::did).find("unwatched") ==
        std::string::npos);
  plan.edits[0].unrecorded = 1;
  CHECK(adopt_text(plan, app::Turn::release, Tense::did).find("unwatched") !=
        std::string::npos);
}

}  // namespace
}  // namespace bezalel::report
