#include "notify/local/channel.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "notify/testing.h"
#include "sys/file.h"

namespace bezalel::notify {
namespace {

using namespace testing;

struct Heard {
  sys::SyslogPriority priority = sys::SyslogPriority::info;
  std::string text;
};

std::unique_ptr<app::Channel> channel(LocalSinks sinks) {
  return *LocalChannel::make(settings_for("local", ""), std::move(sinks));
}

LocalSinks listening(Heard& heard) {
  LocalSinks sinks;
  sinks.syslog = [&heard](sys::SyslogPriority p, std::string_view text) {
    heard = {p, std::string(text)};
    return true;
  };
  sinks.last_resort = "/nonexistent/fd";
  return sinks;
}

LocalSinks deaf(const std::string& last_resort) {
  LocalSinks sinks;
  sinks.syslog = [](sys::SyslogPriority, std::string_view) { return false; };
  sinks.last_resort = last_resort;
  return sinks;
}

TEST_CASE("what an action did is told, and not its alarm once more") {
  Heard heard;
  app::Notice n = stale_notice();
  n.kind = app::NoticeKind::action;
  n.sentence = "Tried to help: /bin/mend: exit 1";
  REQUIRE(sent(channel(listening(heard))->deliver(n, {})));
  CHECK(heard.text.ends_with(": Tried to help: /bin/mend: exit 1"));
  CHECK(heard.text.find(n.cause) == std::string::npos);
}

TEST_CASE("an alarm goes to syslog at alert priority, on one line") {
  Heard heard;
  app::Notice n = stale_notice();
  n.cause = "one\ntwo\x1b[2J";
  REQUIRE(sent(channel(listening(heard))->deliver(n, {})));
  CHECK(heard.priority == sys::SyslogPriority::alert);
  CHECK(heard.text == "P1 db_backup@db7 stale: one\\ntwo\\x1b[2J");
  n.severity = core::Severity::p2;
  REQUIRE(sent(channel(listening(heard))->deliver(n, {})));
  CHECK(heard.priority == sys::SyslogPriority::warning);
  n.kind = app::NoticeKind::resolved;
  REQUIRE(sent(channel(listening(heard))->deliver(n, {})));
  CHECK(heard.priority == sys::SyslogPriority::notice);
}

TEST_CASE("where no syslog listens the stderr of PID 1 is written") {
  std::string file = "/tmp/bezalel-local-XXXXXX";
  const int fd = ::mkstemp(file.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  REQUIRE(sent(channel(deaf(file))->deliver(stale_notice(), {})));
  CHECK(*sys::read_file(file, 10000) ==
        "bezalel: P1 db_backup@db7 stale: no run has started\n");
  ::unlink(file.c_str());
}

TEST_CASE("where neither is, it is tried again, and nothing blocks") {
  CHECK(retry(channel(deaf("/nonexistent/x"))->deliver(stale_notice(), {})));
  const std::string fifo = "/tmp/bezalel-fifo-" + std::to_string(::getpid());
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(retry(channel(deaf(fifo))->deliver(stale_notice(), {})));
  ::unlink(fifo.c_str());
}

}  // namespace
}  // namespace bezalel::notify
