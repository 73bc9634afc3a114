// run_floor DIR COMMAND..: the least that a wrapper can do whose record is
// durable, and nothing else: one line before and one after the command, then a
// file that is written beside, forced to disk and renamed. No signal is passed
// on, no output kept, no error told: what is beyond it is what `bezalel run`
// itself costs.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string dir = argv[1];
  const std::string line(300, 'x');  // about as long as a run's
  const int log = ::open((dir + "/floor.jsonl").c_str(),
                         O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (::write(log, line.data(), line.size()) < 0) return 1;
  const pid_t pid = ::vfork();
  if (pid == 0) {
    ::execv(argv[2], argv + 2);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (::write(log, line.data(), line.size()) < 0) return 1;
  const std::string made = dir + "/.floor.last.tmp";
  const int fd =
      ::open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (::write(fd, line.data(), line.size()) < 0 || ::fsync(fd) != 0) return 1;
  if (::rename(made.c_str(), (dir + "/floor.last").c_str()) != 0) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
