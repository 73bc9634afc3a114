#include "setup/tour.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/json_read.h"
#include "sys/command.h"
#include "sys/entropy.h"
#include "sys/file.h"

namespace bezalel::setup {
namespace {

// Short enough for a minute, long enough for a slow machine.
constexpr char kEvery[] = "4s";
constexpr int kEveryMs = 4000;

constexpr const char* kJobs[] = {"nightly_watch", "mempalace_nightly",
                                 "db_backup", "runner_health"};

void pause_ms(int ms) {
  ::poll(nullptr, 0, ms);
}

// A directory that goes away with its owner, unless it is to be kept.
class TourRoot {
 public:
  static Result<TourRoot> make(const std::string& keep) {
    std::string path = keep;
    if (path.empty()) path = "/tmp/bezalel-tour." + sys::random_hex(4);
    if (::mkdir(path.c_str(), 0755) != 0) {
      return sys::errno_error(path + " (expected a new directory)", errno);
    }
    return TourRoot(path, keep.empty());
  }
  TourRoot(TourRoot&& other) noexcept
      : path_(std::move(other.path_)), temporary_(other.temporary_) {
    other.temporary_ = false;
  }
  TourRoot& operator=(TourRoot&&) = delete;
  TourRoot(const TourRoot&) = delete;
  TourRoot& operator=(const TourRoot&) = delete;
  ~TourRoot() {
    if (!temporary_) return;
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  TourRoot(std::string path, bool temporary)
      : path_(std::move(path)), temporary_(temporary) {}
  std::string path_;
  bool temporary_;
};

class Tour {
 public:
  Tour(const TourPlan& plan, const TourRoot& root, const Say& say)
      : plan_(plan), root_(root.path()), say_(say) {}

  Result<void> run() {
    BZ_TRY(write_settings());
    say_("Four jobs run every 4 seconds below " + root_ + ",");
    say_("each as its crontab line would start it, for example:");
    say_("  bezalel run db_backup --every 4s -- sh -c 'echo 9 databases'");
    say_("");
    BZ_TRY(everybody_well());
    BZ_TRY(three_troubles());
    BZ_TRY(notice());
    BZ_TRY(recovery());
    return report();
  }

 private:
  Result<void> write_settings() {
    BZ_TRY(sys::make_directories(root_ + "/jobs.d", 0755));
    BZ_TRY(sys::make_directories(root_ + "/heartbeats", 0755));
    BZ_TRY(sys::make_directories(root_ + "/reports", 0755));
    BZ_TRY(sys::write_file(
        root_ + "/bezalel.toml",
        "[channel.desk]\ntype = \"exec\"\nargv = [\"/bin/sh\", \"-c\", "
        "\"cat >> " +
            root_ + "/notices\"]\n\n[route]\ndefault = [\"desk\"]\n",
        0600, sys::Durable::no));
    std::string jobs;
    for (const char* job : kJobs) {
      jobs += std::string("[job.") + job + "]\nevery = \"" + kEvery +
              "\"\nconfirm = 1\n\n";
    }
    return sys::write_file(root_ + "/jobs.d/nightly.toml", jobs, 0644,
                           sys::Durable::no);
  }

  // Runs the product as a person would and shows what it prints.
  Result<std::string> bezalel(std::vector<std::string> words) {
    words.insert(words.begin(), {plan_.program, "--root", root_});
    return run_words(words);
  }

  Result<std::string> run_words(const std::vector<std::string>& words) {
    sys::CommandOptions options;
    options.timeout = std::chrono::seconds(30);
    options.environment = {"BEZALEL_ROOT=" + root_};
    BZ_ASSIGN(const auto done, sys::run_command(words, options));
    return done.output;
  }

  Result<void> show(const std::string& typed, std::vector<std::string> words) {
    BZ_ASSIGN(const std::string output, bezalel(std::move(words)));
    say_("$ " + typed);
    say_(output);
    return {};
  }

  Result<void> job(const std::string& name, const std::string& command) {
    BZ_ASSIGN(const std::string ignored,
              run_words({plan_.program, "run", name, "--every", kEvery, "--",
                         "/bin/sh", "-c", command}));
    return {};
  }

