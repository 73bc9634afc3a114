#include "run/execute.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>

#include "base/duration.h"
#include "base/escape.h"
#include "run/beside.h"
#include "run/drain.h"
#include "run/guard.h"
#include "run/nesting.h"
#include "run/overlap_lock.h"
#include "run/run_record.h"
#include "run/spawn.h"
#include "run/supervisor.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/syslog.h"

namespace bezalel::run {
namespace {

constexpr int kTimeoutExit = 124;  // as timeout(1)

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

bool writes_to_terminal() {
  return ::isatty(STDOUT_FILENO) != 0 || ::isatty(STDERR_FILENO) != 0;
}

// The job gets a group of its own where no terminal could stop it for that.
bool at_terminal() {
  return ::isatty(STDIN_FILENO) != 0 || writes_to_terminal();
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
        record_(host, request, recording, std::move(parent)),
        expected_(request.demands.expect_output.size()),
        sightings_(joined(request.demands)) {}

  Ending go();

 private:
  bool skip_for_overlap();
  void open_streams();
  Spawned start_job(const SignalGate& gate);
  Ending settle_exec_error(int error);
  Ending conclude(const Watched& watched);
  void judge(const Watched& watched);
  std::string broken_assertion();
  std::string missed_file() const;
  Ending ending_for(const Watched& watched) const;

  const Host& host_;
  Request& request_;
  RunRecord record_;
  std::size_t expected_;  // patterns before this index must be seen
  Sightings sightings_;
  Stream out_;
  Stream err_;
  bool merged_ = false;
  bool captured_ = false;
  OverlapLock lock_;
  Supervisor::Target target_ = Supervisor::Target::process;
  std::vector<std::string> variables_;
};

// True if another run holds the lock: this one is over before it began.
bool Run::skip_for_overlap() {
  if (request_.demands.overlap == Overlap::allowed) return false;
  constexpr std::string_view kNoLock = "no lock, overlap is not prevented";
  int why = 0;
  record_.do_on_disk([&] { why = lock_.take(record_); }, Descriptors::shared);
  if (record_.disk_is_stuck()) say(kNoLock);
  if (record_.disk_is_stuck() || why == 0) return false;
  if (why != EWOULDBLOCK) {
    say(sys::errno_error(std::string(kNoLock), why).what);
    return false;
  }
  record_.end.outcome = record::Outcome::skipped;
  record_.end.detail = "another run of this job is still going on";
  record_.name_process();
  if (record_.is_kept()) record_.do_on_disk([this] { record_.begin(); });
  record_.finish(nullptr);
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
  if (!captured_ && !sightings_.empty() && writes_to_terminal()) {
    const std::string why = "its output was not checked: it goes to a terminal";
    append_detail(record_.end.detail, why);
    say(record_.start.job + ": " + why);
  }
}

Spawned Run::start_job(const SignalGate& gate) {
  variables_ = request_.variables;
  if (record_.recording() == Recording::yes) {
    variables_.push_back(std::string(kRunIdVariable) + "=" + record_.start.job +
                         "/" + record_.start.run_id);
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
    record_.name_process();
    record_.begin();
  };
  const auto nothing = [] {};
  const Spawned spawned =
      record_.is_kept() ? spawn(plan, record_start) : spawn(plan, nothing);
  if (spawned.pid >= 0) disarm_guard();
  if (spawned.stuck >= 0) record_.give_up_disk(spawned.stuck);
  out_.close_job_end();
  err_.close_job_end();
  return spawned;
}

Ending Run::go() {
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
        if (record_.is_kept()) settle = [this] { return record_.settle(); };
        Supervisor supervisor(host_.clock, gate, job.pid, target_,
                              record_.stuck(), std::move(earlier));
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
      record_.start.job + ": runs unrecorded: " +
      sys::errno_error("cannot start a process", fork_error).what;
  sys::syslog_line(sys::SyslogPriority::err, "bezalel", why);
  say(why);
  ending.exit_code = run_unrecorded(host_, request_);
  return ending;
}

Ending Run::settle_exec_error(int error) {
  const std::string why =
      sys::errno_error(escape_line(request_.argv[0]), error).what;
  record_.end.outcome = record::Outcome::exec_failed;
  record_.end.exit_code = exit_code_of_exec_error(error);
  record_.end.detail = why;
  say(why);
  record_.finish(nullptr);
  return {*record_.end.exit_code, 0, false};
}

// What kind of end it was: the first that holds.
void Run::judge(const Watched& watched) {
  using record::Outcome;
  const int status = watched.status;
  if (WIFEXITED(status)) record_.end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) {
    record_.end.signal = WTERMSIG(status);
    if (WCOREDUMP(status)) append_detail(record_.end.detail, "core dumped");
  }
  if (watched.told) append_detail(record_.end.detail, describe(*watched.told));
  if (watched.timed_out) {
    record_.end.outcome = Outcome::timeout;
    append_detail(
        record_.end.detail,
        "ended by --timeout " + format_time_span(*request_.demands.timeout));
    return;
  }
  if (record_.end.signal) {
    record_.end.outcome = Outcome::signal;
    return;
  }
  bool good = *record_.end.exit_code == 0;
  for (const std::uint8_t code : request_.demands.ok_exits) {
    good = good || *record_.end.exit_code == code;
  }
  record_.end.outcome = good ? Outcome::ok : Outcome::fail;
  if (!good) return;
  const std::string broken = broken_assertion();
  if (broken.empty()) return;
  record_.end.outcome = Outcome::assertion;
  append_detail(record_.end.detail, broken);
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
    if (auto why = file.missed(record_.start.at)) return *why;
  }
  return {};
}

Ending Run::conclude(const Watched& watched) {
  judge(watched);
  if (record_.end.outcome != record::Outcome::ok) {
    out_.print_kept();
    err_.print_kept();
  }
  record_.end.lingering = static_cast<int>(watched.lingering.size());
  if (!watched.lingering.empty()) {
    append_detail(record_.end.detail, list(watched.lingering));
  }
  if (request_.demands.output != Output::untouched) {
    record_.end.out = out_.keeper().kept();
    record_.end.err = err_.keeper().kept();
  }
  record_.end.merged = merged_;
  if (record_.end.outcome == record::Outcome::assertion) {
    say(record_.start.job + ": the command ended well, but " +
        record_.end.detail);
  }
  record_.finish(&watched.usage);
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
    if (record_.end.outcome == record::Outcome::assertion &&
        ending.exit_code == 0) {
      ending.exit_code = 1;
    }
  }
  return ending;
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
