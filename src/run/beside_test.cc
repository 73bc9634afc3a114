#include "run/beside.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace bezalel::run {
namespace {

TEST_CASE("work beside us leaves what it made, and no child") {
  std::string made;
  pid_t worker = 0;
  const Beside beside = run_beside([&] {
    worker = ::getpid();
    made = std::string(100, 'x');
  });
  CHECK(beside.end == Beside::End::let_go);
  CHECK(beside.pid == worker);
  CHECK(worker != ::getpid());
  CHECK(made.size() == 100);
  CHECK(::waitpid(worker, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("a descriptor it opens is ours only where they are shared") {
  for (const auto descriptors : {Descriptors::copied, Descriptors::shared}) {
    int fd = -1;
    run_beside([&] { fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); },
               descriptors);
    REQUIRE(fd >= 0);
    const bool ours = ::fcntl(fd, F_GETFD) >= 0;
    CHECK(ours == (descriptors == Descriptors::shared));
    if (ours) ::close(fd);
  }
}

TEST_CASE("what comes after it ends the wait when it executes a program") {
  std::string order;
  std::string argument = "true";
  char* const argv[] = {argument.data(), nullptr};
  const Beside beside = run_beside([&] { order += "work,"; },
                                   [&] {
                                     order += "after";
                                     ::execv("/bin/true", argv);
                                   },
                                   Descriptors::copied);
  CHECK(beside.end == Beside::End::let_go);
  CHECK(order == "work,after");
  int status = -1;
  CHECK(::waitpid(beside.pid, &status, 0) == beside.pid);
  CHECK(status == 0);
}

}  // namespace
}  // namespace bezalel::run
