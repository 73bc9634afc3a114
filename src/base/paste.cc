#include "base/paste.h"

#include <algorithm>

#include "base/escape.h"

namespace bezalel {
namespace {

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

// As a format of printf(1), between single quotes.
void append_format(std::string& out, char c) {
  if (c == '%') {
    out += "%%";
  } else if (c == '\\') {
    out += "\\\\";
  } else if (is_printable(c) && c != '\'') {
    out += c;
  } else {
    const auto byte = static_cast<unsigned char>(c);
    out += '\\';
    out += static_cast<char>('0' + (byte >> 6));
    out += static_cast<char>('0' + ((byte >> 3) & 7));
    out += static_cast<char>('0' + (byte & 7));
  }
}

}  // namespace

std::string paste_word(std::string_view word) {
  if (std::all_of(word.begin(), word.end(), is_printable)) {
    return shell_quote(word);
  }
  // $(..) takes newlines off the end; the last character of IFS is one.
  const std::size_t end = word.find_last_not_of('\n') + 1;
  std::string out = "\"$(printf '";
  for (const char c : word.substr(0, end)) append_format(out, c);
  out += "')";
  for (std::size_t i = end; i < word.size(); ++i) out += "${IFS#??}";
  return out + '"';
}

}  // namespace bezalel
