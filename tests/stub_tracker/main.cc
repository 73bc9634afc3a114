// stub_tracker --port N --port-file F [--state-file F]: the tracker as a
// program, for black-box tests. Runs until SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "stub_tracker/stub_tracker.h"

int main(int argc, char** argv) {
  int port = 0;
  std::string port_file;
  std::string state_file;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--port") port = std::atoi(argv[i + 1]);
    if (name == "--port-file") port_file = argv[i + 1];
    if (name == "--state-file") state_file = argv[i + 1];
  }
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  // Before any thread is made, so that all of them have it blocked.
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  bezalel::stub::StubTracker tracker(port, state_file);
  if (tracker.port() == 0) {
    std::fprintf(stderr, "stub_tracker: cannot listen on port %d\n", port);
    return 1;
  }
  if (!port_file.empty()) {
    const std::string temporary = port_file + ".tmp";
    std::ofstream(temporary) << tracker.port() << "\n";
    std::rename(temporary.c_str(), port_file.c_str());
  }
  std::printf("%s\n", tracker.url().c_str());
  std::fflush(stdout);
  int received = 0;
  ::sigwait(&signals, &received);
  tracker.stop();
  return 0;
}
