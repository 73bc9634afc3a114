#include "run/execute.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>

#include "base/duration.h"
#include "base/escape.h"
#include "record/redact.h"
#include "record/ulid.h"
#include "run/beside.h"
#include "run/check_stamp.h"
#include "run/drain.h"
#include "run/guard.h"
#include "run/nesting.h"
#include "run/recorder.h"
#include "run/spawn.h"
#include "run/supervisor.h"
#include "sys/clock.h"
#include "sys/entropy.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/syslog.h"

namespace bezalel::run {
namespace {

constexpr int kTimeoutExit = 124;  // as timeout(1)
constexpr std::size_t kMaxCommand = 1024;
// Smaller differences are the clock being slewed, not stepped.
constexpr auto kClockStep = std::chrono::milliseconds(500);

// A terminal, a closed descriptor and --no-output are left as they are.
bool is_captured(int fd, Output output, const Sightings& sightings) {
  if (output == Output::untouched && sightings.empty()) return false;
  const int flags = ::fcntl(fd, F_GETFD);
  // Closed when we came: only our own placeholder has this flag.
  if (flags < 0 || (flags & FD_CLOEXEC) != 0) return false;
  return ::isatty(fd) == 0;
}

bool same_file(int a, int b) {
  struct stat first = {};
  struct stat second = {};
  return ::fstat(a, &first) == 0 && ::fstat(b, &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// The job gets a group of its own where no terminal could stop it for that.
bool at_terminal() {
  return ::isatty(STDIN_FILENO) != 0 || ::isatty(STDOUT_FILENO) != 0 ||
         ::isatty(STDERR_FILENO) != 0;
}

std::vector<Pattern> joined(Demands& demands) {
  std::vector<Pattern> all = std::move(demands.expect_output);
  for (Pattern& pattern : demands.fail_output)
    all.push_back(std::move(pattern));
  return all;
}

std::string describe(const SignalGate::Event& event) {
  return std::string("terminated by SIG") + signal_name(event.signal) +
         (event.from > 0 ? " from pid " + std::to_string(event.from) +
                               " of uid " + std::to_string(event.uid)
                         : " from the terminal");
}

std::string list(const std::vector<pid_t>& pids) {
  std::string text =
      std::to_string(pids.size()) +
      (pids.size() == 1 ? " child outlives" : " children outlive") +
      " the job:";
  for (std::size_t i = 0; i < pids.size() && i < 20; ++i) {
    text += pids[i] > 0 ? " " + std::to_string(pids[i]) : " ?";
  }
  return text;
}

void append_detail(std::string& detail, std::string_view text) {
  if (!detail.empty()) detail += "; ";
  detail += text;
}

// The one run of this call, with everything that must outlive its steps.
class Run {
 public:
  Run(const Host& host, Request& request, Recording recording,
      std::string parent)
      : host_(host),
        request_(request),
        recording_(recording),
        places_(places(host)),
        recorder_(places_, host.clock, host.uid),
        expected_(request.demands.expect_output.size()),
        sightings_(joined(request.demands)) {
    start_.parent = std::move(parent);
  }

  Ending go();

 private:
  bool records() const { return recording_ == Recording::yes && stuck_ < 0; }
  void do_on_disk(const std::function<void()>& work,
                  Descriptors descriptors = Descriptors::copied);
  void give_up_disk(pid_t stuck);
  void describe_start();
  int take_lock();
  int hold_lock();
  bool skip_for_overlap();
  void open_streams();
  Spawned start_job(const SignalGate& gate);
  void say_trouble();
  Ending settle_exec_error(int error);
  Ending conclude(const Watched& watched);
  void judge(const Watched& watched);
  std::string broken_assertion();
  std::string missed_file() const;
  void finish_record(const Watched* watched);
  Ending ending_for(const Watched& watched) const;

  const Host& host_;
  Request& request_;
  Recording recording_;
  std::vector<Place> places_;
  Recorder recorder_;
  pid_t stuck_ = -1;      // a child of ours that the disk does not let go
  std::size_t expected_;  // patterns before this index must be seen
  Sightings sightings_;
  Stream out_;
  Stream err_;
  bool merged_ = false;
  bool captured_ = false;
  sys::Fd lock_;
  Supervisor::Target target_ = Supervisor::Target::process;
  record::RunStart start_;
  record::RunEnd end_;
  std::vector<std::string> variables_;
};

// Whatever may wait for a disk: at most so long (beside.h).
void Run::do_on_disk(const std::function<void()>& work,
                     Descriptors descriptors) {
  const Beside beside = run_beside(work, descriptors);
  if (beside.end == Beside::End::stuck) give_up_disk(beside.pid);
}

void Run::give_up_disk(pid_t stuck) {
  stuck_ = stuck;
  const std::string why =
      start_.job + ": not recorded: " + escape_line(places_.front().dir, 200) +
      ": no answer from the disk within " + format_time_span(kPatience);
  sys::syslog_line(sys::SyslogPriority::err, "bezalel", why);
  say(why);
}

void Run::describe_start() {
  const Timestamp now = host_.clock.wall();
  std::array<std::uint8_t, 10> random;
  sys::fill_random(random);
  start_.job = request_.job.str();
  start_.run_id = record::make_ulid(now, random);
  start_.uid = host_.uid;
  start_.host = host_.name;
  start_.boot_id = sys::boot_id();
  start_.pid_ns = sys::pid_namespace();
  start_.at = now;
  start_.boottime = host_.clock.boot();
  start_.trigger = request_.trigger;
  // More than is kept, so that a secret is not cut before it is seen.
  const auto kept = [](std::string_view shown) {
    shown = shown.substr(0, 4 * kMaxCommand);
    return clean_utf8(utf8_prefix(record::redact(shown), kMaxCommand));
  };
  start_.cmd = kept(request_.shown);
  if (!request_.options.empty()) start_.options = kept(request_.options);
  start_.schedule = request_.schedule;
}

// Opens the lock in the first place that has one and tries to take it. errno
// when there is no lock; 0 when this run has it; EWOULDBLOCK when another has.
int Run::take_lock() {
  int why = 0;
  for (const Place& place : places_) {
    if (place.make == Place::Make::yes) {
      static_cast<void>(sys::make_directories(place.dir, place.mode));
    }
    const std::string path = place.dir + "/" + start_.job + ".lock";
    lock_ = sys::Fd(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock_) return hold_lock();
    why = errno;
  }
  return why;
}

// Whoever holds it names its run in it: to the same job inside itself the lock
// of the outer one is its own.
int Run::hold_lock() {
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    if (recording_ == Recording::yes) return why;
    std::string holder(start_.run_id.size(), '\0');
    const ssize_t n = ::pread(lock_.get(), holder.data(), holder.size(), 0);
    const bool is_whole = n == static_cast<ssize_t>(holder.size());
    return is_whole && start_.parent.ends_with(holder) ? 0 : why;
  }
  if (::ftruncate(lock_.get(), 0) == 0) {
    // Only the same job inside itself would miss it.
    [[maybe_unused]] const ssize_t n =
        ::pwrite(lock_.get(), start_.run_id.data(), start_.run_id.size(), 0);
  }
  return 0;
}

// True if another run holds the lock: this one is over before it began.
bool Run::skip_for_overlap() {
  if (request_.demands.overlap == Overlap::allowed) return false;
  constexpr std::string_view kNoLock = "no lock, overlap is not prevented";
  int why = 0;
  do_on_disk([this, &why] { why = take_lock(); }, Descriptors::shared);
  if (stuck_ >= 0) say(kNoLock);
  if (stuck_ >= 0 || why == 0) return false;
  if (why != EWOULDBLOCK) {
    say(sys::errno_error(std::string(kNoLock), why).what);
    return false;
  }
  start_.pid = ::getpid();
  start_.pid_start = sys::process_start(::getpid()).value_or(0);
  end_.outcome = record::Outcome::skipped;
  end_.detail = "another run of this job is still going on";
  if (records()) do_on_disk([this] { recorder_.begin(start_); });
  finish_record(nullptr);
  return true;
}

void Run::open_streams() {
  const Demands& demands = request_.demands;
  const Stream::Pass pass =
      demands.output == Output::hold ? Stream::Pass::hold : Stream::Pass::on;
  const std::string* header =
      request_.header.empty() ? nullptr : &request_.header;
  const bool out = is_captured(STDOUT_FILENO, demands.output, sightings_);
  const bool err = is_captured(STDERR_FILENO, demands.output, sightings_);
  merged_ = out && err && same_file(STDOUT_FILENO, STDERR_FILENO);
  if (out) captured_ = out_.open(STDOUT_FILENO, pass, sightings_, header);
  if (merged_) {
    merged_ = out_.is_open();
  } else if (err) {
    captured_ = err_.open(STDERR_FILENO, pass, sightings_, header) || captured_;
  }
}

Spawned Run::start_job(const SignalGate& gate) {
  variables_ = request_.variables;
  if (recording_ == Recording::yes) {
    variables_.push_back(std::string(kRunIdVariable) + "=" + start_.job + "/" +
                         start_.run_id);
  }
  const std::vector<char*> environment =
      with_entries(host_.environment, variables_);
  SpawnPlan plan;
  plan.argv = request_.argv.data();
  plan.environment = environment.data();
  if (!request_.fallback_argv.empty()) {
    plan.fallback_argv = request_.fallback_argv.data();
  }
  plan.out = out_.job_end();
  plan.err = merged_ ? out_.job_end() : err_.job_end();
  plan.mask = &gate.original_mask();
  plan.ignores_child_signal = gate.child_signal_was_ignored();
  if (!at_terminal()) {
    plan.group = SpawnPlan::Group::own;
    target_ = Supervisor::Target::group;
  }
  const auto record_start = [this] {
    start_.pid = ::getpid();
    start_.pid_start = sys::process_start(::getpid()).value_or(0);
    recorder_.begin(start_);
  };
  const auto nothing = [] {};
  const Spawned spawned =
      records() ? spawn(plan, record_start) : spawn(plan, nothing);
  if (spawned.pid >= 0) disarm_guard();
  if (spawned.stuck >= 0) give_up_disk(spawned.stuck);
  out_.close_job_end();
  err_.close_job_end();
  return spawned;
}

Ending Run::go() {
  describe_start();
  if (skip_for_overlap()) return {};
  Ending ending;
  int fork_error = 0;
  {
    SignalGate gate;
    if (gate) {
      open_streams();
      // Adopts what the job leaves behind, so that it can be counted.
      ::prctl(PR_SET_CHILD_SUBREAPER, 1);
      // Only a run-parts has had others before.
      const bool is_part = request_.trigger == record::Trigger::parts;
      auto earlier = is_part ? children() : std::vector<pid_t>();
      const Spawned job = start_job(gate);
      if (job.pid >= 0) {
        std::function<pid_t()> settle;
        if (records()) settle = [this] { return recorder_.settle(); };
        Supervisor supervisor(host_.clock, gate, job.pid, target_, stuck_,
                              std::move(earlier));
        const Watched watched =
            supervisor.watch(request_.demands, out_, err_, settle);
        return job.error != 0 ? settle_exec_error(job.error)
                              : conclude(watched);
      }
      fork_error = job.error;
    } else {
      fork_error = errno;
    }
  }
  // No child can be made (a process or descriptor limit): the job itself
  // still runs, in our place, unrecorded. No start is left behind that would
  // read as a lost run.
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  const std::string why =
      start_.job + ": runs unrecorded: " +
      sys::errno_error("cannot start a process", fork_error).what;
  sys::syslog_line(sys::SyslogPriority::err, "bezalel", why);
  say(why);
  ending.exit_code = run_unrecorded(host_, request_);
  return ending;
}

Ending Run::settle_exec_error(int error) {
  const std::string why =
      sys::errno_error(escape_line(request_.argv[0]), error).what;
  end_.outcome = record::Outcome::exec_failed;
  end_.exit_code = exit_code_of_exec_error(error);
  end_.detail = why;
  say(why);
  finish_record(nullptr);
  return {*end_.exit_code, 0, false};
}

// What kind of end it was: the first that holds.
void Run::judge(const Watched& watched) {
  using record::Outcome;
  const int status = watched.status;
  if (WIFEXITED(status)) end_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) {
    end_.signal = WTERMSIG(status);
    if (WCOREDUMP(status)) append_detail(end_.detail, "core dumped");
  }
  if (watched.told) append_detail(end_.detail, describe(*watched.told));
  if (watched.timed_out) {
    end_.outcome = Outcome::timeout;
    append_detail(end_.detail, "ended by --timeout " +
                                   format_time_span(*request_.demands.timeout));
    return;
  }
  if (end_.signal) {
    end_.outcome = Outcome::signal;
    return;
  }
  bool good = *end_.exit_code == 0;
  for (const std::uint8_t code : request_.demands.ok_exits) {
    good = good || *end_.exit_code == code;
  }
  end_.outcome = good ? Outcome::ok : Outcome::fail;
  if (!good) return;
  const std::string broken = broken_assertion();
  if (broken.empty()) return;
  end_.outcome = Outcome::assertion;
  append_detail(end_.detail, broken);
}

std::string Run::broken_assertion() {
  if (const int lost = out_.lost_by() != 0 ? out_.lost_by() : err_.lost_by()) {
    return sys::errno_error("its output could not be written", lost).what;
  }
  for (std::size_t i = 0; captured_ && i < sightings_.patterns().size(); ++i) {
    const std::string text = escape_line(sightings_.patterns()[i].text());
    if (i < expected_ && !sightings_.seen(i)) {
      return "no line of output matches \"" + text + "\"";
    }
    if (i >= expected_ && sightings_.seen(i)) {
      return "a line of output matches \"" + text + "\"";
    }
  }
  if (request_.demands.expect_files.empty()) return {};
  std::string missed;
  const Beside beside = run_beside([&] { missed = missed_file(); });
  if (beside.end != Beside::End::stuck) return missed;
  return "the disk of an expected file gives no answer";
}

std::string Run::missed_file() const {
  for (const FileExpectation& file : request_.demands.expect_files) {
    if (auto why = file.missed(start_.at)) return *why;
  }
  return {};
}

Ending Run::conclude(const Watched& watched) {
  judge(watched);
  if (end_.outcome != record::Outcome::ok) {
    out_.print_kept();
    err_.print_kept();
  }
  end_.lingering = static_cast<int>(watched.lingering.size());
  if (!watched.lingering.empty()) {
    append_detail(end_.detail, list(watched.lingering));
  }
  if (request_.demands.output != Output::untouched) {
    end_.out = out_.keeper().kept();
    end_.err = err_.keeper().kept();
  }
  end_.merged = merged_;
  if (end_.outcome == record::Outcome::assertion) {
    say(start_.job + ": the command ended well, but " + end_.detail);
  }
  finish_record(&watched);
  leave_drain(out_, err_);
  return ending_for(watched);
}

Ending Run::ending_for(const Watched& watched) const {
  Ending ending;
  ending.interrupted = watched.told.has_value();
  if (watched.timed_out) {
    ending.exit_code = kTimeoutExit;
  } else if (WIFSIGNALED(watched.status)) {
    ending.signal = WTERMSIG(watched.status);
  } else {
    ending.exit_code = WEXITSTATUS(watched.status);
    // Whoever states what a good run is wants to hear that it was none.
    if (end_.outcome == record::Outcome::assertion && ending.exit_code == 0) {
      ending.exit_code = 1;
    }
  }
  return ending;
}

void Run::finish_record(const Watched* watched) {
  // The disk may answer again by now.
  if (stuck_ >= 0 && ::kill(stuck_, 0) != 0) stuck_ = -1;
  if (!records()) return;
  const Timestamp now = host_.clock.wall();
  const BootTime boot = host_.clock.boot();
  end_.job = start_.job;
  end_.run_id = start_.run_id;
  end_.at = now;
  end_.boottime = boot;
  end_.started = start_.at;
  end_.duration = boot - start_.boottime;
  const auto step = std::chrono::duration_cast<std::chrono::milliseconds>(
      (now - start_.at) - end_.duration);
  if (std::chrono::abs(step) >= kClockStep) end_.clock_step_ms = step.count();
  if (watched != nullptr) {
    const auto span = [](const struct timeval& t) {
      return std::chrono::seconds(t.tv_sec) +
             std::chrono::microseconds(t.tv_usec);
    };
    end_.cpu = span(watched->usage.ru_utime) + span(watched->usage.ru_stime);
    end_.max_rss_kib = watched->usage.ru_maxrss;
  }
  std::optional<record::Heartbeat> heartbeat;
  if (end_.outcome == record::Outcome::ok) {
    heartbeat = success_of(start_, end_);
  }
  do_on_disk([&] {
    recorder_.finish(end_, heartbeat);
    if (start_.parent.empty()) mind_the_checker(host_, recorder_.dir());
  });
  if (records()) say_trouble();
}

void Run::say_trouble() {
  if (recorder_.recorded() && !recorder_.disk_trouble()) return;
  const std::string why =
      start_.job +
      (recorder_.recorded() ? ": recorded in " + recorder_.dir() + ": "
                            : ": the run could not be recorded: ") +
      recorder_.trouble();
  sys::syslog_line(sys::SyslogPriority::err, "bezalel", why);
  if (!recorder_.recorded()) say(why);
}

}  // namespace

Ending execute(const Host& host, Request request) {
  arm_guard(request.argv.data(), host.environment);
  std::string enclosing = enclosing_run(host);
  if (job_of(enclosing) != request.job.str()) {
    return Run(host, request, Recording::yes, std::move(enclosing)).go();
  }
  // The same job inside itself makes one record, the outer one.
  if (!request.demands.any() && request.header.empty()) {
    return {run_unrecorded(host, request), 0, false};
  }
  return Run(host, request, Recording::no, std::move(enclosing)).go();
}

int run_unrecorded(const Host& host, Request& request) {
  const std::vector<char*> environment =
      with_entries(host.environment, request.variables);
  const int why = become(
      request.argv.data(),
      request.fallback_argv.empty() ? nullptr : request.fallback_argv.data(),
      environment.data());
  say(sys::errno_error(escape_line(request.argv[0]), why).what);
  return exit_code_of_exec_error(why);
}

void leave(const Ending& ending) {
  if (ending.signal != 0) {
    die_of(ending.signal);
    ::_exit(128 + ending.signal);
  }
  ::_exit(ending.exit_code);
}

}  // namespace bezalel::run
