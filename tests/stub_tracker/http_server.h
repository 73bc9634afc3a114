// A small real HTTP server for tests: plain sockets on 127.0.0.1, a thread per
// connection, one request each, and ways to misbehave on demand.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace bezalel::stub {

struct Request {
  std::string method;
  std::string path;                            // without the query
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
};

// How an answer is delivered.
enum class Manner {
  whole,         // as it should be
  close,         // the connection closes without a byte
  hang,          // no byte ever; until the client goes or the server stops
  hang_headers,  // status and headers, then nothing
  slow,          // one byte every 20 ms
  endless,       // a body without end
};

struct Answer {
  int status = 200;
  std::string body;
  std::map<std::string, std::string> headers;
  Manner manner = Manner::whole;
};

class HttpServer {
 public:
  using Handler = std::function<Answer(const Request&)>;

  // Listens on 127.0.0.1:port; 0 takes a free one. The handler is called by
  // one thread at a time.
  HttpServer(Handler handler, int port);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }  // 0: could not listen
  void stop();

 private:
  struct Connection {
    std::atomic<bool> ended{false};
    std::thread thread;
  };

  void accept_loop();
  // Joins those that ended: a thread that nobody joined keeps its stack, and a
  // sweep makes tens of thousands.
  void bury();
  void serve(int fd);
  void deliver(int fd, const Answer& answer);
  bool send_all(int fd, const std::string& bytes);
  // Waits until the client is gone, the server stops or ms have passed
  // (-1: forever); true if neither of the first two.
  bool pause(int fd, int ms);

  Handler handler_;
  int listener_ = -1;
  int stop_read_ = -1;
  int stop_write_ = -1;
  int port_ = 0;
  std::atomic<bool> stopped_{false};
  std::mutex handling_;
  std::list<Connection> connections_;  // of the acceptor, then of stop()
  std::thread acceptor_;
};

std::string percent_decode(const std::string& text);

}  // namespace bezalel::stub
