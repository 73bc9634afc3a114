#include "settings/load.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/escape.h"
#include "schedule/schedule.h"
#include "sys/file.h"

namespace bezalel::settings {

namespace {

constexpr std::size_t kMostBytes = 4 << 20;
constexpr std::size_t kMostSecret = 4096;

void tell_unreadable(const std::string& path, const Error& error,
                     app::Settings& out) {
  app::Finding finding;
  finding.id = "settings-unreadable";
  finding.source = path;
  finding.message = error.what;
  finding.alarm = core::Severity::p2;
  out.findings.push_back(std::move(finding));
  out.unread.push_back(path);
}

// A group is fine where it is the owner's own, as useradd(8) makes them.
std::string open_to(const struct stat& status, std::uint32_t owner) {
  if (status.st_uid != 0 && status.st_uid != owner) {
    return fmt::format("uid {}, who owns it", status.st_uid);
  }
  if ((status.st_mode & S_IWOTH) != 0) return "anybody";
  const bool by_group = (status.st_mode & S_IWGRP) != 0;
  if (by_group && status.st_uid == 0 && status.st_gid != 0) {
    return fmt::format("group {}", status.st_gid);
  }
  return {};
}

// The group that may write /usr/local on a Debian that was upgraded from one
// before 12, and that is as good as root there (policy 9.1.2).
constexpr gid_t kStaff = 50;

// In a folder with the sticky bit nobody moves what is another's.
std::string folder_open_to(const std::string& file, std::uint32_t owner) {
  const std::string folder = file.substr(0, file.rfind('/') + 1);
  struct stat status = {};
  if (::stat(folder.c_str(), &status) != 0) return {};
  if ((status.st_mode & S_ISVTX) != 0)
    status.st_mode &= ~mode_t{S_IWGRP | S_IWOTH};
  if (status.st_gid == kStaff) status.st_mode &= ~mode_t{S_IWGRP};
  const std::string by = open_to(status, owner);
  return by.empty() ? by : by + " (its folder)";
}

// Of the file behind all links, of the link's own folder and of the file's.
// What is not there is no danger, and is told when it is to run.
std::string program_open_to(const std::string& program, std::uint32_t owner) {
  struct stat status = {};
  struct stat link = {};
  if (::stat(program.c_str(), &status) != 0 ||
      ::lstat(program.c_str(), &link) != 0) {
    return {};
  }
  if (std::string by = open_to(status, owner); !by.empty()) return by;
  if (link.st_uid != 0 && link.st_uid != owner) {
    return fmt::format("uid {}, who owns the link", link.st_uid);
  }
  if (std::string by = folder_open_to(program, owner); !by.empty()) return by;
  if (!S_ISLNK(link.st_mode)) return {};
  const std::unique_ptr<char, decltype(&::free)> real(
      ::realpath(program.c_str(), nullptr), &::free);
  return real ? folder_open_to(real.get(), owner) : std::string();
}

// Whoever writes settings decides what is watched, and whom alarms reach.
void parse_file(const std::string& text, const Source& source,
                const Context& context, app::Users& users, app::Settings& out) {
  parse(text, source, context, users, out);
  if (source.open_to.empty()) return;
  app::Finding finding;
  finding.id = "settings-writable";
  finding.source = source.path;
  finding.message = fmt::format(
      "may be written by {}; its actions and exec channels are passed over",
      source.open_to);
  finding.fix = fmt::format("chown {0} {1} && chmod go-w {1}",
                            context.default_uid, shell_quote(source.path));
  finding.alarm = core::Severity::p1;
  out.findings.push_back(std::move(finding));
}

Source source_of(const std::string& path, File kind, const Context& context) {
  Source source;
  source.path = path;
  source.kind = kind;
  struct stat status = {};
  source.may_act = false;
  if (::stat(path.c_str(), &status) == 0) {
    const std::uint32_t owner = context.default_uid;
    source.mtime = sys::modified(status);
    source.open_to = open_to(status, owner);
    source.may_act = source.open_to.empty() && (status.st_mode & S_IWGRP) == 0;
  }
  source.read_secret = [paths = context.paths](const std::string& file) {
    return read_secret(file, paths);
  };
  source.program_open_to = program_open_to;
  return source;
}

bool is_job_file(std::string_view name) {
  return name.ends_with(".toml") && name.size() > 5 && name.front() != '.';
}

void load_jobs(const Context& context, app::Users& users, app::Settings& out) {
  auto dir = sys::Directory::open(context.paths.jobs_dir);
  if (!dir) {
    if (dir.error().kind != Kind::not_found) {
      tell_unreadable(context.paths.jobs_dir, dir.error(), out);
    }
    return;
  }
  std::vector<std::string> names;
  const auto listed = dir->each([&](const char* name) {
    if (is_job_file(name)) names.emplace_back(name);
    return true;
  });
  if (!listed) {
    tell_unreadable(context.paths.jobs_dir, listed.error(), out);
  }
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    const std::string path = context.paths.jobs_dir + "/" + name;
    const auto text = sys::read_file(path, kMostBytes);
    if (text) {
      parse_file(*text, source_of(path, File::jobs, context), context, users,
                 out);
    } else {
      tell_unreadable(path, text.error(), out);
    }
  }
}

// A report that nobody sends is a silent job like any other.
void expect_report(const Context& context, app::Settings& out) {
  if (out.report_to.empty()) return;
  for (const app::DeclaredJob& job : out.jobs) {
    if (job.name == app::kReportJob) return;
  }
  app::DeclaredJob job;
  job.name = app::kReportJob;
  job.uid = context.report_uid;
  job.expectation = core::Expectation{schedule::Every{app::kReportEvery},
                                      {},
                                      {},
                                      core::ExpectationSource::job_file,
                                      context.paths.settings};
  job.severity = core::Severity::p2;
  job.where = context.paths.settings;
  struct stat status = {};
  if (::stat(context.paths.settings.c_str(), &status) == 0) {
    job.file_mtime = sys::modified(status);
  }
  out.jobs.push_back(std::move(job));
}

}  // namespace

