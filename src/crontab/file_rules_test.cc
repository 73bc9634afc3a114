#include "crontab/file_rules.h"

#include <doctest/doctest.h>

#include <set>

namespace bezalel::crontab {
namespace {

IsThere there(const std::set<std::string>& paths) {
  return [paths](const std::string& path) { return paths.count(path) != 0; };
}

}  // namespace

TEST_CASE("what lies among the tables of users and is none") {
  CHECK(is_of_spool("tmp.Xa1b2c"));
  CHECK(is_of_spool("cron.update"));
  CHECK_FALSE(is_of_spool("root"));
  CHECK_FALSE(is_of_spool("cron"));
}

TEST_CASE("names that a daemon passes over in its directory") {
  struct Row {
    const char* name;
    bool debian, lsb, cronie, systemd;
  };
  const Row rows[] = {
      {"backup", true, true, true, true},
      {"Back_up-2", true, true, true, true},
      {"backup.sh", false, false, true, true},
      {"example.com-backup", false, true, true, true},
      {"_x.y-z", false, true, true, true},
      {"backup~", false, false, false, false},
      {".hidden", false, false, false, false},
      {"a b", false, false, true, true},
      {"x.rpmnew", false, false, false, false},
      {"x.dpkg-dist", false, false, true, false},
      {"a.b-dpkg-old", false, false, true, true},
      {"anacron", true, true, true, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FileFacts f;
    f.name = row.name;
    f.path = std::string("/etc/cron.d/") + row.name;
    f.in_directory = true;
    const auto takes = [&](Daemon daemon, bool lsb) {
      return !refused_for(f, Kind::system, daemon, {lsb});
    };
    CHECK(takes(Daemon::debian, false) == row.debian);
    CHECK(takes(Daemon::debian, true) == row.lsb);
    CHECK(takes(Daemon::cronie, false) == row.cronie);
    CHECK(takes(Daemon::systemd_cron, false) == row.systemd);
    f.in_directory = false;
    CHECK(takes(Daemon::debian, false));
  }
}

TEST_CASE("owner, mode, links and kind") {
  struct Row {
    Kind kind;
    Daemon daemon;
    std::uint32_t owner, mode;
    int links;
    const char* rule;  // empty: it is read
  };
  const Row rows[] = {
      {Kind::system, Daemon::debian, 0, 0644, 1, ""},
      {Kind::system, Daemon::debian, 0, 0755, 1, ""},
      {Kind::system, Daemon::debian, 0, 0000, 1, ""},
      {Kind::system, Daemon::debian, 0, 0664, 1, "file-mode"},
      {Kind::system, Daemon::debian, 0, 0646, 1, "file-mode"},
      {Kind::system, Daemon::debian, 7, 0644, 1, "file-owner"},
      {Kind::system, Daemon::debian, 0, 0644, 2, "file-links"},
      {Kind::user, Daemon::debian, 7, 0600, 1, ""},
      {Kind::user, Daemon::debian, 0, 0600, 1, ""},
      {Kind::user, Daemon::debian, 8, 0600, 1, "file-owner"},
      {Kind::user, Daemon::debian, 7, 0640, 1, "file-mode"},
      {Kind::user, Daemon::debian, 7, 0400, 1, "file-mode"},
      {Kind::user, Daemon::cronie, 7, 0400, 1, ""},
      {Kind::user, Daemon::cronie, 7, 0700, 1, "file-mode"},
      {Kind::system, Daemon::cronie, 0, 0644, 2, ""},
      {Kind::system, Daemon::cronie, 0, 0664, 1, "file-mode"},
      {Kind::user, Daemon::busybox, 7, 0600, 1, "file-owner"},
      {Kind::user, Daemon::busybox, 0, 0666, 1, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.daemon));
    CAPTURE(row.owner);
    CAPTURE(row.mode);
    FileFacts f;
    f.path = "/t/x";
    f.owner = row.owner;
    f.expected_owner = row.kind == Kind::user ? 7 : 0;
    f.mode = row.mode;
    f.links = row.links;
    const auto problem = refused_for(f, row.kind, row.daemon);
    CHECK((problem ? problem->rule : "") == row.rule);
  }
  FileFacts f;
  f.dangling = true;
  CHECK(refused_for(f, Kind::system, Daemon::debian)->rule == "file-kind");
  f.dangling = false;
  f.symlink = true;
  f.symlink_owner = 7;
  CHECK(refused_for(f, Kind::system, Daemon::debian)->rule == "file-owner");
  CHECK_FALSE(refused_for(f, Kind::system, Daemon::cronie));
}

TEST_CASE("Debian's cron follows no link to a user's table") {
  FileFacts f;
  f.path = "/var/spool/cron/crontabs/ann";
  f.name = "ann";
  f.symlink = true;
  f.symlink_owner = 0;
  CHECK_FALSE(refused_for(f, Kind::system, Daemon::debian));
  const auto problem = refused_for(f, Kind::user, Daemon::debian);
  REQUIRE(problem);
  CHECK(problem->rule == "file-kind");
  CHECK(fix_for(*problem, f, Kind::user, Daemon::debian, there({})) ==
        "crontab -u ann /var/spool/cron/crontabs/ann");
  CHECK_FALSE(refused_for(f, Kind::user, Daemon::busybox));
}

TEST_CASE("a daemon waits in a FIFO that it opens") {
  FileFacts f;
  f.name = "pipe";
  f.in_directory = true;
  f.fifo = true;
  f.regular = false;
  CHECK(blocks_daemon(f, Kind::system, Daemon::debian));
  CHECK(blocks_daemon(f, Kind::user, Daemon::debian));
  CHECK_FALSE(blocks_daemon(f, Kind::system, Daemon::cronie));
  f.symlink = true;
  CHECK(blocks_daemon(f, Kind::system, Daemon::debian));
  CHECK_FALSE(blocks_daemon(f, Kind::user, Daemon::debian));
  f.name = "pi.pe";
  CHECK_FALSE(blocks_daemon(f, Kind::system, Daemon::debian));
}

TEST_CASE("the fix is what to type") {
  FileFacts f;
  f.path = "/etc/cron.d/clean up.sh";
  const auto fix = [&](const char* rule, Kind kind) {
    return fix_for({0, 0, rule, ""}, f, kind, Daemon::debian, there({}));
  };
  CHECK(fix("file-name", Kind::system) ==
        "mv -n '/etc/cron.d/clean up.sh' /etc/cron.d/clean-up");
  f.path = "/etc/cron.d/x";
  f.expected_owner = 7;
  CHECK(fix("file-mode", Kind::system) == "chmod 0644 /etc/cron.d/x");
  CHECK(fix("file-mode", Kind::user) == "chmod 0600 /etc/cron.d/x");
  CHECK(fix("file-owner", Kind::user) == "chown 7 /etc/cron.d/x");
  CHECK(fix("file-owner", Kind::system) == "chown root /etc/cron.d/x");
}

TEST_CASE("systemd-cron leaves a file to the timer of its name") {
  FileFacts f;
  f.path = "/etc/cron.d/x";
  f.name = "x";
  f.in_directory = true;
  f.timer = "x.timer";
  const auto fix = [&] {
    const auto problem = refused_for(f, Kind::system, Daemon::systemd_cron);
    REQUIRE(problem);
    CHECK(problem->rule == "file-timer");
    return fix_for(*problem, f, Kind::system, Daemon::systemd_cron,
                   there({f.path}));
  };
  CHECK(fix() ==
        "remove it if x.timer took its place; else: "
        "mv -n /etc/cron.d/x /etc/cron.d/x-2");
  f.timer_masked = true;
  CHECK(fix() == "systemctl unmask x.timer");
  CHECK_FALSE(refused_for(f, Kind::system, Daemon::debian));
}

TEST_CASE("no file is told to take a name that is there") {
  FileFacts f;
  std::set<std::string> paths;
  const auto fix = [&](const char* path) {
    f.path = path;
    paths.insert(path);
    return fix_for({0, 0, "file-name", ""}, f, Kind::system, Daemon::debian,
                   there(paths));
  };
  paths = {"/etc/cron.d/x"};
  CHECK(fix("/etc/cron.d/x.sh") ==
        "remove it if /etc/cron.d/x took its place; else: "
        "mv -n /etc/cron.d/x.sh /etc/cron.d/x-sh");
  paths = {"/etc/cron.d/x", "/etc/cron.d/x-sh", "/etc/cron.d/x-sh-2"};
  CHECK(fix("/etc/cron.d/x.sh") ==
        "remove it if /etc/cron.d/x took its place; else: "
        "mv -n /etc/cron.d/x.sh /etc/cron.d/x-sh-3");
  paths = {"/etc/cron.d/a-b"};
  CHECK(fix("/etc/cron.d/a.b") ==
        "remove it if /etc/cron.d/a-b took its place; else: "
        "mv -n /etc/cron.d/a.b /etc/cron.d/a-b-2");
  paths = {};
  CHECK(fix("/etc/cron.d/x") == "mv -n /etc/cron.d/x /etc/cron.d/x-2");
  CHECK(fix("/etc/cron.d/+sh") == "mv -n /etc/cron.d/+sh /etc/cron.d/-sh");
}

TEST_CASE("what packages and editors leave beside a file") {
  struct Row {
    const char* name;
    bool alone, beside;
  };
  const Row rows[] = {
      {"x.dpkg-dist", true, true}, {"x.dpkg-old", true, true},
      {"x.dpkg-new", true, true},  {"x.dpkg-bak", true, true},
      {"x.ucf-dist", true, true},  {"x.ucf-old", true, true},
      {"x.rpmsave", true, true},   {".x.swp", true, true},
      {"x~", false, true},         {"x.bak", false, true},
      {"x.disabled", true, true},  {"x.off", true, true},
      {"#x#", false, true},        {"x.sh", false, false},
      {"x", false, false},         {"~", false, false},
      {"x.ucf", false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string path = std::string("/etc/cron.d/") + row.name;
    CHECK(is_leftover(path, there({})) == row.alone);
    CHECK(is_leftover(path, there({"/etc/cron.d/x"})) == row.beside);
  }
}

TEST_CASE("run-parts passes over what has a dot") {
  CHECK(run_parts_takes("backup"));
  CHECK_FALSE(run_parts_takes("backup.sh"));
  CHECK(run_parts_takes("backup.sh", PartNames::fedora));
  CHECK(run_parts_takes("0yum-daily.cron", PartNames::fedora));
  for (const char* name : {"a~", "a,", "a.rpmsave", "a.rpmnew", "a.rpmorig",
                           "a.cfsaved", "a.swp", "a,v"}) {
    CHECK_FALSE(run_parts_takes(name, PartNames::fedora));
  }
  CHECK(run_parts_takes("example.com-x", PartNames::lsb));
}

}  // namespace bezalel::crontab
