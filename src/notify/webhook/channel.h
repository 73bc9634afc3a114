// A webhook signed as the Standard Webhooks specification says, so that its
// receiver can tell it is from us, when it was sent, and drop repeats by its
// id, which is the event's.
#pragma once

#include <memory>
#include <string>

#include "app/channel.h"
#include "app/settings.h"
#include "notify/http.h"
#include "notify/identity.h"

namespace bezalel::notify {

// The key of a secret: what follows "whsec_" in base64; any other text is
// taken as it is.
std::string webhook_key(const std::string& secret);

// "v1,BASE64(HMAC-SHA256(key, id.timestamp.body))"
std::string webhook_signature(const std::string& key, const std::string& id,
                              const std::string& timestamp,
                              const std::string& body);

class WebhookChannel final : public app::Channel {
 public:
  static Result<std::unique_ptr<app::Channel>> make(
      const app::ChannelSettings& settings, const Identity& identity,
      const Clock& clock);

  const std::string& name() const override { return settings_.name; }
  app::Delivery deliver(const app::Notice& notice,
                        const std::optional<std::string>& ref) override;
  // Only whether something answers (OPTIONS); a delivery would be seen.
  app::Health probe() override;

 private:
  WebhookChannel(const app::ChannelSettings& settings,
                 std::unique_ptr<HttpClient> http, const Clock& clock);

  app::ChannelSettings settings_;
  std::unique_ptr<HttpClient> http_;
  const Clock& clock_;
};

}  // namespace bezalel::notify
