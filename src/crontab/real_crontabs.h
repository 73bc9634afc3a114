// For tests: real crontabs from public repositories. They are not ours to
// copy, so they are read where they stand: BEZALEL_TEST_DATA says where, else
// it is the folder shared/data beside the project.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/json_read.h"
#include "crontab/crontab.h"

namespace bezalel::crontab {

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

// The folder of crontabs; empty, and a word in the test's output, where there
// is none.
inline std::filesystem::path real_crontabs() {
  // layers: allow getenv, a test's own setting
  const char* given = std::getenv("BEZALEL_TEST_DATA");
  const std::filesystem::path folder =
      (given ? std::filesystem::path(given)
             : std::filesystem::path(BEZALEL_SOURCE_DIR) / "../shared/data") /
      "crontabs";
  if (std::filesystem::is_directory(folder)) return folder;
  MESSAGE("skipped: no ", folder.string());
  return {};
}

// Each of them as a table of either kind for each daemon; calls
// see(bytes, kind, daemon). False where there are none.
template <class See>
bool for_each_real_table(const See& see) {
  const auto folder = real_crontabs();
  if (folder.empty()) return false;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string bytes = bytes_of(entry.path());
    CAPTURE(entry.path().string());
    for (const Kind kind : {Kind::user, Kind::system}) {
      for (const Daemon daemon : {Daemon::debian, Daemon::cronie,
                                  Daemon::busybox, Daemon::systemd_cron}) {
        see(bytes, kind, daemon);
      }
    }
  }
  return true;
}

// Those of which the index tells what Debian's daemon made of them; calls
// see(answers, file, table). False where there are none.
template <class See>
bool for_each_answered_crontab(const See& see) {
  const auto folder = real_crontabs();
  if (folder.empty()) return false;
  std::ifstream index(folder / "index.jsonl");
  for (std::string row; std::getline(index, row);) {
    const auto answers = *JsonValue::parse(row);
    const std::string file = *answers.member("file")->as_string();
    CAPTURE(file);
    const bool system = *answers.member("kind")->as_string() == "system";
    see(answers, file,
        parse(bytes_of(folder / file), system ? Kind::system : Kind::user,
              Daemon::debian));
  }
  return true;
}

}  // namespace bezalel::crontab
