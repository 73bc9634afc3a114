#include "notify/deadman.h"

#include "base/escape.h"
#include "notify/outcome.h"

namespace bezalel::notify {
namespace {

constexpr std::size_t kMaxReason = 10'000;

std::string with_fail(std::string url) {
  const std::size_t query = std::min(url.find_first_of("?#"), url.size());
  std::size_t end = query;
  while (end > 0 && url[end - 1] == '/') --end;
  return url.substr(0, end) + "/fail" + url.substr(query);
}

}  // namespace

Result<void> ping(const Secret& url, PingKind kind, std::string_view reason,
                  HttpSettings settings) {
  settings.secrets.push_back(url.reveal());
  BZ_ASSIGN(const auto client, HttpClient::make(std::move(settings)));
  HttpRequest request;
  request.url = kind == PingKind::fail ? with_fail(url.reveal()) : url.reveal();
  if (!reason.empty()) {
    request.method = "POST";
    request.body = std::string(utf8_prefix(reason, kMaxReason));
    request.headers = {"Content-Type: text/plain; charset=utf-8"};
  }
  const HttpOutcome outcome = client->send(request);
  const auto* reply = std::get_if<HttpReply>(&outcome);
  if (reply && reply->status >= 200 && reply->status < 300) return {};
  return err(Kind::unavailable, "dead-man ping: " + describe(outcome));
}

}  // namespace bezalel::notify