Result<app::Settings> load(const Context& context, app::Users& users) {
  app::Settings out;
  out.host = context.host;
  out.zone = context.zone;
  out.bezalel = context.bezalel;
  out.own_of = context.own_of;
  const std::string& path = context.paths.settings;
  auto text = sys::read_file(path, kMostBytes);
  if (text) {
    parse_file(*text, source_of(path, File::settings, context), context, users,
               out);
  } else if (text.error().kind != Kind::not_found) {
    return std::move(text).error();
  } else if (struct stat link = {}; ::lstat(path.c_str(), &link) == 0) {
    tell_unreadable(path, Error{Kind::not_found, "a link to nothing"}, out);
  }
  load_jobs(context, users, out);
  expect_report(context, out);
  return out;
}

std::string text_of(const app::Finding& finding) {
  std::string text = finding.source;
  if (finding.line) text += fmt::format(":{}", *finding.line);
  if (finding.line && finding.column) {
    text += fmt::format(":{}", *finding.column);
  }
  return text + ": " + finding.message;
}

Result<Secret> read_secret(const std::string& path,
                           const record::Paths& paths) {
  if (path.empty() || path.front() != '/') {
    return err(Kind::invalid, "expected an absolute path");
  }
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    // Who asked names the file.
    return err(Kind::denied, ::strerrordesc_np(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return err(Kind::denied, "is no regular file");
  }
  const uid_t owner = status.st_uid;
  if (owner != 0 && owner != paths.owner && owner != ::geteuid()) {
    return err(Kind::denied, fmt::format("belongs to uid {}; expected root or "
                                         "the owner of the settings",
                                         owner));
  }
  const bool group_may_read = !paths.flat && owner == 0;
  const mode_t forbidden = group_may_read ? 0137 : 0177;
  if ((status.st_mode & forbidden) != 0) {
    return err(
        Kind::corrupt,
        fmt::format("mode is {:04o}; expected {}", status.st_mode & 07777U,
                    group_may_read ? "0600, or 0640 root:bezalel" : "0600"));
  }
  BZ_ASSIGN(std::string bytes, sys::read_file(path, kMostSecret));
  bytes.resize(std::min(bytes.size(), bytes.find('\n')));
  while (!bytes.empty() && (bytes.back() == '\r' || bytes.back() == ' ')) {
    bytes.pop_back();
  }
  if (bytes.empty()) return err(Kind::invalid, "is empty");
  return Secret(std::move(bytes));
}

}  // namespace bezalel::settings
