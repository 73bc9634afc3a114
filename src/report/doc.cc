#include "report/doc.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "app/notice_text.h"
#include "base/escape.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

constexpr std::size_t kColumns = 78;
constexpr std::size_t kTextColumns = 400;

// Words that are what they look like in Markdown too: names, figures, plain
// sentences. A page in which every `_` is a character reference could not be
// read as text. `@` may stand inside a word only, where it mentions nobody.
bool is_plain(std::string_view text) {
  if (text == "-" || text == "~" || text == "+" || text == ".") return true;
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
  };
  if (text.empty() || !word(text.front()) || !word(text.back())) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (word(text[i])) continue;
    if (std::string_view("._-@ ,:").find(text[i]) == std::string_view::npos) {
      return false;
    }
    if (text[i] == '@' && !word(text[i - 1])) return false;
  }
  return text.find("www.") == std::string_view::npos &&
         text.find("WWW.") == std::string_view::npos;
}

// A line that begins with one of these would begin another block.
bool may_begin_line(std::string_view word) {
  if (word.empty()) return false;
  if (std::string_view("-+*#>=~|<:`_").find(word.front()) !=
      std::string_view::npos) {
    return word.front() == '`' && !word.starts_with("``");
  }
  const std::size_t digits = word.find_first_not_of("0123456789");
  return digits == 0 || digits == std::string_view::npos ||
         (word[digits] != '.' && word[digits] != ')');
}

// The end of what has to stand on one line with the word at `at`: a code span,
// where blanks may count, and words that Markdown takes for a mark at the
// beginning of a line.
std::size_t end_of_group(const std::string& text, std::size_t at) {
  bool in_code = false;
  for (;;) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word(text.data() + at, end - at);
    if (std::count(word.begin(), word.end(), '`') % 2 != 0) in_code = !in_code;
    if (end == text.size()) return end;
    at = end + 1;
    const std::size_t next = std::min(text.find(' ', at), text.size());
    if (!in_code && may_begin_line({text.data() + at, next - at})) return end;
  }
}

// Breaks lines between such groups.
std::string wrap_markdown(const std::string& text, std::string_view first,
                          std::string_view rest) {
  std::string out(first);
  std::size_t column = first.size();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_group(text, at);
    const std::string_view group(text.data() + at, end - at);
    if (at > 0 && column + 1 + columns_of(group) > kColumns) {
      out += "\n";
      out += rest;
      column = rest.size();
    } else if (at > 0) {
      out += ' ';
      ++column;
    }
    out += group;
    column += columns_of(group);
    at = end + 1;
  }
  return out + "\n";
}

}  // namespace

Line& Line::own(std::string text) {
  spans_.push_back({Span::Kind::own, std::move(text)});
  return *this;
}
Line& Line::foreign(std::string text) {
  spans_.push_back({Span::Kind::foreign, std::move(text)});
  return *this;
}
Line& Line::code(std::string text) {
  spans_.push_back({Span::Kind::code, std::move(text)});
  return *this;
}
Line& Line::strong() {
  spans_.push_back({Span::Kind::strong, {}});
  return *this;
}
Line& Line::add(const Line& other) {
  spans_.insert(spans_.end(), other.spans_.begin(), other.spans_.end());
  return *this;
}

std::string Doc::render(const Line& line) const {
  return render(line, kTextColumns);
}

std::string Doc::on_one_line(const Line& line, std::size_t columns) const {
  std::string out = render(line);
  const std::size_t all = columns_of(out);
  if (format_ == Format::markdown || all <= columns) return out;
  std::size_t longest = 0;
  for (const Span& span : line.spans()) {
    if (span.kind != Span::Kind::foreign) continue;
    longest =
        std::max(longest, columns_of(escape_line(span.text, kTextColumns)));
  }
  // A name of which nothing would be left stays.
  return longest < all - columns + 8 ? out
                                     : render(line, longest - (all - columns));
}

std::string Doc::render(const Line& line, std::size_t foreign) const {
  const bool markdown = format_ == Format::markdown;
  std::string out;
  for (const Span& span : line.spans()) {
    const std::string clipped = escape_line(span.text, kTextColumns);
    switch (span.kind) {
      case Span::Kind::own:
        out += span.text;
        break;
      case Span::Kind::foreign:
        // markdown_text escapes by itself; the length is bounded before.
        out +=
            markdown && !is_plain(span.text)
                ? app::markdown_text(utf8_prefix(span.text, 4 * kTextColumns))
                : cut_middle(clipped, foreign);
        break;
      case Span::Kind::code:
        out +=
            markdown
                ? app::markdown_code(utf8_prefix(span.text, 4 * kTextColumns))
                : clipped;
        break;
      case Span::Kind::strong:
        if (markdown) out += "**";
        break;
    }
  }
  return out;
}

