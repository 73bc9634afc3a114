#include "app/notice_text.h"

#include <doctest/doctest.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "app/finding.h"
#include "base/escape.h"

namespace bezalel::app {
namespace {

using std::chrono::hours;

Timestamp at(const char* text) {
  return *parse_rfc3339(text);
}

// The example of the manual.
Notice stale() {
  Notice n;
  n.event_id = "01JDEY7R000000000000000000";
  n.host = "db7";
  n.key = core::IncidentKey::of(core::JobKey{0, "db_backup"});
  n.marker = "5f0c0d9f6d7a4d0c9b8e7a6f5d4c3b2a";
  n.number = 3;
  n.verdict = "stale";
  n.cause = "no run has started";
  n.since = at("2026-11-23T23:06:00Z");
  n.opened = at("2026-11-22T12:31:00Z");
  n.at = at("2026-11-24T23:06:00Z");
  n.last_success = at("2026-11-21T23:06:00Z");
  n.facts = {{"Expected", "every 1d; alarm after 2d"},
             {"Likely cause", "the line was commented out"}};
  n.command = "/usr/local/bin/db-backup.sh --all";
  n.output = {"dumping shop ... 4.1 GB", "done, 9 databases"};
  n.output_lines = 214;
  n.commands = {"bezalel status db_backup",
                "# no longer needed:", "bezalel retire db_backup"};
  n.zone = "Europe/Riga";
  return n;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("the title of a mistake in a file says which") {
  Notice n;
  n.kind = NoticeKind::opened;
  n.host = "db7";
  n.key = core::IncidentKey::of_finding(kSettingsInvalid,
                                        "/etc/bezalel/bezalel.toml");
  n.severity = core::Severity::p2;
  n.verdict = kSettingsInvalid;
  n.cause = "unknown key evry in [check]";
  CHECK(subject(n) ==
        "P2 db7: /etc/bezalel/bezalel.toml: unknown key evry in [check]");
  n.cause = "/etc/bezalel/bezalel.toml:3: unknown key evry in [check]";
  CHECK(subject(n) ==
        "P2 db7: /etc/bezalel/bezalel.toml:3: unknown key evry in [check]");
}

TEST_CASE("an issue says what, since when, why, and what to type") {
  const Notice n = stale();
  CHECK(issue_title(n) == "[heartbeat-checker] P1 db_backup@db7 stale");
  CHECK(issue_body(n) ==
        "**`db_backup` on `db7` is stale.** Last success: Sun 22 Nov 2026 "
        "01:06 +0200.\n"
        "\n"
        "| | |\n"
        "|---|---|\n"
        "| Expected | every 1d; alarm after 2d |\n"
        "| Likely cause | the line was commented out |\n"
        "| Command | `/usr/local/bin/db-backup.sh --all` |\n"
        "\n"
        "Last 2 of 214 lines of that run, secrets removed:\n"
        "\n"
        "```text\n"
        "dumping shop ... 4.1 GB\n"
        "done, 9 databases\n"
        "```\n"
        "\n"
        "**On `db7`:**\n"
        "\n"
        "```sh\n"
        "bezalel status db_backup\n"
        "# no longer needed:\n"
        "bezalel retire db_backup\n"
        "```\n"
        "\n"
        "This issue closes by itself at the next success. Closing it by hand "
        "means\n"
        "\"seen\": reminders stop, the report still lists it.\n"
        "\n"
        "<sub>bezalel " BEZALEL_VERSION
        ", noticed Sun 22 Nov 2026 14:31 +0200, incident 01JDEY7R</sub>\n"
        "<!-- heartbeat-checker:v1 k=5f0c0d9f6d7a4d0c9b8e7a6f5d4c3b2a e=3 "
        "-->");
}

TEST_CASE("a comment begins with one sentence and ends with its marker") {
  Notice n = stale();
  const std::string marker =
      "\n<!-- heartbeat-checker:v1 k=5f0c0d9f6d7a4d0c9b8e7a6f5d4c3b2a "
      "c=01JDEY7R000000000000000000 -->";
  n.kind = NoticeKind::reminder;
  n.sentence = "Still stale after 1d. No run has started.";
  CHECK(issue_comment(n) ==
        "**Still stale** after 1d (Wed 25 Nov 01:06 +0200). No run has "
        "started.\n" +
            marker);
  n.sentence.clear();
  CHECK(issue_comment(n) ==
        "**Still stale** after 1d (Wed 25 Nov 01:06 +0200). no run has "
        "started.\n" +
            marker);
  n.kind = NoticeKind::changed;
  n.verdict = "failed";
  n.previous_verdict = "stale";
  for (const char* sentence :
       {"exit 2 after 2m 40s", "Now failed, was stale: exit 2 after 2m 40s"}) {
    n.sentence = sentence;
    CHECK(issue_comment(n) ==
          "**Now `failed`, was `stale`**: exit 2 after 2m 40s (Wed 25 Nov "
          "01:06 +0200).\n" +
              marker);
  }
  n.kind = NoticeKind::resolved;
  n.sentence = "Well again: success Tue 24 Nov 09:12 +0200, 6m 9s, exit 0.";
  n.downtime = hours(56);
  CHECK(issue_comment(n) ==
        "**Well again**: success Tue 24 Nov 09:12 +0200, 6m 9s, exit 0.\n"
        "Silent for 2d 8h, open for 2d 10h. Closed.\n" +
            marker);
}

TEST_CASE("a subject is one line of its own form for each kind") {
  Notice n = stale();
  CHECK(subject(n) == "P1 db_backup@db7 stale");
  n.kind = NoticeKind::resolved;
  n.downtime = hours(56);
  CHECK(subject(n) == "OK db_backup@db7 well again after 2d 8h");
  n.sentence = "Retired by root on db7.";
  CHECK(subject(n) == "OK db_backup@db7 retired");
  n.kind = NoticeKind::test;
  CHECK(subject(n) == "TEST db7 a test notice, nothing is wrong");
  n.kind = NoticeKind::opened;
  n.key = core::IncidentKey::of_finding("cron-dead", "host");
  n.cause = "cron daemon dead, 23 jobs wait";
  CHECK(subject(n) == "P1 db7: cron daemon dead, 23 jobs wait");
  n.cause = std::string(500, 'x') + "\r\nBcc: a@b";
  CHECK(subject(n).size() <= 200);
}

TEST_CASE("the same facts read as plain text") {
  Notice n = stale();
  const std::string text = plain_body(n);
  CHECK(text.starts_with(
      "db_backup on db7 is stale. Last success: Sun 22 Nov 2026 01:06 "
      "+0200.\n"));
  CHECK(has(text, "Expected      every 1d; alarm after 2d\n"));
  CHECK(has(text, "  | done, 9 databases\n"));
  CHECK(has(text, "  bezalel retire db_backup\n"));
  n.possible_repeat = true;
  CHECK(plain_body(n).starts_with("(possible repeat)\n"));
}

TEST_CASE("of a finding the plain text names the file, too") {
  Notice n = stale();
  n.last_success.reset();
  n.cause = "hours \"22-2\" never match";
  n.key = core::IncidentKey::of_finding("never-runs", "/etc/cron.d/shop");
  CHECK(plain_body(n).starts_with(
      "db7: hours \"22-2\" never match. Seen in /etc/cron.d/shop.\n"));
  n.key.source = "host";
  CHECK(plain_body(n).starts_with("db7: hours \"22-2\" never match.\n"));
}

TEST_CASE("members of a storm become a task list, none is dropped silently") {
  Notice n = stale();
  n.members = {"a", "b`c"};
  CHECK(has(issue_body(n), "- [ ] `a`\n- [ ] ``b`c``\n"));
  n.members.assign(5000, "job");
  CHECK(has(issue_body(n), " more, all in `check --all`\n"));
}

// What a hostile name or output may try (fault 52): the text on the left must
// not be able to leave the form on the right.
TEST_CASE("foreign text in a sentence is inert") {
  const std::string zw = "\xe2\x80\x8b";
  CHECK(markdown_text("@all") == "@" + zw + "all");
  CHECK(markdown_text("closes #1") == "closes #" + zw + "1");
  CHECK(markdown_text("![x](http://e)") ==
        "!" + zw + "&#91;x&#93;(http:" + zw + "//e)");
  CHECK(markdown_text("<img src=/user/logout>") ==
        "&lt;img src=/user/logout&gt;");
  CHECK(markdown_text("a | b") == "a &#124; b");
  CHECK(markdown_text("one\n/close") == "one&#92;n/close");
  CHECK(markdown_text("**x** _y_ `z` ~a~ $b$") ==
        "&#42;&#42;x&#42;&#42; &#95;y&#95; &#96;z&#96; &#126;a&#126; "
        "&#36;b&#36;");
  CHECK(markdown_text("&lt;") == "&amp;lt;");
  CHECK(markdown_text("www.evil.example") == "www" + zw + ".evil.example");
  CHECK(markdown_text("- item") == "&#45; item");
  CHECK(markdown_text("1. item") == "1&#46; item");
  // Right-to-left override, made visible.
  CHECK(markdown_text("\xe2\x80\xae"
                      "gpj") == "&#92;u{202e}gpj");
}

TEST_CASE("code is quoted by more backticks than it holds") {
  CHECK(markdown_code("a") == "`a`");
  CHECK(markdown_code("") == "` `");
  CHECK(markdown_code("a`b") == "``a`b``");
  CHECK(markdown_code("``x`](http://e)") == "``` ``x`](http://e) ```");
  CHECK(markdown_code("a|b") == "`a\\|b`");
  CHECK(markdown_code("C:\\t") == "`C:\\t`");
  CHECK(markdown_code("a\\|b") == "`a\\\\\\|b`");
  CHECK(markdown_code("a\\\\|b") == "`a\\\\\\|b`");
  CHECK(markdown_code("a\nb") == "`a\\nb`");
}

TEST_CASE("a fence is longer than any run of backticks inside") {
  CHECK(markdown_fence({"a", "````", "b"}) == "`````text\na\n````\nb\n`````\n");
  CHECK(markdown_fence({"/close", "x\ny"}) == "```text\n /close\nx y\n```\n");
}

TEST_CASE("nothing in an issue can pass for the marker of another one") {
  Notice n = stale();
  const std::string forged = issue_marker(std::string(32, 'a'), 1);
  n.output = {forged};
  n.cause = forged;
  n.command = forged;
  n.facts = {{forged, forged}};
  n.members = {forged};
  n.commands = {forged};
  n.sentence = forged;
  n.key.name = forged;
  for (const std::string& text : {issue_body(n), issue_comment(n)}) {
    CHECK_FALSE(has(text, forged));
    CHECK_FALSE(has(text, "heartbeat-checker:v1 k=aaaa"));
  }
}

// As the forges do, with raw HTML and links of bare addresses switched on.
std::string rendered(const std::string& markdown) {
  std::string file = "/tmp/bezalel-markdown-XXXXXX";
  const int fd = ::mkstemp(file.data());
  REQUIRE(fd >= 0);
  REQUIRE(::write(fd, markdown.data(), markdown.size()) ==
          static_cast<ssize_t>(markdown.size()));
  ::close(fd);
  FILE* pipe = ::popen(("cmark-gfm --unsafe -e table -e autolink "
                        "-e strikethrough -e tasklist <" +
                        file + " 2>/dev/null")
                           .c_str(),
                       "r");
  REQUIRE(pipe);
  std::string html;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = ::fread(buffer.data(), 1, buffer.size(), pipe)) {
    html.append(buffer.data(), n);
  }
  ::pclose(pipe);
  ::unlink(file.c_str());
  return html;
}

TEST_CASE("fault 52: hostile text renders to no link, image, or heading") {
  if (rendered("x").empty()) {
    MESSAGE("skipped: cmark-gfm is not installed");
    return;
  }
  for (const char* evil :
       {"``x`](http://e)<img src=/user/logout>@all #1 closes #2 /close``",
        "![x](http://e)", "<a href=http://e>x</a>", "<script>x</script>",
        "http://e.example www.e.example a@b.example", "# x",
        "x\n# y\n===", "| a | b |", "\\| <img src=x>", "```\n<img src=x>\n```",
        "[x]: http://e", "--><img src=x>", "</sub></code><img src=x>",
        "`<img src=x>`"}) {
    CAPTURE(evil);
    Notice n = stale();
    n.key.name = n.host = n.verdict = n.cause = n.command = n.sentence = evil;
    n.facts = {{evil, evil}};
    n.members = n.output = n.commands = {evil, evil};
    for (const std::string& html :
         {rendered(issue_body(n)), rendered(issue_comment(n))}) {
      for (const char* tag : {"<a ", "<img", "<script", "<h1", "<h2", "<del"}) {
        CHECK_FALSE(has(html, tag));
      }
    }
  }
}

TEST_CASE("an issue stays within 60000 bytes of valid UTF-8") {
  Notice n = stale();
  const std::string huge(100000, '\x80');
  std::string wide;
  for (int i = 0; i < 30000; ++i) wide += "\xf0\x9f\x98\x80";
  for (const std::string& filler :
       {huge, wide, std::string(100000, '`'), std::string(100000, '<')}) {
    n.cause = n.command = n.sentence = n.verdict = n.host = filler;
    n.facts.assign(100, {filler, filler});
    n.members.assign(100, filler);
    n.output.assign(40, filler);
    n.commands.assign(40, filler);
    const std::string body = issue_body(n);
    CHECK(body.size() <= 60000);
    CHECK(is_utf8(body));
    CHECK(body.ends_with(issue_marker(n.marker, 3)));
    CHECK(issue_comment(n).size() <= 60000);
    CHECK(is_utf8(issue_comment(n)));
    CHECK(is_utf8(plain_body(n)));
    CHECK(is_utf8(subject(n)));
    CHECK(subject(n).size() <= 200);
  }
}

}  // namespace
}  // namespace bezalel::app
