// A page of headings, lists and tables, written once and rendered as Markdown
// and as plain text. What is foreign is put into spans that say so; the
// renderers escape them, and nothing else decides about escaping.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bezalel::report {

struct Span {
  enum class Kind {
    own,      // our own words, on one line; may hold no foreign text
    foreign,  // escaped so that it can be nothing but words
    code,     // a name: `code` in Markdown
    strong,   // begins or ends strong text; Markdown only
  };
  Kind kind;
  std::string text;
};

// One paragraph or list item. Chains: Line().own("x ").code(name)
class Line {
 public:
  Line& own(std::string text);
  Line& foreign(std::string text);
  Line& code(std::string text);
  Line& strong();
  Line& add(const Line& other);
  const std::vector<Span>& spans() const { return spans_; }

 private:
  std::vector<Span> spans_;
};

enum class Align { left, right };

struct Table {
  struct Column {
    std::string title;
    Align align = Align::left;
    std::size_t at_least = 0;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // raw; the renderer escapes
};

enum class Format { markdown, text };

// Writes blocks in order; blank lines between them are its business.
class Doc {
 public:
  explicit Doc(Format format) : format_(format) {}

  void title(const Line& line);
  void heading(std::string_view text);
  void paragraph(const Line& line);
  void numbered(const std::vector<Line>& items);
  void bullets(const std::vector<Line>& items);
  // One line an item, each behind its own mark; no wrapping.
  void marked(const std::vector<std::pair<char, Line>>& items);
  void table(const Table& table);
  // Small print at the end of a page.
  void footer(const Line& line);

  std::string take() { return std::move(out_); }

 private:
  // Of what is foreign, at most `foreign` columns each as text.
  std::string render(const Line& line, std::size_t foreign) const;
  std::string render(const Line& line) const;
  // On one line of the page: as text, a long name is cut in its middle.
  std::string on_one_line(const Line& line, std::size_t columns) const;
  std::string cell(const std::string& raw) const;
  void narrow(std::vector<std::vector<std::string>>& cells,
              std::vector<std::size_t>& widths) const;
  void gap();

  Format format_;
  std::string out_;
};

}  // namespace bezalel::report
