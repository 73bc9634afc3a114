// Whether a program of the host could be started, and what is there by name.
#pragma once

#include <string>

#include "crontab/file_rules.h"
#include "crontab/lint.h"
#include "discover/root.h"

namespace bezalel::discover {

// A file that is there, has a mode to run, and whose interpreter, where its
// first line names one, is there too. What cannot be read is taken to run.
// Why the kernel starts no script of this path, to be said of it ("it has no #!
// line"); empty: nothing is against it.
std::string why_not_started(const Root& root, const std::string& path);

crontab::ProgramFacts program_at(const Root& root, const std::string& path);

// As the kernel judges by the modes of the file and of every directory above
// it. What an ACL may allow, and a group whose members cannot be told, counts
// as allowed.
bool may_execute(const Root& root, const std::string& path,
                 const std::string& user);

// Borrows the root.
crontab::IsThere names_in(const Root& root);

}  // namespace bezalel::discover
