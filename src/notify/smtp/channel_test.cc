#include "notify/smtp/channel.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <map>
#include <thread>

#include "notify/testing.h"
#include "sys/fd.h"

namespace bezalel::notify {
namespace {

using namespace testing;

using Replies = std::map<std::string, std::string>;
const Replies kAgreeable;

// Speaks SMTP with one client; `replies` overrides the answer to a command
// (by its first word, "." for the end of the text; empty: close), or to a line.
class MailServer {
 public:
  explicit MailServer(Replies replies) : replies_(std::move(replies)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof a;
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&a), size) ==
            0);
    REQUIRE(::listen(listener_.get(), 4) == 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&a), &size);
    url = "smtp://127.0.0.1:" + std::to_string(ntohs(a.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~MailServer() { finish(); }
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  std::string url;

  // Everything that the client said, once it is gone.
  std::string finish() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    return seen_;
  }

 private:
  void serve() {
    const sys::Fd fd(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd) return;
    say(fd.get(), "220 stub");
    std::string pending;
    bool text = false;
    std::array<char, 4096> buffer{};
    while (true) {
      const ssize_t n = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
      if (n <= 0) return;
      pending.append(buffer.data(), static_cast<std::size_t>(n));
      for (std::size_t end; (end = pending.find("\r\n")) != pending.npos;) {
        const std::string line = pending.substr(0, end);
        pending.erase(0, end + 2);
        seen_ += line + "\n";
        if (text && line != ".") continue;
        text = line == "DATA" && !replies_.contains("DATA");
        if (!answer(fd.get(), line)) return;
      }
    }
  }

  bool answer(int fd, const std::string& line) {
    if (const auto own = replies_.find(line); own != replies_.end()) {
      return say(fd, own->second);
    }
    const std::string word = line.substr(0, line.find_first_of(" :"));
    if (const auto own = replies_.find(word); own != replies_.end()) {
      return !own->second.empty() && say(fd, own->second);
    }
    if (word == "DATA") return say(fd, "354 go on");
    if (word == "QUIT") return say(fd, "221 bye");
    return say(fd, "250 ok");
  }

  static bool say(int fd, const std::string& line) {
    const std::string bytes = line + "\r\n";
    return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
  }

  Replies replies_;
  std::string seen_;
  sys::Fd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::thread thread_;
};

app::ChannelSettings mail_settings(const std::string& url) {
  app::ChannelSettings s = settings_for("smtp", url);
  s.name = "mail";
  s.tls = "none";
  s.from = "Bezalel <bezalel@db7>";
  s.to = {"ops@example", "boss@example"};
  return s;
}

std::unique_ptr<app::Channel> channel(const app::ChannelSettings& s) {
  auto made = SmtpChannel::make(s, {"1.0.0", "db7"});
  REQUIRE(made);
  return *std::move(made);
}

TEST_CASE("a mail is handed over to every address") {
  std::string seen;
  {
    MailServer server(kAgreeable);
    const auto d =
        channel(mail_settings(server.url))->deliver(stale_notice(), {});
    REQUIRE_MESSAGE(sent(d), why(d));
    seen = server.finish();
  }
  CHECK(has(seen, "MAIL FROM:<bezalel@db7>"));
  CHECK(has(seen, "RCPT TO:<ops@example>"));
  CHECK(has(seen, "RCPT TO:<boss@example>"));
  CHECK(has(seen, "Subject: P1 db_backup@db7 stale"));
}

TEST_CASE("one bad address keeps a mail from nobody else") {
  MailServer server(Replies{{"RCPT TO:<ops@example>", "550 no such user"}});
  const auto d =
      channel(mail_settings(server.url))->deliver(stale_notice(), {});
  REQUIRE_MESSAGE(sent(d), why(d));
  CHECK(sent(d)->note == "the server refused ops@example (550)");
  CHECK(has(server.finish(), "Subject: P1 db_backup@db7 stale"));
}

