#include "run/file_expectation.h"

#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "base/duration.h"
#include "base/escape.h"
#include "sys/file.h"

namespace bezalel::run {
namespace {

// File times come from a clock that ticks every few milliseconds, or seconds
// on some file systems, and so can be a little behind the start.
constexpr auto kTick = std::chrono::milliseconds(20);
constexpr std::size_t kMaxMatches = 10000;

bool is_pattern(std::string_view part) {
  return part.find_first_of("*?[") != std::string_view::npos;
}

// Own instead of glob(3): that one looks up users, which a static program
// cannot do safely.
void expand(const std::string& base, std::string_view rest,
            std::vector<std::string>& found) {
  if (found.size() >= kMaxMatches) return;
  const std::size_t slash = rest.find('/');
  const std::string part(rest.substr(0, slash));
  const bool last = slash == std::string_view::npos;
  const auto step = [&](const std::string& name) {
    const std::string path = base + name;
    if (last) {
      found.push_back(path);
    } else {
      expand(path + "/", rest.substr(slash + 1), found);
    }
  };
  if (!is_pattern(part)) return step(part);
  const auto dir = sys::Directory::open(base.empty() ? "." : base);
  if (!dir) return;
  std::vector<std::string> names;
  static_cast<void>(dir->each([&](const char* name) {
    if (::fnmatch(part.c_str(), name, FNM_PERIOD) == 0) names.push_back(name);
    return names.size() < kMaxMatches;
  }));
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) step(name);
}

bool is_new(const struct stat& status, Timestamp started) {
  const Timestamp modified = sys::modified(status);
  if (modified + kTick >= started) return true;
  return status.st_mtim.tv_nsec == 0 &&
         modified >= std::chrono::floor<std::chrono::seconds>(started);
}

}  // namespace

Result<FileExpectation> FileExpectation::parse(std::string_view text) {
  FileExpectation expectation;
  for (;;) {
    const std::size_t comma = text.rfind(',');
    if (comma == std::string_view::npos) break;
    const std::string_view word = text.substr(comma + 1);
    if (word == "newer") {
      expectation.newer = true;
    } else if (word.starts_with("min=")) {
      BZ_ASSIGN(expectation.min_size, parse_size(word.substr(4)));
    } else {
      break;
    }
    text = text.substr(0, comma);
  }
  if (text.empty()) {
    return err(Kind::invalid, "no file; expected 'GLOB,newer,min=SIZE'");
  }
  expectation.glob = std::string(text);
  return expectation;
}

std::optional<std::string> FileExpectation::missed(Timestamp started) const {
  std::vector<std::string> paths;
  expand("", glob, paths);
  bool any = false;
  bool any_new = false;
  for (const std::string& path : paths) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
      continue;
    }
    any = true;
    if (newer && !is_new(status, started)) continue;
    any_new = true;
    if (min_size && static_cast<std::uint64_t>(status.st_size) < *min_size) {
      continue;
    }
    return {};
  }
  const std::string name = escape_line(glob);
  if (!any) return "no file " + name;
  if (!any_new) return name + " is not newer than the start of the run";
  return name + " is smaller than " + std::to_string(*min_size) + " bytes";
}

}  // namespace bezalel::run
