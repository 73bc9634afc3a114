// A notice as text: the title and body of issues, mails and pushes (LOOK 3).
#pragma once

#include <string>

#include "app/channel.h"

namespace bezalel::app {

// How the sentence of a change begins: "Now failed, was stale: ".
std::string changed_head(const Notice& notice);

// "P1 db_backup@db7 stale"; resolved: "OK db_backup@db7 well again after 2d
// 8h". One line, escaped, at most 200 characters.
std::string subject(const Notice& notice);
// "[heartbeat-checker] P1 db_backup@db7 stale"
std::string issue_title(const Notice& notice);
// The whole Markdown body with the marker as its last line; at most 60 000
// bytes, valid UTF-8.
std::string issue_body(const Notice& notice);
// Of a finding, by the words of its issue's body: what it may be the issue of,
// `host` or no place where none is named. None of them may be: the text is
// foreign, the marker decides. Empty: no body of a finding.
std::vector<core::IncidentKey> findings_of_body(std::string_view body);
// A comment's Markdown: one sentence first. Ends with its own marker line
// `<!-- heartbeat-checker:v1 k=.. c=<event id> -->`.
std::string issue_comment(const Notice& notice);
// `<!-- heartbeat-checker:v1 k=5f.. e=3 -->`
std::string issue_marker(const std::string& k, std::int64_t e);
// The same facts as plain text: mail, ntfy, exec's stdin.
std::string plain_body(const Notice& notice);

// Markdown that cannot break out of where it is put: in a table cell or a
// sentence as a code span; `@`, `#`, `!` cannot mention or link.
std::string markdown_code(std::string_view text);
std::string markdown_text(std::string_view text);
// A fence longer than any run of backticks inside, each line inside indented
// by nothing and never starting a quick action.
std::string markdown_fence(const std::vector<std::string>& lines);

}  // namespace bezalel::app
