#include "discover/spools.h"

#include <sys/stat.h>

#include <algorithm>

namespace bezalel::discover {
namespace {

using crontab::Daemon;

std::vector<std::string> usual_spools(Daemon daemon) {
  switch (daemon) {
    case Daemon::debian:
    case Daemon::systemd_cron:
      return {"/var/spool/cron/crontabs"};
    case Daemon::cronie:
      return {"/var/spool/cron"};
    case Daemon::busybox:
      return {"/etc/crontabs", "/var/spool/cron/crontabs"};
  }
  return {};
}

}  // namespace

bool same_file(const Root& root, const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto one = root.status(a);
  const auto two = root.status(b);
  return one && two && one->st_dev == two->st_dev && one->st_ino == two->st_ino;
}

std::vector<std::string> spools_of(const Root& root, const Daemons& daemons) {
  for (const RunningDaemon& d : daemons.running) {
    if (!d.spool.empty()) return {d.spool};
  }
  std::vector<std::string> places;
  for (const std::string& spool :
       usual_spools(daemons.serving.value_or(Daemon::debian))) {
    const bool twice = std::any_of(
        places.begin(), places.end(),
        [&](const auto& place) { return same_file(root, place, spool); });
    if (!twice) places.push_back(spool);
  }
  return places;
}

}  // namespace bezalel::discover
