// What a job can see of where it runs, one fact a line: arguments,
// environment, descriptors, directory, umask, signals, limits, priority.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// The kind of a descriptor and its flags; pipes are pipes, whichever.
void print_descriptors() {
  for (int fd = 0; fd < 256; ++fd) {
    struct stat status = {};
    if (::fstat(fd, &status) != 0) continue;
    std::printf("fd %d type %o cloexec %d append %d nonblock %d tty %d\n", fd,
                status.st_mode & S_IFMT, ::fcntl(fd, F_GETFD) & FD_CLOEXEC,
                ::fcntl(fd, F_GETFL) & O_APPEND,
                ::fcntl(fd, F_GETFL) & O_NONBLOCK, ::isatty(fd));
  }
}

void print_signals() {
  sigset_t mask;
  ::sigprocmask(SIG_SETMASK, nullptr, &mask);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action = {};
    if (::sigaction(signal, nullptr, &action) != 0) continue;
    if (action.sa_handler == SIG_DFL && ::sigismember(&mask, signal) == 0) {
      continue;
    }
    std::printf("signal %d ignored %d blocked %d\n", signal,
                action.sa_handler == SIG_IGN, ::sigismember(&mask, signal));
  }
}

void print_limits() {
  for (int what = 0; what < static_cast<int>(RLIM_NLIMITS); ++what) {
    struct rlimit limit = {};
    ::getrlimit(static_cast<__rlimit_resource>(what), &limit);
    std::printf("limit %d %llu %llu\n", what,
                static_cast<unsigned long long>(limit.rlim_cur),
                static_cast<unsigned long long>(limit.rlim_max));
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) std::printf("arg %s\n", argv[i]);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, "BEZALEL_RUN_ID=", 15) == 0) continue;
    std::printf("env %s\n", *entry);
  }
  print_descriptors();
  char cwd[4096];
  if (::getcwd(cwd, sizeof cwd) != nullptr) std::printf("cwd %s\n", cwd);
  const mode_t mask = ::umask(0);
  std::printf("umask %o nice %d uid %u gid %u\n", mask,
              ::getpriority(PRIO_PROCESS, 0), ::getuid(), ::getgid());
  print_signals();
  print_limits();
  return 0;
}
