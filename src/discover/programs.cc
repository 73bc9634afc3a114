#include "discover/programs.h"

#include <elf.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "base/escape.h"

namespace bezalel::discover {
namespace {

constexpr std::size_t kLongestFirstLine = 256;

// Machines whose programs a kernel of the other runs, too (elf.h).
constexpr std::pair<int, int> kUnderstood[] = {
    {EM_X86_64, EM_386},
    {EM_AARCH64, EM_ARM},
    {EM_PPC64, EM_PPC},
};

// "/bin/sh" of "#!/bin/sh -e"; a carriage return is part of it, as the kernel
// takes it. Empty: none is named.
std::string interpreter_of(const std::string& text) {
  if (!text.starts_with("#!")) return "";
  const std::size_t line =
      std::min({text.find('\n'), text.size(), kLongestFirstLine});
  const std::size_t begin = text.find_first_not_of(" \t", 2);
  if (begin >= line) return "";
  const std::size_t end = std::min(text.find_first_of(" \t", begin), line);
  return text.substr(begin, end - begin);
}

// What machine an ELF file is for; nullopt: it is none.
std::optional<int> machine_of(const std::string& text) {
  if (text.size() < 20 || !text.starts_with(ELFMAG)) return {};
  const bool big = text[EI_DATA] == ELFDATA2MSB;
  const auto byte = [&](std::size_t at) {
    return static_cast<unsigned char>(text[at]);
  };
  return big ? byte(18) << 8 | byte(19) : byte(19) << 8 | byte(18);
}

// True when the host's own shell is of another kind, and nothing is set up to
// run such programs (binfmt_misc, as qemu-user does).
bool is_for_another_machine(const Root& root, int machine) {
  const auto shell = root.read_start("/bin/sh", kLongestFirstLine);
  const auto own = shell ? machine_of(*shell) : std::nullopt;
  if (!own || *own == machine) return false;
  for (const auto& [wide, narrow] : kUnderstood) {
    if (*own == wide && machine == narrow) return false;
  }
  const auto emulators = root.list("/proc/sys/fs/binfmt_misc");
  return !emulators || emulators->size() <= 2;  // "register" and "status"
}

// As the kernel judges (path_resolution(7)): the first of owner, group and
// others that fits decides, though a later one would allow more.
bool mode_lets(const struct stat& status, uid_t uid,
               const std::optional<std::vector<std::uint32_t>>& groups) {
  if (status.st_uid == uid) return (status.st_mode & S_IXUSR) != 0;
  if (!groups) return (status.st_mode & (S_IXGRP | S_IXOTH)) != 0;
  const bool in_group =
      std::find(groups->begin(), groups->end(), status.st_gid) != groups->end();
  return (status.st_mode & (in_group ? S_IXGRP : S_IXOTH)) != 0;
}

}  // namespace

crontab::ProgramFacts program_at(const Root& root, const std::string& path) {
  using crontab::ProgramState;
  errno = 0;
  const auto status = root.status(path);
  // Behind a directory that is closed to us, or silent, it may be there.
  if (!status && (errno == EACCES || errno == ETIMEDOUT)) return {};
  if (!status) return {ProgramState::missing, ""};
  if (!S_ISREG(status->st_mode)) return {ProgramState::no_file, ""};
  if ((status->st_mode & 0111) == 0) {
    return {ProgramState::not_executable, ""};
  }
  const auto text = root.read_start(path, kLongestFirstLine);
  if (!text) return {};
  const std::string interpreter = interpreter_of(*text);
  errno = 0;
  if (interpreter.starts_with("/") && !root.status(interpreter) &&
      errno != ETIMEDOUT) {
    return {ProgramState::no_interpreter, interpreter};
  }
  return {};
}

bool may_execute(const Root& root, const std::string& path,
                 const std::string& user) {
  const auto who = root.user(user);
  if (!who || who->uid == 0) return true;
  const auto groups = root.groups_of(*who);
  for (std::size_t end = 1; end != std::string::npos;) {
    end = path.find('/', end);
    const std::string place = path.substr(0, end);
    const auto status = root.status(place);
    if (!status) return true;
    if (!mode_lets(*status, who->uid, groups) && !root.may_have_acl(place)) {
      return false;
    }
    if (end != std::string::npos) ++end;
  }
  return true;
}

std::string why_not_started(const Root& root, const std::string& path) {
  const crontab::ProgramFacts facts = program_at(root, path);
  if (facts.state == crontab::ProgramState::no_interpreter) {
    return "its interpreter " + escape_line(facts.interpreter, 80) +
           " is not there";
  }
  const auto text = root.read_start(path, kLongestFirstLine);
  if (!text) return "";
  if (const auto machine = machine_of(*text)) {
    return is_for_another_machine(root, *machine) ? "it is for another machine"
                                                  : "";
  }
  return text->starts_with("#!") ? "" : "it has no #! line";
}

crontab::IsThere names_in(const Root& root) {
  return [&root](const std::string& path) {
    return root.link_status(path).has_value();
  };
}

}  // namespace bezalel::discover
