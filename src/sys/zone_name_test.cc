#include "sys/zone_name.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bezalel::sys {
namespace {

namespace fs = std::filesystem;

class Root {
 public:
  Root() {
    char name[] = "/tmp/bezalel-zone-XXXXXX";
    path_ = ::mkdtemp(name);
    fs::create_directories(path_ + "/etc");
    zone("Asia/Tokyo", "JST-9", "tokyo");
    zone("Japan", "JST-9", "tokyo");
    zone("Asia/Dili", "<+09>-9", "dili");
    zone("Etc/UTC", "UTC0", "utc");
    zone("posix/Asia/Aaa", "JST-9", "tokyo");
    put("/usr/share/zoneinfo/zone.tab", "JP\tAsia/Tokyo\n");
  }
  ~Root() { fs::remove_all(path_); }

  void put(const std::string& name, const std::string& bytes) {
    fs::create_directories(fs::path(path_ + name).parent_path());
    std::ofstream(path_ + name, std::ios::binary) << bytes;
  }
  static std::string bytes(const std::string& rules, const std::string& data) {
    return "TZif2" + data + "\n" + rules + "\n";
  }
  const std::string& path() const { return path_; }

 private:
  void zone(const std::string& name, const std::string& rules,
            const std::string& data) {
    put("/usr/share/zoneinfo/" + name, bytes(rules, data));
  }
  std::string path_;
};

TEST_CASE("a link names the zone") {
  const Root root;
  fs::create_symlink("/usr/share/zoneinfo/Asia/Dili",
                     root.path() + "/etc/localtime");
  CHECK(zone_name(root.path()) == "Asia/Dili");
}

TEST_CASE("a file is the zone of the database with its rules") {
  Root root;
  CHECK(zone_name(root.path()) == "UTC");
  // As another release of the database has it.
  root.put("/etc/localtime", Root::bytes("JST-9", "older"));
  CHECK(zone_name(root.path()) == "Asia/Tokyo");
  root.put("/etc/timezone", "Japan\n");
  CHECK(zone_name(root.path()) == "Japan");
  // What the image says of itself, and a mounted file contradicts.
  root.put("/etc/timezone", "Etc/UTC\n");
  CHECK(zone_name(root.path()) == "Asia/Tokyo");
}

TEST_CASE("what is no zone, or none that is known, is UTC") {
  Root root;
  root.put("/etc/localtime", Root::bytes("XYZ-1", "unknown"));
  CHECK(zone_name(root.path()) == "UTC");
  root.put("/etc/localtime", "garbage\nJST-9\n");
  CHECK(zone_name(root.path()) == "UTC");
  root.put("/etc/localtime", "");
  CHECK(zone_name(root.path()) == "UTC");
}

}  // namespace
}  // namespace bezalel::sys
