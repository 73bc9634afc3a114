#include "discover/cron_log_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bezalel::discover {
namespace {

using std::chrono::hours;
namespace fs = std::filesystem;

const Timestamp kNow = *parse_rfc3339("2026-11-26T13:00:00Z");

// A host's logs below a folder.
class Logs {
 public:
  Logs() {
    std::string name = fs::temp_directory_path() / "bezalel-logs-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    top_ = name;
    fs::create_directories(top_ / "var/log");
  }
  ~Logs() {
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }
  Logs(const Logs&) = delete;
  Logs& operator=(const Logs&) = delete;

  fs::path path(const char* name) const { return top_ / "var/log" / name; }
  void put(const char* name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  // When the job was last started, by all files.
  std::optional<Timestamp> start_of(const char* command) const {
    CronLog log;
    read_log_files(Root(top_), schedule::Zone::utc(), kNow, log);
    return log.newest_start("root", command);
  }

 private:
  fs::path top_;
};

std::string started(const char* at, const char* command) {
  return std::string(at) + " host CRON[12]: (root) CMD (" + command + ")\n";
}

TEST_CASE("every file that a syslog daemon may keep is read") {
  for (const char* name : {"syslog", "cron.log", "cron", "messages"}) {
    CAPTURE(name);
    const Logs logs;
    logs.put(name, started("Nov 26 12:00:01", "backup"));
    CHECK(logs.start_of("backup") == *parse_rfc3339("2026-11-26T12:00:01Z"));
    CHECK_FALSE(logs.start_of("other"));
  }
}

TEST_CASE("the file before a short one is read, and the newest counts") {
  const Logs logs;
  logs.put("syslog", started("Nov 26 12:00:01", "often"));
  logs.put("syslog.1", started("Nov 25 12:00:01", "often") +
                           started("Nov 25 03:00:01", "nightly"));
  logs.put("messages.1", started("Nov 25 03:00:01", "alone"));
  CHECK(logs.start_of("often") == *parse_rfc3339("2026-11-26T12:00:01Z"));
  CHECK(logs.start_of("nightly") == *parse_rfc3339("2026-11-25T03:00:01Z"));
  // Nothing is before a file that is not there.
  CHECK_FALSE(logs.start_of("alone"));
}

TEST_CASE("of a long file the end is read, and not the one before it") {
  const Logs logs;
  std::string filling;
  while (filling.size() < (std::size_t{5} << 20)) {
    filling += "Nov 26 11:00:00 host kernel: " + std::string(900, 'x') + "\n";
  }
  logs.put("syslog", started("Nov 26 10:00:01", "early") + filling +
                         started("Nov 26 12:00:01", "late"));
  logs.put("syslog.1", started("Nov 25 03:00:01", "nightly"));
  CHECK(logs.start_of("late").has_value());
  CHECK_FALSE(logs.start_of("early"));
  CHECK_FALSE(logs.start_of("nightly"));
}

TEST_CASE("what is older than a month, or not of cron, is passed over") {
  const Logs logs;
  logs.put("syslog", started("Oct 20 12:00:01", "old") +
                         "Nov 26 12:00:01 host app[12]: (root) CMD (forged)\n"
                         "no line of a log, though it says cron\n" +
                         started("2026-11-26T12:00:01+00:00", "exact"));
  CHECK_FALSE(logs.start_of("old"));
  CHECK_FALSE(logs.start_of("forged"));
  CHECK(logs.start_of("exact").has_value());
}

TEST_CASE("no FIFO is waited for, and no folder is read as a file") {
  const Logs logs;
  REQUIRE(::mkfifo(logs.path("syslog").c_str(), 0600) == 0);
  fs::create_directory(logs.path("cron"));
  logs.put("messages", started("Nov 26 12:00:01", "backup"));
  CHECK(logs.start_of("backup").has_value());
}

TEST_CASE("the log of another root says nothing of what runs here") {
  const Logs logs;
  logs.put("syslog", started("Nov 26 12:00:01", "backup"));
  const CronLog log = read_cron_log(Root(logs.path("").parent_path()),
                                    schedule::Zone::utc(), kNow);
  CHECK_FALSE(log.shows_starts());
}

}  // namespace
}  // namespace bezalel::discover
