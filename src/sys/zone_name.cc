#include "sys/zone_name.h"

#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "sys/file.h"

namespace bezalel::sys {
namespace {

constexpr std::string_view kDatabase = "/usr/share/zoneinfo";
// The largest of the database have 4 KiB.
constexpr std::size_t kMostBytes = 64 * 1024;

// "EET-2EEST,M3.5.0/3,M10.5.0/4"; empty: this is no zone's file.
std::string rules_of(const std::string& path) {
  const auto bytes = read_file(path, kMostBytes);
  if (!bytes || !bytes->starts_with("TZif") || !bytes->ends_with('\n')) {
    return {};
  }
  const std::size_t end = bytes->size() - 1;
  const std::size_t start = bytes->rfind('\n', end - 1);
  return start == std::string::npos ? ""
                                    : bytes->substr(start + 1, end - start - 1);
}

std::string first_line(const std::string& path) {
  const auto text = read_file(path, 256);
  return text ? text->substr(0, text->find_first_of("\r\n \t")) : "";
}

// A plain name of the database; "posix/..", "right/.." and its tables are not.
bool is_zone(std::string_view name) {
  return name[0] >= 'A' && name[0] <= 'Z' && !name.ends_with(".tab");
}

// By name the first with these rules; one of an area before one without.
std::string find_by_rules(const std::string& database,
                          const std::string& rules) {
  namespace fs = std::filesystem;
  std::string best;
  std::error_code error;
  fs::recursive_directory_iterator entries(database, error);
  for (; !error && entries != fs::recursive_directory_iterator();
       entries.increment(error)) {
    const std::string path = entries->path();
    const std::string name = path.substr(database.size() + 1);
    if (!is_zone(name)) {
      entries.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    if (!entries->is_regular_file(ignored)) continue;
    const auto rank = [](const std::string& n) {
      return std::pair(n.find('/') == std::string::npos, n);
    };
    if (!best.empty() && rank(best) < rank(name)) continue;
    if (rules_of(path) == rules) best = name;
  }
  return best;
}

}  // namespace

std::string zone_name(const std::string& root) {
  const std::string local = root + "/etc/localtime";
  std::string target(512, '\0');
  const ssize_t n = ::readlink(local.c_str(), target.data(), target.size());
  if (n > 0) {
    target.resize(static_cast<std::size_t>(n));
    constexpr std::string_view kBase = "zoneinfo/";
    const std::size_t at = target.find(kBase);
    return at == std::string::npos ? "UTC" : target.substr(at + kBase.size());
  }
  const std::string rules = rules_of(local);
  if (rules.empty()) return "UTC";
  const std::string database = root + std::string(kDatabase);
  const std::string named = first_line(root + "/etc/timezone");
  if (!named.empty() && rules_of(database + "/" + named) == rules) return named;
  const std::string found = find_by_rules(database, rules);
  return found.empty() ? "UTC" : found;
}

}  // namespace bezalel::sys
