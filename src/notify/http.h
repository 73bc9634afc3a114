// HTTP to channels: one request, one answer, nothing taken on trust.
//
// Every request is bounded in time (name look-up and connection 5 s, whole
// request the settings' timeout, 15 s), the reply in size. Redirects are never
// followed, since they could carry the token elsewhere. TLS is 1.2 or newer
// and always verified: there is no way to switch that off, only `ca_file` to
// name an authority of one's own. Proxy variables of the environment are
// ignored; a proxy is what the settings say. No error text holds a secret.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "base/time.h"

namespace bezalel::notify {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  // "Name: value", may hold secrets
  std::string body;
  std::size_t reply_cap = 64 * 1024;
};

// Something answered, whatever it said.
struct HttpReply {
  long status = 0;
  std::string body;
  // Lower-case names; the last one of a name.
  std::map<std::string, std::string> headers;

  std::optional<std::string> header(const std::string& name) const;
};
// Nothing of the request left this host: it can be repeated safely.
struct HttpNotSent {
  std::string why;
};
// It was sent, at least in part, and no whole answer came.
struct HttpUnknownFate {
  std::string why;
};
// Not sent, and will not be until somebody changes something: a bad URL, a
// certificate that does not verify, an address in the URL that is refused.
struct HttpRefused {
  std::string why;
};
using HttpOutcome =
    std::variant<HttpReply, HttpNotSent, HttpUnknownFate, HttpRefused>;

// `Retry-After` in seconds, or as a date if `now` is known; at most a day.
std::optional<Duration> parse_retry_after(std::string_view text,
                                          std::optional<Timestamp> now);

// "https://ntfy.example/..": scheme and host only; paths, queries and user
// information can be secrets (dead-man pings and webhooks are).
std::string url_for_people(std::string_view url);

struct HttpSettings {
  Duration connect_timeout = std::chrono::seconds(5);
  Duration timeout = std::chrono::seconds(15);
  std::string ca_file;
  std::string proxy;
  std::vector<std::string> allow_private;
  // http:// to another host than loopback. TLS itself is always verified.
  enum class PlainHttp { loopback_only, everywhere };
  PlainHttp plain = PlainHttp::loopback_only;
  std::string user_agent = "bezalel";
  // Replaced by *** wherever they would turn up in an error.
  std::vector<std::string> secrets;

  static HttpSettings of(const app::ChannelSettings& channel);
};

// Owned by one channel and used by one thread at a time. The time that its
// requests take is added up, see `budget`.
class HttpClient {
 public:
  static Result<std::unique_ptr<HttpClient>> make(HttpSettings settings);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpOutcome send(const HttpRequest& request);

  // From here on all requests together may take this long; each still has its
  // own timeout. A channel of several requests calls it once per delivery.
  void budget(Duration total);

  // `text` with every secret replaced, on one line.
  std::string redact(std::string_view text) const;

 private:
  struct Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bezalel::notify
