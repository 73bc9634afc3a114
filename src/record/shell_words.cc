#include "record/shell_words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bezalel::record {

namespace {

using namespace std::string_view_literals;

constexpr auto npos = std::string_view::npos;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool ends_word(char c) {
  return is_blank(c) || "\n;&|<>()"sv.find(c) != npos;
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_';
}

bool all_digits(std::string_view s) {
  return !s.empty() && s.find_first_not_of("0123456789") == npos;
}

// The program that `which X` and its like would print; empty for others.
std::string_view looked_up(std::string_view inner) {
  constexpr std::array kLookups = {"which "sv, "command -v "sv, "type -p "sv};
  inner.remove_prefix(std::min(inner.find_first_not_of(' '), inner.size()));
  for (const auto lookup : kLookups) {
    if (!inner.starts_with(lookup)) continue;
    std::string_view name = inner.substr(lookup.size());
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    return name.substr(0, name.find_first_of(" \t;|&<>`$\"'"));
  }
  return {};
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  ShellLine split() {
    while (at_ < text_.size()) step();
    return std::move(line_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = peek();
    if (is_blank(c)) {
      ++at_;
    } else if (c == '#') {
      skip_comment();
    } else if ((c == '<' || c == '>') && peek(1) != '(') {
      skip_redirection();
    } else if (c == '&' && peek(1) == '>') {
      ++at_;
      skip_redirection();
    } else if ("\n;&|()"sv.find(c) != npos) {
      read_operator();
    } else {
      read_word();
    }
  }

  void skip_comment() {
    const std::size_t end = text_.find('\n', at_);
    if (end == npos) line_.comment = at_;
    at_ = std::min(end, text_.size());
  }

  // The operator goes here; its target is the word that follows.
  void skip_redirection() {
    while (peek() == '<' || peek() == '>') ++at_;
    if (peek() == '&' || peek() == '|' || peek() == '-') ++at_;
    target_follows_ = true;
  }

  void read_operator() {
    target_follows_ = false;
    const char c = peek();
    std::size_t n = 1;
    if ((c == '&' || c == '|' || c == ';') && peek(1) == c) n = 2;
    std::string text(c == '\n' ? ";"sv : text_.substr(at_, n));
    line_.tokens.push_back({ShellToken::Kind::control, std::move(text), false});
    at_ += n;
  }

  void read_word() {
    ShellToken word;
    bool first = true;
    while (at_ < text_.size()) {
      const char c = peek();
      // <(...) is a word of its own, and part of one that has begun.
      const bool process = (c == '<' || c == '>') && peek(1) == '(';
      if (ends_word(c) && !(process && first)) break;
      read_piece(word);
      first = false;
    }
    if (std::exchange(target_follows_, false)) return;
    const bool descriptor = (peek() == '<' || peek() == '>') && !word.quoted &&
                            all_digits(word.text);
    if (!descriptor) line_.tokens.push_back(std::move(word));
  }

  void read_piece(ShellToken& word) {
    const char c = peek();
    if (c == '\\') {
      ++at_;
      if (at_ < text_.size() && peek() != '\n') word.text += peek();
      ++at_;
      word.quoted = true;
    } else if (c == '\'') {
      const std::size_t end = std::min(text_.find('\'', at_ + 1), text_.size());
      word.text += text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      word.quoted = true;
    } else if (c == '"') {
      ++at_;
      while (at_ < text_.size() && peek() != '"') read_in_quotes(word);
      ++at_;
      word.quoted = true;
    } else if (c == '<' || c == '>') {
      ++at_;
      skip_parentheses();
    } else {
      read_expansion(word);
    }
  }

  void read_in_quotes(ShellToken& word) {
    if (peek() == '\\' && "$`\"\\\n"sv.find(peek(1)) != npos &&
        at_ + 1 < text_.size()) {
      if (peek(1) != '\n') word.text += peek(1);
      at_ += 2;
    } else {
      read_expansion(word);
    }
  }

  // One ordinary character, or what begins with `$` or a backquote.
  void read_expansion(ShellToken& word) {
    if (peek() == '`') {
      const std::size_t end = std::min(text_.find('`', at_ + 1), text_.size());
      word.text += looked_up(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
    } else if (peek() == '$' && peek(1) == '(') {
      const std::size_t begin = ++at_;
      skip_parentheses();
      if (at_ > begin + 2) {
        word.text += looked_up(text_.substr(begin + 1, at_ - begin - 2));
      }
    } else if (peek() == '$' && peek(1) == '{') {
      at_ += 2;
      word.text += '$';
      while (is_name_char(peek())) word.text += text_[at_++];
      at_ = std::min(text_.find('}', at_), text_.size());
      ++at_;
    } else {
      word.text += text_[at_++];
    }
  }

  // From an opening parenthesis to behind the one that closes it.
  void skip_parentheses() {
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = peek();
      if (c == '\\') ++at_;
      if (c == '\'' || c == '"') {
        at_ = std::min(text_.find(c, at_ + 1), text_.size());
      }
      if (c == '(') ++depth;
      if (c == ')' && --depth == 0) break;
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool target_follows_ = false;
  ShellLine line_;
};

// Walks over tokens and keeps what is a command of its own.
class CommandCutter {
 public:
  void take(const ShellToken& token) {
    if (token.kind == ShellToken::Kind::control) {
      take_operator(token.text);
    } else if (in_pattern_ || in_header_) {
      take_header_word(token);
    } else if (!current_.words.empty()) {
      current_.words.push_back(token.text);
    } else if (token.quoted || !take_reserved(token.text)) {
      (is_assignment(token.text) ? current_.assignments : current_.words)
          .push_back(token.text);
    }
  }

  std::vector<SimpleCommand> finish() {
    close("");
    return std::move(commands_);
  }

 private:
  void close(std::string_view next) {
    if (current_.words.empty()) {
      current_.assignments.clear();
      return;
    }
    current_.condition = in_condition_;
    current_.next = next;
    commands_.push_back(std::exchange(current_, {}));
  }

  void take_operator(std::string_view op) {
    if (in_pattern_) {
      in_pattern_ = op != ")";
      return;
    }
    in_header_ = false;
    close(op);
    if (op == ";;" && cases_ > 0) in_pattern_ = true;
  }

  void take_header_word(const ShellToken& token) {
    if (in_header_ && in_case_ && token.text == "in") {
      in_header_ = in_case_ = false;
      in_pattern_ = true;
    } else if (in_pattern_ && token.text == "esac") {
      in_pattern_ = false;
      --cases_;
    }
  }

  bool take_reserved(std::string_view word) {
    constexpr std::array kConditions = {"if"sv, "elif"sv, "while"sv, "until"sv};
    constexpr std::array kPlain = {"else"sv, "fi"sv, "done"sv,
                                   "{"sv,    "}"sv,  "!"sv};
    if (std::ranges::find(kConditions, word) != kConditions.end()) {
      in_condition_ = true;
    } else if (word == "then" || word == "do") {
      in_condition_ = false;
    } else if (word == "for" || word == "select") {
      in_header_ = true;
    } else if (word == "case") {
      in_header_ = in_case_ = true;
      ++cases_;
    } else if (word == "esac") {
      cases_ = std::max(cases_ - 1, 0);
    } else {
      return std::ranges::find(kPlain, word) != kPlain.end();
    }
    return true;
  }

  std::vector<SimpleCommand> commands_;
  SimpleCommand current_;
  bool in_condition_ = false;
  bool in_header_ = false;   // for x in ..., case x in
  bool in_case_ = false;     // the header is one of case
  bool in_pattern_ = false;  // before the `)` of a branch of case
  int cases_ = 0;
};

}  // namespace

ShellLine split_shell(std::string_view text) {
  return Splitter(text).split();
}

std::vector<SimpleCommand> simple_commands(
    const std::vector<ShellToken>& tokens) {
  CommandCutter cutter;
  for (const ShellToken& token : tokens) cutter.take(token);
  return cutter.finish();
}

bool is_assignment(std::string_view word) {
  if (word.empty() || (word[0] >= '0' && word[0] <= '9')) return false;
  std::size_t n = 0;
  while (n < word.size() && is_name_char(word[n])) ++n;
  if (n == 0) return false;
  return word.substr(n).starts_with('=') || word.substr(n).starts_with("+=");
}

}  // namespace bezalel::record
