#include "heartbeat/listing.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace bezalel::heartbeat {
namespace {

namespace fs = std::filesystem;

// More than several threads read at a time.
constexpr int kMany = 10'000;

struct Folder {
  Folder() {
    char name[] = "/tmp/bezalel-list-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name) const {
    std::ofstream(path + "/" + name) << "in " << name;
  }
  void fill(int count) const {
    for (int i = 0; i < count; ++i) {
      write("job" + std::to_string(i) + ".last");
    }
  }

  using Told = std::map<std::string, std::pair<Raw::State, std::string>>;
  Listing list(Told& told, std::size_t budget = 1'000'000) const {
    const auto dir = sys::Directory::open(path);
    REQUIRE(dir.has_value());
    const auto caller = std::this_thread::get_id();
    return heartbeat::list(*dir, ::geteuid(), budget, Decode::no,
                           [&](std::string_view job, Raw& raw) {
                             CHECK(std::this_thread::get_id() == caller);
                             const auto [at, fresh] =
                                 told.try_emplace(std::string(job), raw.state,
                                                  std::string(raw.bytes));
                             CHECK(fresh);
                           });
  }

  std::string path;
};

TEST_CASE("every heartbeat of a large directory is told once, with its bytes") {
  const Folder folder;
  folder.fill(kMany);
  folder.write("no heartbeat");
  folder.write("no job.last");
  fs::create_symlink(folder.path + "/job1.last", folder.path + "/link.last");
  REQUIRE(::mkfifo((folder.path + "/pipe.last").c_str(), 0600) == 0);

  Folder::Told told;
  const Listing listing = folder.list(told);
  CHECK(told.size() == kMany + 2);
  for (const auto& [job, file] : told) {
    const bool is_bad = job == "link" || job == "pipe";
    CHECK(file.first == (is_bad ? Raw::State::bad : Raw::State::bytes));
    CHECK(file.second == (is_bad ? "" : "in " + job + ".last"));
  }
  CHECK(listing.bad_names == 1);
  CHECK(listing.bad_name == "no job.last");
  CHECK_FALSE(listing.flooded);
  CHECK_FALSE(listing.no_descriptor);
  CHECK(listing.error.empty());
}

TEST_CASE("of a flooded directory as much is told as the budget allows") {
  const Folder folder;
  folder.fill(600);
  Folder::Told told;
  CHECK(folder.list(told, 500).flooded);
  // "." and ".." are entries, too.
  CHECK(told.size() >= 498);
  CHECK(told.size() <= 500);
}

TEST_CASE("without a descriptor left the listing ends and says so") {
  int count = 1;
  SUBCASE("few files") {}
  SUBCASE("many files") {
    count = kMany;
  }
  const Folder folder;
  folder.fill(count);
  Folder::Told told;
  struct rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(next);
  // The directory, and itself once more to be listed.
  struct rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next) + 2;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
  const Listing listing = folder.list(told);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(listing.no_descriptor);
  CHECK(told.empty());
}

}  // namespace
}  // namespace bezalel::heartbeat
