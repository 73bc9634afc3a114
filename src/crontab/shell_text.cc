#include "crontab/shell_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bezalel::crontab {
namespace {

constexpr int kDeepest = 32;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (c >= '0' && c <= '9');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_keyword(std::string_view word) {
  static constexpr std::array<std::string_view, 13> kWords = {
      "if",    "then",  "else", "elif", "fi", "do",  "done",
      "while", "until", "{",    "}",    "!",  "esac"};
  for (const auto known : kWords) {
    if (word == known) return true;
  }
  return false;
}

bool is_assignment(std::string_view word) {
  const std::size_t sign = word.find('=');
  if (sign == std::string_view::npos || sign == 0 || is_digit(word[0])) {
    return false;
  }
  for (const char c : word.substr(0, sign)) {
    if (!is_name(c)) return false;
  }
  return true;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : in_(text) {}

  ShellText run() {
    list(End::text, 0);
    return std::move(out_);
  }

 private:
  enum class End { text, bracket };

  bool done() const { return at_ >= in_.size(); }
  bool sees(std::string_view what) const {
    return in_.substr(at_).starts_with(what);
  }
  void mark(std::size_t begin, std::size_t end, std::string what) {
    out_.marks.push_back({begin, end, std::move(what)});
  }

  // The commands of one list, up to its end: each with what joins it to the one
  // before.
  struct List {
    End end;
    int depth;
    bool in_word;
    SimpleCommand command = {};
    Joint joint = Joint::first;
    bool open = false;  // a command must follow
  };

  void finish(List& l) {
    SimpleCommand& command = l.command;
    if (!command.words.empty() || !command.assignments.empty() ||
        !command.redirections.empty()) {
      command.joint = l.joint;
      out_.commands.push_back(std::move(command));
      l.open = false;
    }
    command = SimpleCommand();
    command.nested = l.depth > 0;
    command.in_word = l.in_word;
  }

  void join(List& l, std::size_t width, Joint next, bool must_follow) {
    finish(l);
    at_ += width;
    l.joint = next;
    l.open = must_follow;
  }

  // Commands up to the end, or behind the `)` that ends it.
  void list(End end, int depth) {
    if (depth > kDeepest) {
      out_.unsure = true;
      at_ = in_.size();
      return;
    }
    List l{end, depth, words_open_ > 0};
    l.command.nested = depth > 0;
    l.command.in_word = l.in_word;
    while (!done()) {
      if (joined(l)) continue;
      const char c = in_[at_];
      if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '#') {
        if (depth == 0) out_.comment = at_;
        at_ = in_.size();
      } else if (c == '(' && defines(l.command)) {
        continue;
      } else if (c == '(') {
        ++at_;
        // Who follows a subshell is joined as it would be to the subshell.
        list(End::bracket, depth + 1);
        l.open = false;
      } else if (c == ')') {
        ++at_;
        finish(l);
        if (end == End::bracket) {
          out_.unclosed = out_.unclosed || l.open;
          return;
        }
        out_.unsure = true;  // of a case, most likely
      } else if (c == '<' || c == '>') {
        redirection(l.command, depth);
      } else {
        add(l.command, word(depth), depth);
      }
    }
    finish(l);
    if (l.open || end == End::bracket) out_.unclosed = true;
  }

  // `f()`, whose body follows.
  bool defines(SimpleCommand& command) {
    const std::size_t close = in_.find_first_not_of(" \t", at_ + 1);
    if (command.words.size() != 1 || !command.words[0].literal ||
        close == std::string_view::npos || in_[close] != ')') {
      return false;
    }
    out_.functions.push_back(command.words[0].text);
    command.words.clear();
    command.keyword = "()";
    at_ = close + 1;
    return true;
  }

  // What stands between two commands, or `&>`, which only seems to.
  bool joined(List& l) {
    if (sees("&>")) {
      const std::string op = sees("&>>") ? ">>" : ">";
      mark(at_, at_ + op.size() + 1, "&>");
      at_ += op.size() + 1;
      redirect(l.command, -1, op, l.depth);
    } else if (sees("\n") || sees(";")) {
      join(l, 1, Joint::then, false);
    } else if (sees("&&")) {
      join(l, 2, Joint::if_well, true);
    } else if (sees("||")) {
      join(l, 2, Joint::if_not, true);
    } else if (sees("&")) {
      join(l, 1, Joint::then, false);
    } else if (sees("|&")) {
      mark(at_, at_ + 2, "|&");
      join(l, 2, Joint::pipe, true);
    } else if (sees("|")) {
      join(l, 1, Joint::pipe, true);
    } else {
      return false;
    }
    return true;
  }

