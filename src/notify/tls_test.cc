// Fault 20: certificates that must not be believed, against openssl s_server.
#include <doctest/doctest.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>

#include "notify/http.h"
#include "notify/testing.h"

namespace bezalel::notify {
namespace {

using testing::has;

bool run(const std::string& command) {
  return ::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

// A directory with one key and one certificate per fault.
struct Certificates {
  std::string dir;

  Certificates() {
    std::string name = "/tmp/bezalel-tls-XXXXXX";
    REQUIRE(::mkdtemp(name.data()));
    dir = name;
    const std::string make =
        "cd " + dir +
        " && openssl ecparam -name prime256v1 -genkey -noout -out key.pem"
        " && openssl req -x509 -key key.pem -days 2 -subj /CN=localhost"
        " -addext subjectAltName=DNS:localhost -out good.pem"
        " && openssl req -x509 -key key.pem -days 2 -subj /CN=other.example"
        " -addext subjectAltName=DNS:other.example -out other.pem"
        " && printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\n"
        "new_certs_dir=.\\nserial=serial\\ndefault_md=sha256\\npolicy=p\\n"
        "x509_extensions=e\\n[p]\\ncommonName=supplied\\n[e]\\n"
        "subjectAltName=DNS:localhost\\n' > ca.cnf && : > index"
        " && echo 01 > serial"
        " && openssl req -new -key key.pem -subj /CN=localhost -out csr.pem"
        " && openssl ca -selfsign -batch -notext -config ca.cnf -keyfile "
        "key.pem -in csr.pem -startdate 20200101000000Z -enddate "
        "20200102000000Z -out expired.pem";
    REQUIRE(run(make));
  }
  ~Certificates() { static_cast<void>(run("rm -rf " + dir)); }
};

// s_server on a free port, until the end of the scope.
class Server {
 public:
  Server(const Certificates& c, const std::string& certificate,
         const std::string& options) {
    const std::string command =
        "cd " + c.dir + " && exec 2>&1 && echo $$ && exec openssl s_server " +
        "-accept 127.0.0.1:0 -www -key key.pem -cert " + certificate + " " +
        options;
    pipe_ = ::popen(command.c_str(), "r");
    REQUIRE(pipe_);
    std::array<char, 256> line{};
    while (::fgets(line.data(), line.size(), pipe_)) {
      const std::string text = line.data();
      if (pid_.empty()) pid_ = text.substr(0, text.find('\n'));
      if (!text.starts_with("ACCEPT")) continue;
      port_ = text.substr(text.rfind(':') + 1);
      port_ = port_.substr(0, port_.find('\n'));
      break;
    }
    REQUIRE_FALSE(port_.empty());
  }
  ~Server() {
    static_cast<void>(run("kill " + pid_));
    ::pclose(pipe_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  HttpOutcome get(const std::string& ca_file) const {
    HttpSettings s;
    s.ca_file = ca_file;
    HttpRequest request;
    request.url = "https://localhost:" + port_ + "/";
    return (*HttpClient::make(s))->send(request);
  }

 private:
  FILE* pipe_ = nullptr;
  std::string pid_;
  std::string port_;
};

bool is_refused(const HttpOutcome& outcome) {
  return std::holds_alternative<HttpRefused>(outcome);
}

TEST_CASE("fault 20: only a certificate that verifies is believed") {
  if (!run("openssl version")) {
    MESSAGE("skipped: openssl is not installed");
    return;
  }
  const Certificates c;
  {
    const Server server(c, "good.pem", "");
    CHECK(is_refused(server.get("")));  // self-signed
    CHECK(std::holds_alternative<HttpReply>(server.get(c.dir + "/good.pem")));
    CHECK(is_refused(server.get(c.dir + "/absent.pem")));
  }
  {
    const Server server(c, "expired.pem", "");
    const auto outcome = server.get(c.dir + "/expired.pem");
    REQUIRE(is_refused(outcome));
    CHECK(has(std::get<HttpRefused>(outcome).why, "expired"));
  }
  {
    const Server server(c, "other.pem", "");
    CHECK(is_refused(server.get(c.dir + "/other.pem")));
  }
  {
    const Server server(c, "good.pem", "-tls1_1 -cipher ALL:@SECLEVEL=0");
    CHECK_FALSE(
        std::holds_alternative<HttpReply>(server.get(c.dir + "/good.pem")));
  }
}

}  // namespace
}  // namespace bezalel::notify
