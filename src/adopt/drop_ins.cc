#include "adopt/drop_ins.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/escape.h"
#include "sys/command.h"
#include "sys/file.h"

namespace bezalel::adopt {
namespace {

using app::DropInEdit;
using app::TimerUnit;

constexpr std::string_view kServiceDirectory = ".service.d";
constexpr char kFile[] = "/50-bezalel.conf";
constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

// The value of "NAME=" in what `systemctl show` prints.
std::string property(const std::string& output, const std::string& name) {
  std::size_t at = 0;
  while (at < output.size()) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    const std::string line = output.substr(at, end - at);
    if (line.starts_with(name + "=")) return line.substr(name.size() + 1);
    at = end + 1;
  }
  return {};
}

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

std::vector<std::string> DropIns::systemctl(
    std::initializer_list<std::string> arguments) const {
  std::vector<std::string> argv = {"systemctl"};
  if (manager_ == Manager::user) argv.emplace_back("--user");
  argv.insert(argv.end(), arguments);
  return argv;
}

std::string DropIns::path_for(const std::string& service) const {
  return units_ + "/" + service + ".d" + kFile;
}

Result<TimerUnit> DropIns::find(const std::string& timer) {
  BZ_ASSIGN(const auto shown,
            sys::run_command(
                systemctl({"show", "--property=LoadState,Unit", "--", timer})));
  if (shown.status != 0 || shown.timed_out) {
    return err(
        Kind::unavailable,
        "systemd does not answer: " +
            escape_line(shown.output.substr(0, shown.output.find('\n')), 120));
  }
  const std::string service = property(shown.output, "Unit");
  if (property(shown.output, "LoadState") != "loaded" ||
      !service.ends_with(".service") ||
      service.find('/') != std::string::npos) {
    return err(Kind::not_found, escape_line(timer) +
                                    ": expected a timer that starts a service; "
                                    "see bezalel discover");
  }
  return TimerUnit{timer, service, path_for(service)};
}

std::vector<TimerUnit> DropIns::present() {
  std::vector<TimerUnit> units;
  const auto dir = sys::Directory::open(units_);
  if (!dir) return units;
  static_cast<void>(dir->each([&](const char* entry) {
    const std::string name = entry;
    if (!name.ends_with(kServiceDirectory)) return true;
    const std::string service = name.substr(0, name.size() - 2);
    const std::string path = path_for(service);
    if (::access(path.c_str(), F_OK) == 0) units.push_back({{}, service, path});
    return true;
  }));
  std::sort(units.begin(), units.end(),
            [](const auto& a, const auto& b) { return a.service < b.service; });
  return units;
}

Result<std::string> DropIns::read(const TimerUnit& unit) {
  auto text = sys::read_file(unit.path, kMostBytes);
  if (!text && text.error().kind == Kind::not_found) return std::string();
  return text;
}

Result<void> DropIns::write(const DropInEdit& edit) {
  const std::string& path = edit.unit.path;
  BZ_ASSIGN(const std::string now, read(edit.unit));
  if (now != edit.before) {
    return err(Kind::conflict, "was changed meanwhile; try again");
  }
  if (!edit.after.empty()) {
    BZ_TRY(sys::make_directories(directory_of(path), 0755));
    return sys::write_file(path, edit.after, 0644, sys::Durable::yes);
  }
  if (::unlink(path.c_str()) != 0) return sys::errno_error(path, errno);
  // Ours, unless somebody has put a drop-in beside it.
  ::rmdir(directory_of(path).c_str());
  return {};
}

Result<void> DropIns::reload() {
  const char* command = manager_ == Manager::user
                            ? "systemctl --user daemon-reload"
                            : "systemctl daemon-reload";
  const auto done = sys::run_command(systemctl({"daemon-reload"}));
  if (done && done->status == 0 && !done->timed_out) return {};
  return err(Kind::unavailable,
             std::string("systemd has not read it yet; run: ") + command);
}

}  // namespace bezalel::adopt