  void add(SimpleCommand& command, ShellWord w, int depth) {
    // `2>` and the like: the number belongs to what follows.
    const bool number = w.text.size() == 1 && is_digit(w.text[0]) && !w.quoted;
    if (number && !done() && (in_[at_] == '<' || in_[at_] == '>')) {
      redirection(command, depth, w.text[0] - '0');
      return;
    }
    if (command.words.empty() && !w.quoted && w.literal) {
      if (w.text == "case" || w.text == "for" || w.text == "select") {
        out_.unsure = true;
      }
      if (is_keyword(w.text)) {
        command.keyword = w.text;
        return;
      }
    }
    if (command.words.empty() && is_assignment(w.text)) {
      command.assignments.push_back(std::move(w));
      return;
    }
    command.words.push_back(std::move(w));
  }

  void redirection(SimpleCommand& command, int depth, int fd = -2) {
    const std::size_t begin = at_;
    const bool reads = in_[at_] == '<';
    if (sees("<(") || sees(">(")) {
      mark(begin, begin + 2, std::string(in_.substr(begin, 2)));
      at_ += 2;
      list(End::bracket, depth + 1);
      return;
    }
    if (sees("<<<")) {
      mark(begin, begin + 3, "<<<");
      at_ += 3;
      redirect(command, 0, "<<<", depth);
      return;
    }
    if (sees("<<")) out_.unsure = true;
    std::string op(1, in_[at_++]);
    if (!done() && (in_[at_] == '>' || in_[at_] == '&' || in_[at_] == '|' ||
                    in_[at_] == '<')) {
      op += in_[at_++];
    }
    redirect(command, fd != -2 ? fd : reads ? 0 : 1, op, depth);
  }

  void redirect(SimpleCommand& command, int fd, std::string op, int depth) {
    while (!done() && (in_[at_] == ' ' || in_[at_] == '\t')) ++at_;
    Redirection r;
    r.fd = fd;
    r.op = std::move(op);
    if (!done()) r.target = word(depth);
    if (r.target.begin == r.target.end) out_.unclosed = true;
    command.redirections.push_back(std::move(r));
  }

  ShellWord word(int depth) {
    ShellWord w;
    w.begin = at_;
    ++words_open_;
    while (!done()) {
      const char c = in_[at_];
      if (std::string_view(" \t\r\n;&|()<>").find(c) !=
          std::string_view::npos) {
        break;
      }
      if (c == '\'') {
        single_quotes(w);
      } else if (c == '"') {
        double_quotes(w, depth);
      } else if (c == '\\') {
        if (++at_ < in_.size()) w.text += in_[at_++];
      } else if (c == '$' || c == '`') {
        expansion(w, depth, c == '$' && sees("$'"));
      } else {
        if (c == '*' || c == '?' || c == '[' || c == '~') {
          // `[` alone is a program.
          w.literal = w.literal && (c == '[' && w.begin == at_);
        }
        w.text += c;
        ++at_;
      }
    }
    --words_open_;
    w.end = at_;
    if (w.begin == w.end && !done()) ++at_;  // never stand still
    braces(w);
    return w;
  }

