// A host's files in a folder of their own, for tests.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace bezalel::discover::fixture {

class Sysroot {
 public:
  Sysroot() {
    std::string path = "/tmp/bezalel-sysroot-XXXXXX";
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    path_ = path;
    REQUIRE(::chmod(path_.c_str(), 0755) == 0);
    write("/etc/passwd", "ann:x:1000:1000::/:/bin/sh\n");
  }
  Sysroot(const Sysroot&) = delete;
  Sysroot& operator=(const Sysroot&) = delete;
  ~Sysroot() { std::filesystem::remove_all(path_); }

  void write(const std::string& inside, const std::string& text) const {
    const std::filesystem::path file = real(inside);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  const std::string& path() const { return path_; }
  std::string real(const std::string& inside) const { return path_ + inside; }

 private:
  std::string path_;
};

}  // namespace bezalel::discover::fixture
