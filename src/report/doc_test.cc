#include "report/doc.h"

#include <doctest/doctest.h>

namespace bezalel::report {
namespace {

std::string paragraph(Format format, const Line& line) {
  Doc doc(format);
  doc.paragraph(line);
  return doc.take();
}

TEST_CASE("strong and code are Markdown only") {
  const Line line =
      Line().strong().code("db_backup").own(" stale").strong().own(" now");
  CHECK(paragraph(Format::markdown, line) == "**`db_backup` stale** now\n");
  CHECK(paragraph(Format::text, line) == "db_backup stale now\n");
}

TEST_CASE("foreign words are words, whatever they are made of") {
  struct Case {
    const char* foreign;
    const char* markdown;
  };
  const Case cases[] = {{"pg_dump: disk full", "pg_dump: disk full\n"},
                        {"a@b", "a@b\n"},
                        {"a|b", "a&#124;b\n"},
                        {"[x](y)", "&#91;x&#93;(y)\n"},
                        {"see @all",
                         "see @\xe2\x80\x8b"
                         "all\n"},
                        {"x *y*", "x &#42;y&#42;\n"}};
  for (const Case& c : cases) {
    CAPTURE(c.foreign);
    CHECK(paragraph(Format::markdown, Line().foreign(c.foreign)) == c.markdown);
  }
}

TEST_CASE("a broken line never begins with what Markdown takes for a mark") {
  for (const char* word : {"-", "+1", "#3", "12.", "3)", ">", "*a", "=="}) {
    const std::string text = paragraph(
        Format::markdown, Line().own(std::string(77, 'x') + " " + word));
    CAPTURE(word);
    CHECK(text == std::string(77, 'x') + " " + word + "\n");
  }
}

TEST_CASE("what may not begin a line takes the word before it along") {
  const std::string xs(70, 'x');
  CHECK(paragraph(Format::markdown, Line().own(xs + " issue #1, seen")) ==
        xs + "\nissue #1, seen\n");
}

TEST_CASE("a code span is never broken") {
  const std::string text =
      paragraph(Format::markdown,
                Line().own(std::string(70, 'x') + " ").code("a b c d e f g h"));
  CHECK(text == std::string(70, 'x') + "\n`a b c d e f g h`\n");
}

TEST_CASE("a long name is cut where the page is text") {
  const std::string name(70, 'n');
  Table table{{{"job"}, {"status"}, {"age", Align::right}},
              {{name, "stale", "2d 4h"}}};
  Doc text(Format::text);
  text.table(table);
  const std::string page = text.take();
  CHECK(page.find("nn..nn") != std::string::npos);
  CHECK(page.find('\n', page.find('\n') + 1) - page.find('\n') == 79);
  Doc markdown(Format::markdown);
  markdown.table(table);
  CHECK(markdown.take().find(name) != std::string::npos);
}

TEST_CASE("tables are aligned, and a cell cannot make a column") {
  Table table{{{"job"}, {"age", Align::right}}, {{"a", "1d"}, {"b|c", "10d"}}};
  Doc markdown(Format::markdown);
  markdown.table(table);
  CHECK(markdown.take() ==
        "| job      | age |\n"
        "|----------|----:|\n"
        "| a        |  1d |\n"
        "| b&#124;c | 10d |\n");
  Doc text(Format::text);
  text.table(table);
  CHECK(text.take() == "job  age\na     1d\nb|c  10d\n");
}

}  // namespace
}  // namespace bezalel::report
