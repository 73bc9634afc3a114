#include "main_here.h"

#include <pwd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/escape.h"
#include "schedule/zone.h"
#include "setup/directories.h"
#include "sys/clock.h"
#include "sys/zone_name.h"

namespace bezalel {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string zone_of_root(const std::string& root) {
  const std::string name = sys::zone_name(root);
  return schedule::Zone::load(name) ? name : "UTC";
}

// TZ where it is a zone, else the host's.
std::string local_zone() {
  std::string tz = variable("TZ");
  if (tz.starts_with(":")) tz.erase(0, 1);
  if (!tz.empty() && schedule::Zone::load(tz)) return tz;
  return zone_of_root("");
}

std::string node_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "localhost";
}

// ../../bin/bezalel beside libexec/bezalel/bezalel; the plain name otherwise.
std::string typed_program() {
  std::string self(4096, '\0');
  const ssize_t n = ::readlink("/proc/self/exe", self.data(), self.size());
  if (n <= 0) return "bezalel";
  self.resize(static_cast<std::size_t>(n));
  for (int i = 0; i < 3; ++i)
    self.resize(self.rfind('/') == std::string::npos ? 0 : self.rfind('/'));
  const std::string small = self + "/bin/bezalel";
  return ::access(small.c_str(), X_OK) == 0 ? small : "bezalel";
}

}  // namespace

std::optional<sys::Owner> state_owner(const Here& here) {
  if (!here.as_root || here.scope != setup::Scope::system) return std::nullopt;
  const auto service = setup::service_user();
  if (!service) return std::nullopt;
  return sys::Owner{service->uid, service->gid};
}

std::uint32_t report_uid(const Here& here) {
  if (here.scope == setup::Scope::flat) return here.paths.owner;
  const auto service = state_owner(here);
  return service ? service->uid : here.uid;
}

Result<Here> find_here(const cli::Global& global, app::Users& users) {
  Here here;
  here.uid = ::geteuid();
  here.as_root = here.uid == 0;
  here.user = users.name_of(here.uid);
  here.host = variable("BEZALEL_HOST");
  here.host_is_forced = !here.host.empty();
  if (here.host.empty()) here.host = node_name();
  here.zone = local_zone();
  here.program = typed_program();
  if (!global.root.empty()) {
    struct stat s{};
    if (::stat(global.root.c_str(), &s) != 0) {
      return sys::errno_error("--root " + global.root, errno);
    }
    if (!S_ISDIR(s.st_mode)) {
      return err(Kind::invalid,
                 "--root " + global.root + ": expected a directory");
    }
    here.scope = setup::Scope::flat;
    std::string root = global.root;
    if (root[0] != '/') {
      char* absolute = ::realpath(root.c_str(), nullptr);
      if (absolute) root = absolute;
      std::free(absolute);
    }
    here.paths = record::flat_paths(root, s.st_uid);
    here.bezalel += " --root " + shell_quote(root);
    return here;
  }
  const bool service = here.user == "bezalel";
  if (global.mine || (!here.as_root && !service)) {
    std::string home = variable("HOME");
    if (home.empty()) home = users.home_of(here.uid).value_or("");
    if (home.empty()) {
      return err(Kind::usage, "HOME: not set; expected a home directory");
    }
    here.scope = setup::Scope::user;
    // For everybody else it is what they get without it.
    if (here.as_root || service) here.bezalel += " --mine";
    here.paths = record::user_paths(home, here.uid);
    return here;
  }
  here.paths = record::system_paths();
  return here;
}

discover::Options discover_options(const Here& here, std::string sysroot) {
  discover::Options options;
  options.sysroot = std::move(sysroot);
  // The service is not root, and reads everything by its capability.
  options.who = {here.scope == setup::Scope::system, here.uid, here.user,
                 false};
  auto zone = schedule::Zone::load(
      options.sysroot.empty() ? here.zone : zone_of_root(options.sysroot));
  if (zone) options.zone = *std::move(zone);
  options.now = [] { return sys::SystemClock().wall(); };
  options.boot = [] { return sys::SystemClock().boot(); };
  options.monotonic = [] {
    const sys::SystemClock clock;
    return clock.boot().time_since_epoch() -
           clock.asleep().value_or(Duration());
  };
  options.runtime_dir = variable("XDG_RUNTIME_DIR");
  return options;
}

}  // namespace bezalel
