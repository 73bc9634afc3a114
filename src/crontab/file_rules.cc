#include "crontab/file_rules.h"

#include <array>
#include <cstdio>

#include "base/escape.h"
#include "base/paste.h"

namespace bezalel::crontab {
namespace {

constexpr std::uint32_t kGroupOtherWrite = 022;
constexpr std::uint32_t kPrivate = 0600;
// cronie takes neither suid, sgid, x, nor a write bit of others; r of the owner
// must be there.
constexpr std::uint32_t kCronieMask = 07533;
constexpr std::uint32_t kCronieWanted = 0400;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9');
}

bool is_plain(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!is_letter_or_digit(c) && c != '_' && c != '-') return false;
  }
  return true;
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// ^_?([a-z0-9_.]+-)+[a-z0-9]+$, or ^[a-z0-9-].* of plain names: what -l takes.
bool is_lsb(std::string_view name) {
  for (const char* tail : {"dpkg-old", "dpkg-dist", "dpkg-new", "dpkg-tmp"}) {
    if (name.ends_with(tail)) return false;
  }
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return false;
  for (const char c : name.substr(dash + 1)) {
    if (!is_lower_or_digit(c)) return false;
  }
  char before = '-';
  for (const char c : name.substr(0, dash + 1)) {
    if (!is_lower_or_digit(c) && c != '_' && c != '.' && c != '-') return false;
    if (c == '-' && before == '-') return false;
    before = c;
  }
  return dash + 1 < name.size();
}

// cronie: everything but hidden files, backups and what rpm leaves behind.
bool cronie_takes(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.front() == '#') return false;
  for (const char* tail : {"~", ".rpmsave", ".rpmorig", ".rpmnew"}) {
    if (name.ends_with(tail)) return false;
  }
  return true;
}

bool systemd_cron_takes(std::string_view name) {
  if (name.empty() || name.front() == '.') return false;
  return name.find('~') == std::string_view::npos &&
         name.find(".dpkg") == std::string_view::npos &&
         name.find(".rpm") == std::string_view::npos;
}

bool takes_name(std::string_view name, Daemon daemon, const FileHost& host) {
  switch (daemon) {
    case Daemon::debian:
      return host.lsb_names ? is_plain(name) || is_lsb(name) : is_plain(name);
    case Daemon::cronie:
      return cronie_takes(name);
    case Daemon::systemd_cron:
      return systemd_cron_takes(name);
    case Daemon::busybox:
      return name.find('.') == std::string_view::npos;
  }
  return true;
}

