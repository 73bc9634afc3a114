#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "settings/load.h"
#include "settings/toml_table.h"
#include "sys/file.h"

namespace bezalel::settings {

Result<void> append_settings(const std::string& path,
                             const std::vector<std::string>& tables) {
  auto before = sys::read_file(path, 4 << 20);
  if (!before && before.error().kind != Kind::not_found) {
    return std::move(before).error();
  }
  mode_t mode = 0640;
  std::optional<sys::Owner> owner;
  struct stat status = {};
  if (before && ::stat(path.c_str(), &status) == 0) {
    mode = status.st_mode & 07777U;
    if (::geteuid() == 0) owner = sys::Owner{status.st_uid, status.st_gid};
  }
  std::string text = before ? *before : std::string();
  if (!text.empty() && !toml::parse(text)) {
    return err(Kind::invalid, path + ": is no valid TOML; nothing was added");
  }
  for (const auto& table : tables) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    if (!text.empty()) text += '\n';
    text += table;
    if (!text.empty() && text.back() != '\n') text += '\n';
  }
  const auto whole = toml::parse(text);
  if (!whole) {
    return err(Kind::conflict,
               fmt::format("{}: cannot be added: {}", path,
                           escape_line(whole.error().description(), 200)));
  }
  return sys::write_file(path, text, mode, sys::Durable::yes, owner);
}

}  // namespace bezalel::settings
