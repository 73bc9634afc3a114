#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/escape.h"
#include "settings/load.h"
#include "settings/toml_table.h"
#include "sys/file.h"

namespace bezalel::settings {
namespace {

constexpr std::size_t kMostBytes = 4 << 20;

Result<void> expect_toml(const std::string& path, std::string_view text) {
  const auto table = read_toml(text);
  if (table) return {};
  return err(Kind::invalid,
             text_of(mistake(path, table.error().at,
                             "no TOML: " + escape_line(table.error().why, 200) +
                                 "; nothing was written")));
}

// What is in the place of a file; empty: a file, or nothing at all.
std::string what_else(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) {
    return errno == ENOTDIR ? "what should be its folder is a file" : "";
  }
  if (S_ISLNK(status.st_mode)) {
    std::string target(4096, '\0');
    const ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
    target.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    if (::stat(path.c_str(), &status) != 0) {
      return "a link to " + escape_line(target, 200) + " that leads nowhere";
    }
  }
  if (S_ISDIR(status.st_mode)) return "a directory";
  return S_ISREG(status.st_mode) ? "" : "not a regular file";
}

}  // namespace

Result<void> expect_toml(const std::string& path) {
  const auto text = sys::read_file(path, kMostBytes);
  if (text) return expect_toml(path, *text);
  const std::string other = what_else(path);
  if (!other.empty()) {
    return err(Kind::invalid, path + ": " + other +
                                  "; expected a file, or nothing; nothing was "
                                  "written");
  }
  if (text.error().kind == Kind::not_found) return {};
  return text.error();
}

Result<void> append_settings(const std::string& path,
                             const std::vector<std::string>& tables,
                             const NewFile& fresh) {
  auto before = sys::read_file(path, kMostBytes);
  if (!before && before.error().kind != Kind::not_found) {
    return std::move(before).error();
  }
  mode_t mode = fresh.mode;
  std::optional<sys::Owner> owner = fresh.owner;
  struct stat status = {};
  if (before && ::stat(path.c_str(), &status) == 0) {
    mode = status.st_mode & 07777U;
    if (::geteuid() == 0) owner = sys::Owner{status.st_uid, status.st_gid};
  }
  std::string text = before ? *before : fresh.head;
  BZ_TRY(expect_toml(path, text));
  for (const auto& table : tables) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    if (!text.empty()) text += '\n';
    text += table;
    if (!text.empty() && text.back() != '\n') text += '\n';
  }
  const auto whole = toml::parse(text);
  if (!whole) {
    return err(Kind::conflict,
               fmt::format("{}: nothing was written: {}", path,
                           escape_line(whole.error().description(), 200)));
  }
  return sys::write_file(path, text, mode, sys::Durable::yes, owner);
}

}  // namespace bezalel::settings
