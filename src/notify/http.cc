#include "notify/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "base/escape.h"
#include "notify/address.h"
#include "notify/curl.h"

namespace bezalel::notify {
namespace {

constexpr std::size_t kMaxHeaders = 100;
constexpr std::size_t kMaxHeaderBytes = 4096;
constexpr Duration kNoBudget = Duration::max();

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// One request's state, filled by curl's callbacks.
struct Exchange {
  HttpReply reply;
  std::size_t cap = 0;
  bool too_large = false;
  const AddressRule* rule = nullptr;
  std::string refused;
};

std::size_t take_body(char* data, std::size_t, std::size_t n, void* context) {
  auto& x = *static_cast<Exchange*>(context);
  if (x.reply.body.size() + n > x.cap) {
    x.too_large = true;
    return 0;
  }
  x.reply.body.append(data, n);
  return n;
}

std::size_t take_header(char* data, std::size_t, std::size_t n, void* context) {
  auto& headers = static_cast<Exchange*>(context)->reply.headers;
  const std::string_view line(data, n);
  // A new status line: what went before was "100 Continue".
  if (line.starts_with("HTTP/")) headers.clear();
  const std::size_t colon = line.find(':');
  if (colon != line.npos && headers.size() < kMaxHeaders) {
    headers[lower(line.substr(0, colon))] =
        trimmed(line.substr(colon + 1)).substr(0, kMaxHeaderBytes);
  }
  return n;
}

curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* address) {
  auto& x = *static_cast<Exchange*>(context);
  if (const auto why = x.rule->refuse(&address->addr)) {
    x.refused = *why;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}

bool will_not_pass_by_itself(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION ||
         code == CURLE_SSL_CACERT_BADFILE || code == CURLE_URL_MALFORMAT ||
         code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_SSL_CERTPROBLEM;
}

// "http://0x7f000001/": the host is an address itself, in any of its forms.
bool names_address(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(::curl_url(),
                                                        ::curl_url_cleanup);
  char* host = nullptr;
  if (!parsed ||
      ::curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) !=
          CURLUE_OK ||
      ::curl_url_get(parsed.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK) {
    return true;
  }
  in_addr v4{};
  const bool is_address =
      host[0] == '[' || ::inet_pton(AF_INET, host, &v4) == 1;
  ::curl_free(host);
  return is_address;
}

}  // namespace

std::optional<std::string> HttpReply::header(const std::string& name) const {
  const auto found = headers.find(name);
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::optional<Duration> parse_retry_after(std::string_view text,
                                          std::optional<Timestamp> now) {
  constexpr Duration kMost = std::chrono::hours(24);
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  long seconds = 0;
  const auto [stop, error] =
      std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (stop == text.data() + text.size()) {
    if (error == std::errc::result_out_of_range) return kMost;
    if (error != std::errc() || seconds < 0) return std::nullopt;
    return std::min<Duration>(kMost,
                              std::chrono::seconds(std::min(seconds, 86400L)));
  }
  const std::time_t date = ::curl_getdate(std::string(text).c_str(), nullptr);
  if (date < 0 || !now) return std::nullopt;
  const Duration wait = from_unix_seconds(date) - *now;
  return std::clamp(wait, Duration::zero(), kMost);
}

std::string url_for_people(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return "URL";
  const std::string_view head = url.substr(0, scheme + 3);
  std::string_view rest = url.substr(scheme + 3);
  const std::size_t end = rest.find_first_of("/?#\\");
  const bool more = end != rest.npos && end + 1 < rest.size();
  rest = rest.substr(0, end);
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
    rest.remove_prefix(at + 1);
  }
  return escape_line(std::string(head) + std::string(rest)) +
         (more ? "/.." : "");
}

HttpSettings HttpSettings::of(const app::ChannelSettings& c) {
  HttpSettings s;
  s.timeout = c.timeout;
  s.connect_timeout = std::min<Duration>(s.connect_timeout, c.timeout);
  s.ca_file = c.ca_file;
  s.proxy = c.proxy;
  s.allow_private = c.allow_private;
  if (c.insecure) s.plain = PlainHttp::everywhere;
  for (const Secret* secret : {&c.token, &c.password, &c.routing_key}) {
    if (!secret->empty()) s.secrets.push_back(secret->reveal());
  }
  return s;
}

struct HttpClient::Impl {
  HttpSettings settings;
  AddressRule rule;
  Curl curl;
  Duration left = kNoBudget;

  void configure(const HttpRequest& request, Duration timeout, Exchange& x,
                 const CurlList& headers, char* error);
  std::optional<std::string> unsafe(const std::string& url) const;
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::make(HttpSettings settings) {
  auto impl = std::make_unique<Impl>();
  BZ_ASSIGN(impl->rule, AddressRule::parse(settings.allow_private));
  impl->settings = std::move(settings);
  if (!impl->curl.get()) {
    return err(Kind::unavailable, "the HTTP library did not start");
  }
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(impl)));
}

void HttpClient::budget(Duration total) {
  impl_->left = total;
}

std::string HttpClient::redact(std::string_view text) const {
  std::string out(text);
  for (const std::string& secret : impl_->settings.secrets) {
    if (secret.size() < 4) continue;
    for (std::size_t at = out.find(secret); at != std::string::npos;
         at = out.find(secret, at + 3)) {
      out.replace(at, secret.size(), "***");
    }
  }
  return escape_line(out, 200);
}

