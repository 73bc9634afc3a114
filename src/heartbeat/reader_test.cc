#include "heartbeat/reader.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "heartbeat/run_log_reader.h"
#include "sys/clock.h"
#include "sys/process.h"

namespace bezalel::heartbeat {
namespace {

namespace fs = std::filesystem;

struct Tree {
  Tree() {
    char name[] = "/tmp/bezalel-hb-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    root = name;
    fs::create_directories(root + "/heartbeats/u");
    paths = record::flat_paths(root, ::geteuid());
  }
  ~Tree() { fs::remove_all(root); }
  std::string file(const std::string& name) const {
    return root + "/heartbeats/" + name;
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(file(name), std::ios::binary) << bytes;
  }
  app::HeartbeatScan scan(Options options = {}) const {
    return HeartbeatReader(paths, std::move(options)).scan();
  }
  std::string root;
  record::Paths paths;
};

TEST_CASE("a heartbeat is read and what lies beside it is passed over") {
  const Tree tree;
  tree.write("backup.last", R"({"timestamp":1795500000,"interval":60})");
  tree.write("runs-20261124.jsonl", "");
  tree.write(".backup.last.x.tmp", "");
  tree.write(".lock", "");
  const auto scan = tree.scan();
  REQUIRE(scan.seen.size() == 1);
  CHECK(scan.seen[0].key == core::JobKey{::geteuid(), "backup"});
  REQUIRE(scan.seen[0].beat);
  CHECK(scan.seen[0].beat->at == from_unix_seconds(1795500000));
  CHECK(scan.findings.empty());
  CHECK_FALSE(scan.store_missing);
}

TEST_CASE("of a thousand heartbeats each is read as it would be alone") {
  const Tree tree;
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    tree.write("job" + n + ".last", i % 100 == 7
                                        ? "torn"
                                        : R"({"timestamp":)" +
                                              std::to_string(1795500000 + i) +
                                              R"(,"interval":60})");
  }
  const auto scan = tree.scan();
  CHECK(scan.seen.size() == 1000);
  for (const auto& seen : scan.seen) {
    const int i = std::stoi(seen.key.job.substr(3));
    CHECK(seen.beat.has_value() == (i % 100 != 7));
    CHECK(static_cast<bool>(seen.refused) == (i % 100 == 7));
    if (seen.beat) CHECK(seen.beat->at == from_unix_seconds(1795500000 + i));
  }
}

TEST_CASE("hostile entries are corrupt, are not followed and never block") {
  const Tree tree;
  tree.write("plain", "1795500000");
  fs::create_symlink(tree.file("plain"), tree.file("a.last"));
  fs::create_hard_link(tree.file("plain"), tree.file("b.last"));
  REQUIRE(::mkfifo(tree.file("c.last").c_str(), 0600) == 0);
  fs::create_directory(tree.file("d.last"));
  tree.write("e.last", std::string(4097, '1'));
  tree.write("f.last", std::string("\0\xff nonsense", 11));
  tree.write("g.last", "");  // its mtime counts
  fs::resize_file(tree.file("e.last"), 10LL << 30);
  const auto scan = tree.scan();
  REQUIRE(scan.seen.size() == 7);
  for (const auto& seen : scan.seen) {
    CAPTURE(seen.key.job);
    if (seen.key.job == "g") {
      CHECK(seen.beat);
      continue;
    }
    REQUIRE(seen.refused);
    CHECK(seen.refused->kind == core::Distrust::corrupt);
    CHECK_FALSE(seen.refused->detail.empty());
    CHECK(seen.refused->path == tree.file(seen.key.job + ".last"));
  }
}

TEST_CASE("a heartbeat of another owner is forged") {
  if (::geteuid() != 0) return;
  const Tree tree;
  tree.write("a.last", "1795500000");
  REQUIRE(::chown(tree.file("a.last").c_str(), 1002, 1002) == 0);
  const auto scan = tree.scan();
  REQUIRE(scan.seen.size() == 1);
  REQUIRE(scan.seen[0].refused);
  CHECK(scan.seen[0].refused->kind == core::Distrust::forged);
  CHECK(scan.seen[0].refused->detail == "owned by uid 1002; expected uid 0");
}

TEST_CASE("a user's directory counts only if it is the user's") {
  if (::geteuid() != 0) return;
  const Tree tree;
  for (const char* uid : {"1001", "1002", "x"}) {
    fs::create_directory(tree.file("u/" + std::string(uid)));
    tree.write("u/" + std::string(uid) + "/a.last", "1795500000");
  }
  REQUIRE(::chown(tree.file("u/1001").c_str(), 1001, 1001) == 0);
  REQUIRE(::chown(tree.file("u/1001/a.last").c_str(), 1001, 1001) == 0);
  const auto scan = tree.scan();
  REQUIRE(scan.seen.size() == 1);
  CHECK(scan.seen[0].key == core::JobKey{1001, "a"});
  REQUIRE(scan.findings.size() == 1);
  CHECK(scan.findings[0].id == "dir-owner");
  CHECK(scan.findings[0].alarm == core::Severity::p1);
  CHECK(scan.unseen_uids == std::vector<std::uint32_t>{1002});
}

TEST_CASE("proof that anybody could have written, or take away, is none") {
  const Tree tree;
  tree.write("a.last", "1795500000");
  tree.write("b.last", "1795500000");
  fs::permissions(tree.file("a.last"), fs::perms::others_write,
                  fs::perm_options::add);
  auto scan = tree.scan();
  CHECK(scan.findings.empty());
  REQUIRE(scan.seen.size() == 2);
  for (const auto& seen : scan.seen) {
    CHECK(seen.refused.has_value() == (seen.key.job == "a"));
  }
  fs::permissions(tree.file(""), fs::perms::others_all, fs::perm_options::add);
  scan = tree.scan();
  REQUIRE(scan.findings.size() == 1);
  CHECK(scan.findings[0].id == "dir-writable");
  CHECK(scan.findings[0].alarm == core::Severity::p2);
  fs::permissions(tree.file(""), fs::perms::sticky_bit, fs::perm_options::add);
  CHECK(tree.scan().findings.empty());
}

TEST_CASE("a flood is bounded, told, and declared jobs are read all the same") {
  const Tree tree;
  for (int i = 0; i < 50; ++i)
    tree.write("j" + std::to_string(i) + ".last", "");
  Options options;
  options.budget = 5;
  options.declared = {{::geteuid(), "j7"}, {::geteuid(), "j33"}};
  const auto scan = tree.scan(options);
  CHECK(scan.seen.size() <= 7);
  int declared = 0;
  for (const auto& seen : scan.seen) {
    declared += seen.key.job == "j7" || seen.key.job == "j33";
  }
  CHECK(declared == 2);
  REQUIRE(scan.findings.size() == 1);
  CHECK(scan.findings[0].id == "dir-flooded");
  CHECK(scan.flooded_uids == std::vector<std::uint32_t>{::geteuid()});
  CHECK(scan.unseen_uids.empty());
}

TEST_CASE("what a full disk sent to the owner's home is read, too") {
  Tree tree;
  tree.paths.flat = false;
  const std::string home = tree.root + "/home";
  const std::string dir = home + "/.bezalel/heartbeats";
  fs::create_directories(dir);
  tree.write("job.last", "1795500000");
  std::ofstream(dir + "/job.last") << "1795500060";
  Options options;
  options.home_of = [&](std::uint32_t uid) {
    return uid == ::geteuid() ? std::optional(home) : std::nullopt;
  };
  const auto scan = tree.scan(options);
  REQUIRE(scan.seen.size() == 2);
  for (const auto& seen : scan.seen) {
    CHECK(seen.key == core::JobKey{::geteuid(), "job"});
  }
  // By its time, whichever is read first.
  CHECK(scan.seen[1].beat->at == from_unix_seconds(1795500060));
  CHECK(scan.findings.empty());
}

TEST_CASE("nor does a flood at home hide declared jobs, or stay untold") {
  if (::geteuid() != 0) return;
  Tree tree;
  tree.paths.flat = false;
  const std::string home = tree.root + "/home";
  const std::string dir = home + "/.bezalel/heartbeats";
  fs::create_directories(dir);
  for (int i = 0; i < 50; ++i) {
    const std::string path = dir + "/j" + std::to_string(i) + ".last";
    std::ofstream(path) << "1795500000";
    REQUIRE(::chown(path.c_str(), 1001, 1001) == 0);
  }
  REQUIRE(::chown(dir.c_str(), 1001, 1001) == 0);
  Options options;
  options.budget_of_user = 5;
  options.home_of = [&](std::uint32_t) { return std::optional(home); };
  options.declared = {{1001, "j7"}, {1001, "j33"}, {1001, "absent"}};
  const auto scan = tree.scan(options);
  CHECK(scan.seen.size() <= 7);
  int declared = 0;
  for (const auto& seen : scan.seen) {
    declared += seen.key.job == "j7" || seen.key.job == "j33";
    CHECK(seen.beat);
  }
  CHECK(declared == 2);
  REQUIRE(scan.findings.size() == 1);
  CHECK(scan.findings[0].id == "dir-flooded");
  CHECK(scan.findings[0].source == dir);
  CHECK(scan.flooded_uids == std::vector<std::uint32_t>{1001});
}

TEST_CASE("names that are no job's are one finding") {
  const Tree tree;
  tree.write("-rf.last", "");
  tree.write("a\nb.last", "");
  const auto scan = tree.scan();
  CHECK(scan.seen.empty());
  REQUIRE(scan.findings.size() == 1);
  CHECK(scan.findings[0].id == "bad-name");
  CHECK(scan.findings[0].message.find('\n') == std::string::npos);
}

TEST_CASE("a missing store is said") {
  Tree tree;
  fs::remove_all(tree.root + "/heartbeats");
  CHECK(tree.scan().store_missing);
}

TEST_CASE("a run log is read from its cursor; a torn line waits") {
  const Tree tree;
  record::RunEnd end;
  end.job = "a";
  end.run_id = "r1";
  end.at = from_unix_seconds(1795500000);
  end.started = end.at;
  end.exit_code = 0;
  const std::string line = record::encode(end);
  tree.write("runs-20261124.jsonl",
             "\n" + line + "garbage\n" + line.substr(0, 20));
  RunLogReader reader(tree.paths, {});
  const auto first = reader.read_since({});
  CHECK(first.records.size() == 1);
  CHECK(first.skipped_lines == 1);
  CHECK(first.skipped_in == tree.file("runs-20261124.jsonl"));
  REQUIRE(first.cursors.size() == 1);
  std::ofstream(tree.file("runs-20261124.jsonl"), std::ios::app)
      << line.substr(20);
  const auto second = reader.read_since(first.cursors);
  CHECK(second.records.size() == 1);
  CHECK(second.skipped_lines == 0);
  CHECK(reader.read_since(second.cursors).records.empty());
}

TEST_CASE("records of a user's two places are in order of time") {
  const auto end = [](std::uint32_t uid, const char* id, int at) {
    record::RunEnd e;
    e.run_id = id;
    e.at = from_unix_seconds(1795500000 + at);
    return KeyedRecord{{uid, "a"}, e};
  };
  std::vector<KeyedRecord> near = {end(0, "root", 9), end(1, "s2", 20),
                                   end(1, "s1-late", 10), end(1, "s3", 30)};
  add_homes(near, {end(1, "h1", 1), end(2, "other", 0), end(1, "h2", 2),
                   end(1, "h3", 25)});
  std::vector<std::string> ids;
  for (const KeyedRecord& r : near) {
    ids.push_back(std::get<record::RunEnd>(r.second).run_id);
  }
  CHECK(ids == std::vector<std::string>{"root", "h1", "h2", "s2", "s1-late",
                                        "h3", "s3", "other"});
}

TEST_CASE("run logs that a listing came by are read without another") {
  const Tree tree;
  record::RunEnd end;
  end.job = "a";
  end.run_id = "r1";
  end.at = end.started = from_unix_seconds(1795500000);
  tree.write("runs-20261124.jsonl", record::encode(end));
  Options options;
  options.seen_logs = std::make_shared<SeenLogs>();
  HeartbeatReader heartbeats(tree.paths, options);
  RunLogReader logs(tree.paths, options);
  static_cast<void>(heartbeats.scan());
  // Not in that listing: it is for the next look.
  tree.write("runs-20261125.jsonl", record::encode(end));
  CHECK(logs.read_since({}).records.size() == 1);
  CHECK(logs.read_since({}).records.size() == 2);
}

TEST_CASE("of a flooded directory run logs are listed on their own") {
  const Tree tree;
  for (const char* name : {"a.last", "b.last", "runs-20261124.jsonl"}) {
    tree.write(name, "");
  }
  Options options;
  options.budget = 1;
  options.seen_logs = std::make_shared<SeenLogs>();
  static_cast<void>(HeartbeatReader(tree.paths, options).scan());
  CHECK_FALSE(options.seen_logs->take(tree.root + "/heartbeats"));
}

TEST_CASE("of one user's run logs only so much is read in one look") {
  if (::geteuid() != 0) return;
  const Tree tree;
  record::RunEnd end;
  end.job = "a";
  end.run_id = "r1";
  end.at = end.started = from_unix_seconds(1795500000);
  end.out.tail = std::string(2000, 'x');
  const std::string line = record::encode(end);
  const std::size_t lines = (std::size_t{6} << 20) / line.size();
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += line;
  fs::create_directories(tree.file("u/1000"));
  tree.write("u/1000/runs-20261124.jsonl", text);
  for (const char* path : {"u/1000", "u/1000/runs-20261124.jsonl"}) {
    REQUIRE(::chown(tree.file(path).c_str(), 1000, 1000) == 0);
  }
  RunLogReader reader(tree.paths, {});
  const auto first = reader.read_since({});
  const auto second = reader.read_since(first.cursors);
  CHECK(first.records.size() < lines);
  CHECK(first.records.size() + second.records.size() == lines);
  CHECK(first.skipped_lines + second.skipped_lines == 0);
}

TEST_CASE("a run is alive, gone, or of another boot") {
  const Tree tree;
  RunLogReader reader(tree.paths, {});
  record::RunStart start;
  start.boot_id = sys::boot_id();
  start.pid_ns = sys::pid_namespace();
  start.pid = ::getpid();
  start.pid_start = sys::process_start(::getpid()).value_or(0);
  CHECK(reader.life_of(start) == core::Life::alive);
  ++start.pid_start;
  CHECK(reader.life_of(start) == core::Life::gone);
  ++start.pid_ns;
  CHECK(reader.life_of(start) == core::Life::unknown);
  start.boot_id += "x";
  CHECK(reader.life_of(start) == core::Life::rebooted);
}

}  // namespace
}  // namespace bezalel::heartbeat
