// A command put into bezalel, and taken out of it again. Inside of crontab.
//
//   tar c /x | gzip >y
//   /usr/bin/bezalel run tar-1f -- /bin/sh -c 'tar c /x | gzip >y'
//
//   cd / && run-parts --report /etc/cron.daily
//   cd / && /usr/bin/bezalel run-parts --report /etc/cron.daily
//
// The second form keeps a record of each script of the directory. It is for a
// command that calls run-parts once, by its bare name, with no option that
// `bezalel run-parts` has not got.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bezalel::crontab {

// Not empty, and nothing in it that a shell would not take as it is.
bool is_plain(std::string_view word);

std::string wrapped_command(std::string_view command,
                            const std::string& program, const std::string& name,
                            const std::string& shell);

struct Unwrapped {
  std::string command;
  std::string_view rest;  // of the text, behind what was put in
  // Of the first form: the shell, and where in the text the command begins,
  // behind its quote.
  std::string shell = {};
  std::size_t begin = 0;
};
// In quotes as wrapped_command() writes it.
std::string in_quotes(std::string_view text);

// Of a text that begins with such a command; nullopt: it is of neither form.
std::optional<Unwrapped> unwrapped_command(std::string_view text);

}  // namespace bezalel::crontab
