// Foreign bytes made harmless. Everything that a job, a file or a reply gives
// us passes one of these before a person, a terminal or a log sees it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bezalel {

// One line of printable characters: control bytes and bytes >= 0x80 that are
// not valid UTF-8 become \xNN; C1 controls, bidirectional overrides and
// zero-width characters become \u{NNNN}; newline \n, tab \t. A backslash stands
// as it is, so that what is escaped already stays the same.
std::string escape_line(std::string_view bytes);

// Like escape_line, cut to at most `columns` characters with ".." at the end.
std::string escape_line(std::string_view bytes, std::size_t columns);

// A line of a file that can be pasted: as escape_line, but a tab is a blank.
std::string as_written(std::string_view bytes);

// Valid UTF-8 out of any bytes: each bad byte becomes U+FFFD; control bytes
// except newline and tab become \xNN. For kept output.
std::string clean_utf8(std::string_view bytes);

// Bytes of the valid UTF-8 sequence that `bytes` begins with; 0 if none does.
std::size_t utf8_length(std::string_view bytes);

// True if the whole is valid UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view bytes);

// The longest prefix / suffix of at most n bytes that does not cut a UTF-8
// sequence.
std::string_view utf8_prefix(std::string_view text, std::size_t n);
std::string_view utf8_suffix(std::string_view text, std::size_t n);

// One word for a POSIX shell; quoted only where needed.
std::string shell_quote(std::string_view word);

// Columns of a terminal: two for a wide character (CJK, most pictures), none
// for one that combines with what stands before it.
std::size_t columns_of(std::string_view text);

// A name cut in the middle with ".." to at most `columns`.
std::string cut_middle(std::string_view name, std::size_t columns);

// Percent-encoding of everything but unreserved characters (RFC 3986 2.3).
std::string percent_encode(std::string_view bytes);

}  // namespace bezalel