// The reason why this URL is not to be used, if there is one.
std::optional<std::string> HttpClient::Impl::unsafe(
    const std::string& url) const {
  const CurlUrl parsed(url);
  if (!parsed) return "not a URL; expected https://HOST/...";
  const std::string scheme = parsed.part(CURLUPART_SCHEME);
  if (scheme == "https") return std::nullopt;
  if (scheme != "http") return scheme + ": only https and http are known";
  const std::string host = parsed.part(CURLUPART_HOST);
  const bool loopback =
      host == "localhost" || host.starts_with("127.") || host == "[::1]";
  if (loopback || settings.plain == HttpSettings::PlainHttp::everywhere) {
    return std::nullopt;
  }
  return "plain http would show the token to everybody on the way; use https, "
         "or set insecure = true";
}

void HttpClient::Impl::configure(const HttpRequest& request, Duration timeout,
                                 Exchange& x, const CurlList& headers,
                                 char* error) {
  const auto ms = [](Duration d) {
    return std::max(
        1L,
        static_cast<long>(
            std::chrono::duration_cast<std::chrono::milliseconds>(d).count()));
  };
  ::curl_easy_reset(curl.get());
  curl.set(CURLOPT_ERRORBUFFER, error);
  curl.set(CURLOPT_URL, request.url.c_str());
  curl.set(CURLOPT_NOSIGNAL, 1L);
  curl.set(CURLOPT_CONNECTTIMEOUT_MS,
           ms(std::min(settings.connect_timeout, timeout)));
  curl.set(CURLOPT_TIMEOUT_MS, ms(timeout));
  curl.set(CURLOPT_PROTOCOLS_STR, "http,https");
  curl.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl.set(CURLOPT_FOLLOWLOCATION, 0L);
  curl.set(CURLOPT_SSL_VERIFYPEER, 1L);
  curl.set(CURLOPT_SSL_VERIFYHOST, 2L);
  curl.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!settings.ca_file.empty()) {
    curl.set(CURLOPT_CAINFO, settings.ca_file.c_str());
  }
  // An empty name switches the environment's variables off, too.
  curl.set(CURLOPT_PROXY, settings.proxy.c_str());
  curl.set(CURLOPT_NOPROXY, "");
  curl.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl.set(CURLOPT_USERAGENT, settings.user_agent.c_str());
  curl.set(CURLOPT_HTTPHEADER, headers.get());
  curl.set(CURLOPT_WRITEFUNCTION, &take_body);
  curl.set(CURLOPT_WRITEDATA, &x);
  curl.set(CURLOPT_HEADERFUNCTION, &take_header);
  curl.set(CURLOPT_HEADERDATA, &x);
  curl.set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  curl.set(CURLOPT_OPENSOCKETDATA, &x);
  if (request.method != "GET") {
    // curl repeats a request by itself when a kept connection turns out dead,
    // and a POST that is repeated blindly can open a second issue.
    curl.set(CURLOPT_FRESH_CONNECT, 1L);
    curl.set(CURLOPT_POSTFIELDSIZE_LARGE,
             static_cast<curl_off_t>(request.body.size()));
    curl.set(CURLOPT_POSTFIELDS, request.body.c_str());
    curl.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

HttpOutcome HttpClient::send(const HttpRequest& request) {
  const std::string where = url_for_people(request.url) + ": ";
  if (const auto why = impl_->unsafe(request.url)) {
    return HttpRefused{where + *why};
  }
  const Duration timeout = std::min(impl_->settings.timeout, impl_->left);
  if (timeout <= Duration::zero()) {
    return HttpNotSent{where + "no time left for another request"};
  }
  Exchange x;
  x.cap = request.reply_cap;
  x.rule = &impl_->rule;
  CurlList headers;
  for (const std::string& header : request.headers) headers.add(header);
  headers.add("Expect:");  // no waiting for "100 Continue"
  std::array<char, CURL_ERROR_SIZE> text{};
  impl_->configure(request, timeout, x, headers, text.data());
  const CURLcode code = ::curl_easy_perform(impl_->curl.get());

  curl_off_t took = 0;
  ::curl_easy_getinfo(impl_->curl.get(), CURLINFO_TOTAL_TIME_T, &took);
  if (impl_->left != kNoBudget) impl_->left -= Duration(took);
  long sent = 0;
  ::curl_easy_getinfo(impl_->curl.get(), CURLINFO_REQUEST_SIZE, &sent);
  ::curl_easy_getinfo(impl_->curl.get(), CURLINFO_RESPONSE_CODE,
                      &x.reply.status);
  if (code == CURLE_OK) return std::move(x.reply);
  if (!x.refused.empty()) {
    // What a name resolves to may be another address the next time.
    if (!names_address(request.url)) return HttpNotSent{where + x.refused};
    return HttpRefused{where + x.refused};
  }
  const std::string why =
      where + (x.too_large
                   ? std::string("the reply is too large")
                   : redact(text[0] != '\0' ? text.data()
                                            : ::curl_easy_strerror(code)));
  if (will_not_pass_by_itself(code)) return HttpRefused{why};
  if (sent == 0) return HttpNotSent{why};
  return HttpUnknownFate{why};
}

}  // namespace bezalel::notify
