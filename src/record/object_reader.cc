#include "record/object_reader.h"

namespace bezalel::record {

namespace {

constexpr auto npos = std::string_view::npos;

// Length of the string that begins at text[0] == '"', its quotes included.
std::size_t string_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return npos;
}

std::size_t container_length(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t n = string_length(text.substr(i));
      if (n == npos) return npos;
      i += n - 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return npos;
}

// Where the value at the front ends; JsonValue::parse judges what it is.
std::size_t value_length(std::string_view text) {
  if (text.empty()) return npos;
  if (text[0] == '"') return string_length(text);
  if (text[0] == '{' || text[0] == '[') return container_length(text);
  return text.find_first_of(",} \t\r\n");
}

bool is_plain_name(std::string_view name) {
  for (const char c : name) {
    if (c < ' ' || c > '~' || c == '\\') return false;
  }
  return true;
}

}  // namespace

void ObjectReader::skip_blanks() {
  std::size_t n = 0;
  while (n < rest_.size() && (rest_[n] == ' ' || rest_[n] == '\n' ||
                              rest_[n] == '\r' || rest_[n] == '\t')) {
    ++n;
  }
  rest_.remove_prefix(n);
}

bool ObjectReader::take(char c) {
  skip_blanks();
  if (rest_.empty() || rest_[0] != c) return false;
  rest_.remove_prefix(1);
  return true;
}

std::optional<Member> ObjectReader::next() {
  if (state_ == State::done || state_ == State::broken) return std::nullopt;
  const bool first = state_ == State::begin;
  state_ = State::broken;  // until the opposite is shown
  if (first && !take('{')) return std::nullopt;
  if (take('}')) {
    skip_blanks();
    if (rest_.empty()) state_ = State::done;
    return std::nullopt;
  }
  if (!first && !take(',')) return std::nullopt;
  auto member = read_member();
  if (member) state_ = State::inside;
  return member;
}

std::optional<Member> ObjectReader::read_member() {
  skip_blanks();
  if (rest_.empty() || rest_[0] != '"') return std::nullopt;
  const std::size_t n = string_length(rest_);
  if (n == npos) return std::nullopt;
  const std::string_view quoted = rest_.substr(0, n);
  const std::string_view name = quoted.substr(1, n - 2);
  if (!is_plain_name(name) && !JsonValue::parse(quoted)) return std::nullopt;
  rest_.remove_prefix(n);
  if (!take(':')) return std::nullopt;
  skip_blanks();
  const std::size_t length = value_length(rest_);
  if (length == npos) return std::nullopt;
  const auto value = JsonValue::parse(rest_.substr(0, length));
  if (!value) return std::nullopt;
  rest_.remove_prefix(length);
  return Member{name, *value};
}

}  // namespace bezalel::record
