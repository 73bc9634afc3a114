#include "base/json_read.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/escape.h"

namespace bezalel {
namespace {

constexpr unsigned kDeepest = 16;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

void skip_space(const char*& p, const char* end) {
  while (p != end && is_space(*p)) ++p;
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The high bit of each byte that ends a run of plain text: a quote, a
// backslash, a control byte or one beyond ASCII. Bits above the lowest one set
// may be wrong, because a subtraction borrows upwards.
std::uint64_t special_bits(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  const auto zero_byte = [](std::uint64_t v) { return (v - kOnes) & ~v; };
  const std::uint64_t quote = zero_byte(word ^ (kOnes * '"'));
  const std::uint64_t backslash = zero_byte(word ^ (kOnes * '\\'));
  const std::uint64_t control = (word - kOnes * 0x20) & ~word;
  return (quote | backslash | control | word) & kHigh;
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void skip_plain(const char*& p, const char* end) {
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - p >= 8; p += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, p, 8);
      if (const std::uint64_t bits = special_bits(word); bits != 0) {
        p += std::countr_zero(bits) / 8;
        return;
      }
    }
  }
  while (p != end && is_plain(*p)) ++p;
}

bool skip_escape(const char*& p, const char* end) {
  ++p;
  if (p == end) return false;
  const char kind = *p++;
  if (kind != 'u') {
    return std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos;
  }
  if (end - p < 4) return false;
  for (int i = 0; i < 4; ++i) {
    if (!is_hex(*p++)) return false;
  }
  return true;
}

// `p` is on the opening quote and ends past the closing one.
bool check_string(const char*& p, const char* end) {
  ++p;
  while (true) {
    skip_plain(p, end);
    if (p == end || static_cast<unsigned char>(*p) < 0x20) return false;
    if (*p == '"') {
      ++p;
      return true;
    }
    if (*p == '\\') {
      if (!skip_escape(p, end)) return false;
      continue;
    }
    const std::size_t length =
        utf8_length({p, static_cast<std::size_t>(end - p)});
    if (length == 0) return false;
    p += length;
  }
}

bool skip_digits(const char*& p, const char* end) {
  const char* const start = p;
  while (p != end && is_digit(*p)) ++p;
  return p != start;
}

bool check_number(const char*& p, const char* end) {
  if (*p == '-') ++p;
  if (p != end && *p == '0') {
    ++p;
  } else if (!skip_digits(p, end)) {
    return false;
  }
  if (p != end && *p == '.') {
    ++p;
    if (!skip_digits(p, end)) return false;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (!skip_digits(p, end)) return false;
  }
  return true;
}

bool check_word(const char*& p, const char* end, std::string_view word) {
  if (static_cast<std::size_t>(end - p) < word.size() ||
      std::memcmp(p, word.data(), word.size()) != 0) {
    return false;
  }
  p += word.size();
  return true;
}

// A value that holds no other.
bool check_scalar(const char*& p, const char* end) {
  switch (*p) {
    case '"':
      return check_string(p, end);
    case 't':
      return check_word(p, end, "true");
    case 'f':
      return check_word(p, end, "false");
    case 'n':
      return check_word(p, end, "null");
    default:
      return (*p == '-' || is_digit(*p)) && check_number(p, end);
  }
}

// `p` is past '{' or ','; it ends where the member's value begins.
bool check_name(const char*& p, const char* end) {
  skip_space(p, end);
  if (p == end || *p != '"' || !check_string(p, end)) return false;
  skip_space(p, end);
  if (p == end || *p != ':') return false;
  ++p;
  return true;
}

// One whole value. The open brackets are bits of a word, the innermost lowest
// and 1 for an object, so that no text can exhaust the stack.
bool check_value(const char*& p, const char* end) {
  std::uint32_t open = 0;
  unsigned depth = 0;
  while (true) {
    skip_space(p, end);
    if (p == end) return false;
    if (*p == '{' || *p == '[') {
      const bool object = *p++ == '{';
      if (++depth > kDeepest) return false;
      open = open << 1 | (object ? 1U : 0U);
      skip_space(p, end);
      if (p == end) return false;
      if (*p != (object ? '}' : ']')) {
        if (object && !check_name(p, end)) return false;
        continue;
      }
    } else {
      if (!check_scalar(p, end)) return false;
    }
    // Behind a value: close what ends here, or go on to the next one.
    while (true) {
      if (depth == 0) return true;
      skip_space(p, end);
      if (p == end) return false;
      const bool object = (open & 1) != 0;
      if (*p == ',') {
        ++p;
        if (object && !check_name(p, end)) return false;
        break;
      }
      if (*p != (object ? '}' : ']')) return false;
      ++p;
      open >>= 1;
      --depth;
    }
  }
}

// The rest of this file walks over text that was checked; it trusts that every
// string and bracket is closed.

void skip_checked_string(const char*& p, const char* end) {
  for (++p; skip_plain(p, end), *p != '"';) p += *p == '\\' ? 2 : 1;
  ++p;
}

void skip_checked(const char*& p, const char* end) {
  unsigned depth = 0;
  do {
    switch (*p) {
      case '"':
        skip_checked_string(p, end);
        break;
      case '{':
      case '[':
        ++depth;
        ++p;
        break;
      case '}':
      case ']':
        --depth;
        ++p;
        break;
      default:
        ++p;
        while (depth == 0 && p != end && *p != ',' && *p != '}' && *p != ']' &&
               !is_space(*p)) {
          ++p;
        }
    }
  } while (depth > 0);
}

JsonValue::Type type_of(char first) {
  switch (first) {
    case '{':
      return JsonValue::Type::object;
    case '[':
      return JsonValue::Type::array;
    case '"':
      return JsonValue::Type::string;
    case 't':
    case 'f':
      return JsonValue::Type::boolean;
    case 'n':
      return JsonValue::Type::null;
    default:
      return JsonValue::Type::number;
  }
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::uint32_t hex4(const char* p) {
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    const int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    code = code << 4 | static_cast<std::uint32_t>(digit);
  }
  return code;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// The code of a \uXXXX whose digits are at `p`, with its second half where
// there is one; half a pair alone is U+FFFD.
std::uint32_t unicode_escape(const char*& p, const char* end) {
  const std::uint32_t code = hex4(p);
  p += 4;
  if (code < 0xd800 || code > 0xdfff) return code;
  if (code < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
    const std::uint32_t low = hex4(p + 2);
    if (low >= 0xdc00 && low <= 0xdfff) {
      p += 6;
      return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
  }
  return 0xfffd;
}

char simple_escape(char kind) {
  switch (kind) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return kind;
  }
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    const auto left = static_cast<std::size_t>(end - p);
    const auto* backslash =
        static_cast<const char*>(std::memchr(p, '\\', left));
    if (backslash == nullptr) {
      out.append(p, left);
      break;
    }
    out.append(p, backslash);
    const char kind = backslash[1];
    p = backslash + 2;
    if (kind == 'u') {
      append_utf8(out, unicode_escape(p, end));
    } else {
      out += simple_escape(kind);
    }
  }
  return out;
}

// Numbers with an exponent, or too precise for parse_unix, by way of double.
std::optional<std::int64_t> micros_of(const JsonValue& value) {
  if (value.type() != JsonValue::Type::number) return std::nullopt;
  if (const auto exact = parse_unix(value.raw())) {
    return exact->time_since_epoch().count();
  }
  const auto seconds = value.as_double();
  // Beyond this, the count of microseconds does not fit.
  if (!seconds || std::abs(*seconds) > 9.2e12) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(*seconds * 1e6));
}

}  // namespace

