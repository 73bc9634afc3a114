#include "run/run_record.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/duration.h"
#include "base/escape.h"
#include "record/redact.h"
#include "record/ulid.h"
#include "run/check_stamp.h"
#include "sys/clock.h"
#include "sys/entropy.h"
#include "sys/process.h"
#include "sys/syslog.h"

namespace bezalel::run {
namespace {

constexpr std::size_t kMaxCommand = 1024;
// Smaller differences are the clock being slewed, not stepped.
constexpr auto kClockStep = std::chrono::milliseconds(500);

}  // namespace

RunRecord::RunRecord(const Host& host, const Request& request,
                     Recording recording, std::string parent)
    : host_(host),
      recording_(recording),
      places_(run::places(host)),
      recorder_(places_, host.clock, host.uid) {
  start.parent = std::move(parent);
  const Timestamp now = host.clock.wall();
  std::array<std::uint8_t, 10> random;
  sys::fill_random(random);
  start.job = request.job.str();
  start.run_id = record::make_ulid(now, random);
  start.uid = host.uid;
  start.host = host.name;
  start.boot_id = sys::boot_id();
  start.pid_ns = sys::pid_namespace();
  start.at = now;
  start.boottime = host.clock.boot();
  start.trigger = request.trigger;
  // More than is kept, so that a secret is not cut before it is seen.
  const auto kept = [](std::string_view shown) {
    shown = shown.substr(0, 4 * kMaxCommand);
    return clean_utf8(utf8_prefix(record::redact(shown), kMaxCommand));
  };
  start.cmd = kept(request.shown);
  if (!request.options.empty()) start.options = kept(request.options);
  if (!request.problems.empty()) start.problems = kept(request.problems);
  start.schedule = request.schedule;
}

void RunRecord::do_on_disk(const std::function<void()>& work,
                           Descriptors descriptors) {
  const Beside beside = run_beside(work, descriptors);
  if (beside.end == Beside::End::stuck) give_up_disk(beside.pid);
}

void RunRecord::give_up_disk(pid_t stuck) {
  stuck_ = stuck;
  const std::string why =
      start.job + ": not recorded: " + escape_line(places_.front().dir, 200) +
      ": no answer from the disk within " + format_time_span(kPatience);
  sys::syslog_line(sys::SyslogPriority::err, "bezalel", why);
  say(why);
}

void RunRecord::name_process() {
  start.pid = ::getpid();
  start.pid_start = sys::process_start(::getpid()).value_or(0);
}

void RunRecord::finish(const struct rusage* usage) {
  // The disk may answer again by now.
  if (stuck_ >= 0 && ::kill(stuck_, 0) != 0) stuck_ = -1;
  if (!is_kept()) return;
  const Timestamp now = host_.clock.wall();
  const BootTime boot = host_.clock.boot();
  end.job = start.job;
  end.run_id = start.run_id;
  end.at = now;
  end.boottime = boot;
  end.started = start.at;
  end.duration = boot - start.boottime;
  const auto step = std::chrono::duration_cast<std::chrono::milliseconds>(
      (now - start.at) - end.duration);
  if (std::chrono::abs(step) >= kClockStep) end.clock_step_ms = step.count();
  if (usage != nullptr) {
    const auto span = [](const struct timeval& t) {
      return std::chrono::seconds(t.tv_sec) +
             std::chrono::microseconds(t.tv_usec);
    };
    end.cpu = span(usage->ru_utime) + span(usage->ru_stime);
    end.max_rss_kib = usage->ru_maxrss;
  }
  std::optional<record::Heartbeat> heartbeat;
  if (end.outcome == record::Outcome::ok) {
    heartbeat = success_of(start, end);
  }
  do_on_disk([&] {
    recorder_.finish(end, heartbeat);
    if (start.parent.empty()) mind_the_checker(host_, recorder_.dir());
  });
  if (is_kept()) say_trouble();
}

void RunRecord::say_trouble() {
  if (recorder_.recorded() && !recorder_.disk_trouble()) return;
  const std::string why =
      start.job +
      (recorder_.recorded() ? ": recorded in " + recorder_.dir() + ": "
                            : ": the run could not be recorded: ") +
      recorder_.trouble();
  sys::syslog_line(sys::SyslogPriority::err, "bezalel", why);
  if (!recorder_.recorded()) say(why);
}

}  // namespace bezalel::run
