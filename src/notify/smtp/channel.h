// Mail by SMTP. STARTTLS is required unless the settings say otherwise, and
// the certificate is always verified. A mail has no key: one may come twice
// after an attempt whose fate is unknown, with the same Message-ID.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/channel.h"
#include "app/settings.h"
#include "notify/identity.h"

namespace bezalel::notify {

class SmtpChannel final : public app::Channel {
 public:
  // `url`: "smtp://HOST:PORT", "smtps://HOST" or "HOST:PORT". `tls`:
  // "starttls" (also where empty), "tls", "none" (loopback only, unless
  // `insecure`).
  static Result<std::unique_ptr<app::Channel>> make(
      const app::ChannelSettings& settings, const Identity& identity);

  const std::string& name() const override { return settings_.name; }
  app::Delivery deliver(const app::Notice& notice,
                        const std::optional<std::string>& ref) override;
  // Connects, encrypts, logs in; sends nothing.
  app::Health probe() override;

 private:
  struct Outcome {
    int code = 0;                      // curl's
    long reply = 0;                    // the server's last
    bool handed_over = false;          // the whole text went out
    std::string why;                   // sent: who did not get it, or empty
    std::vector<std::string> not_yet;  // of those who may take it later
    bool nobody_took_it = false;       // each address was refused
  };
  SmtpChannel(app::ChannelSettings settings, std::string host)
      : settings_(std::move(settings)), host_(std::move(host)) {}
  std::vector<std::string> addresses_of(const app::Notice& notice) const;
  // To `to`; without a mail it only looks.
  Outcome talk(const std::string* mail, const std::vector<std::string>& to);

  app::ChannelSettings settings_;
  std::string host_;
};

}  // namespace bezalel::notify
