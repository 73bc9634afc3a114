#include "app/resolve.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "record/job_name.h"

namespace bezalel::app {
namespace {

std::string shown(const core::JobKey& key, Users& users) {
  return users.name_of(key.uid) + "/" + key.job;
}

}  // namespace

Result<core::JobKey> resolve(const std::string& text,
                             const std::vector<core::JobKey>& jobs,
                             Users& users, const std::string& listing) {
  const std::size_t slash = text.find('/');
  const std::string user =
      slash == std::string::npos ? "" : text.substr(0, slash);
  const std::string name =
      slash == std::string::npos ? text : text.substr(slash + 1);
  const auto of_user = [&](const core::JobKey& key) {
    return user.empty() || users.name_of(key.uid) == user ||
           std::to_string(key.uid) == user;
  };
  std::vector<core::JobKey> exact, by_stem;
  for (const core::JobKey& key : jobs) {
    if (!of_user(key)) continue;
    if (key.job == name) exact.push_back(key);
    if (record::name_stem(key.job) == name) by_stem.push_back(key);
  }
  const auto& found = exact.empty() ? by_stem : exact;
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return err(
        Kind::not_found,
        fmt::format("{}: no such job; expected one of `{}`",
                    text.empty() ? "\"\"" : escape_line(text, 140), listing));
  }
  std::string list;
  for (const core::JobKey& key : found) {
    list += (list.empty() ? "" : ", ") + shown(key, users);
  }
  return err(Kind::conflict,
             fmt::format("{}: more than one job has that name; expected one "
                         "of {}",
                         escape_line(text, 140), list));
}

}  // namespace bezalel::app
