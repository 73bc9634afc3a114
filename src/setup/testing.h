// For tests of this folder only.
#pragma once

#include <cstdlib>
#include <string>

namespace bezalel::setup {

// A folder of its own, gone with it.
struct Folder {
  Folder() {
    char name[] = "/tmp/bezalel-setup-XXXXXX";
    path = ::mkdtemp(name);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::system(("rm -rf " + path).c_str()); }
  std::string path;
};

}  // namespace bezalel::setup
