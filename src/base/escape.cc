#include "base/escape.h"

#include <cstdint>

namespace bezalel {
namespace {

constexpr char kHex[] = "0123456789abcdef";

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::uint32_t decode(std::string_view sequence) {
  const unsigned lead = byte_at(sequence, 0);
  if (sequence.size() == 1) return lead;
  std::uint32_t code = lead & (0x7fU >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    code = code << 6 | (byte_at(sequence, i) & 0x3f);
  }
  return code;
}

// Characters that move or hide what stands around them on a screen: C1
// controls, bidirectional marks and overrides, line separators, zero widths.
bool is_deceptive(std::uint32_t code) {
  return (code >= 0x80 && code <= 0x9f) || code == 0x61c ||
         (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
}

void append_byte_escape(std::string& out, unsigned byte) {
  out += "\\x";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

void append_code_escape(std::string& out, std::uint32_t code) {
  out += "\\u{";
  for (int shift = code > 0xffff ? 20 : 12; shift >= 0; shift -= 4) {
    out += kHex[code >> shift & 15];
  }
  out += '}';
}

// Appends the first character of `rest`, escaped; the bytes it took.
std::size_t append_escaped(std::string& out, std::string_view rest) {
  const unsigned byte = byte_at(rest, 0);
  if (byte == '\n') {
    out += "\\n";
  } else if (byte == '\t') {
    out += "\\t";
  } else if (byte == '\\') {
    out += "\\\\";
  } else if (byte < 0x20 || byte == 0x7f) {
    append_byte_escape(out, byte);
  } else if (byte < 0x80) {
    out += rest[0];
  } else {
    const std::size_t length = utf8_length(rest);
    if (length == 0) {
      append_byte_escape(out, byte);
      return 1;
    }
    const std::string_view sequence = rest.substr(0, length);
    if (const std::uint32_t code = decode(sequence); is_deceptive(code)) {
      append_code_escape(out, code);
    } else {
      out += sequence;
    }
    return length;
  }
  return 1;
}

// Characters on a screen that counts one column for each.
std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += is_continuation(c) ? 0 : 1;
  return count;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

bool is_shell_safe(char c) {
  return (is_unreserved(c) && c != '~') ||
         std::string_view("@%+=:,/").find(c) != std::string_view::npos;
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const unsigned lead = byte_at(bytes, 0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  // The second byte's range keeps out overlong forms, surrogates and what
  // lies beyond U+10FFFF.
  unsigned low = 0x80;
  unsigned high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (bytes.size() < length) return 0;
  if (byte_at(bytes, 1) < low || byte_at(bytes, 1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(bytes[i])) return 0;
  }
  return length;
}

std::string escape_line(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) bytes.remove_prefix(append_escaped(out, bytes));
  return out;
}

std::string as_written(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::size_t end =
        std::min(bytes.find_first_of("\\\t", at), bytes.size());
    out += escape_line(bytes.substr(at, end - at));
    if (end == bytes.size()) break;
    out += bytes[end] == '\t' ? ' ' : '\\';
    at = end;
  }
  return out;
}

std::string escape_line(std::string_view bytes, std::size_t columns) {
  std::string out;
  std::size_t used = 0;
  std::size_t fits = 0;  // the end of what leaves room for the dots
  while (!bytes.empty()) {
    const std::size_t before = out.size();
    bytes.remove_prefix(append_escaped(out, bytes));
    used += count_characters(std::string_view(out).substr(before));
    if (used + 2 <= columns) fits = out.size();
    if (used > columns) {
      out.resize(fits);
      out.append(columns < 2 ? columns : 2, '.');
      return out;
    }
  }
  return out;
}

std::string clean_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const unsigned byte = byte_at(bytes, 0);
    std::size_t length = utf8_length(bytes);
    if (length == 0) {
      out += "\xef\xbf\xbd";
      length = 1;
    } else if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) {
      append_byte_escape(out, byte);
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length);
  }
  return out;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t n) {
  if (n >= text.size()) return text;
  // A sequence has at most three bytes after its first; more of them in a row
  // are no UTF-8, and cutting there does no harm.
  std::size_t end = n;
  while (end > 0 && n - end < 3 && is_continuation(text[end])) --end;
  return text.substr(0, is_continuation(text[end]) ? n : end);
}

std::string_view utf8_suffix(std::string_view text, std::size_t n) {
  if (n >= text.size()) return text;
  const std::size_t wanted = text.size() - n;
  std::size_t start = wanted;
  while (start < text.size() && start - wanted < 3 &&
         is_continuation(text[start])) {
    ++start;
  }
  return text.substr(start);
}

std::string shell_quote(std::string_view word) {
  bool safe = !word.empty();
  for (const char c : word) safe = safe && is_shell_safe(c);
  if (safe) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  out += '\'';
  return out;
}

std::string cut_middle(std::string_view name, std::size_t columns) {
  const std::size_t length = count_characters(name);
  if (length <= columns) return std::string(name);
  if (columns <= 2) return std::string(columns, '.');
  const std::size_t head = (columns - 1) / 2;
  const std::size_t tail = columns - 2 - head;
  std::string out;
  std::size_t index = 0;  // of the next character
  for (const char c : name) {
    if (!is_continuation(c)) ++index;
    if (index == head + 1 && !is_continuation(c)) out += "..";
    if (index <= head || index > length - tail) out += c;
  }
  return out;
}

std::string percent_encode(std::string_view bytes) {
  constexpr char kUpper[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : bytes) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kUpper[byte >> 4];
    out += kUpper[byte & 15];
  }
  return out;
}

}  // namespace bezalel