std::optional<JsonValue> JsonValue::parse(std::string_view text) {
  const char* p = text.data();
  const char* end = p + text.size();
  skip_space(p, end);
  const char* const begin = p;
  if (!check_value(p, end)) return std::nullopt;
  const std::string_view raw = between(begin, p);
  skip_space(p, end);
  if (p != end) return std::nullopt;
  return JsonValue(type_of(*begin), raw);
}

bool JsonValue::next_member(std::size_t& cursor, std::string_view& name,
                            std::string_view& value) const {
  if (type_ != Type::object) return false;
  const char* const end = raw_.data() + raw_.size();
  const char* p = raw_.data() + (cursor == 0 ? 1 : cursor);
  while (p != end && (is_space(*p) || *p == ',')) ++p;
  if (p == end || *p == '}') return false;
  const char* begin = p;
  skip_checked_string(p, end);
  name = between(begin + 1, p - 1);
  while (is_space(*p) || *p == ':') ++p;
  begin = p;
  skip_checked(p, end);
  value = between(begin, p);
  cursor = static_cast<std::size_t>(p - raw_.data());
  return true;
}

std::optional<JsonValue> JsonValue::member(std::string_view name) const {
  std::optional<JsonValue> found;
  for_each_member([&](std::string_view raw_name, JsonValue value) {
    const bool plain = raw_name.find('\\') == std::string_view::npos;
    if (plain ? raw_name == name : unescape(raw_name) == name) found = value;
  });
  return found;
}

std::optional<JsonValue> JsonValue::element(std::size_t i) const {
  if (type_ != Type::array) return std::nullopt;
  const char* const end = raw_.data() + raw_.size();
  const char* p = raw_.data() + 1;
  for (;; --i) {
    while (is_space(*p) || *p == ',') ++p;
    if (*p == ']') return std::nullopt;
    const char* const begin = p;
    skip_checked(p, end);
    if (i == 0) return JsonValue(type_of(*begin), between(begin, p));
  }
}

JsonValue JsonValue::of_checked(std::string_view raw) {
  return JsonValue(type_of(raw.front()), raw);
}

std::optional<std::string> JsonValue::as_string() const {
  if (type_ != Type::string) return std::nullopt;
  return unescape(raw_.substr(1, raw_.size() - 2));
}

std::optional<std::int64_t> JsonValue::as_int() const {
  if (type_ != Type::number) return std::nullopt;
  std::int64_t value = 0;
  const char* const end = raw_.data() + raw_.size();
  const auto [stop, status] = std::from_chars(raw_.data(), end, value);
  if (status != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<double> JsonValue::as_double() const {
  if (type_ != Type::number) return std::nullopt;
  double value = 0;
  const char* const end = raw_.data() + raw_.size();
  const auto [stop, status] = std::from_chars(raw_.data(), end, value);
  if (status != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<bool> JsonValue::as_bool() const {
  if (type_ != Type::boolean) return std::nullopt;
  return raw_.front() == 't';
}

std::optional<Timestamp> JsonValue::as_unix() const {
  const auto micros = micros_of(*this);
  if (!micros) return std::nullopt;
  return Timestamp(Duration(*micros));
}

std::optional<Duration> JsonValue::as_seconds() const {
  const auto micros = micros_of(*this);
  if (!micros) return std::nullopt;
  return Duration(*micros);
}

}  // namespace bezalel
