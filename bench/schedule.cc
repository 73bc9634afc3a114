// What one look into a schedule costs.
#include "schedule/schedule.h"

#include <benchmark/benchmark.h>

#include "base/json_read.h"

namespace {

using namespace bezalel;
using namespace bezalel::schedule;

constexpr const char* kExprs[] = {
    "* * * * *", "*/15 * * * *",  "0 * * * *",  "0 3 * * *",  "30 2 * * 1-5",
    "0 0 1 * *", "0 9 1-7 * MON", "0 0 29 2 *", "0 0 31 2 *", "0 22-6 * * *",
};
constexpr const char* kEvents[] = {"hourly",         "*:0/15", "03:30",
                                   "Mon..Fri 03:00", "*-*~01", "*-02-31"};
// A quarter of an hour and a bit: the starts cover all times of a day.
constexpr auto kStride = std::chrono::seconds(917);

void cron_next(benchmark::State& state) {
  const char* text = kExprs[state.range(0)];
  const auto expr = *CronExpr::parse(text);
  const auto zone = *Zone::load("Europe/Riga");
  Timestamp t = from_unix_seconds(1'767'225'600);
  for (auto _ : state) {
    benchmark::DoNotOptimize(next(expr, zone, t));
    t += kStride;
  }
  state.SetLabel(text);
}
BENCHMARK(cron_next)->DenseRange(0, 9);

void cron_previous(benchmark::State& state) {
  const char* text = kExprs[state.range(0)];
  const auto expr = *CronExpr::parse(text);
  const auto zone = *Zone::load("Europe/Riga");
  Timestamp t = from_unix_seconds(2'082'758'400);
  for (auto _ : state) {
    benchmark::DoNotOptimize(previous(expr, zone, t));
    t -= kStride;
    if (t < Timestamp{}) t = from_unix_seconds(2'082'758'400);
  }
  state.SetLabel(text);
}
BENCHMARK(cron_previous)->DenseRange(0, 9);

void calendar_next(benchmark::State& state) {
  const char* text = kEvents[state.range(0)];
  const auto event = *Calendar::parse(text);
  const auto zone = *Zone::load("Europe/Riga");
  const Timestamp t = from_unix_seconds(1'767'225'600);
  for (auto _ : state) {
    benchmark::DoNotOptimize(next(event, zone, t));
  }
  state.SetLabel(text);
}
BENCHMARK(calendar_next)->DenseRange(0, 5);

void calendar_previous(benchmark::State& state) {
  const char* text = kEvents[state.range(0)];
  const auto event = *Calendar::parse(text);
  const auto zone = *Zone::load("Europe/Riga");
  const Timestamp t = from_unix_seconds(1'767'225'600);
  for (auto _ : state) {
    benchmark::DoNotOptimize(previous(event, zone, t));
  }
  state.SetLabel(text);
}
BENCHMARK(calendar_previous)->DenseRange(0, 5);

void cron_parse(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(CronExpr::parse("30 2 1,15 * mon-fri"));
  }
}
BENCHMARK(cron_parse);

// One record of a run log or a .last: checked, and all members met once.
void json_record(benchmark::State& state) {
  const std::string text =
      R"({"v":1,"job":"db_backup","timestamp":1795500000.25,"boottime":)"
      R"(123456.789,"boot_id":"6f1c7d2e-3b0f-4f6f-9d3b-0c8f5b8f6a11",)"
      R"("interval_seconds":86400,"host":"db7.example.org","run_id":)"
      R"("01JDEXAMPLE0000000000000000","started":1795499990.5,)"
      R"("duration_seconds":9.75,"exit_code":0,"note":"0123456789012345)"
      R"(67890123456789012345678901234567890123456789"})";
  for (auto _ : state) {
    const auto value = JsonValue::parse(text);
    value->for_each_member([](std::string_view name, const JsonValue& member) {
      benchmark::DoNotOptimize(name);
      benchmark::DoNotOptimize(member);
    });
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(text.size()));
}
BENCHMARK(json_record);

}  // namespace

BENCHMARK_MAIN();
