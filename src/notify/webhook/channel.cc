#include "notify/webhook/channel.h"

#include "base/sha256.h"
#include "notify/outcome.h"
#include "notify/payload.h"

namespace bezalel::notify {
namespace {

// -1: not of the alphabet.
int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

std::string from_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (char c : text) {
    const int value = base64_value(c);
    if (value < 0) continue;
    bits = bits << 6 | static_cast<unsigned>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
    }
  }
  return out;
}

}  // namespace

std::string webhook_key(const std::string& secret) {
  return secret.starts_with("whsec_") ? from_base64(secret.substr(6)) : secret;
}

std::string webhook_signature(const std::string& key, const std::string& id,
                              const std::string& timestamp,
                              const std::string& body) {
  const Sha256Digest digest =
      hmac_sha256(key, id + "." + timestamp + "." + body);
  return "v1," + to_base64({reinterpret_cast<const char*>(digest.data()),
                            digest.size()});
}

Result<std::unique_ptr<app::Channel>> WebhookChannel::make(
    const app::ChannelSettings& settings, const Identity& identity,
    const Clock& clock) {
  if (settings.url.empty()) {
    return err(Kind::invalid, "channel " + settings.name + ": url is missing");
  }
  // Who set a secret refuses what comes unsigned, or should.
  if (settings.token.empty() && !settings.unread.empty()) {
    return err(Kind::invalid, "channel " + settings.name +
                                  ": secret_file cannot be read, and nothing "
                                  "goes out unsigned");
  }
  HttpSettings http = HttpSettings::of(settings);
  http.user_agent = "bezalel/" + identity.version;
  BZ_ASSIGN(auto client, HttpClient::make(std::move(http)));
  return std::unique_ptr<app::Channel>(
      new WebhookChannel(settings, std::move(client), clock));
}

WebhookChannel::WebhookChannel(const app::ChannelSettings& settings,
                               std::unique_ptr<HttpClient> http,
                               const Clock& clock)
    : settings_(settings), http_(std::move(http)), clock_(clock) {}

app::Delivery WebhookChannel::deliver(const app::Notice& notice,
                                      const std::optional<std::string>&) {
  http_->budget(settings_.timeout);
  HttpRequest request;
  request.method = "POST";
  request.url = settings_.url;
  request.body = payload(notice);
  const Timestamp now = clock_.wall();
  const std::string when = std::to_string(
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  request.headers = {"Content-Type: application/json",
                     "webhook-id: " + notice.event_id,
                     "webhook-timestamp: " + when};
  if (!settings_.token.empty()) {
    request.headers.push_back(
        "webhook-signature: " +
        webhook_signature(webhook_key(settings_.token.reveal()),
                          notice.event_id, when, request.body));
  }
  const HttpOutcome outcome = http_->send(request);
  const auto* reply = std::get_if<HttpReply>(&outcome);
  if (reply && reply->status >= 200 && reply->status < 300) return app::Sent{};
  return failure(outcome, Effect::writes, "call the webhook", now);
}

app::Health WebhookChannel::probe() {
  http_->budget(settings_.timeout);
  HttpRequest request;
  request.method = "OPTIONS";
  request.url = settings_.url;
  const HttpOutcome outcome = http_->send(request);
  const auto* reply = std::get_if<HttpReply>(&outcome);
  // Most receivers know POST only and say so.
  const long status = reply ? reply->status : 0;
  if ((status >= 200 && status < 300) || status == 400 || status == 405 ||
      status == 415 || status == 422 || status == 501) {
    return {true, "reachable; only a test notice proves more", ""};
  }
  return {false, describe(outcome), "check url in " + settings_.where};
}

}  // namespace bezalel::notify
