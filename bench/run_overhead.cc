// run_overhead BIN_DIR SCRIPT [ROUNDS]: what it costs to wrap a command.
//
// Starts each of the commands in turn, ROUNDS times over, so that all of them
// see the same machine, and each twice in a row, of which the second counts, so
// that none finds the caches that a larger one left; prints the medians, what
// each adds to the plain command, and the peak memory of the wrapper or its
// child, by wait4.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct Candidate {
  const char* name;
  std::vector<std::string> words;
  std::size_t base;  // the candidate that it is measured against
  std::vector<double> microseconds;
  long rss_kib = 0;
};

double now_us() {
  struct timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e6 +
         static_cast<double>(now.tv_nsec) / 1e3;
}

enum class Counted { no, yes };

// False when the command cannot be run here.
bool run_once(Candidate& candidate, posix_spawn_file_actions_t& actions,
              Counted counted) {
  std::vector<char*> argv;
  for (std::string& word : candidate.words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const double began = now_us();
  pid_t pid = 0;
  if (::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ) !=
      0) {
    return false;
  }
  int status = 0;
  struct rusage usage = {};
  ::wait4(pid, &status, 0, &usage);
  const double took = now_us() - began;
  if (counted == Counted::yes) candidate.microseconds.push_back(took);
  candidate.rss_kib = std::max(candidate.rss_kib, usage.ru_maxrss);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(),
                   values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string bin = argv[1];
  const std::string self = argv[0];
  const std::string floor = self.substr(0, self.rfind('/') + 1) + "run_floor";
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 300;
  const char* const dir = std::getenv("TMPDIR");
  std::string root(dir != nullptr ? dir : "/tmp");
  root += "/bezalel-bench.XXXXXX";
  if (::mkdtemp(root.data()) == nullptr) return 1;
  ::setenv("BEZALEL_ROOT", root.c_str(), 1);

  std::vector<Candidate> all = {
      {"fork + exec /bin/true", {"/bin/true"}, 0, {}},
      {"bezalel run -- /bin/true",
       {bin + "/bezalel", "run", "j", "--every", "1d", "--", "/bin/true"},
       0,
       {}},
      {"least durable wrapper", {floor, root, "/bin/true"}, 0, {}},
      {"chronic /bin/true", {"chronic", "/bin/true"}, 0, {}},
      {"python wrapper /bin/true",
       {"python3", argv[2], root, "j_py", "/bin/true"},
       0,
       {}},
      {"/bin/sh -c true", {"/bin/sh", "-c", "true"}, 5, {}},
      {"bezalel-sh -c true", {bin + "/bezalel-sh", "-c", "true"}, 5, {}},
  };
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (int fd = 0; fd <= 2; ++fd) {
    ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  }
  std::vector<bool> usable(all.size(), true);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      usable[i] = usable[i] && run_once(all[i], actions, Counted::no) &&
                  run_once(all[i], actions, Counted::yes);
    }
  }
  std::printf("%-26s %10s %10s %7s %9s\n", "COMMAND", "MEDIAN us", "ADDS us",
              "RATIO", "RSS KiB");
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!usable[i]) {
      std::printf("%-26s %10s\n", all[i].name, "not here");
      continue;
    }
    const double own = median(all[i].microseconds);
    const double base = median(all[all[i].base].microseconds);
    std::printf("%-26s %10.0f %10.0f %7.2f %9ld\n", all[i].name, own,
                own - base, own / base, all[i].rss_kib);
  }
  const std::string clean = "rm -rf '" + root + "'";
  return std::system(clean.c_str()) == 0 ? 0 : 1;
}