  // {a,b} and {1..3}, unquoted.
  void braces(const ShellWord& w) {
    const std::string_view text = in_.substr(w.begin, w.end - w.begin);
    if (w.quoted) return;
    const std::size_t open = text.find('{');
    const std::size_t close = text.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos ||
        (open > 0 && (text[open - 1] == '$' || text[open - 1] == '\\'))) {
      return;
    }
    const std::string_view inner = text.substr(open, close - open);
    if (inner.find(',') == std::string_view::npos &&
        inner.find("..") == std::string_view::npos) {
      return;
    }
    mark(w.begin + open, w.begin + close + 1, "{..}");
  }

  void single_quotes(ShellWord& w) {
    w.quoted = true;
    const std::size_t end = in_.find('\'', at_ + 1);
    if (end == std::string_view::npos) {
      never_closed(at_);
      at_ = in_.size();
      return;
    }
    w.text += in_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
  }

  void double_quotes(ShellWord& w, int depth) {
    w.quoted = true;
    const std::size_t begin = at_++;
    while (!done() && in_[at_] != '"') {
      if (in_[at_] == '\\' && at_ + 1 < in_.size()) {
        w.text += in_[at_ + 1];
        at_ += 2;
      } else if (in_[at_] == '$' || in_[at_] == '`') {
        expansion(w, depth, false);
      } else {
        w.text += in_[at_++];
      }
    }
    if (done()) {
      never_closed(begin);
    } else {
      ++at_;
    }
  }

  // Of those within each other the outermost is told last.
  void never_closed(std::size_t quote) {
    out_.unclosed = true;
    out_.open_quote = quote;
  }

  void expansion(ShellWord& w, int depth, bool quoting) {
    const std::size_t begin = at_;
    if (quoting) {
      mark(begin, begin + 2, "$'");
      ++at_;
      single_quotes(w);
      return;
    }
    w.literal = false;
    if (in_[at_] == '`') {
      backquotes(depth);
    } else if (sees("$((")) {
      arithmetic();
    } else if (sees("$(")) {
      at_ += 2;
      list(End::bracket, depth + 1);
    } else if (sees("${")) {
      parameter();
    } else {
      ++at_;
      while (!done() && is_name(in_[at_])) ++at_;
      if (at_ > begin + 1) {
        mark(begin, at_, std::string(in_.substr(begin + 1, at_ - begin - 1)));
      }
    }
    w.text += in_.substr(begin, at_ - begin);
  }

  void backquotes(int depth) {
    const std::size_t begin = ++at_;
    while (!done() && in_[at_] != '`') at_ += in_[at_] == '\\' ? 2 : 1;
    if (done()) {
      at_ = in_.size();
      never_closed(begin - 1);
      return;
    }
    const std::size_t end = at_;
    const std::string_view whole = std::exchange(in_, in_.substr(0, end));
    at_ = begin;
    list(End::text, depth + 1);
    in_ = whole;
    at_ = end + 1;
  }

  // Up to the brackets that close it; names in it are variables.
  void arithmetic() {
    at_ += 3;
    int open = 2;
    while (!done() && open > 0) {
      if (in_[at_] == '(') ++open;
      if (in_[at_] == ')') --open;
      if (is_name(in_[at_]) && !is_digit(in_[at_])) {
        const std::size_t begin = at_;
        while (!done() && is_name(in_[at_])) ++at_;
        mark(begin, at_, std::string(in_.substr(begin, at_ - begin)));
        continue;
      }
      ++at_;
    }
    if (open > 0) out_.unclosed = true;
  }

  void parameter() {
    const std::size_t begin = at_;
    at_ += 2;
    const std::size_t name = at_;
    while (!done() && is_name(in_[at_])) ++at_;
    const std::string read(in_.substr(name, at_ - name));
    const char op = done() ? '}' : in_[at_];
    const char next = at_ + 1 < in_.size() ? in_[at_ + 1] : '}';
    const bool cuts = op == ':' && (is_digit(next) || next == ' ');
    const bool bash_only = !read.empty() && (cuts || op == '/' || op == '^' ||
                                             op == ',' || op == '[');
    int open = 1;
    while (!done() && open > 0) {
      if (in_[at_] == '{') ++open;
      if (in_[at_] == '}') --open;
      at_ += in_[at_] == '\\' ? 2 : 1;
    }
    at_ = std::min(at_, in_.size());
    if (open > 0) out_.unclosed = true;
    if (bash_only) {
      mark(begin, at_, "${..}");
    } else if (!read.empty() && op == '}') {
      mark(begin, at_, read);
    }
  }

  std::string_view in_;
  std::size_t at_ = 0;
  int words_open_ = 0;  // one within another's $(..)
  ShellText out_;
};

}  // namespace

ShellText read_shell(std::string_view text) {
  return Reader(text).run();
}

}  // namespace bezalel::crontab