  Result<void> all_jobs() {
    BZ_TRY(job("nightly_watch", "echo all quiet"));
    BZ_TRY(job("mempalace_nightly", "echo palace dumped: 4.1 GB"));
    BZ_TRY(job("db_backup", "echo 9 databases"));
    return job("runner_health", "echo 3 runners answer");
  }

  Result<void> everybody_well() {
    BZ_TRY(all_jobs());
    BZ_ASSIGN(const std::string ignored,
              bezalel({"check", "--notify", "--quiet"}));
    return show("bezalel check --all", {"check", "--all"});
  }

  // db_backup is killed together with its wrapper: no end is recorded, and
  // only the missing process tells.
  Result<void> kill_one() {
    const std::string program = plan_.program;
    const std::string root = "BEZALEL_ROOT=" + root_;
    const pid_t pid = ::fork();
    if (pid < 0) return sys::errno_error("fork", errno);
    if (pid == 0) {
      ::setpgid(0, 0);
      const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
      for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
      std::string variable = root;
      ::putenv(variable.data());
      ::execl(program.c_str(), program.c_str(), "run", "db_backup", "--every",
              kEvery, "--", "/bin/sleep", "600", nullptr);
      ::_exit(127);
    }
    pause_ms(500);
    kill_descendants(pid);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return {};
  }

  // The job has a process group of its own, so its children are asked for.
  static void kill_descendants(pid_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/task/" +
                             std::to_string(pid) + "/children";
    const auto children = sys::read_file(path, 4096);
    if (!children) return;
    ::kill(pid, SIGSTOP);  // it must not record an end
    std::size_t from = 0;
    while (from < children->size()) {
      const pid_t child = static_cast<pid_t>(
          std::strtol(children->c_str() + from, nullptr, 10));
      if (child > 0) ::kill(child, SIGKILL);
      const std::size_t blank = children->find(' ', from);
      if (blank == std::string::npos) break;
      from = blank + 1;
    }
  }

  Result<void> three_troubles() {
    say_("Now db_backup is killed with kill -9 in the middle of a run,");
    say_("mempalace_nightly exits 1, and nobody starts runner_health.");
    say_("");
    BZ_TRY(kill_one());
    BZ_TRY(job("mempalace_nightly",
               "echo dumping; echo 'pg_dump: error: disk quota exceeded' >&2; "
               "exit 1"));
    pause_ms(2 * kEveryMs);
    BZ_TRY(job("nightly_watch", "echo all quiet"));
    BZ_TRY(show("bezalel check --notify --quiet",
                {"check", "--notify", "--quiet"}));
    return show("bezalel check", {"check"});
  }

  Result<void> notice() {
    const auto text = sys::read_file(root_ + "/notices", 256 * 1024);
    if (!text) return {};
    const std::string line = text->substr(0, text->find('\n'));
    const auto json = JsonValue::parse(line);
    const auto body = json ? json->member("text") : std::nullopt;
    const std::string first = body ? body->as_string().value_or("") : "";
    say_("What the channel was told of the first one:");
    std::size_t from = 0;
    while (from < first.size()) {
      const std::size_t to = std::min(first.find('\n', from), first.size());
      say_("  | " + first.substr(from, to - from));
      from = to + 1;
    }
    say_("");
    return {};
  }

  Result<void> recovery() {
    say_("Everything runs again:");
    say_("");
    BZ_TRY(all_jobs());
    return show("bezalel check --notify --quiet",
                {"check", "--notify", "--quiet"});
  }

  Result<void> report() {
    BZ_TRY(show("bezalel status db_backup", {"status", "db_backup"}));
    return show("bezalel report", {"report"});
  }

  const TourPlan& plan_;
  const std::string root_;
  const Say& say_;
};

}  // namespace

Result<void> tour(const TourPlan& plan, const Say& say) {
  BZ_ASSIGN(const TourRoot root, TourRoot::make(plan.keep));
  BZ_TRY(Tour(plan, root, say).run());
  say("That was real: four jobs, a kill, an exit 1, a silence, one alarm "
      "path.");
  if (!plan.keep.empty()) say("Everything is kept in " + plan.keep);
  return {};
}

}  // namespace bezalel::setup