std::string octal(std::uint32_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

Problem problem(const char* rule, std::string message) {
  return {0, 0, rule, std::move(message)};
}

std::optional<Problem> name_problem(const FileFacts& f, Daemon daemon,
                                    const FileHost& host) {
  if (!f.in_directory || takes_name(f.name, daemon, host)) return std::nullopt;
  if (daemon == Daemon::debian && f.name.find('.') != std::string::npos) {
    return problem("file-name",
                   "the name has a dot; expected letters, digits, "
                   "_ and - alone");
  }
  return problem("file-name", "the daemon passes over a file named " +
                                  escape_line(f.name) +
                                  "; expected letters, digits, _ and - alone");
}

std::optional<Problem> timer_problem(const FileFacts& f, Daemon daemon) {
  if (daemon != Daemon::systemd_cron || f.timer.empty()) return std::nullopt;
  return problem("file-timer",
                 escape_line(f.timer) +
                     (f.timer_masked ? " is masked, and that masks the file"
                                     : " is there in its place"));
}

std::optional<Problem> kind_problem(const FileFacts& f, Kind kind,
                                    Daemon daemon) {
  if (f.dangling) {
    return problem("file-kind", "is a link to nothing; expected a file");
  }
  if (!f.regular) return problem("file-kind", "expected a regular file");
  // Debian's cron opens a user's table with O_NOFOLLOW.
  if (f.symlink && daemon == Daemon::debian && kind == Kind::user) {
    return problem("file-kind", "a link; expected the file itself");
  }
  if (f.symlink && daemon == Daemon::debian && f.symlink_owner &&
      *f.symlink_owner != 0) {
    return problem("file-owner", "a link of uid " +
                                     std::to_string(*f.symlink_owner) +
                                     "; expected one of root");
  }
  return std::nullopt;
}

std::optional<Problem> owner_problem(const FileFacts& f, Kind kind,
                                     Daemon daemon) {
  if (!f.owner || *f.owner == 0) return std::nullopt;
  const bool own = kind == Kind::user && *f.owner == f.expected_owner;
  if (own && daemon != Daemon::busybox) return std::nullopt;
  const std::string expected =
      kind == Kind::user && daemon != Daemon::busybox
          ? "uid " + std::to_string(f.expected_owner) + " or root"
          : "root";
  return problem("file-owner", "owned by uid " + std::to_string(*f.owner) +
                                   "; expected " + expected);
}

std::optional<Problem> mode_problem(const FileFacts& f, Kind kind,
                                    Daemon daemon) {
  if (!f.mode) return std::nullopt;
  const std::uint32_t mode = *f.mode;
  switch (daemon) {
    case Daemon::debian:
      if (kind == Kind::user) {
        if (mode == kPrivate) return std::nullopt;
        return problem("file-mode", "mode " + octal(mode) + "; expected 0600");
      }
      if ((mode & kGroupOtherWrite) == 0) return std::nullopt;
      break;
    case Daemon::cronie:
      if ((mode & kCronieMask) == kCronieWanted) return std::nullopt;
      break;
    case Daemon::busybox:
    case Daemon::systemd_cron:
      return std::nullopt;
  }
  return problem("file-mode",
                 "mode " + octal(mode) + "; expected " +
                     (kind == Kind::user ? octal(kPrivate) : octal(0644)));
}

// The name with what the daemon does not take made into `-`.
std::string plain_name(std::string_view path) {
  std::string out(path);
  for (std::size_t i = out.rfind('/') + 1; i < out.size(); ++i) {
    const char c = out[i];
    if (!is_letter_or_digit(c) && c != '_' && c != '-') out[i] = '-';
  }
  return out;
}

// "/etc/cron.d/backup" of a plain ".../backup-sh".
std::string without_ending(std::string path) {
  const std::size_t start = path.rfind('/') + 1;
  for (const std::string_view tail : {"-sh", "-cron", "-crontab"}) {
    if (path.ends_with(tail) && path.size() - start > tail.size()) {
      path.resize(path.size() - tail.size());
      break;
    }
  }
  return path;
}

std::string move_to(const std::string& path, const std::string& name) {
  return "mv -n " + paste_word(path) + " " + paste_word(name);
}

// "x-2" of "x", or itself where nothing has that name.
std::string free_name(const std::string& plain, const std::string& path,
                      const IsThere& is_there) {
  std::string name = plain;
  for (int i = 2; name == path || is_there(name); ++i) {
    name = plain + "-" + std::to_string(i);
  }
  return name;
}

// What else has its jobs may have been made of it.
std::string rename_beside(const std::string& path, const std::string& other,
                          const IsThere& is_there) {
  return "remove it if " + paste_word(other) + " took its place; else: " +
         move_to(path, free_name(plain_name(path), path, is_there));
}

std::string rename_to_run(const std::string& path, const IsThere& is_there) {
  const std::string name = without_ending(plain_name(path));
  if (name == path || !is_there(name)) {
    return move_to(path, free_name(name, path, is_there));
  }
  return rename_beside(path, name, is_there);
}

}  // namespace

std::optional<Problem> refused_for(const FileFacts& facts, Kind kind,
                                   Daemon daemon, const FileHost& host) {
  if (auto p = name_problem(facts, daemon, host)) return p;
  if (auto p = timer_problem(facts, daemon)) return p;
  if (auto p = kind_problem(facts, kind, daemon)) return p;
  if (auto p = owner_problem(facts, kind, daemon)) return p;
  if (auto p = mode_problem(facts, kind, daemon)) return p;
  // Another name of the file could belong to somebody else.
  if (daemon == Daemon::debian && facts.links && *facts.links != 1) {
    return problem("file-links",
                   std::to_string(*facts.links) + " links; expected 1");
  }
  return std::nullopt;
}

