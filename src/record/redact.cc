// One pass from left to right, no patterns: at each place the first of these
// that fits takes the secret away and goes on behind it.
//
//   -----BEGIN ...-----     to its END, or to the end of the text
//   scheme://userinfo@      the userinfo
//   ghp_..., AKIA...        shapes that only tokens have
//   NAME = value            where NAME tells a secret, in all its spellings
//   client ... -pWORD       the password options of known programs
//
// In doubt a value is taken out: a word too much costs a reader a look at the
// host, a word too few a password.
#include "record/redact.h"

#include <algorithm>
#include <array>

#include "record/secret_words.h"

namespace bezalel::record {

namespace {

using namespace std::string_view_literals;

constexpr auto npos = std::string_view::npos;
constexpr std::string_view kStars = "***";
// An entry of .netrc: machine, login, account, password.
constexpr int kNetrcLines = 4;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_space(char c) {
  return is_blank(c) || c == '\n' || c == '\r';
}
bool is_quote(char c) {
  return c == '"' || c == '\'';
}

class Redactor {
 public:
  explicit Redactor(std::string_view text) : text_(text) {
    out_.reserve(text.size() + 16);
  }

  std::string run() {
    find_pem_tail();
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  char peek(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  bool begins(std::size_t i, std::string_view what) const {
    return text_.substr(std::min(i, text_.size())).starts_with(what);
  }

  void copy_to(std::size_t end) {
    end = std::min(end, text_.size());
    out_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  void hide_to(std::size_t end) {
    end = std::min(end, text_.size());
    if (end > at_) out_ += kStars;
    at_ = end;
  }

  void step() {
    if (at_ >= tail_begin_ && at_ < tail_end_) return hide_to(tail_end_);
    const char c = peek(at_);
    if (c == '\n' || c == '|' || c == ';' || c == '&') client_ = {};
    if (c == '-' && begins(at_, "-----BEGIN ")) return hide_pem();
    if (c == ':' && begins(at_, "://")) return hide_userinfo();
    const char before = at_ == 0 ? ' ' : text_[at_ - 1];
    if (c == '-' && is_space(before) && hide_client_option()) return;
    if (is_name_char(before) || !is_name_char(c)) return copy_to(at_ + 1);
    if (hide_token()) return;
    take_name();
  }

  void hide_pem() {
    const std::size_t label_end = text_.find("-----", at_ + 11);
    if (label_end == npos) return hide_to(text_.size());
    copy_to(label_end + 5);
    hide_to(text_.find("-----END ", at_));
    const std::size_t end = text_.find("-----", at_ + 9);
    const std::size_t line_end = text_.find('\n', at_);
    copy_to(end != npos && end < line_end ? end + 5 : line_end);
  }

  // Where only the end of an output was kept, it can begin within a key: lines
  // of base64 that lead to an END without its BEGIN. In text that is quoted
  // itself the lines end with a backslash and an n.
  void find_pem_tail() {
    const std::size_t end = text_.find("-----END ");
    if (end == npos || text_.find("-----BEGIN ") < end) return;
    std::size_t begin = line_of(end);
    const auto same_line = text_.substr(begin, end - begin);
    if (!trimmed(same_line).empty()) {
      begin = end - quoted_base64_at_end(same_line);
    }
    while (begin > 0 && text_[begin - 1] == '\n') {
      const std::size_t line = line_of(begin - 1);
      if (!is_base64(text_.substr(line, begin - 1 - line))) break;
      begin = line;
    }
    tail_begin_ = begin;
    tail_end_ = end;
  }

  static bool is_base64_char(char c) {
    return is_name_char(c) || c == '+' || c == '/' || c == '=';
  }

  static bool is_base64(std::string_view line) {
    line = trimmed(line);
    return !line.empty() &&
           std::all_of(line.begin(), line.end(), is_base64_char);
  }

  // Length of what ends in `\n` and is base64 and `\n` before that.
  static std::size_t quoted_base64_at_end(std::string_view line) {
    if (!line.ends_with("\\n")) return 0;
    std::size_t n = 0;
    while (n < line.size()) {
      const char c = line[line.size() - n - 1];
      if (!is_base64_char(c) && c != '\\') break;
      ++n;
    }
    return n;
  }

  void hide_userinfo() {
    copy_to(at_ + 3);
    std::size_t end = at_;
    while (end < text_.size() && !is_space(text_[end]) &&
           "/?#\"'<>`"sv.find(text_[end]) == npos) {
      ++end;
    }
    const std::size_t sign = text_.substr(at_, end - at_).rfind('@');
    if (sign != npos) hide_to(at_ + sign);
  }

  bool hide_token() {
    const std::string_view rest = text_.substr(at_);
    if (const std::size_t n = secret_path_prefix(rest)) {
      copy_to(at_ + n);
      hide_to(end_of_word(at_));
      return true;
    }
    const std::size_t n = token_length(rest);
    if (n == 0) return false;
    hide_to(at_ + n);
    return true;
  }

  std::size_t end_of_word(std::size_t i) const {
    while (i < text_.size() && !is_space(text_[i]) && !is_quote(text_[i])) ++i;
    return i;
  }

  // A word of name characters: a secret's name, a client, or nothing special.
  void take_name() {
    std::size_t end = at_;
    while (is_name_char(peek(end)) || ((peek(end) == '-' || peek(end) == '.') &&
                                       is_name_char(peek(end + 1)))) {
      ++end;
    }
    const std::string_view name = text_.substr(at_, end - at_);
    const char before = at_ == 0 ? ' ' : text_[at_ - 1];
    const bool is_word = is_space(before) || before == '/' || is_quote(before);
    if (is_word && is_secret_client(name)) client_ = name;
    copy_to(end);
    // A file that half of all error messages speak of, and that holds none.
    if (name == "passwd" && text_.substr(0, end).ends_with("/etc/passwd")) {
      return;
    }
    if (is_header_name(name)) return hide_header();
    if (is_sql_password(name)) return hide_quoted_after_blanks();
    const SecretName kind = secret_name(name);
    if (kind == SecretName::no) return;
    if (same_ignoring_case(name, "password") && is_netrc()) {
      while (is_blank(peek(at_))) copy_to(at_ + 1);
      return hide_to(end_of_word(at_));
    }
    hide_value_of(name, kind, before == '-');
  }

  // machine HOST login NAME password WORD, on one line or on one line each.
  bool is_netrc() const {
    if (!is_blank(peek(at_))) return false;
    std::size_t begin = line_of(at_);
    auto line = text_.substr(begin, at_ - begin);
    if (has_word(line, "login") &&
        (has_word(line, "machine") || has_word(line, "default"))) {
      return true;
    }
    for (int lines = 0; lines < kNetrcLines; ++lines) {
      const Netrc part = netrc_part(line);
      if (part == Netrc::begin) return true;
      if (part == Netrc::no || begin == 0) return false;
      const std::size_t end = begin - 1;
      begin = line_of(end);
      line = text_.substr(begin, end - begin);
    }
    return false;
  }

  // What a line is of an entry whose password comes at its end or later.
  enum class Netrc { no, part, begin };
  static Netrc netrc_part(std::string_view line) {
    const auto next = [&line] {
      line = trimmed(line);
      const std::size_t n = std::min(line.find_first_of(" \t"), line.size());
      const auto word = line.substr(0, n);
      line.remove_prefix(n);
      return word;
    };
    auto word = next();
    Netrc part = Netrc::part;
    if (word == "machine" || word == "default") {
      if (word == "machine") next();
      part = Netrc::begin;
      word = next();
    }
    while (word == "login" || word == "account") {
      next();
      word = next();
    }
    const bool whole = word.empty() || word == "password";
    return whole && trimmed(line).empty() ? part : Netrc::no;
  }

  // Where the line that holds position `i` begins.
  std::size_t line_of(std::size_t i) const {
    const std::size_t newline = i == 0 ? npos : text_.rfind('\n', i - 1);
    return newline == npos ? 0 : newline + 1;
  }

  static std::string_view trimmed(std::string_view line) {
    while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
    while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
    return line;
  }

  static bool has_word(std::string_view line, std::string_view word) {
    for (std::size_t i = line.find(word); i != npos;
         i = line.find(word, i + 1)) {
      const std::size_t end = i + word.size();
      const bool front = i == 0 || is_space(line[i - 1]);
      if (front && (end == line.size() || is_space(line[end]))) return true;
    }
    return false;
  }

  // Authorization: Bearer ..., to the end of the line or the quotes around.
  void hide_header() {
    std::size_t i = at_;
    while (peek(i) == '"' || peek(i) == '\'' || peek(i) == '\\') ++i;
    while (is_blank(peek(i))) ++i;
    if (peek(i) != ':' && peek(i) != '=') return;
    ++i;
    while (is_blank(peek(i))) ++i;
    while (peek(i) == '\\' || is_quote(peek(i))) ++i;
    copy_to(i);
    while (i < text_.size() && text_[i] != '\n' && !is_quote(text_[i])) ++i;
    hide_to(i);
  }

  // IDENTIFIED BY 'word'
  void hide_quoted_after_blanks() {
    std::size_t i = at_;
    while (is_space(peek(i))) ++i;
    if (!is_quote(peek(i)) || !ends_with_identified()) return;
    copy_to(i + 1);
    hide_to(end_of_quoted(i));
  }

  bool ends_with_identified() const {
    std::string_view before = text_.substr(0, at_ - 2);
    while (!before.empty() && is_space(before.back())) before.remove_suffix(1);
    return before.size() >= 10 &&
           same_ignoring_case(before.substr(before.size() - 10), "identified");
  }

  // Position of the quote that closes the one at `i`; the end of the line
  // where none does.
  std::size_t end_of_quoted(std::size_t i) const {
    const char quote = text_[i];
    // In text that is quoted itself (\"a\") the backslash ends the value.
    const bool escaped = i > 0 && text_[i - 1] == '\\';
    std::size_t end = i + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      if (text_[end] == '\\' && escaped) break;
      end += text_[end] == '\\' && end + 1 < text_.size() ? 2 : 1;
    }
    return std::min(end, text_.size());
  }

  void hide_value_of(std::string_view name, SecretName kind, bool option) {
    std::size_t i = at_;
    const bool quoted = is_quote(peek(i)) || begins(i, "\\\"");
    while (peek(i) == '\\' || is_quote(peek(i)) || peek(i) == ']') ++i;
    const std::size_t name_end = i;
    while (is_blank(peek(i))) ++i;
    bool blank_before_value = i > name_end;
    const char sign = peek(i);
    if (sign == '=' || sign == ':' || (sign == '>' && i == at_)) {
      ++i;
      while (peek(i) == '=' || peek(i) == '>') ++i;
      blank_before_value = is_blank(peek(i));
      while (is_blank(peek(i))) ++i;
    } else if (!(option && blank_before_value && sign != '-')) {
      return;
    }
    const bool prose = sign == ':' && blank_before_value && !quoted;
    hide_value(i, name, kind, prose);
  }

  void hide_value(std::size_t i, std::string_view name, SecretName kind,
                  bool prose) {
    if (peek(i) == '\\' && is_quote(peek(i + 1))) ++i;
    std::size_t end = i;
    if (is_quote(peek(i))) {
      end = end_of_quoted(i);
      ++i;
    } else {
      while (end < text_.size() && !is_space(text_[end]) &&
             "\"'&;<`"sv.find(text_[end]) == npos) {
        ++end;
      }
      while (end > i && ",)}]"sv.find(text_[end - 1]) != npos) --end;
    }
    if (end <= i) return;
    const std::string_view value = text_.substr(i, end - i);
    if (is_harmless_value(name, kind, value, prose)) return;
    copy_to(i);
    hide_to(end);
  }

  // At a dash behind a blank: `-pWORD` or `-p WORD` of the client before it.
  bool hide_client_option() {
    if (client_.empty()) return false;
    const ClientOption option = client_option(client_, text_.substr(at_));
    if (option.length == 0) return false;
    std::size_t i = at_ + option.length;
    if (option.separate) {
      while (is_blank(peek(i))) ++i;
    }
    const bool in_quotes = is_quote(peek(i));
    const std::size_t end = in_quotes ? end_of_quoted(i) : end_of_word(i);
    if (in_quotes) ++i;
    if (end <= i || is_variable(text_.substr(i, end - i))) return false;
    copy_to(i);
    hide_to(end);
    return true;
  }

  std::size_t tail_begin_ = npos;
  std::size_t tail_end_ = 0;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view client_;  // the last known program in this command
  std::string out_;
};

}  // namespace

std::string redact(std::string_view text) {
  return Redactor(text).run();
}

}  // namespace bezalel::record
