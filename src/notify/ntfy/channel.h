// ntfy: push messages to phones. No key: a message may come twice after an
// attempt whose fate is unknown, and then says "(possible repeat)".
#pragma once

#include <memory>
#include <string>

#include "app/channel.h"
#include "app/settings.h"
#include "notify/http.h"
#include "notify/identity.h"

namespace bezalel::notify {

class NtfyChannel final : public app::Channel {
 public:
  // `url` without a topic; https://ntfy.sh where none is given.
  static Result<std::unique_ptr<app::Channel>> make(
      const app::ChannelSettings& settings, const Identity& identity);

  const std::string& name() const override { return settings_.name; }
  app::Delivery deliver(const app::Notice& notice,
                        const std::optional<std::string>& ref) override;
  app::Health probe() override;

 private:
  NtfyChannel(const app::ChannelSettings& settings,
              std::unique_ptr<HttpClient> http);
  HttpRequest request(std::string method, const std::string& path) const;

  app::ChannelSettings settings_;
  std::unique_ptr<HttpClient> http_;
};

}  // namespace bezalel::notify
