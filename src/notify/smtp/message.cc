#include "notify/smtp/message.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "app/notice_text.h"
#include "base/escape.h"
#include "base/sha256.h"

namespace bezalel::notify {
namespace {

// Bytes of text in one encoded word: 12 of frame and 60 of base64 make 72.
constexpr std::size_t kWordBytes = 45;
constexpr std::size_t kBase64Line = 76;
constexpr std::size_t kMaxHeader = 900;

bool is_printable(char c) {
  return c >= 0x20 && c < 0x7f;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_printable) &&
         text.find("=?") == text.npos;
}

// For the parts of a Message-ID.
std::string atom(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                      (c >= 'A' && c <= 'Z') || c == '-';
    out += fine ? c : '-';
  }
  return out.empty() ? "x" : out;
}

std::string date_of(Timestamp t) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
  return fmt::format(
      "{:%a, %d %b %Y %H:%M:%S} +0000",
      fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

// Message that all mails of one incident refer to, sent or not: mail programs
// make one thread of them.
std::string thread_id(const app::Notice& n) {
  return fmt::format("<bezalel.{}.{}@{}>", atom(n.marker), n.number,
                     atom(n.host));
}

bool fits_7bit(std::string_view body) {
  std::size_t column = 0;
  for (char c : body) {
    column = c == '\n' ? 0 : column + 1;
    if (column > 900 || (c != '\n' && !is_printable(c))) return false;
  }
  return true;
}

std::string with_crlf(std::string_view body) {
  std::string out;
  for (char c : body) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string folded_base64(std::string_view body) {
  const std::string text = to_base64(body);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += kBase64Line) {
    out += text.substr(at, kBase64Line) + "\r\n";
  }
  return out;
}

}  // namespace

std::string header_value(std::string_view text) {
  std::string clean = clean_utf8(utf8_prefix(text, kMaxHeader));
  std::replace_if(
      clean.begin(), clean.end(),
      [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, ' ');
  if (is_plain(clean) && clean.size() <= kMaxHeader) return clean;
  std::string out;
  std::string_view rest = clean;
  while (!rest.empty()) {
    const std::string_view word = utf8_prefix(rest, kWordBytes);
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + to_base64(word) + "?=";
    rest.remove_prefix(word.size());
  }
  return out;
}

std::string bare_address(std::string_view text) {
  const std::size_t open = text.rfind('<');
  if (open != text.npos) {
    const std::size_t close = text.find('>', open);
    if (close == text.npos) return {};
    text = text.substr(open + 1, close - open - 1);
  }
  const bool fine = std::all_of(text.begin(), text.end(), [](char c) {
    return is_printable(c) && c != ' ' && c != '<' && c != '>' && c != ',' &&
           c != ';' && c != '"' && c != '\\';
  });
  return fine && !text.empty() && text.front() != '-' ? std::string(text)
                                                      : std::string();
}

std::string message_id(const app::Notice& n) {
  return fmt::format("<bezalel.{}.{}.{}@{}>", atom(n.marker), n.number,
                     atom(n.event_id), atom(n.host));
}

std::string mail(const app::Notice& n, const MailAddresses& addresses) {
  std::string out;
  const auto header = [&](std::string_view name, std::string_view value) {
    out += fmt::format("{}: {}\r\n", name, value);
  };
  std::string to;
  for (const std::string& address : addresses.to) {
    const std::string bare = bare_address(address);
    if (bare.empty()) continue;
    // One a line: a list of many must not make a line too long.
    if (!to.empty()) to += ",\r\n ";
    to += bare;
  }
  header("From", bare_address(addresses.from));
  header("To", to);
  header("Subject", header_value(app::subject(n)));
  header("Date", date_of(n.at));
  header("Message-ID", message_id(n));
  header("In-Reply-To", thread_id(n));
  header("References", thread_id(n));
  header("Auto-Submitted", "auto-generated");
  header("X-Auto-Response-Suppress", "All");
  header("MIME-Version", "1.0");
  header("Content-Type", "text/plain; charset=utf-8");
  const std::string body = clean_utf8(app::plain_body(n));
  const bool plain = fits_7bit(body);
  header("Content-Transfer-Encoding", plain ? "7bit" : "base64");
  return out + "\r\n" + (plain ? with_crlf(body) : folded_base64(body));
}

}  // namespace bezalel::notify
