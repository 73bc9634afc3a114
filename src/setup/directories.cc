#include "setup/directories.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "base/escape.h"
#include "sys/command.h"
#include "sys/file.h"

namespace bezalel::setup {
namespace {

constexpr char kServiceUser[] = "bezalel";

struct Wanted {
  std::string path;
  mode_t mode;
  std::optional<sys::Owner> owner;
};

Result<void> ensure(const Wanted& wanted, const Say& say) {
  struct stat before{};
  const bool there = ::lstat(wanted.path.c_str(), &before) == 0;
  if (there && !S_ISDIR(before.st_mode)) {
    return err(Kind::corrupt, wanted.path + ": is no directory; expected one");
  }
  BZ_TRY(sys::make_directories(wanted.path, wanted.mode));
  BZ_ASSIGN(const sys::Directory dir, sys::Directory::open(wanted.path));
  const struct stat now = dir.status();
  // Who may write to the directory above could have put a link in its place
  // meanwhile: what was opened must be what stands there.
  struct stat named{};
  if (::lstat(wanted.path.c_str(), &named) != 0 || named.st_dev != now.st_dev ||
      named.st_ino != now.st_ino) {
    return err(Kind::conflict,
               wanted.path + ": was changed meanwhile; expected a directory");
  }
  bool changed = !there;
  if (wanted.owner &&
      (now.st_uid != wanted.owner->uid || now.st_gid != wanted.owner->gid)) {
    if (::fchown(dir.fd(), wanted.owner->uid, wanted.owner->gid) != 0) {
      return sys::errno_error(wanted.path, errno);
    }
    changed = true;
  }
  if ((now.st_mode & 07777) != wanted.mode || changed) {
    if (::fchmod(dir.fd(), wanted.mode) != 0) {
      return sys::errno_error(wanted.path, errno);
    }
    changed = changed || (now.st_mode & 07777) != wanted.mode;
  }
  if (changed) {
    say(fmt::format("{:<9} {} ({:04o})", there ? "corrected" : "made",
                    wanted.path, static_cast<unsigned>(wanted.mode)));
  }
  return {};
}

std::string parent(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::vector<Wanted> base_layout(const record::Paths& paths, Scope scope) {
  const auto service = service_user();
  std::optional<sys::Owner> root, group;
  mode_t private_mode = 0700, state_mode = 0700;
  if (scope == Scope::system) {
    root = sys::Owner{0, 0};
    group = sys::Owner{0, service ? service->gid : 0};
    private_mode = 0750;
    state_mode = service ? 01775 : 0755;
  }
  std::vector<Wanted> all;
  if (scope != Scope::flat) {
    all.push_back({parent(paths.settings), private_mode, group});
  }
  all.push_back({paths.jobs_dir, private_mode, group});
  all.push_back(
      {paths.state_dir, scope == Scope::flat ? 0755 : state_mode, group});
  if (scope != Scope::user) {
    all.push_back({paths.heartbeats, 0755, root});
    all.push_back({paths.heartbeats + "/u", 0755, root});
  }
  std::optional<sys::Owner> reports = group;
  if (scope == Scope::system && service) {
    reports = sys::Owner{service->uid, service->gid};
  }
  all.push_back(
      {paths.reports, scope == Scope::system ? 0755u : 0700u, reports});
  return all;
}

}  // namespace

std::optional<Service> service_user() {
  const passwd* user = ::getpwnam(kServiceUser);
  if (user == nullptr) return std::nullopt;
  return Service{user->pw_uid, user->pw_gid};
}

void make_service_user(const Say& say) {
  if (service_user()) return;
  const std::vector<std::vector<std::string>> ways = {
      {"systemd-sysusers", "--inline",
       "u bezalel - \"Bezalel checker\" /var/lib/bezalel /usr/sbin/nologin"},
      {"useradd", "--system", "--user-group", "--home-dir", "/var/lib/bezalel",
       "--no-create-home", "--shell", "/usr/sbin/nologin", "--comment",
       "Bezalel checker", kServiceUser}};
  for (const auto& argv : ways) {
    const auto done = sys::run_command(argv);
    if (done && done->status == 0 && service_user()) {
      say(std::string("made      user ") + kServiceUser);
      return;
    }
  }
  say(std::string("skipped   user ") + kServiceUser +
      ": could not be made; the units need it, cron does not");
}

Result<void> make_layout(const record::Paths& paths, Scope scope,
                         const std::vector<std::string>& users,
                         app::Users& names, const Say& say) {
  for (const Wanted& wanted : base_layout(paths, scope)) {
    BZ_TRY(ensure(wanted, say));
  }
  if (scope != Scope::system) return {};
  const auto service = service_user();
  const std::set<std::string> unique(users.begin(), users.end());
  for (const std::string& user : unique) {
    const auto uid = names.uid_of(user);
    if (!uid) {
      say(fmt::format("skipped   {}: no such user", escape_line(user, 60)));
      continue;
    }
    if (*uid == paths.owner) continue;
    const sys::Owner owner{*uid, service ? service->gid : 0};
    BZ_TRY(ensure({paths.heartbeats_of(*uid), 02750, owner}, say));
  }
  return {};
}

}  // namespace bezalel::setup