TEST_CASE("an address that cannot take it now is tried again, alone") {
  app::Notice notice = stale_notice();
  {
    MailServer server(Replies{{"RCPT TO:<ops@example>", "450 later"}});
    const auto d = channel(mail_settings(server.url))->deliver(notice, {});
    REQUIRE_MESSAGE(sent(d), why(d));
    CHECK(sent(d)->not_yet == std::vector<std::string>{"ops@example"});
    notice.only_to = sent(d)->not_yet;
  }
  {
    MailServer server(kAgreeable);
    const auto d = channel(mail_settings(server.url))->deliver(notice, {});
    REQUIRE_MESSAGE(sent(d), why(d));
    CHECK(sent(d)->not_yet.empty());
    const std::string seen = server.finish();
    CHECK(has(seen, "RCPT TO:<ops@example>"));
    CHECK_FALSE(has(seen, "RCPT TO:<boss@example>"));
  }
  {
    // Still not: the channel is well all the same.
    MailServer server(Replies{{"RCPT TO:<ops@example>", "450 later"}});
    const auto d = channel(mail_settings(server.url))->deliver(notice, {});
    REQUIRE(retry(d));
    CHECK(retry(d)->only_this);
  }
  {
    MailServer server(Replies{{"RCPT TO:<ops@example>", "550 no such user"}});
    const auto d = channel(mail_settings(server.url))->deliver(notice, {});
    REQUIRE_MESSAGE(sent(d), why(d));
    CHECK(has(sent(d)->note, "550"));
  }
}

TEST_CASE("a mail that nobody took is tried again if anybody may take it") {
  MailServer server(Replies{{"RCPT TO:<ops@example>", "450 later"},
                            {"RCPT TO:<boss@example>", "550 no such user"}});
  const auto d =
      channel(mail_settings(server.url))->deliver(stale_notice(), {});
  REQUIRE(retry(d) != nullptr);
  CHECK_FALSE(retry(d)->unknown_fate);
  CHECK_FALSE(has(server.finish(), "Subject:"));
}

TEST_CASE("what the server says decides whether to try again") {
  struct Row {
    const char* word;
    const char* reply;
    bool later;
    bool unknown;
  };
  for (const Row& row : std::vector<Row>{{"RCPT", "450 later", true, false},
                                         {"RCPT", "550 no", false, false},
                                         {"MAIL", "552 full", false, false},
                                         {"DATA", "451 busy", true, false},
                                         {".", "452 full", true, false},
                                         {".", "554 spam", false, false},
                                         {"RCPT", "", true, false},
                                         {".", "", true, true}}) {
    CAPTURE(row.word);
    CAPTURE(row.reply);
    MailServer server(Replies{{row.word, row.reply}});
    const auto d =
        channel(mail_settings(server.url))->deliver(stale_notice(), {});
    CAPTURE(why(d));
    CHECK((retry(d) != nullptr) == row.later);
    if (retry(d)) CHECK(retry(d)->unknown_fate == row.unknown);
  }
}

TEST_CASE("without STARTTLS nothing is sent unless the settings allow it") {
  std::string seen;
  {
    MailServer server(kAgreeable);
    app::ChannelSettings s = mail_settings(server.url);
    s.tls.clear();
    const auto d = channel(s)->deliver(stale_notice(), {});
    CHECK_MESSAGE(gave_up(d), why(d));
    seen = server.finish();
  }
  CHECK_FALSE(has(seen, "MAIL"));
  app::ChannelSettings remote = mail_settings("smtp://mail.example:25");
  CHECK_FALSE(SmtpChannel::make(remote, {"1.0.0", "db7"}));
}

TEST_CASE("a mail without a sender of its own is from this host") {
  std::string seen;
  {
    MailServer server(kAgreeable);
    app::ChannelSettings s = mail_settings(server.url);
    s.from.clear();
    REQUIRE(sent(channel(s)->deliver(stale_notice(), {})));
    seen = server.finish();
  }
  CHECK(has(seen, "MAIL FROM:<bezalel@db7>"));
  CHECK(has(seen, "From: bezalel@db7"));
}

TEST_CASE("a probe sends no mail") {
  std::string seen;
  {
    MailServer server(kAgreeable);
    CHECK(channel(mail_settings(server.url))->probe().ok);
    seen = server.finish();
  }
  CHECK_FALSE(has(seen, "MAIL"));
}

}  // namespace
}  // namespace bezalel::notify