std::string Doc::cell(const std::string& raw) const {
  if (format_ == Format::text || is_plain(raw)) return escape_line(raw, 200);
  return app::markdown_text(utf8_prefix(raw, 600));
}

void Doc::gap() {
  if (!out_.empty()) out_ += '\n';
}

void Doc::title(const Line& line) {
  gap();
  out_ += (format_ == Format::markdown ? "# " : "") +
          on_one_line(line, kColumns) + "\n";
}

void Doc::heading(std::string_view text) {
  gap();
  out_ += format_ == Format::markdown ? "## " : "";
  out_ += text;
  out_ += '\n';
}

void Doc::paragraph(const Line& line) {
  gap();
  out_ += format_ == Format::markdown ? wrap_markdown(render(line), "", "")
                                      : wrap(render(line), kColumns, "", "");
}

void Doc::numbered(const std::vector<Line>& items) {
  gap();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string first = fmt::format("{}. ", i + 1);
    const std::string rest(first.size(), ' ');
    out_ += format_ == Format::markdown
                ? wrap_markdown(render(items[i]), first, rest)
                : wrap(render(items[i]), kColumns, first, rest);
  }
}

void Doc::bullets(const std::vector<Line>& items) {
  gap();
  for (const Line& item : items) {
    out_ += format_ == Format::markdown
                ? wrap_markdown(render(item), "- ", "  ")
                : wrap(render(item), kColumns, "- ", "  ");
  }
}

void Doc::marked(const std::vector<std::pair<char, Line>>& items) {
  gap();
  for (const auto& [mark, line] : items) {
    out_ += fmt::format("{} {}\n", mark, on_one_line(line, kColumns - 2));
  }
}

// So that a row fits: the middle of its longest cells is what it costs.
void Doc::narrow(std::vector<std::vector<std::string>>& cells,
                 std::vector<std::size_t>& widths) const {
  if (format_ == Format::markdown || widths.empty()) return;
  const std::size_t all =
      std::accumulate(widths.begin(), widths.end(), 2 * (widths.size() - 1));
  const auto widest = std::max_element(widths.begin(), widths.end());
  if (all <= kColumns || *widest < all - kColumns + 8) return;
  *widest -= all - kColumns;
  const auto column = static_cast<std::size_t>(widest - widths.begin());
  for (auto& row : cells) {
    if (column < row.size()) row[column] = cut_middle(row[column], *widest);
  }
}

void Doc::table(const Table& table) {
  gap();
  std::vector<std::size_t> widths;
  for (const Table::Column& c : table.columns) {
    widths.push_back(std::max(c.title.size(), c.at_least));
  }
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : table.rows) {
    auto& line = cells.emplace_back();
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      line.push_back(cell(row[i]));
      widths[i] = std::max(widths[i], columns_of(line[i]));
    }
  }
  narrow(cells, widths);
  const bool markdown = format_ == Format::markdown;
  const auto put = [&](const std::vector<std::string>& row) {
    std::string line = markdown ? "|" : "";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - columns_of(row[i]), ' ');
      const bool right = table.columns[i].align == Align::right;
      const std::string text = right ? pad + row[i] : row[i] + pad;
      line += markdown ? " " + text + " |" : (i > 0 ? "  " : "") + text;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_ += line + "\n";
  };
  std::vector<std::string> titles;
  for (const Table::Column& c : table.columns) titles.push_back(c.title);
  put(titles);
  if (markdown) {
    out_ += '|';
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool right = table.columns[i].align == Align::right;
      out_ += std::string(widths[i] + (right ? 1 : 2), '-');
      out_ += right ? ":|" : "|";
    }
    out_ += '\n';
  }
  for (const auto& row : cells) put(row);
}

void Doc::footer(const Line& line) {
  gap();
  out_ += format_ == Format::markdown ? "<sub>" + render(line) + "</sub>\n"
                                      : render(line) + "\n";
}

}  // namespace bezalel::report