bool blocks_daemon(const FileFacts& facts, Kind kind, Daemon daemon,
                   const FileHost& host) {
  if (!facts.fifo || name_problem(facts, daemon, host)) return false;
  switch (daemon) {
    case Daemon::debian:
      // Of a user's table it follows no link.
      return kind == Kind::system || !facts.symlink;
    case Daemon::busybox:
      return kind == Kind::user;
    case Daemon::cronie:  // opens with O_NONBLOCK
    case Daemon::systemd_cron:
      break;
  }
  return false;
}

std::string fix_for(const Problem& problem, const FileFacts& facts, Kind kind,
                    Daemon daemon, const IsThere& is_there) {
  const std::string path = paste_word(facts.path);
  if (problem.rule == "file-name") return rename_to_run(facts.path, is_there);
  if (problem.rule == "file-timer") {
    return facts.timer_masked
               ? "systemctl unmask " + paste_word(facts.timer)
               : rename_beside(facts.path, facts.timer, is_there);
  }
  if (problem.rule == "file-mode") {
    return (kind == Kind::user ? "chmod 0600 " : "chmod 0644 ") + path;
  }
  if (problem.rule == "file-owner") {
    const bool own = kind == Kind::user && daemon != Daemon::busybox;
    return std::string("chown ") + (facts.symlink ? "-h " : "") +
           (own ? std::to_string(facts.expected_owner) : "root") + " " + path;
  }
  if (problem.rule == "file-links") {
    return "cp -p " + path + " " + paste_word(facts.path + "-new") + " && mv " +
           paste_word(facts.path + "-new") + " " + path;
  }
  // crontab(1) reads it and puts a file of its own in its place.
  if (facts.symlink && !facts.dangling && kind == Kind::user) {
    return "crontab -u " + paste_word(facts.name) + " " + path;
  }
  return "put a regular file there";
}

bool is_leftover(const std::string& path, const IsThere& is_there) {
  const std::size_t start = path.rfind('/') + 1;
  const std::string_view name = std::string_view(path).substr(start);
  if (name.starts_with('.')) return true;
  // Set aside by somebody who says so.
  if (name.ends_with(".disabled") || name.ends_with(".off")) return true;
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    const std::string_view tail = name.substr(dot + 1);
    if (tail.starts_with("dpkg-") || tail.starts_with("ucf-") ||
        tail == "rpmnew" || tail == "rpmsave" || tail == "rpmorig") {
      return true;
    }
  }
  const std::string directory = path.substr(0, start);
  if (name.size() > 2 && name.starts_with('#') && name.ends_with('#')) {
    return is_there(directory + std::string(name.substr(1, name.size() - 2)));
  }
  for (const std::string_view tail : {"~", ".bak", ".old", ".orig", ".save"}) {
    if (name.size() > tail.size() && name.ends_with(tail)) {
      return is_there(path.substr(0, path.size() - tail.size()));
    }
  }
  return false;
}

bool is_of_spool(std::string_view name) {
  return name.starts_with("tmp.") || name == "cron.update";
}

bool run_parts_takes(std::string_view name, PartNames rule) {
  static constexpr std::array<std::string_view, 8> kPassedOver = {
      "~", ",", ".rpmsave", ".rpmorig", ".rpmnew", ".cfsaved", ".swp", ",v"};
  switch (rule) {
    case PartNames::plain:
      return is_plain(name);
    case PartNames::lsb:
      return is_plain(name) || is_lsb(name);
    case PartNames::fedora:
      return std::none_of(
          kPassedOver.begin(), kPassedOver.end(),
          [name](std::string_view end) { return name.ends_with(end); });
  }
  return false;
}

}  // namespace bezalel::crontab
