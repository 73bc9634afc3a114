#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "settings/load.h"

namespace bezalel::settings {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/bezalel-append-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }

  std::string file() const { return path_ + "/bezalel.toml"; }
  void write(const std::string& text, mode_t mode) const {
    std::ofstream(file()) << text;
    ::chmod(file().c_str(), mode);
  }
  std::string text() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  mode_t mode() const {
    struct stat status = {};
    return ::stat(file().c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
  }

 private:
  std::string path_;
};

TEST_CASE("a file that is not there is made, for its group to read") {
  const Folder folder;
  CHECK(expect_toml(folder.file()));
  REQUIRE(append_settings(folder.file(), {"[a]", "[b]\nx = 1\n"}));
  CHECK(folder.text() == "[a]\n\n[b]\nx = 1\n");
  CHECK(folder.mode() == 0640);
  CHECK(expect_toml(folder.file()));
  const Folder other;
  REQUIRE(append_settings(other.file(), {"[a]"}, {"# head\n", 0600, {}}));
  CHECK(other.text() == "# head\n\n[a]\n");
  CHECK(other.mode() == 0600);
}

TEST_CASE("what is no file is named, and no settings are put in its place") {
  const Folder folder;
  const auto refusal = [&] {
    const auto toml = expect_toml(folder.file());
    REQUIRE_FALSE(toml);
    CHECK(toml.error().kind == Kind::invalid);
    return toml.error().what.substr(folder.file().size());
  };
  const std::string expected =
      "; expected a file, or nothing; nothing was written";
  fs::create_directory(folder.file());
  CHECK(refusal() == ": a directory" + expected);
  fs::remove(folder.file());
  fs::create_symlink("/nonexistent/x", folder.file());
  CHECK(refusal() ==
        ": a link to /nonexistent/x that leads nowhere" + expected);
  fs::remove(folder.file());
  fs::create_symlink("/dev/null", folder.file());
  CHECK(refusal() == ": not a regular file" + expected);
  const auto below = expect_toml("/dev/null/bezalel.toml");
  REQUIRE_FALSE(below);
  CHECK(below.error().what ==
        "/dev/null/bezalel.toml: what should be its folder is a file" +
            expected);
}

TEST_CASE("a file keeps its mode, and what is in it") {
  const Folder folder;
  folder.write("[a]", 0600);
  REQUIRE(append_settings(folder.file(), {"[b]\n"}));
  CHECK(folder.text() == "[a]\n\n[b]\n");
  CHECK(folder.mode() == 0600);
}

TEST_CASE("what would be no valid settings is not written at all") {
  const Folder folder;
  folder.write("[torn\n", 0644);
  const auto torn = append_settings(folder.file(), {"[b]\n"});
  REQUIRE_FALSE(torn);
  CHECK(torn.error().kind == Kind::invalid);
  CHECK(torn.error().what.starts_with(folder.file() + ":1:6: no TOML: "));
  CHECK(torn.error().what == expect_toml(folder.file()).error().what);
  CHECK(folder.text() == "[torn\n");
  folder.write("[a]\n", 0644);
  const auto bad = append_settings(folder.file(), {"[b]\n", "[c\n"});
  REQUIRE_FALSE(bad);
  CHECK(bad.error().kind == Kind::conflict);
  CHECK(bad.error().what.find('\n') == std::string::npos);
  CHECK(folder.text() == "[a]\n");
}

}  // namespace
}  // namespace bezalel::settings
