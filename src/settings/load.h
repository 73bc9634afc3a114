// bezalel.toml and jobs.d/*.toml as app::Settings.
//
// Every mistake is one finding with its file, line and column, what is wrong
// and what was expected; it costs the key (of a job: the job) it is in and
// nothing else. A key that nobody knows is a mistake, with the nearest name.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/settings.h"
#include "app/sources.h"
#include "record/paths.h"
#include "sys/file.h"

namespace bezalel::settings {

struct Context {
  record::Paths paths;
  std::string host;             // BEZALEL_HOST, else the node name
  bool host_is_forced = false;  // by BEZALEL_HOST: [host] name is passed over
  std::string zone = "UTC";     // the host's own
  std::string bezalel = "bezalel";  // app::Settings::bezalel
  std::string own_of;               // app::Settings::own_of
  // Of jobs that name no user, and whose these files should be, if not root's.
  std::uint32_t default_uid = 0;
  std::uint32_t report_uid = 0;  // whose heartbeat a sent report leaves
};

// Absent files are no settings, which is fine. An Error (exit 2) only where
// bezalel.toml is there and cannot be read at all.
Result<app::Settings> load(const Context& context, app::Users& users);

// One file's text, into `out`. Reads no file but by `read_secret`.
enum class File { settings, jobs };
struct Source {
  std::string path;
  File kind = File::settings;
  Timestamp mtime;
  bool may_act = true;  // neither open nor writable by a group: its actions
                        // count
  std::string open_to;  // who else may write it; empty: nobody
  std::function<Result<Secret>(const std::string& path)> read_secret;
  // Who else decides what a program does that `uid` runs; empty: nobody, or
  // there is none.
  std::function<std::string(const std::string& program, std::uint32_t uid)>
      program_open_to;
};
void parse(std::string_view text, const Source& source, const Context& context,
           app::Users& users, app::Settings& out);

// "PATH:LINE:COLUMN: MESSAGE", as the command line prints it.
std::string text_of(const app::Finding& finding);

// The first line of a token's file. Kind::denied unless it is a regular file
// of root, of `owner` or of ourselves; Kind::corrupt where others can read it,
// which chmod(1) mends. Root's may be readable to its group (bezalel) unless
// `paths` are flat. The error never holds a byte of it.
Result<Secret> read_secret(const std::string& path, const record::Paths& paths);

// Kind::invalid, with line and column, where this file is there and no TOML.
Result<void> expect_toml(const std::string& path);

// What a settings file that was not there begins with, and whose it is.
struct NewFile {
  std::string head;
  mode_t mode = 0640;
  std::optional<sys::Owner> owner;
};
// Adds whole tables ("[channel.forge]\n...") to a settings file: every byte
// that is there stays; whole or not at all. A missing file is made. Not one
// byte is written unless the result is valid TOML (Kind::conflict: a table is
// there already).
Result<void> append_settings(const std::string& path,
                             const std::vector<std::string>& tables,
                             const NewFile& fresh = {});

}  // namespace bezalel::settings
