#include "record/run_log.h"

#include <doctest/doctest.h>

#include <string>

using namespace bezalel;
using namespace bezalel::record;
using namespace std::chrono_literals;

namespace {

constexpr Trigger kTriggers[] = {Trigger::run, Trigger::sh, Trigger::beat,
                                 Trigger::parts, Trigger::unit};
constexpr Outcome kOutcomes[] = {
    Outcome::ok,          Outcome::fail,      Outcome::signal, Outcome::timeout,
    Outcome::exec_failed, Outcome::assertion, Outcome::skipped};

RunStart start() {
  RunStart s;
  s.job = "db_backup";
  s.run_id = "01KAZZZZZZZZZZZZZZZZZZZZZZ";
  s.uid = 4'294'967'294U;
  s.host = "db7";
  s.boot_id = "b";
  s.pid_ns = 4026531836U;
  s.pid = 4711;
  s.pid_start = 123456;
  s.at = from_unix_seconds(1'795'500'000);
  s.boottime = BootTime(5500ms);
  s.cmd = "/usr/local/bin/backup \"x\"";
  s.problems = "--max: \"x\"";
  s.schedule.every = "1d";
  s.schedule.max = "30m";
  s.parent = "nightly/01KAYYYYYYYYYYYYYYYYYYYYYY";
  return s;
}

RunEnd end() {
  RunEnd e;
  e.job = "db_backup";
  e.run_id = "01KAZZZZZZZZZZZZZZZZZZZZZZ";
  e.at = from_unix_seconds(1'795'500'010);
  e.boottime = BootTime(15500ms);
  e.started = from_unix_seconds(1'795'500'000);
  e.duration = 10s;
  e.outcome = Outcome::fail;
  e.exit_code = 3;
  e.detail = "exit status 3";
  e.cpu = 250ms;
  e.max_rss_kib = 2048;
  e.out = {100'000, "head\n", "tail\n"};
  e.err = {4, "err\n", ""};
  e.clock_step_ms = -1500;
  e.lingering = 2;
  return e;
}

std::string_view without_newline(std::string_view line) {
  REQUIRE(line.ends_with('\n'));
  line.remove_suffix(1);
  CHECK(line.find('\n') == std::string_view::npos);
  return line;
}

template <class R>
void check_round_trip(const R& record) {
  const std::string line = encode(record);
  const auto back = decode_run_record(without_newline(line));
  REQUIRE(back);
  CHECK(std::get<R>(*back) == record);
}

}  // namespace

TEST_CASE("a start is written with the documented members in order") {
  CHECK(encode(start()) ==
        "{\"v\":1,\"e\":\"start\",\"job\":\"db_backup\","
        "\"run_id\":\"01KAZZZZZZZZZZZZZZZZZZZZZZ\",\"uid\":4294967294,"
        "\"host\":\"db7\",\"boot_id\":\"b\",\"pid_ns\":4026531836,"
        "\"pid\":4711,\"pid_start\":123456,\"timestamp\":1795500000,"
        "\"boottime\":5.5,\"trigger\":\"run\","
        "\"cmd\":\"/usr/local/bin/backup \\\"x\\\"\","
        "\"problems\":\"--max: \\\"x\\\"\","
        "\"schedule\":{\"every\":\"1d\",\"max\":\"30m\"},"
        "\"parent\":\"nightly/01KAYYYYYYYYYYYYYYYYYYYYYY\"}\n");
}

TEST_CASE("an end is written with the documented members in order") {
  CHECK(encode(end()) ==
        "{\"v\":1,\"e\":\"end\",\"job\":\"db_backup\","
        "\"run_id\":\"01KAZZZZZZZZZZZZZZZZZZZZZZ\",\"timestamp\":1795500010,"
        "\"boottime\":15.5,\"started\":1795500000,\"duration_seconds\":10,"
        "\"outcome\":\"fail\",\"exit_code\":3,\"detail\":\"exit status 3\","
        "\"cpu_seconds\":0.25,\"max_rss_kib\":2048,\"out_bytes\":100000,"
        "\"err_bytes\":4,\"out_head\":\"head\\n\",\"out_tail\":\"tail\\n\","
        "\"err_head\":\"err\\n\",\"clock_step_ms\":-1500,\"lingering\":2}\n");
}

TEST_CASE("a run id of other than printable ASCII is none") {
  for (const char* id : {"\\u0000a", "a b", "\\u00e9", ""}) {
    std::string line = encode(start());
    const std::string good = "01KAZZZZZZZZZZZZZZZZZZZZZZ";
    line.replace(line.find(good), good.size(), id);
    CHECK_FALSE(decode_run_record(without_newline(line)));
  }
}

TEST_CASE("every trigger and outcome goes through a line and back") {
  for (const Trigger t : kTriggers) {
    RunStart s = start();
    s.trigger = t;
    check_round_trip(s);
    CHECK(parse_trigger(to_string(t)) == t);
  }
  for (const Outcome o : kOutcomes) {
    RunEnd e = end();
    e.outcome = o;
    e.merged = o == Outcome::signal;
    if (o == Outcome::signal) e.signal = 9;
    check_round_trip(e);
    CHECK(parse_outcome(to_string(o)) == o);
  }
  CHECK(!parse_trigger(""));
  CHECK(!parse_outcome("OK"));
}

TEST_CASE("output of any size fits the line, the ends of it last") {
  for (const char* filler : {"a", "\x01", "\"", "\xf0\x9f\x98\x80"}) {
    CAPTURE(filler);
    RunEnd e = end();
    for (int i = 0; i < 60'000; ++i) e.out.tail += filler;
    e.err.tail = e.err.head = e.out.head = e.out.tail;
    e.out.head.insert(0, "FIRST");
    e.err.tail += "LAST";
    const std::string line = encode(e);
    CHECK(line.size() <= kMaxRunLogLine);
    const auto back = decode_run_record(without_newline(line));
    REQUIRE(back);
    CHECK(std::get<RunEnd>(*back).out.head.starts_with("FIRST"));
  }
  RunEnd e = end();
  e.err.tail = std::string(70'000, 'x') + "LAST";
  const std::string line = encode(e);
  CHECK(line.size() <= kMaxRunLogLine);
  CHECK(line.size() > kMaxRunLogLine - 1024);
  CHECK(line.find("LAST") != std::string::npos);
}

TEST_CASE("a schedule of absurd length does not cost the start its line") {
  RunStart s = start();
  s.schedule.every = std::string(100'000, 'x');
  s.cmd = std::string(5000, 'c');
  const std::string line = encode(s);
  CHECK(line.size() <= kMaxRunLogLine);
  const auto back = decode_run_record(without_newline(line));
  REQUIRE(back);
  CHECK(std::get<RunStart>(*back).cmd.size() == 1024);
}

TEST_CASE("unknown members are passed over") {
  std::string line(without_newline(encode(start())));
  line.insert(1, "\"new\":{\"v\":[2]},");
  CHECK(std::get<RunStart>(*decode_run_record(line)) == start());
}

TEST_CASE("what is no whole record of ours is corrupt") {
  const std::string good(without_newline(encode(start())));
  for (std::size_t n = 0; n < good.size(); ++n) {
    CHECK(!decode_run_record(good.substr(0, n)));
  }
  const std::pair<std::string_view, std::string_view> changes[] = {
      {"\"v\":1", "\"v\":2"},
      {"\"v\":1", "\"v\":\"1\""},
      {"\"start\"", "\"began\""},
      {"db_backup", "../x"},
      {"\"trigger\":\"run\"", "\"trigger\":\"ruin\""},
      {"\"uid\":4294967294", "\"uid\":4294967296"},
      {"\"uid\":4294967294", "\"uid\":-1"},
      {"\"timestamp\":1795500000", "\"timestamp\":-1"},
      {"\"timestamp\":1795500000", "\"timestamp\":999999999999"},
      {"\"boottime\":5.5", "\"boottime\":-5.5"},
      {"\"pid\":4711", "\"dip\":4711"},
      {"01KAZZZZZZZZZZZZZZZZZZZZZZ", ""},
  };
  for (const auto& [from, to] : changes) {
    CAPTURE(to);
    std::string line = good;
    line.replace(line.find(from), from.size(), to);
    const auto back = decode_run_record(line);
    REQUIRE(!back);
    CHECK(back.error().kind == Kind::corrupt);
  }
  CHECK(!decode_run_record(good + good));
  CHECK(!decode_run_record(std::string(kMaxRunLogLine + 1, ' ')));
}

TEST_CASE("a run log is named after the UTC day, and only so") {
  const Timestamp t = from_unix_seconds(1'795'500'000);
  CHECK(run_log_name(t) == "runs-20261124.jsonl");
  CHECK(run_log_day("runs-20261124.jsonl") == from_unix_seconds(1'795'478'400));
  for (const char* name :
       {"runs-20261324.jsonl", "runs-20260230.jsonl", "runs-2026112.jsonl",
        "runs-2026112a.jsonl", "runs-20261124.json", "xuns-20261124.jsonl",
        "runs-20261124.jsonl~", ""}) {
    CAPTURE(name);
    CHECK(!run_log_day(name));
  }
}
