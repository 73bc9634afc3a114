#include "record/heartbeat_file.h"

#include <doctest/doctest.h>

#include <string>

using namespace bezalel;
using namespace bezalel::record;
using namespace std::chrono_literals;

namespace {

const Timestamp kMtime = from_unix_seconds(1'795'000'000);

Heartbeat full() {
  Heartbeat h;
  h.job = "db_backup";
  h.at = from_unix_seconds(1'795'500'000) + 250ms;
  h.boottime = BootTime(1234567ms);
  h.boot_id = "0b1c2d3e-0000-4000-8000-000000000001";
  h.interval = 24h;
  h.schedule.cron = "0 3 * * *";
  h.schedule.tz = "Europe/Riga";
  h.schedule.grace = "2h";
  h.host = "db7";
  h.run_id = "01KAZZZZZZZZZZZZZZZZZZZZZZ";
  h.started = from_unix_seconds(1'795'499'990);
  h.duration = 10250ms;
  h.exit_code = 0;
  return h;
}

std::string why_not(std::string_view bytes) {
  const auto h = decode_heartbeat(bytes, kMtime);
  if (h) return "accepted";
  CHECK(h.error().kind == Kind::corrupt);
  return h.error().what;
}

}  // namespace

TEST_CASE("a heartbeat is written with the documented members in order") {
  CHECK(encode(full()) ==
        "{\"v\":1,\"job\":\"db_backup\",\"timestamp\":1795500000.25,"
        "\"boottime\":1234.567,"
        "\"boot_id\":\"0b1c2d3e-0000-4000-8000-000000000001\","
        "\"interval_seconds\":86400,\"schedule\":{\"cron\":\"0 3 * * *\","
        "\"tz\":\"Europe/Riga\",\"grace\":\"2h\"},\"host\":\"db7\","
        "\"run_id\":\"01KAZZZZZZZZZZZZZZZZZZZZZZ\",\"started\":1795499990,"
        "\"duration_seconds\":10.25,\"exit_code\":0}\n");
}

TEST_CASE("what is written is read back the same") {
  CHECK(decode_heartbeat(encode(full()), kMtime) == full());
  Heartbeat bare;
  bare.job = "a";
  bare.at = from_unix_seconds(1);
  CHECK(decode_heartbeat(encode(bare), kMtime) == bare);
}

TEST_CASE("a heartbeat too long for a file loses its schedule first") {
  Heartbeat h = full();
  h.schedule.cron = std::string(5000, '*');
  const std::string bytes = encode(h);
  CHECK(bytes.size() <= kMaxHeartbeatBytes);
  h.schedule = {};
  CHECK(decode_heartbeat(bytes, kMtime) == h);
  h.host = std::string(5000, 'h');
  CHECK(encode(h).size() <= kMaxHeartbeatBytes);
}

TEST_CASE("every form that simpler writers leave is accepted") {
  const Timestamp t = from_unix_seconds(1'795'500'000);
  struct Row {
    std::string_view bytes;
    Timestamp at;
    std::optional<Duration> interval;
  };
  const Row rows[] = {
      {"", kMtime, {}},
      {"\n", kMtime, {}},
      {"1795500000", t, {}},
      {"1795500000.5\r\n", t + 500ms, {}},
      {"0", from_unix_seconds(0), {}},
      {"2026-11-24T06:00:00Z\n", t, {}},
      {"2026-11-24 08:00:00+02:00", t, {}},
      {R"({"timestamp":1795500000})", t, {}},
      {R"({"ts":1795500000,"interval":3600})", t, 1h},
      {R"({"time":"2026-11-24T06:00:00Z","interval":"1d"})", t, 24h},
      {R"({"last_run":"1795500000","interval_seconds":"90"})", t, 90s},
      {R"( { "timestamp" : 1795500000 , "x" : [1,{"ts":5}] } )", t, {}},
      {R"({"ts":1,"timestamp":1795500000,"time":2})", t, {}},
      {R"({"timestamp":1795500000,"interval":5,"interval_seconds":60})", t,
       60s},
      {R"({"timestamp":1795500000,"interval_seconds":null})", t, {}},
      {R"({"timestamp":1795500000,"job":"../x","exit_code":"no"})", t, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const auto h = decode_heartbeat(row.bytes, kMtime);
    REQUIRE(h);
    CHECK(h->at == row.at);
    CHECK(h->interval == row.interval);
    CHECK(h->job.empty());
  }
}

TEST_CASE("what cannot be a heartbeat is corrupt, with a reason") {
  using namespace std::string_literals;
  CHECK(why_not("{}") == "empty object");
  CHECK(why_not("hello") == "not JSON, a number or a time");
  CHECK(why_not("NaN") == "not JSON, a number or a time");
  CHECK(why_not("1795500000\0"s) == "NUL bytes");
  CHECK(why_not(std::string(4097, ' ')) == "over 4096 bytes");
  CHECK(why_not(R"({"v":1})") == "JSON without a timestamp");
  const std::string rejected[] = {
      "-5",
      "1795500000000",
      "253402300800",
      "10000-01-01",
      "1e9",
      "[]",
      "\"2026-11-24\"",
      "1795500000 1795500001",
      "2026-11-24\n2026-11-25",
      R"({"timestamp":-1})",
      R"({"timestamp":NaN})",
      R"({"timestamp":1e300})",
      R"({"timestamp":253402300800})",
      R"({"timestamp":true})",
      R"({"timestamp":null})",
      R"({"timestamp":""})",
      R"({"timestamp":1795500000)",
      R"({"timestamp":1795500000,})",
      R"({"timestamp":1795500000}})",
      R"({"timestamp":1795500000} x)",
      R"({"timestamp":1795500000,"interval":0})",
      R"({"timestamp":1795500000,"interval":-60})",
      R"({"timestamp":1795500000,"interval":"soon"})",
      R"({"timestamp":1795500000,"interval":1e12})",
      "{\"timestamp\":1795500000,\"host\":\"\xff\"}"};
  for (const std::string& bytes : rejected) {
    CAPTURE(bytes);
    CHECK(why_not(bytes) != "accepted");
  }
}

TEST_CASE("no beginning of a heartbeat reads as a whole one") {
  const std::string bytes = encode(full());
  for (std::size_t n = 1; n + 1 < bytes.size(); ++n) {
    CAPTURE(n);
    CHECK(!decode_heartbeat(bytes.substr(0, n), kMtime));
  }
}
