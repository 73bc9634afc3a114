// run_order BIN_DIR: the functions that `bezalel run` and `bezalel-sh` go
// through, in the order of their first use, one symbol a line: what
// src/run/link_order.txt holds. The linker lays them side by side, so that a
// run touches few pages of the program; one that is missing there only lies
// elsewhere.
//
// Every instruction is stepped over by ptrace(2). Reads the symbols by nm(1).
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

struct Function {
  unsigned long end = 0;
  std::vector<std::string> names;
};
using Functions = std::map<unsigned long, Function>;  // by first address

Functions functions_of(const std::string& program) {
  Functions functions;
  FILE* nm = ::popen(("nm -S --defined-only '" + program + "'").c_str(), "r");
  if (nm == nullptr) return functions;
  char line[4096];
  while (std::fgets(line, sizeof line, nm) != nullptr) {
    unsigned long at = 0;
    unsigned long size = 0;
    char kind = 0;
    char name[4096];
    if (std::sscanf(line, "%lx %lx %c %4095s", &at, &size, &kind, name) != 4 ||
        std::string("tTwWi").find(kind) == std::string::npos) {
      continue;
    }
    functions[at].end = at + size;
    functions[at].names.emplace_back(name);
  }
  ::pclose(nm);
  return functions;
}

// Steps through the program and all that it forks, until they execute another
// one or end.
class Walk {
 public:
  explicit Walk(const Functions& functions) : functions_(functions) {}

  bool through(std::vector<std::string> words);

 private:
  void note(pid_t pid);

  const Functions& functions_;
  std::set<unsigned long> seen_;
};

void Walk::note(pid_t pid) {
  struct user_regs_struct registers = {};
  ::ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
  auto at = functions_.upper_bound(registers.rip);
  if (at == functions_.begin()) return;
  --at;
  if (registers.rip >= at->second.end || !seen_.insert(at->first).second) {
    return;
  }
  for (const std::string& name : at->second.names) std::puts(name.c_str());
}

bool Walk::through(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t first = ::fork();
  if (first == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2}) ::dup2(nowhere, fd);
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  bool began = false;
  int status = 0;
  int end = -1;
  for (pid_t pid; (pid = ::waitpid(-1, &status, __WALL)) > 0;) {
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (pid == first) end = status;
      continue;
    }
    const bool executes = pid != first && status >> 16 == PTRACE_EVENT_EXEC;
    if (!began) {
      began = true;
      ::ptrace(PTRACE_SETOPTIONS, pid, nullptr,
               PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC);
    }
    if (executes) {
      ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
      continue;
    }
    note(pid);
    const int signal = WSTOPSIG(status);
    const bool is_ours = signal == SIGTRAP || signal == SIGSTOP;
    ::ptrace(PTRACE_SINGLESTEP, pid, nullptr, is_ours ? 0 : signal);
  }
  return end == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: run_order BIN_DIR\n", stderr);
    return 2;
  }
  const std::string bin = argv[1];
  char root[] = "/tmp/bezalel-order.XXXXXX";
  if (::mkdtemp(root) == nullptr) return 1;
  ::setenv("BEZALEL_ROOT", root, 1);
  const Functions functions = functions_of(bin + "/bezalel");
  Walk walk(functions);
  const bool done = walk.through({bin + "/bezalel", "run", "j", "--every", "1d",
                                  "--", "/bin/true"}) &&
                    walk.through({bin + "/bezalel-sh", "-c",
                                  "/bin/true # bezalel: every=1d"});
  const std::string clean = std::string("rm -rf ") + root;
  return std::system(clean.c_str()) == 0 && done ? 0 : 1;
}
