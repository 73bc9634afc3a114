#include "stub_tracker/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>

namespace bezalel::stub {
namespace {

constexpr std::size_t kMaxRequest = 4 * 1024 * 1024;

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void parse_query(const std::string& text, Request& request) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('&', at), text.size());
    const std::string pair = text.substr(at, end - at);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query[percent_decode(pair.substr(0, equals))] =
        percent_decode(pair.substr(std::min(equals + 1, pair.size())));
    at = end + 1;
  }
}

// Head and body of one request; nullopt if the client spoke nonsense.
std::optional<Request> read_request(int fd) {
  std::string bytes;
  std::array<char, 16384> buffer{};
  std::size_t head = std::string::npos;
  std::size_t length = 0;
  Request request;
  while (bytes.size() < kMaxRequest) {
    if (head != std::string::npos && bytes.size() >= head + 4 + length) {
      request.body = bytes.substr(head + 4, length);
      return request;
    }
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) return std::nullopt;
    bytes.append(buffer.data(), static_cast<std::size_t>(n));
    if (head != std::string::npos) continue;
    head = bytes.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    std::size_t at = bytes.find("\r\n");
    const std::string line = bytes.substr(0, at);
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (first == line.npos || second == line.npos) return std::nullopt;
    request.method = line.substr(0, first);
    const std::string target = line.substr(first + 1, second - first - 1);
    const std::size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != target.npos) parse_query(target.substr(mark + 1), request);
    while (at < head) {
      const std::size_t end = bytes.find("\r\n", at + 2);
      const std::string field = bytes.substr(at + 2, end - at - 2);
      if (const std::size_t colon = field.find(':'); colon != field.npos) {
        const std::size_t value = field.find_first_not_of(' ', colon + 1);
        request.headers[lower(field.substr(0, colon))] =
            value == field.npos ? "" : field.substr(value);
      }
      at = end;
    }
    length =
        std::strtoul(request.headers["content-length"].c_str(), nullptr, 10);
  }
  return std::nullopt;
}

std::string head_of(const Answer& answer, std::optional<std::size_t> length) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " Stub\r\n";
  if (length) out += "Content-Length: " + std::to_string(*length) + "\r\n";
  if (!answer.headers.contains("Content-Type")) {
    out += "Content-Type: application/json\r\n";
  }
  for (const auto& [name, value] : answer.headers) {
    out += name + ": " + value + "\r\n";
  }
  return out + "Connection: close\r\n\r\n";
}

}  // namespace

std::string percent_decode(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const std::string hex = text.substr(i + 1, 2);
      out += static_cast<char>(std::strtol(hex.c_str(), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

HttpServer::HttpServer(Handler handler, int port)
    : handler_(std::move(handler)) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  stop_read_ = ends[0];
  stop_write_ = ends[1];
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, plain, sizeof address) != 0) return;
  if (::listen(listener_, 64) != 0) return;
  socklen_t size = sizeof address;
  ::getsockname(listener_, plain, &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

HttpServer::~HttpServer() {
  stop();
  for (int fd : {listener_, stop_read_, stop_write_}) {
    if (fd >= 0) ::close(fd);
  }
}

void HttpServer::stop() {
  if (stopped_.exchange(true)) return;
  // Closing the only writing end makes every poll see the end.
  if (stop_write_ >= 0) ::close(stop_write_);
  stop_write_ = -1;
  if (acceptor_.joinable()) acceptor_.join();
  for (Connection& c : connections_) c.thread.join();
  connections_.clear();
}

void HttpServer::bury() {
  std::erase_if(connections_, [](Connection& c) {
    if (!c.ended) return false;
    c.thread.join();
    return true;
  });
}

void HttpServer::accept_loop() {
  while (!stopped_) {
    std::array<pollfd, 2> fds = {
        {{listener_, POLLIN, 0}, {stop_read_, POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0) continue;
    if (fds[1].revents != 0) return;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    bury();
    Connection& c = connections_.emplace_back();
    c.thread = std::thread([this, fd, &c] {
      serve(fd);
      c.ended = true;
    });
  }
}

void HttpServer::serve(int fd) {
  // A client that never finishes its request must not keep us from stopping.
  const timeval limit{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (const auto request = read_request(fd)) {
    Answer answer;
    {
      const std::lock_guard lock(handling_);
      answer = handler_(*request);
    }
    deliver(fd, answer);
  }
  ::close(fd);
}

bool HttpServer::pause(int fd, int ms) {
  std::array<pollfd, 2> fds = {
      {{fd, POLLIN | POLLRDHUP, 0}, {stop_read_, POLLIN, 0}}};
  return ::poll(fds.data(), fds.size(), ms) == 0;
}

bool HttpServer::send_all(int fd, const std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t n =
        ::send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

void HttpServer::deliver(int fd, const Answer& answer) {
  const std::string head = head_of(answer, answer.body.size());
  switch (answer.manner) {
    case Manner::whole:
      send_all(fd, head + answer.body);
      return;
    case Manner::close:
      return;
    case Manner::hang:
      pause(fd, -1);
      return;
    case Manner::hang_headers:
      send_all(fd, head);
      pause(fd, -1);
      return;
    case Manner::slow:
      for (char c : head + answer.body) {
        if (!send_all(fd, std::string(1, c)) || !pause(fd, 20)) return;
      }
      return;
    case Manner::endless: {
      const std::string block(16384, ' ');
      if (!send_all(fd, head_of(answer, std::nullopt))) return;
      while (!stopped_ && send_all(fd, block)) {
      }
      return;
    }
  }
}

}  // namespace bezalel::stub
