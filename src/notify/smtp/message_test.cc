#include "notify/smtp/message.h"

#include <doctest/doctest.h>

#include "notify/testing.h"

namespace bezalel::notify {
namespace {

using namespace testing;

std::string header_part(const std::string& mail) {
  return mail.substr(0, mail.find("\r\n\r\n"));
}

TEST_CASE("a mail has the headers of an automatic one, in order") {
  const std::string text =
      mail(stale_notice(), {"Bezalel <bezalel@db7.example>", {"ops@example"}});
  CHECK(header_part(text) ==
        "From: bezalel@db7.example\r\n"
        "To: ops@example\r\n"
        "Subject: P1 db_backup@db7 stale\r\n"
        "Date: Tue, 24 Nov 2026 01:15:00 +0000\r\n"
        "Message-ID: <bezalel.5f0c0d9f6d7a4d0c9b8e7a6f5d4c3b2a.3."
        "01JDEY7R000000000000000000@db7>\r\n"
        "In-Reply-To: <bezalel.5f0c0d9f6d7a4d0c9b8e7a6f5d4c3b2a.3@db7>\r\n"
        "References: <bezalel.5f0c0d9f6d7a4d0c9b8e7a6f5d4c3b2a.3@db7>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "X-Auto-Response-Suppress: All\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 7bit");
  CHECK(text == mail(stale_notice(), {"bezalel@db7.example", {"ops@example"}}));
}

TEST_CASE("fault 54: no header can be broken out of") {
  const std::string evil =
      "x\r\nBcc: a@b\r\n\r\nbody\n.\r\nQUIT\r\n" + std::string(1, '\0');
  CHECK(header_value(evil).find('\n') == std::string::npos);
  app::Notice n = stale_notice();
  n.host = n.event_id = n.marker = n.verdict = n.key.name = n.cause = evil;
  const std::string text = mail(n, {evil, {evil, "a@b\r\nBcc: c@d", "e@f"}});
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const std::size_t end = text.find("\r\n", at);
    REQUIRE(end != std::string::npos);
    const std::string line = text.substr(at, end - at);
    CHECK(line.size() <= 998);
    CHECK(line.find_first_of(std::string("\r\n\0", 3)) == std::string::npos);
    CHECK_FALSE(line.starts_with("Bcc:"));
    at = end + 2;
  }
  CHECK(lines > 8);  // the headers of a mail and its text
  CHECK(has(header_part(text), "\r\nTo: e@f\r\n"));
}

TEST_CASE("a header that is not ASCII is made of encoded words") {
  CHECK(header_value("d\xc3\xa9j\xc3\xa0") == "=?UTF-8?B?ZMOpasOg?=");
  CHECK(header_value("=?UTF-8?B?eA==?=") != "=?UTF-8?B?eA==?=");
  std::string wide;
  for (int i = 0; i < 300; ++i) wide += "\xe2\x82\xac";
  const std::string value = header_value(wide);
  std::size_t at = 0;
  while (at < value.size()) {
    const std::size_t end = std::min(value.find("\r\n", at), value.size());
    CHECK(end - at <= 76);
    at = end + 2;
  }
}

TEST_CASE("an address is taken only whole and harmless") {
  CHECK(bare_address("a@b") == "a@b");
  CHECK(bare_address("Name <a@b>") == "a@b");
  for (const char* text : {"", "a b@c", "<a@b", "a@b> SIZE=1\r\nDATA", "-a@b",
                           "a@b,c@d", "\"a\"@b", "x <a@b\r\n>"}) {
    CAPTURE(text);
    CHECK(bare_address(text).empty());
  }
}

TEST_CASE("a text that is not plain ASCII goes as base64") {
  app::Notice n = stale_notice();
  n.cause = "\xc3\xa4";
  const std::string text = mail(n, {"a@b", {"c@d"}});
  CHECK(has(text, "Content-Transfer-Encoding: base64\r\n"));
}

}  // namespace
}  // namespace bezalel::notify
