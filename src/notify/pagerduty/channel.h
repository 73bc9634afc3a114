// PagerDuty, Events API v2. One incident of ours is one of theirs: the
// deduplication key is the marker and the incident's number, so a repeated
// trigger adds to it and `resolve` closes it.
#pragma once

#include <memory>
#include <string>

#include "app/channel.h"
#include "app/settings.h"
#include "notify/http.h"
#include "notify/identity.h"

namespace bezalel::notify {

class PagerDutyChannel final : public app::Channel {
 public:
  // `url` in the settings replaces the public one (EU service, tests).
  static Result<std::unique_ptr<app::Channel>> make(
      const app::ChannelSettings& settings, const Identity& identity);

  const std::string& name() const override { return settings_.name; }
  app::Delivery deliver(const app::Notice& notice,
                        const std::optional<std::string>& ref) override;
  // Resolves an incident that does not exist, which nobody sees.
  app::Health probe() override;

 private:
  PagerDutyChannel(const app::ChannelSettings& settings,
                   std::unique_ptr<HttpClient> http);
  HttpOutcome post(const std::string& body);
  std::string trigger(const app::Notice& notice) const;
  std::string resolve(const std::string& dedup_key) const;

  app::ChannelSettings settings_;
  std::unique_ptr<HttpClient> http_;
};

}  // namespace bezalel::notify
