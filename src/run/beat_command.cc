#include <unistd.h>

#include <array>

#include "record/ulid.h"
#include "run/beat_options.h"
#include "run/check_stamp.h"
#include "run/commands.h"
#include "run/nesting.h"
#include "run/recorder.h"
#include "sys/clock.h"
#include "sys/entropy.h"
#include "sys/process.h"
#include "sys/syslog.h"

namespace bezalel::run {
namespace {

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

std::optional<UnitResult> result_around(const Host& host) {
  const auto variable = [&](const char* name) {
    const char* value = host.variable(name);
    return std::string_view(value != nullptr ? value : "");
  };
  return unit_result(variable("SERVICE_RESULT"), variable("EXIT_CODE"),
                     variable("EXIT_STATUS"));
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
  const BeatLine line = parse_beat_line(arguments, result_around(host));
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
