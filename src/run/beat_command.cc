#include <unistd.h>

#include <array>

#include "base/escape.h"
#include "record/ulid.h"
#include "run/check_stamp.h"
#include "run/commands.h"
#include "run/nesting.h"
#include "run/options.h"
#include "run/recorder.h"
#include "run/run_options.h"
#include "run/unit_result.h"
#include "sys/clock.h"
#include "sys/entropy.h"
#include "sys/process.h"
#include "sys/syslog.h"

namespace bezalel::run {
namespace {

using Takes = OptionSpec::Takes;

constexpr auto kSpecs = std::to_array<OptionSpec>({
    {"--every", Takes::value},
    {"--cron", Takes::value},
    {"--calendar", Takes::value},
    {"--tz", Takes::value},
    {"--grace", Takes::value},
    {"--max", Takes::value},
    {"--status", Takes::value},
    {"--message", Takes::value},
    {"--unit", Takes::nothing},
    {"--root", Takes::value},
    {"--help", Takes::nothing},
    {"-h", Takes::nothing},
});

constexpr std::string_view kHelp =
    "usage: bezalel beat JOB --every D [--status ok|fail] [--message TEXT]\n"
    "\n"
    "Records that JOB has just succeeded (or failed), for programs that run\n"
    "all the time or that nobody can wrap.\n"
    "  bezalel beat mail_queue --every 5min\n"
    "\n"
    "  --every D, --cron E, --calendar E, --tz ZONE, --grace D, --max D\n"
    "                       when the next one is expected\n"
    "  --status ok|fail     how it went (ok)\n"
    "  --message TEXT       one line kept with the record\n"
    "  --unit               how it went, by systemd: in an ExecStopPost=\n"
    "  --root DIR           keep everything below DIR\n"
    "\n"
    "Exit status 0 recorded, 1 not recorded, 2 usage. See bezalel-beat(1).\n";

constexpr std::size_t kMaxMessage = 1000;

struct BeatLine {
  std::optional<record::JobName> job;
  record::ScheduleText schedule;
  record::Outcome outcome = record::Outcome::ok;
  std::string message;
  std::optional<UnitResult> unit;  // --unit
  std::optional<std::string> root;
  bool help = false;
  bool useless = false;  // there is nothing to record
  std::vector<std::string> problems;
};

std::optional<UnitResult> result_around(const Host& host) {
  const auto variable = [&](const char* name) {
    const char* value = host.variable(name);
    return std::string_view(value != nullptr ? value : "");
  };
  return unit_result(variable("SERVICE_RESULT"), variable("EXIT_CODE"),
                     variable("EXIT_STATUS"));
}

void take_option(const Host& host, const ParsedLine::Option& option,
                 BeatLine& line) {
  const std::string_view name = option.spec->name;
  if (take_schedule_option(option, line.schedule, line.problems)) return;
  if (name == "--status") {
    if (option.value == "fail") {
      line.outcome = record::Outcome::fail;
    } else if (option.value != "ok") {
      line.problems.push_back(option_problem(
          name, "\"" + escape_line(option.value) + "\": expected ok or fail"));
    }
  } else if (name == "--message") {
    line.message = escape_line(option.value, kMaxMessage);
  } else if (name == "--unit") {
    line.unit = result_around(host);
    if (!line.unit) {
      line.problems.emplace_back(
          "--unit: no $SERVICE_RESULT; expected to be an ExecStopPost= of a "
          "service");
      line.useless = true;
    }
  } else if (name == "--root") {
    take_directory(option, line.root, line.problems);
    line.useless = line.useless || !line.root;
  } else {
    line.help = true;
  }
}

BeatLine parse(const Host& host, std::span<char* const> arguments) {
  const ParsedLine parsed = parse_line(arguments, kSpecs);
  BeatLine line;
  line.problems = parsed.problems;
  for (const ParsedLine::Option& option : parsed.options) {
    take_option(host, option, line);
  }
  if (parsed.words.size() != 1 || parsed.command) {
    line.problems.push_back("expected one job: bezalel beat JOB --every D");
    return line;
  }
  auto job = record::JobName::parse(parsed.words.front());
  if (job) {
    line.job = *std::move(job);
  } else {
    line.problems.push_back(job.error().what);
  }
  return line;
}

record::RunStart start_of(const Host& host, const BeatLine& line,
                          std::string parent) {
  record::RunStart start;
  std::array<std::uint8_t, 10> random;
  sys::fill_random(random);
  start.at = host.clock.wall();
  start.boottime = host.clock.boot();
  start.job = line.job->str();
  start.run_id = record::make_ulid(start.at, random);
  start.uid = host.uid;
  start.host = host.name;
  start.boot_id = sys::boot_id();
  start.pid_ns = sys::pid_namespace();
  start.pid = ::getpid();
  start.pid_start = sys::process_start(::getpid()).value_or(0);
  start.trigger = line.unit ? record::Trigger::unit : record::Trigger::beat;
  start.schedule = line.schedule;
  start.parent = std::move(parent);
  return start;
}

record::RunEnd end_of(const record::RunStart& start, const BeatLine& line) {
  record::RunEnd end;
  end.job = start.job;
  end.run_id = start.run_id;
  end.at = start.at;
  end.boottime = start.boottime;
  end.started = start.at;
  end.outcome = line.outcome;
  end.exit_code = line.outcome == record::Outcome::ok ? 0 : 1;
  end.detail = line.message;
  if (line.unit) {
    end.outcome = line.unit->outcome;
    end.exit_code = line.unit->exit_code;
    end.signal = line.unit->signal;
    if (end.detail.empty()) end.detail = line.unit->detail;
  }
  return end;
}

}  // namespace

int beat_command(Host& host, std::span<char* const> arguments) {
  const BeatLine line = parse(host, arguments);
  if (line.help) {
    return ::write(STDOUT_FILENO, kHelp.data(), kHelp.size()) < 0 ? 1 : 0;
  }
  for (const std::string& problem : line.problems) say("beat: " + problem);
  if (!line.job || line.useless) return 2;
  if (line.root) host.root = *line.root;

  std::string parent = enclosing_run(host);
  // A job that also beats for itself makes one record, the run's own.
  if (job_of(parent) == line.job->str()) {
    if (end_of({}, line).outcome == record::Outcome::ok) return 0;
    parent.clear();
  }
  const record::RunStart start = start_of(host, line, std::move(parent));
  const record::RunEnd end = end_of(start, line);
  Recorder recorder(places(host), host.clock, host.uid);
  recorder.begin(start);
  std::optional<record::Heartbeat> heartbeat;
  if (end.outcome == record::Outcome::ok) heartbeat = success_of(start, end);
  recorder.finish(end, heartbeat);
  recorder.sweep_if_new_day();
  if (start.parent.empty()) mind_the_checker(host, recorder.dir());
  if (recorder.recorded()) return line.problems.empty() ? 0 : 2;
  const std::string why =
      start.job + ": could not be recorded: " + recorder.trouble();
  sys::syslog_line(sys::SyslogPriority::err, "bezalel", why);
  say(why);
  return 1;
}

}  // namespace bezalel::run
