#include "discover/at_queue.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "app/local_time.h"
#include "base/escape.h"
#include "crontab/at_job.h"
#include "discover/cron_jobs.h"
#include "discover/unreadable.h"
#include "record/job_name.h"
#include "record/redact.h"
#include "sys/command.h"

namespace bezalel::discover {
namespace {

using app::Finding;
using app::ScheduledJob;

constexpr const char* kSpools[] = {"/var/spool/cron/atjobs", "/var/spool/at"};
// atd starts a job in its minute; `batch` waits for the load.
constexpr Duration kPatience = std::chrono::minutes(10);

class Queue {
 public:
  Queue(const Root& root, const Daemons& daemons, const Options& options,
        Timestamp now, app::Inventory& into)
      : root_(root),
        daemons_(daemons),
        options_(options),
        now_(now),
        into_(into) {}

  void add() {
    for (const char* spool : kSpools) list(spool);
    if (daemons_.can_run && !daemons_.hidden) judge();
  }

 private:
  void list(const std::string& spool) {
    const auto names = root_.list(spool);
    if (!names) {
      const auto& error = names.error();
      if (error.kind != bezalel::Kind::not_found) unseen(spool, error);
      return;
    }
    into_.sources_seen.push_back(spool);
    for (const std::string& name : *names) {
      const auto job = crontab::parse_at_name(name);
      const std::string path = spool + "/" + name;
      const auto status = root_.link_status(path);
      if (job && status && S_ISREG(status->st_mode)) {
        waits(path, *job, *status);
      }
    }
  }

  // Only atd and root may read it: at's own program tells of a user's jobs.
  void unseen(const std::string& spool, const Error& why) {
    if (!options_.who.as_root && root_.is_running()) {
      const auto listed = sys::run_command({"atq"});
      if (listed && !listed->timed_out && listed->status == 0 &&
          listed->output.empty()) {
        into_.sources_seen.push_back(spool);
        return;
      }
    }
    into_.sources_unseen.push_back(spool);
    into_.findings.push_back(
        unreadable(spool, why, "run it as root to see the jobs of at"));
  }

  void waits(const std::string& path, const crontab::AtName& name,
             const struct stat& status) {
    if (name.queue == '=') return;  // it runs
    ++waiting_;
    const bool is_batch = name.queue == 'b' || name.queue == 'B';
    if (!is_batch && (!oldest_ || name.at < *oldest_)) oldest_ = name.at;
    ScheduledJob job;
    const auto text = root_.read(path);
    const std::string command =
        text ? crontab::at_command(*text) : std::string();
    job.key = {status.st_uid, command.empty()
                                  ? fmt::format("at-{}", name.number)
                                  : record::job_name(command).name.str()};
    job.user = root_.name_of(status.st_uid);
    job.kind = app::SchedulerKind::at;
    job.dialect = "at";
    job.zone = options_.zone.name();
    job.schedule = app::local_long(name.at, job.zone);
    job.command = record::redact(command);
    job.source = path;
    (name.at > now_ ? job.next : job.previous) = name.at;
    into_.jobs.push_back(std::move(job));
  }

  void tell(const char* id, core::Severity alarm, std::string message,
            std::string fix) {
    Finding f;
    f.id = id;
    f.source = "host";
    f.message = std::move(message);
    f.fix = std::move(fix);
    f.alarm = alarm;
    into_.findings.push_back(std::move(f));
  }

  void judge() {
    if (waiting_ == 0) return;
    const bool overdue = oldest_ && now_ - *oldest_ > kPatience;
    const std::string since =
        overdue ? ", one since " +
                      app::local_short(*oldest_, now_, options_.zone.name())
                : "";
    const std::string jobs = waiting_ == 1
                                 ? "a job of at waits"
                                 : fmt::format("{} jobs of at wait", waiting_);
    if (!daemons_.atd_runs) {
      tell("at-dead", overdue ? core::Severity::p1 : core::Severity::p2,
           fmt::format("atd does not run, and {}{}", jobs, since),
           service_command(daemons_, "start", "atd"));
    } else if (overdue) {
      tell("at-late", core::Severity::p2,
           fmt::format("atd runs and starts nothing: {}{}", jobs, since),
           service_command(daemons_, "restart", "atd"));
    }
  }

  const Root& root_;
  const Daemons& daemons_;
  const Options& options_;
  const Timestamp now_;
  app::Inventory& into_;
  int waiting_ = 0;
  std::optional<Timestamp> oldest_;
};

}  // namespace

void add_at_queue(const Root& root, const Daemons& daemons,
                  const Options& options, Timestamp now, app::Inventory& into) {
  if (options.who.own_only) return;
  Queue(root, daemons, options, now, into).add();
}

}  // namespace bezalel::discover
