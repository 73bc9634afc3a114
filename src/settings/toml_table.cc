#include "settings/toml_table.h"

#include <algorithm>

#include "base/escape.h"
#include "base/nearest.h"

namespace bezalel::settings {
namespace {

struct Misplaced {
  toml::source_region at;
  const char* what;
};

// What TOML 1.0 has no place for and toml++ does not bear: control characters
// anywhere, and anything but ASCII outside of strings and comments.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  std::optional<Misplaced> find() {
    for (i_ = 0; i_ < text_.size(); ++i_) {
      const char c = text_[i_];
      const auto byte = static_cast<unsigned char>(c);
      const bool white = c == '\n' || c == '\t' || c == '\r';
      if ((byte < 0x20 && !white) || byte == 0x7f) {
        return Misplaced{here(), "a control character; expected text"};
      }
      if (byte >= 0x80 && quotes_ == 0 && !comment_) {
        return Misplaced{here(), "not ASCII; expected quotes around it"};
      }
      step(c);
    }
    return std::nullopt;
  }

 private:
  toml::source_region here() const {
    const auto before = text_.substr(0, i_);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0
    toml::source_region region{};
    region.begin.line = static_cast<toml::source_index>(line);
    region.begin.column = static_cast<toml::source_index>(i_ - begin + 1);
    return region;
  }

  // quotes_: how many of quote_ end the string we are in; 0: in none.
  void step(char c) {
    if (comment_) {
      comment_ = c != '\n';
    } else if (quotes_ == 0) {
      comment_ = c == '#';
      if (c == '"' || c == '\'') open(c);
    } else if (c == '\\' && quote_ == '"') {
      ++i_;
    } else if (c == '\n' && quotes_ == 1) {
      quotes_ = 0;
    } else if (c == quote_ && run(c) >= quotes_) {
      i_ += quotes_ - 1;
      quotes_ = 0;
    }
  }

  void open(char c) {
    quote_ = c;
    quotes_ = run(c) >= 3 ? 3 : 1;
    i_ += quotes_ - 1;
  }

  std::size_t run(char c) const {
    return std::min(text_.find_first_not_of(c, i_), text_.size()) - i_;
  }

  std::string_view text_;
  std::size_t i_ = 0;
  bool comment_ = false;
  char quote_ = 0;
  std::size_t quotes_ = 0;
};

}  // namespace

app::Finding mistake(const std::string& path, const toml::source_region& at,
                     std::string message) {
  app::Finding finding;
  finding.id = app::kSettingsInvalid;
  finding.source = path;
  if (at.begin.line > 0) {
    finding.line = static_cast<int>(at.begin.line);
    finding.column = static_cast<int>(at.begin.column);
  }
  finding.message = std::move(message);
  finding.alarm = core::Severity::p2;
  return finding;
}

tl::expected<toml::table, NoToml> read_toml(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (const auto misplaced = Scan(text).find()) {
    return tl::unexpected(NoToml{misplaced->at, misplaced->what});
  }
  const auto trouble = [](const toml::parse_result& failed) {
    return tl::unexpected(NoToml{failed.error().source(),
                                 std::string(failed.error().description())});
  };
  // Its way to an error message does not bear letters beyond ASCII within
  // strings, either. A text without them that has no error shows that there is
  // no such way.
  std::string ascii(text);
  for (char& c : ascii) {
    if (static_cast<unsigned char>(c) >= 0x80) c = 'x';
  }
  if (ascii != text) {
    if (const toml::parse_result tried = toml::parse(ascii); !tried) {
      return trouble(tried);
    }
  }
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) return trouble(parsed);
  return std::move(parsed).table();
}

std::optional<std::string> TableReader::span_text(const char* key) {
  const toml::node* n = node(key);
  if (n == nullptr) return std::nullopt;
  std::string text;
  if (const auto number = n->value_exact<std::int64_t>()) {
    text = std::to_string(*number);
  } else if (auto s = n->value_exact<std::string>()) {
    text = std::move(*s);
  } else {
    wrong(*n, fmt::format("{}: expected a time span such as \"1d\"", key));
    return std::nullopt;
  }
  const auto span = parse_time_span(text);
  if (!span) {
    wrong(*n, fmt::format("{} = {}", key, span.error().what));
    return std::nullopt;
  }
  return text;
}

std::optional<Duration> TableReader::span(const char* key) {
  const auto text = span_text(key);
  if (!text) return std::nullopt;
  return *parse_time_span(*text);
}

std::vector<std::string> TableReader::texts(const char* key) {
  std::vector<std::string> out;
  const toml::node* n = node(key);
  if (n == nullptr) return out;
  const toml::array* array = n->as_array();
  bool good = array != nullptr;
  if (good) {
    for (const auto& element : *array) {
      auto text = element.value_exact<std::string>();
      good = good && text.has_value();
      if (text) out.push_back(std::move(*text));
    }
  }
  if (good) return out;
  wrong(*n, fmt::format("{}: expected a list of texts", key));
  return {};
}

const toml::table* TableReader::table(const char* key, const char* expected) {
  const toml::node* n = node(key);
  if (n == nullptr) return nullptr;
  if (const auto* t = n->as_table()) return t;
  wrong(*n, fmt::format("{}: expected {}", key, expected));
  return nullptr;
}

void TableReader::finish() {
  for (const auto& [key, value] : table_) {
    const std::string_view name = key.str();
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) {
      continue;
    }
    const std::string nearest = nearest_word(name, known_);
    findings_.push_back(mistake(
        path_, key.source(),
        fmt::format("unknown key {} in {}{}", escape_line(name, 40), where_,
                    nearest.empty()
                        ? std::string()
                        : fmt::format("; did you mean {}?", nearest))));
  }
}

}  // namespace bezalel::settings
