#include "run/host.h"

#include <sys/utsname.h>
#include <unistd.h>

namespace bezalel::run {
namespace {

// "NAME=" of an entry; all of it where there is no '='.
std::string_view name_of(std::string_view entry) {
  const std::size_t equals = entry.find('=');
  return equals == std::string_view::npos ? entry : entry.substr(0, equals + 1);
}

}  // namespace

const char* Host::variable(std::string_view wanted) const {
  for (char** entry = environment; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.size() > wanted.size() && text.starts_with(wanted) &&
        text[wanted.size()] == '=') {
      return *entry + wanted.size() + 1;
    }
  }
  return nullptr;
}

Host make_host(const Clock& clock, char** environment) {
  Host host{clock, environment, ::geteuid(), {}, {}};
  if (const char* root = host.variable("BEZALEL_ROOT")) host.root = root;
  if (const char* name = host.variable("BEZALEL_HOST")) host.name = name;
  struct utsname node;
  if (host.name.empty() && ::uname(&node) == 0) host.name = node.nodename;
  return host;
}

std::vector<char*> with_entries(char** environment,
                                std::vector<std::string>& entries) {
  std::vector<char*> result;
  std::vector<bool> placed(entries.size(), false);
  for (char** entry = environment; *entry != nullptr; ++entry) {
    char* chosen = *entry;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (name_of(*entry) != name_of(entries[i])) continue;
      chosen = entries[i].data();
      placed[i] = true;
    }
    result.push_back(chosen);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!placed[i]) result.push_back(entries[i].data());
  }
  result.push_back(nullptr);
  return result;
}

void say(std::string_view text) {
  std::string line = "bezalel: ";
  line += text;
  line += '\n';
  // Nobody to tell when standard error cannot take it.
  [[maybe_unused]] const ssize_t n =
      ::write(STDERR_FILENO, line.data(), line.size());
}

std::string told(const std::vector<std::string>& problems,
                 std::string_view before) {
  std::string all;
  for (const std::string& problem : problems) {
    say(std::string(before) + problem);
    if (!all.empty()) all += "; ";
    all += problem;
  }
  return all;
}

}  // namespace bezalel::run
