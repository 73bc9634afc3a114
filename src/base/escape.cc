#include "base/escape.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

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

struct Range {
  std::uint32_t first, last;
};

// Blocks whose characters are wide (Unicode's East Asian Width W and F), and
// those that only add a mark. In ascending order.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x4dbf},
    {0x4e00, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x18cff}, {0x1b000, 0x1b2ff},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
    {0x20000, 0x3fffd}};
constexpr Range kCombining[] = {
    {0x300, 0x36f}, {0x1ab0, 0x1aff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};

template <std::size_t N>
bool is_in(const Range (&ranges)[N], std::uint32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges), [&](const Range& r) {
    return code >= r.first && code <= r.last;
  });
}

// Of the character that `rest` begins with; a bad byte takes one.
std::size_t width_of(std::string_view rest, std::size_t length) {
  if (length <= 1) return 1;
  const std::uint32_t code = decode(rest.substr(0, length));
  if (is_in(kCombining, code)) return 0;
  return is_in(kWide, code) ? 2 : 1;
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
  std::string line(bytes);
  std::replace(line.begin(), line.end(), '\t', ' ');
  return escape_line(line);
}

std::string escape_line(std::string_view bytes, std::size_t columns) {
  std::string out;
  std::size_t used = 0;
  std::size_t fits = 0;  // the end of what leaves room for the dots
  while (!bytes.empty()) {
    const std::size_t before = out.size();
    bytes.remove_prefix(append_escaped(out, bytes));
    used += columns_of(std::string_view(out).substr(before));
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
  const std::size_t length = columns_of(name);
  if (length <= columns) return std::string(name);
  if (columns <= 2) return std::string(columns, '.');
  const std::size_t head = (columns - 1) / 2;
  const std::size_t tail = columns - 2 - head;
  std::string first, last;
  std::size_t end = 0;  // columns up to the end of this character
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t bytes = std::max<std::size_t>(1, utf8_length(rest));
    const std::size_t width = width_of(rest, bytes);
    end += width;
    if (end <= head) first += rest.substr(0, bytes);
    if (end - width >= length - tail) last += rest.substr(0, bytes);
    rest.remove_prefix(bytes);
  }
  return first + ".." + last;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::size_t bytes = std::max<std::size_t>(1, utf8_length(text));
    columns += width_of(text, bytes);
    text.remove_prefix(bytes);
  }
  return columns;
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
