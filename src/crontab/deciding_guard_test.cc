#include "crontab/deciding_guard.h"

#include <doctest/doctest.h>

namespace bezalel::crontab {
namespace {

std::string_view behind_test(std::string_view command) {
  const auto at = deciding_test(read_shell(command), command);
  return at ? command.substr(*at) : std::string_view();
}

TEST_CASE("a test whose no is the end of the command") {
  struct Row {
    const char* command;
    const char* behind;
  };
  for (const Row& row :
       {Row{"[ \"$(date +%u)\" = 7 ] && work", "&& work"},
        Row{"test -f /flag && cd /x && work >/dev/null",
            "&& cd /x && work >/dev/null"},
        Row{"test -x /x -a ! -d /y && /x", "&& /x"},
        Row{"grep -q x /x && work", "&& work"},
        Row{"cd /x; [ -f flag ] && work", "&& work"},
        Row{"work; [ $? -ne 0 ] && mail ann", "&& mail ann"},
        Row{"mountpoint -q /x >/dev/null && work", "&& work"},
        Row{"[ -x /x ] && [ `date +%d` -le 7 ] && /x", "&& /x"},
        Row{"[[ $(date +%a) == Sun ]]&&work | tee /x", "&&work | tee /x"}}) {
    CAPTURE(row.command);
    CHECK(behind_test(row.command) == row.behind);
  }
}

TEST_CASE("a test that ends nothing, or asks for the program itself") {
  for (const char* command : {"work",
                              "[ -x /x ] && /x",
                              "test -x /x && test -x /y && /x",
                              "[ -f /x ] && work; true",
                              "[ -f /x ] && work || other",
                              "[ -f /x ] || exit 0; work",
                              "if [ -f /x ]; then work; fi",
                              "work && [ -f /x ] && more",
                              "[ -f /x ]",
                              "echo '[ -f /x ] && work'",
                              "([ -f /x ] && work)",
                              "[ -f /x ] && \"work",
                              "! [ -f /x ] && work",
                              "[ -f /x ] | cat && work",
                              "",
                              "pgrep x || work",
                              "cat /x | grep -q y && work",
                              "grep -q x /x",
                              "[ -f /x ] && work; [ -f /y ] || more",
                              ";"}) {
    CAPTURE(command);
    CHECK(behind_test(command) == "");
  }
}

}  // namespace
}  // namespace bezalel::crontab
