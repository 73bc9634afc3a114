// Commands to type carry the global options of the call that prints them.
#include <doctest/doctest.h>

#include "cli/commands.h"

namespace bezalel::cli {
namespace {

std::string typed(const std::string& text) {
  Global global;
  global.typed = " --root '/a b'";
  return as_typed(text, global);
}

TEST_CASE("a command to type works below the root it was printed for") {
  CHECK(typed("next: bezalel status x\n") ==
        "next: bezalel --root '/a b' status x\n");
  CHECK(typed("next: sudo -u ann bezalel run x -- bezalel y") ==
        "next: sudo -u ann bezalel --root '/a b' run x -- bezalel y");
  CHECK(typed("    do:  bezalel doctor\n\n+ x\n") ==
        "    do:  bezalel --root '/a b' doctor\n\n+ x\n");
  CHECK(typed("x: until `bezalel resume x`; (bezalel audit)\n") ==
        "x: until `bezalel --root '/a b' resume x`; "
        "(bezalel --root '/a b' audit)\n");
}

TEST_CASE("what is no command of ours, and JSON, stays as it is") {
  for (const char* text :
       {"", "\n", "  | next: bezalel x\n", "! `bezalel x`\n", "bezalel 1.0\n",
        "{\"fix\":\"`bezalel x`\"}\n", "bezalel: x: no such job\n"}) {
    CHECK(typed(text) == text);
  }
  CHECK(as_typed("next: bezalel x\n", {}) == "next: bezalel x\n");
}

}  // namespace
}  // namespace bezalel::cli
